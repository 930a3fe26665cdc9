import type { Setting } from './setting.ts'

/** Settings about the care for chargers. */
export interface UpkeepSettings {
  /** New chargers, and those with new firmware, are asked what they can do. */
  readonly interview: boolean
}

type Part = { readonly [K in keyof UpkeepSettings]: Setting<UpkeepSettings[K]> }

export const upkeepSettings: Part = {
  interview: {
    name: 'OTA_INTERVIEW',
    default: '`on`',
    values: '`on` or `off`',
    meaning:
      'Whether a charger is asked what it can do when it was first accepted, and again when its firmware has changed. ' +
      'Without it, `charger.interview` asks when somebody wants to know.',
    parse: (text) =>
      text === 'on' || text === 'off' ? { value: text === 'on' } : { problem: 'must be on or off' },
    unset: () => true,
  },
}
