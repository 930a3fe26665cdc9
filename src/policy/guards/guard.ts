import type { Spoken } from '../decision.ts'
import type { Rule, TargetStanding } from '../question.ts'
import type { GuardRules } from '../rules/guards.ts'
import { mostNamed } from '../words.ts'

/** One thing that is never done without more ado, whoever asks. */
export interface Guard {
  readonly rule: `guard.${string}`
  readonly title: string
  /** The one reason it is there for. */
  readonly because: string
  /** What it says with these figures, for the reference page. */
  readonly figures: (rules: GuardRules) => readonly string[]
  readonly decide: Rule
}

export const nothingSaid = { spoken: [] } as const

/** The chargers a reason is about, as far as it names them. */
export function about(
  targets: readonly Pick<TargetStanding, 'charger'>[],
): Pick<Spoken, 'chargers'> {
  return { chargers: targets.slice(0, mostNamed).map(({ charger }) => charger) }
}
