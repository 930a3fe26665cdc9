import type { JsonObject } from '../../kernel/json.ts'

/** What can be wrong with a charger as it shows from outside, without the charger saying so. */
export const conditionKinds = [
  /** It connects again and again. */
  'flapping',
  /** Connected, and nothing comes for longer than it should. */
  'silent',
  /** Something comes, but our CALLs are not answered. */
  'one-way',
  /** Its clock is off by more than is tolerated. */
  'clock-wrong',
  /** It restarts again and again. */
  'boots-repeatedly',
  /** Two devices use its identity. */
  'shared-identity',
] as const
export type ConditionKind = (typeof conditionKinds)[number]

/** A condition that holds. */
export interface Judged {
  readonly kind: ConditionKind
  /** When it began, ms since the epoch. */
  readonly since: number
  /** What it is told from; `words.ts` says it in a sentence. */
  readonly evidence: JsonObject
}

export interface ConditionRecord extends Judged {
  readonly id: string
  readonly charger: string
  readonly raisedAt: number
  readonly clearedAt: number | null
}

export interface ConditionSettings {
  /** A clock off by more is wrong. */
  readonly clockAlertMs: number
}

export const defaultConditionSettings: ConditionSettings = { clockAlertMs: 60_000 }
