import { createHash } from 'node:crypto'
import type { Actor } from '../kernel/actor.ts'
import { canonicalJson, type JsonObject } from '../kernel/json.ts'
import type { NeededApprovals } from '../policy/decision.ts'

/**
 * What people approve: everything of a request that must not change. Its digest is SHA-256 over its RFC 8785
 * text, and a passkey signs exactly these 32 bytes.
 */
export interface RequestDocument {
  readonly format: typeof documentFormat
  readonly id: string
  readonly kind: string
  /** What is to be done, for people, in a sentence. */
  readonly summary: string
  readonly content: JsonObject
  readonly requestedBy: Actor
  /** ms since the epoch, as every moment here. */
  readonly requestedAt: number
  /** How long before the request its maker had shown a second factor; null: never. */
  readonly freshMs: number | null
  readonly reason: string
  readonly ticket: string | null
  readonly needs: RequestNeeds
  /** Paths of the groups it reaches; null for what lies in no group, and for the whole. */
  readonly groups: readonly (string | null)[]
  /** People it is about, who cannot decide on it. */
  readonly about: readonly string[]
  readonly execute: Execution
  /** Carried out, it hands a secret to its maker. */
  readonly handsOver?: true
  readonly expiresAt: number
  /** How long after the last approval and the wait it may be carried out. */
  readonly executeWithinMs: number
  /** Nothing of it happens after this moment. */
  readonly notAfter: number | null
  /** What it would reach, as it was when it was asked for. */
  readonly standing: JsonObject
}

export const documentFormat = 'ota-approval/1'

export const executions = ['automatic', 'by-hand'] as const
/** `automatic`: as soon as it may be. `by-hand`: when its maker says so. */
export type Execution = (typeof executions)[number]

export interface RequestNeeds {
  readonly approvals: readonly NeededApprovals[]
  readonly waitMs: number
  /** How long ago an approver's second factor may have been shown. */
  readonly freshWithinMs: number
  /** Its maker alone suffices, being the only person there is. */
  readonly bootstrap: boolean
}

/** SHA-256 (hex) over the canonical text. */
export function digestOf(value: unknown): string {
  return digestOfText(canonicalJson(value))
}

export function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
