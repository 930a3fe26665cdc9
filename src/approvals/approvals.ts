import type { Scope } from '../fleet/groups/scope.ts'
import type { AssertionOptions } from '../identity/passkeys/passkeys.ts'
import type { AssertionAnswer } from '../identity/passkeys/verify.ts'
import type { KeptSignature } from '../identity/passkeys/passkey.ts'
import type { Actor, Context } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Page, PageRequest } from '../kernel/page.ts'
import type { NeededApprovals } from '../policy/decision.ts'
import type { Execution, RequestDocument } from './document.ts'
import type { RequestKind } from './kind.ts'
import type { RequestState } from './life.ts'
import type { Deed } from './may-decide.ts'

export interface NewRequest {
  /** Name of a kind, e.g. `command`. */
  readonly kind: string
  /** As the kind's schema says. */
  readonly content: JsonObject
  readonly reason: string
  readonly ticket?: string
  /** `automatic` when absent. */
  readonly execute?: Execution
  /** Until then approvals are collected (ISO 8601); as long as the rules let when absent. */
  readonly expiresAt?: string
  /** The same key with the same content is the same request: asked again, it is not made again. */
  readonly idempotencyKey?: string
}

/** A request as lists show it. */
export interface ApprovalRequest {
  readonly id: string
  readonly kind: string
  readonly state: RequestState
  readonly summary: string
  readonly digest: string
  readonly requestedBy: Actor
  readonly requestedAt: string
  readonly reason: string
  readonly ticket: string | null
  readonly execute: Execution
  readonly needs: {
    readonly approvals: readonly NeededApprovals[]
    readonly waitSeconds: number
    readonly bootstrap: boolean
  }
  readonly expiresAt: string
  readonly executesAt: string | null
  readonly executeBefore: string | null
  readonly endedAt: string | null
  /** Why it is in this state, or is not carried out yet. */
  readonly detail: string | null
  /** The command it became. */
  readonly command: string | null
}

export interface ApprovalRequestDetail extends ApprovalRequest {
  /**
   * The whole of what is approved; the digest is SHA-256 over its RFC 8785 text. With `hidden` it names only the
   * chargers and groups whoever asks may see, and not what it reached.
   */
  readonly document: RequestDocument
  /** Chargers outside the scope of whoever asks. */
  readonly hidden: number
  readonly decisions: readonly ApprovalDecision[]
  /** Approvals that are missing still. */
  readonly missing: readonly NeededApprovals[]
  /** While it waits: why nobody can decide on it at present, with what is missing. Null: enough people can. */
  readonly stuck: string | null
  /** What it would reach now; the document says what it was at the time of the request. Null once it has ended. */
  readonly now: JsonObject | null
  /** In what things differ now from what is to be approved: it would not be carried out. */
  readonly differences: readonly string[]
  /** What the caller can do with it. */
  readonly you: Readonly<Record<Deed, { readonly may: boolean; readonly because: string | null }>>
}

export interface CarriedOut {
  readonly request: ApprovalRequest
  /** A link, code or token it made, for its maker; shown this once. */
  readonly handedOver: JsonObject | null
}

export interface ApprovalDecision {
  readonly by: { readonly id: string; readonly name: string }
  readonly deed: 'approve' | 'veto'
  readonly at: string
  readonly comment: string | null
  /** Those by which it counts. */
  readonly roles: readonly string[]
  /** Whether it counts now, and if not, why. */
  readonly counts: boolean
  readonly because: string | null
  /** By a passkey over the digest. */
  readonly signature: KeptSignature | null
}

export interface RequestFilter {
  readonly state?: RequestState
  readonly kind?: string
  /** `mine`: what the caller asked for. `for-me`: what the caller could approve now. */
  readonly which?: 'mine' | 'for-me'
}

export interface Approval {
  /** What the approver was shown; something else is not approved. */
  readonly digest: string
  readonly comment?: string
  /** A passkey's signature over the digest, asked for with `challenge`. */
  readonly assertion?: AssertionAnswer
}

export interface Approvals {
  /** What can be asked for. */
  kinds(): readonly Pick<RequestKind, 'name' | 'description' | 'schema' | 'handsOver'>[]
  /** Durable and recorded when it resolves. Nothing happens before others agree. */
  request(context: Context, asked: NewRequest): Promise<ApprovalRequest>
  /** Those in the scope, and the caller's own. */
  list(
    caller: Pick<Context, 'actor' | 'authentication'>,
    scope: Scope,
    page: PageRequest,
    filter: RequestFilter,
  ): Promise<Page<ApprovalRequest>>
  show(
    caller: Pick<Context, 'actor' | 'authentication'>,
    scope: Scope,
    id: string,
  ): Promise<ApprovalRequestDetail>
  /** What the caller's browser needs so that a passkey signs the digest. */
  challenge(context: Context, id: string): Promise<AssertionOptions>
  approve(context: Context, id: string, approval: Approval): Promise<ApprovalRequest>
  veto(context: Context, id: string, comment: string): Promise<ApprovalRequest>
  withdraw(context: Context, id: string, comment?: string): Promise<ApprovalRequest>
  /** Carries out what was approved to be done by hand. */
  execute(context: Context, id: string): Promise<CarriedOut>
}
