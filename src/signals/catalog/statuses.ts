import type { ConnectorStatus } from '../../operations/facts.ts'

/** Every state a connector may be in, in any version. */
export const statuses = [
  'Available',
  'Preparing',
  'Charging',
  'SuspendedEVSE',
  'SuspendedEV',
  'Finishing',
  'Occupied',
  'Reserved',
  'Unavailable',
  'Faulted',
] as const satisfies readonly ConnectorStatus[]
