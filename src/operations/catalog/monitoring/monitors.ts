/** OCPP 2.0.1 MonitorEnumType; 2.1 has the same and more. */
export const monitorTypes = {
  'upper-threshold': 'UpperThreshold',
  'lower-threshold': 'LowerThreshold',
  delta: 'Delta',
  periodic: 'Periodic',
  'periodic-clock-aligned': 'PeriodicClockAligned',
} as const
export type MonitorType = keyof typeof monitorTypes

export const noMonitoring16 =
  'OCPP 1.6 has no variable monitoring; what its chargers tell by themselves are status and meter values'
