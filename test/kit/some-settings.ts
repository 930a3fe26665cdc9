import type { KnownSetting, ToldReport } from '../../src/fleet/settings/settings.ts'

const iso = '2026-01-01T00:00:00.000Z'

export const someSetting: KnownSetting = {
  key: 'HeartbeatInterval',
  value: '300',
  readonly: false,
  unknown: false,
  meaning: 'heartbeat-interval',
  means: '300',
  at: iso,
}
export const someComparison = {
  meaning: 'heartbeat-interval',
  here: { key: 'HeartbeatInterval', value: '300' },
  there: { key: 'OCPPCommCtrlr/HeartbeatInterval', value: '60' },
  difference: 'different',
} as const
export const someReport: ToldReport = {
  kind: 'device-model',
  requestId: 7,
  receivedAt: iso,
  parts: 2,
  elements: 20,
  complete: false,
  missing: [1],
}
export const someElement = { component: { name: 'EVSE', evse: { id: 1 } } }
