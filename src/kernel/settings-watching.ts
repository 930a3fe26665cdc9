import type { Setting } from './setting.ts'
import { oneOf, wholeNumber } from './setting.ts'

/** Settings of what is watched and kept of chargers. */
export interface WatchingSettings {
  readonly trace: (typeof traces)[number]
  readonly traceKeepHours: number
  readonly clockAlertSeconds: number
}

type Part = { readonly [K in keyof WatchingSettings]: Setting<WatchingSettings[K]> }

const traces = ['chosen', 'all'] as const

export const watchingSettings: Part = {
  trace: {
    name: 'OTA_TRACE',
    default: 'chosen',
    values: '`chosen` or `all`',
    meaning:
      'Of which chargers every message is kept: those whose trace somebody began, or all. ' +
      '`all` is for small fleets: it writes every message to the database.',
    parse: (text) => oneOf(traces, text),
    unset: () => 'chosen',
  },
  traceKeepHours: {
    name: 'OTA_TRACE_KEEP_HOURS',
    default: '72',
    values: '1 to 8760',
    meaning: 'How long messages of traced chargers are kept. Of one charger at most 20,000 are.',
    parse: (text) => wholeNumber(text, 1, 8_760),
    unset: () => 72,
  },
  clockAlertSeconds: {
    name: 'OTA_CLOCK_ALERT_SECONDS',
    default: '60',
    values: '1 to 86400',
    meaning: 'A charger whose clock is off by more has the condition `clock-wrong`.',
    parse: (text) => wholeNumber(text, 1, 86_400),
    unset: () => 60,
  },
}
