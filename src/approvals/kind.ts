import type { TSchema } from 'typebox'
import type { Scope } from '../fleet/groups/scope.ts'
import type { Actor, Context } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { NeededApprovals } from '../policy/decision.ts'
import type { Caller } from '../policy/policy.ts'
import type { Change, Tx } from '../storage/database.ts'

/**
 * One kind of thing that can be asked for. Rooms above and beside declare theirs; the composition gives them
 * to the room of approvals, which knows none by name.
 */
export interface RequestKind {
  /** e.g. `command`, `policy`, `factor-reset`. */
  readonly name: string
  readonly description: string
  /** What is asked, as it comes in. */
  readonly schema: TSchema
  /** Done, it changes the rules others are judged by: whoever asked for it decides on nothing asked for before. */
  readonly editsRules: boolean
  /** While there is only one person, that person alone suffices. */
  readonly bootstrap: boolean
  /**
   * Done, it gives its maker a secret that is shown once: so they carry it out themselves, having just shown a
   * second factor.
   */
  readonly handsOver?: true
  /** Throws a ProblemError where somebody may not ask for it; looked at again when it is carried out. */
  mayAsk(caller: Caller): Promise<void>
  /** What is asked made exact: checked, resolved, in canonical form. Throws ProblemErrors that name the field. */
  prepare(context: Context, asked: AskedContent): Promise<Prepared>
  /** People it is about as things are now; `prepare` says who they were when it was asked for. */
  about?(content: JsonObject): Promise<readonly string[]>
  /** The part of it that lies in a scope; absent: nothing of this kind has parts. */
  within?(request: Pick<Part, 'content' | 'plan'>, scope: Scope): Promise<Part>
  /** Looks at what was asked, and by whom, as things are now. */
  look(content: JsonObject, plan: JsonObject | undefined, requestedBy: Actor): Promise<Look>
  /**
   * Does it, in one transaction with using up the request. Throws ProblemErrors where it cannot be done. Answers
   * what is handed over, where anything is.
   */
  execute(context: Context, approved: ApprovedRequest): Promise<JsonObject | undefined>
}

export interface AskedContent {
  readonly content: JsonObject
  readonly reason: string
  readonly ticket?: string
}

export interface Prepared {
  /** In a sentence for people. */
  readonly summary: string
  readonly content: JsonObject
  /** How it would be done, too long for the content, which holds its digest. */
  readonly plan?: JsonObject
  /** Paths of the groups it reaches; null for what lies in no group, and for the whole. Never empty. */
  readonly groups: readonly (string | null)[]
  /** People it is about. */
  readonly about?: readonly string[]
  /** What the policy asks beside what the rules say of this kind. */
  readonly needs?: {
    readonly approvals?: readonly NeededApprovals[]
    readonly waitMs?: number
  }
  readonly notAfter?: number
  /** What it would reach, for those who decide. */
  readonly standing: JsonObject
}

export interface Part {
  readonly content: JsonObject
  readonly plan: JsonObject | undefined
  /** How many chargers lie in it, and how many beside it. */
  readonly shown: number
  readonly hidden: number
}

export interface Look {
  readonly standing: JsonObject
  /** Sentences; where there are any it is not carried out. */
  readonly differences: readonly string[]
}

/** An approved request being carried out. */
export interface ApprovedRequest {
  readonly id: string
  readonly digest: string
  readonly content: JsonObject
  readonly reason: string
  readonly ticket: string | null
  readonly use: Use
}

/** Uses a request up, in the transaction of what it was approved for. Fails, and that with it, where that is over. */
export interface Use {
  readonly change: Change
  /** The same for a transaction of its own; before its entries in the record. */
  within(tx: Tx): Promise<void>
}

export function kindOf(kinds: readonly RequestKind[], name: string): RequestKind | undefined {
  return kinds.find((kind) => kind.name === name)
}
