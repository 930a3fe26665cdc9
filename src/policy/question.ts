import type { Scope } from '../fleet/groups/scope.ts'
import type { Authentication, Actor } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Operation } from '../operations/operation.ts'
import type { Bounds, Reservation, Spoken } from './decision.ts'
import type { PolicyRules } from './rules/rules.ts'

/** All that a decision depends on. `decide` sees nothing else, so that it can be explained and replayed. */
export interface Question {
  readonly who: Asker
  readonly what: Intent
  readonly targets: readonly TargetStanding[]
  readonly fleet: FleetStanding
  /** What detection found about this attempt. */
  readonly findings: readonly Spoken[]
  /** The granted request it is done under. */
  readonly approval?: GrantedApproval
  readonly rules: PolicyRules
  /** ms since the epoch. */
  readonly now: number
}

export interface Asker {
  readonly actor: Actor
  readonly authentication?: Authentication
  /** Role bindings that hold now, the teams' included. */
  readonly bindings: readonly Binding[]
  readonly budgets?: RobotBudgets
  readonly breakGlass?: BreakGlassBounds
}

/** What bounds the use of a break-glass account. */
export interface BreakGlassBounds {
  /** Chargers it may touch in all. */
  readonly deviceCap: number
  /** When it ends, ms since the epoch. */
  readonly until: number
}

/** A role at a place in the tree of groups. */
export interface Binding {
  readonly role: Role
  readonly scope: Scope
  /** When it ends, ms since the epoch; absent: not by itself. */
  readonly until?: number
}

export interface Role {
  readonly name: string
  /** API actions, or `*`. */
  readonly permissions: readonly string[]
  /** Operation names, `*`, a family such as `charger.*`, or all of a risk such as `risk:routine`. */
  readonly operations: readonly string[]
}

/** What a robot may do in place of showing factors. */
export interface RobotBudgets {
  /** Only chargers of these models (`vendor/model`, `*` at the end allowed); all when absent. */
  readonly models?: readonly string[]
  readonly perHour: readonly { readonly operations: readonly string[]; readonly limit: number }[]
}

/** A command, as the policy sees it. */
export interface Intent {
  readonly operation: Operation
  readonly params: JsonObject
  readonly reason: string
  readonly ticket?: string
  /** What the submitter says they know, e.g. that sessions run. */
  readonly acknowledges: readonly Acknowledgement[]
  /** ms since the epoch: nothing leaves after it. */
  readonly notAfter: number
}

export const acknowledgements = ['running-sessions'] as const
export type Acknowledgement = (typeof acknowledgements)[number]

/** What is known of one target when a decision is made. */
export interface TargetStanding {
  readonly charger: string
  /** Path of its group. */
  readonly group: string | null
  /** Path of its group where that is a site. */
  readonly site: string | null
  readonly vendor: string | null
  readonly model: string | null
  readonly connected: boolean
  readonly runningSessions: number
  /** The EVSE of each of them. */
  readonly sessionsAt: readonly number[]
  /** Power it draws now, where meters say so. */
  readonly watts: number | null
  /** Faults that stand, by their code. */
  readonly faults: readonly StandingFault[]
  readonly conditions: readonly string[]
  readonly maintenance: boolean
  /** Resets of ours in the last 24 hours, newest first, with the faults that stood then. */
  readonly resets: readonly { readonly at: number; readonly faults: readonly string[] }[]
  /** Commands of this operation on it that failed in the last hour. */
  readonly recentFailures: number
}

export interface StandingFault {
  readonly code: string
  readonly vendorCode: string | null
  readonly info: string | null
  /** 0: the charger itself. */
  readonly evse: number
  readonly since: number
}

/** What is known of the whole. */
export interface FleetStanding {
  readonly chargers: number
  /** Chargers per site, or what counts as one, of those that targets are in. */
  readonly perSite: Readonly<Record<string, number>>
  /** Chargers that disruptive commands of this actor are under way on, or reached in the last `windowMs`. */
  readonly disturbed: {
    readonly total: number
    readonly perSite: Readonly<Record<string, number>>
    /** Of these, the ones among the targets. */
    readonly chargers: readonly string[]
  }
  /** Power by which commands changed the fleet's in the last minute, as far as they had reserved it. */
  readonly wattsChangedLastMinute: number
  /** Power by which commands that are paced and not through yet may change it in any minute. */
  readonly wattsPerMinuteGranted: number
}

/** An approved request whose digest fits what is asked now. */
export interface GrantedApproval {
  readonly id: string
  /** Of the request, as its approvers approved it. */
  readonly digest: string
  readonly approvers: readonly { readonly id: string; readonly roles: readonly string[] }[]
  readonly requestedAt: number
  /** When it was asked for, how long ago a second factor had been shown. */
  readonly freshMs?: number
}

/** One rule of the policy: pure, and silent (empty) where it has nothing to say. */
export type Rule = (question: Question) => RuleResult
export interface RuleResult {
  readonly spoken: readonly Spoken[]
  readonly reservations?: readonly Reservation[]
  readonly bounds?: Bounds
}
