import type { JsonObject } from '../kernel/json.ts'

/** What a rule of the policy says about one question. Every rule that speaks is kept: a decision explains itself. */
export interface Spoken {
  /** The rule, stable and documented, e.g. `role`, `guard.reset-budget`, `detection.frequency`. */
  readonly rule: string
  readonly says: 'allows' | 'denies' | 'requires' | 'notes'
  /** For the person who asked, with the figures it was decided by. */
  readonly sentence: string
  /** Present where it `requires`. */
  readonly needs?: Partial<Needs>
  /** The chargers it is about, at most 20; all of them when absent. */
  readonly chargers?: readonly string[]
  /** When it may be otherwise, ms since the epoch, e.g. the end of a pause. */
  readonly until?: number
  readonly detail?: JsonObject
}

/** What is needed before it may be done. */
export interface Needs {
  readonly ticket: boolean
  /** A second factor shown at most this long ago. */
  readonly freshWithinMs: number
  readonly approvals: readonly NeededApprovals[]
  /** Time between the request and its execution, in which it can be vetoed. */
  readonly waitMs: number
}

/** So many people, each holding one of these roles where the targets are. */
export interface NeededApprovals {
  readonly count: number
  readonly roles: readonly string[]
}

export const riskLevels = ['low', 'moderate', 'high', 'severe'] as const
export type RiskLevel = (typeof riskLevels)[number]

/** Operation class x number of targets x running sessions x hour x recent failures. */
export interface RiskAssessment {
  readonly level: RiskLevel
  readonly score: number
  /** Each factor with its part in the score and a sentence. */
  readonly factors: readonly {
    readonly factor: string
    readonly weight: number
    readonly sentence: string
  }[]
}

/**
 * `allow`: now. `step-up`: after showing a second factor again. `approval`: as an approved request only.
 * `deny`: not by this actor, or not now, whatever is shown.
 */
export type Outcome = 'allow' | 'step-up' | 'approval' | 'deny'

export interface Decision {
  readonly outcome: Outcome
  readonly reasons: readonly Spoken[]
  /** What is needed in all, also what is met already; undefined parts need nothing. */
  readonly needs: Partial<Needs>
  readonly risk: RiskAssessment
  /** To be taken in the same transaction as what was decided on. */
  readonly reservations: readonly Reservation[]
  /** How it is to be carried out, where it may be. */
  readonly bounds: Bounds
}

/** Limits that rules put on how a command is carried out; of several, the tighter holds. */
export interface Bounds {
  /** Its targets are begun one after the other. */
  readonly pace?: PowerPace
  /** Nothing leaves after it, ms since the epoch. */
  readonly notAfter?: number
}

export interface PowerPace {
  readonly perMinute: number
  /** Every wait between two is longer by a random share of at most this, 0 to 1. */
  readonly jitter: number
  /** Of the fleet's power, at most so much changes in a minute by it. */
  readonly wattsPerMinute: number
}

/**
 * A share of a budget, e.g. one reset of a charger, or one of a robot's hourly commands. Looked at when a
 * decision is made, and taken for good in the transaction of what was decided, where it can still fail.
 */
export interface Reservation {
  /** Names one counter, e.g. `power/fleet` or `robot/<id>/risk:disruptive`. */
  readonly key: string
  /** How much; or whom: each of them counts once, however often it is named within the window. */
  readonly amount: number | { readonly each: readonly string[] }
  /** At most this much in any window of this length. */
  readonly limit: number
  readonly windowMs: number
  /** When what it is taken for ends, ms since the epoch: room after that is none. Absent: not by itself. */
  readonly endsAt?: number
  /** The rule that asks for it. */
  readonly rule: string
  /** Said when there is no room left. */
  readonly sentence: string
}
