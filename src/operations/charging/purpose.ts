import type { Version } from '../../ocpp/versions.ts'

/** What a charging profile is for, in words that hold for every version. */
export const purposes = [
  'max',
  'default',
  'session',
  'external',
  'priority',
  'local-generation',
] as const
export type Purpose = (typeof purposes)[number]

/** OCPP's words for them. 1.6 7.11 ChargingProfilePurposeType, 2.x ChargingProfilePurposeEnumType. */
const words16 = {
  max: 'ChargePointMaxProfile',
  default: 'TxDefaultProfile',
  session: 'TxProfile',
} as const
const words20 = {
  max: 'ChargingStationMaxProfile',
  default: 'TxDefaultProfile',
  session: 'TxProfile',
  external: 'ChargingStationExternalConstraints',
} as const
const words21 = {
  ...words20,
  priority: 'PriorityCharging',
  'local-generation': 'LocalGeneration',
} as const

export const purposeWords = { '1.6': words16, '2.0.1': words20, '2.1': words21 } as const

export type PurposeWord = (typeof words16)[keyof typeof words16] | (typeof words21)[Purpose]

/** The version's own word; undefined where it has none. */
export function wordOf(purpose: Purpose, version: Version): PurposeWord | undefined {
  const words: Partial<Readonly<Record<Purpose, PurposeWord>>> = purposeWords[version]
  return words[purpose]
}

/** What a version's word means; both words for the greatest limit mean the same. */
export function purposeOf(word: string): Purpose | undefined {
  return purposes.find((purpose) =>
    Object.values(purposeWords).some(
      (words: Partial<Readonly<Record<Purpose, string>>>) => words[purpose] === word,
    ),
  )
}
