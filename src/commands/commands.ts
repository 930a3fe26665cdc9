import type { Context } from '../kernel/actor.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { AuditEntry } from '../audit/audit.ts'
import type { Acknowledgement } from '../policy/question.ts'
import type { Reach } from '../policy/reach.ts'
import type { Page, PageRequest, Selector } from '../fleet/fleet.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import type { ChargerEnds } from '../fleet/models/models.ts'
import type { Operation } from '../operations/operation.ts'

/**
 * The states of one command on one charger.
 *
 * submitted > queued > sending (fence durable) > sent >
 * accepted | refused | unsupported | failed > succeeded | accepted-unverified | unknown > reconciled;
 * and expired, cancelled, superseded.
 */
export const dispatchStates = [
  'submitted',
  'queued',
  'sending',
  'sent',
  'accepted',
  'refused',
  'unsupported',
  'failed',
  'succeeded',
  'accepted-unverified',
  'unknown',
  'reconciled',
  'expired',
  'cancelled',
  'superseded',
] as const
export type DispatchState = (typeof dispatchStates)[number]

/** States nothing leaves any more. `unknown` may still become `reconciled`, and nothing else. */
export const endStates: ReadonlySet<DispatchState> = new Set([
  'refused',
  'unsupported',
  'failed',
  'succeeded',
  'accepted-unverified',
  'reconciled',
  'expired',
  'cancelled',
  'superseded',
])

export interface Submission {
  readonly operation: string
  readonly params: JsonObject
  readonly target: { readonly chargers: readonly string[] } | { readonly select: Selector }
  readonly reason: string
  /** Frames leave before this moment or not at all (ISO 8601). */
  readonly notAfter?: string
  /** The same key with the same content answers the command made before; with other content it is refused. */
  readonly idempotencyKey?: string
  readonly pace?: Pace
  /** Where the reason is written up, e.g. `INC-1234`. */
  readonly ticket?: string
  /** What whoever submits says they know of. */
  readonly acknowledges?: readonly Acknowledgement[]
}

/** What stands beside a submission, and is not whoever submits it to say. */
export interface SubmissionTerms {
  /** The approved request that is being carried out. */
  readonly approval?: string
  /** Everywhere when absent. */
  readonly reach?: Reach
}

export interface Pace {
  /** How many chargers may be between the frame and its effect at once; 200 when absent. */
  readonly maxRunning?: number
  /** How many chargers are begun a minute at most. Meanwhile those that wait do their other commands. */
  readonly perMinute?: number
}

/** One submission as the faces show it. */
export interface Command {
  readonly id: string
  readonly operation: string
  readonly params: JsonObject
  readonly reason: string
  readonly actor: { readonly kind: string; readonly id: string; readonly name: string }
  readonly submittedAt: string
  readonly notAfter: string
  readonly pace: { readonly maxRunning: number; readonly perMinute: number | null }
  /** With one target, its state. With more: `running` until all have ended, then `completed`. */
  readonly state: DispatchState | 'running' | 'completed'
  readonly total: number
  /** Targets by state; states with none are absent. */
  readonly counts: Partial<Readonly<Record<DispatchState, number>>>
  /** Further chargers, which whoever asks may not see; nothing else told of the command counts them. */
  readonly hidden: number
  /** All targets are in an end state, or `unknown` with its observation time over. */
  readonly settled: boolean
  readonly cancelled: boolean
}

/** One charger's part of a command. */
export interface Target {
  readonly id: string
  readonly charger: string
  readonly state: DispatchState
  /** Why it is in this state, for a person. */
  readonly detail: string | null
  /** The exact CALL once planned. */
  readonly call: {
    readonly version: string
    readonly action: string
    readonly payload: Json
  } | null
  readonly answer: Json
  /** Values read, transaction started, ... */
  readonly result: Json
  /** For `reconciled`: how it turned out. */
  readonly outcome: 'succeeded' | 'refused' | 'failed' | 'unverified' | null
  readonly sentAt: string | null
  readonly updatedAt: string
}

export interface CommandDetail extends Command {
  /** The first 100 targets; the rest are paged. */
  readonly targets: readonly Target[]
  /** Every transition, oldest first; at most 1000, the rest are in the audit record. */
  readonly history: readonly AuditEntry[]
}

export interface CommandFilter {
  readonly operation?: string
  readonly charger?: string
  readonly settled?: boolean
}

/** What a submission would do. */
export interface Preview {
  readonly operation: string
  readonly risk: string
  readonly total: number
  /** Would be sent now. */
  readonly can: number
  /** Would wait, e.g. until the charger connects. */
  readonly waits: number
  readonly cannot: number
  /** Sessions running on the chargers concerned. */
  readonly runningSessions: number
  /** Why chargers wait or cannot, the most frequent reason first. */
  readonly reasons: readonly {
    readonly verdict: PreviewedTarget['verdict']
    readonly because: string
    readonly chargers: number
    readonly examples: readonly string[]
  }[]
  /** The first 100. */
  readonly targets: readonly PreviewedTarget[]
}

export interface PreviewedTarget {
  readonly charger: string
  readonly verdict: 'can' | 'waits' | 'cannot'
  /** The CALL as it would be now; numbers unique to a command and file addresses are made when it is sent. */
  readonly call: Target['call']
  readonly because: string | null
  /** The parameter at fault, where one is. */
  readonly field: string | null
}

/** What a submission is found to be, and how it would be done. */
export interface Outlook {
  readonly operation: Operation
  /** ms since the epoch. */
  readonly notAfter: number
  readonly preview: Preview
  /** In the order of the chargers. */
  readonly plans: readonly TargetPlan[]
}

/** What the CALL to one charger depends on, and which it would be. */
export interface TargetPlan {
  readonly charger: string
  /** Null before it first connects. */
  readonly version: string | null
  readonly vendor: string | null
  readonly model: string | null
  readonly firmware: string | null
  /** Null where it cannot be asked, or never connected. */
  readonly action: string | null
}

/**
 * Where a `scope` can be given, chargers outside are as if they were not there; of a command on some of them
 * it is only told how many. Without one, everything is meant.
 */
export interface Commands {
  /** Says what a submission would do, and does nothing. The same ProblemErrors as `submit`, but for the policy's. */
  outlook(submission: Submission, reach?: Reach): Promise<Outlook>
  /**
   * Durable and audited when it resolves. Caller mistakes and what the policy does not allow are ProblemErrors
   * and change nothing.
   */
  submit(context: Context, submission: Submission, under?: SubmissionTerms): Promise<Command>
  /** The commands that approved requests became, by the request's id. */
  underApprovals(approvals: readonly string[]): Promise<ReadonlyMap<string, string>>
  show(id: string, scope?: Scope): Promise<CommandDetail>
  list(page: PageRequest, filter: CommandFilter, scope?: Scope): Promise<Page<Command>>
  targets(
    id: string,
    page: PageRequest,
    filter: { state?: DispatchState },
    scope?: Scope,
  ): Promise<Page<Target>>
  /** How the commands sent to each charger ended in the last 30 days; may be a minute old. */
  ends(): Promise<readonly ChargerEnds[]>
  /** Cancels what has not been sent, in the scope; says how many were still in time. */
  cancel(
    context: Context,
    id: string,
    reason: string,
    scope?: Scope,
  ): Promise<{ cancelled: number; tooLate: number }>
}
