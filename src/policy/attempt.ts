import type { Actor } from '../kernel/actor.ts'
import type { Risk } from '../operations/operation.ts'
import type { Spoken } from './decision.ts'
import type { TargetStanding } from './question.ts'
import type { DetectionRules } from './rules/detection.ts'

/** Somebody tries to submit a command. */
export interface Attempt {
  readonly actor: Actor
  /** The roles that let them. */
  readonly roles: readonly string[]
  readonly operation: string
  readonly risk: Risk
  readonly targets: readonly TargetStanding[]
  /** ms since the epoch. */
  readonly at: number
}

/**
 * How it ended: `asked` for a factor or an approval, which is neither; `held` where nothing but a hold refused it,
 * which tells nothing new of its actor.
 */
export type AttemptEnd = 'allowed' | 'refused' | 'asked' | 'held'

/** Whoever watches attempts before anything is sent. */
export type Watch = (attempt: Attempt, rules: DetectionRules, timeZone: string) => Promise<Watched>

export interface Watched {
  /** What is unusual about it, and what is done about it. */
  readonly findings: readonly Spoken[]
  /** Rules among them that hold the actor, whatever they try beside reading. */
  readonly holding: readonly string[]
  /** Counts it as it ended. Never called for a question that is no attempt. */
  end(how: AttemptEnd): void
}

export const nobodyWatches: Watch = () =>
  Promise.resolve({ findings: [], holding: [], end: () => undefined })
