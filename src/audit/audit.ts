import type { Actor, Origin } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Write } from '../storage/database.ts'

/** One line of the record: who did what, to which charger, when, why, from where, and how it ended. */
export interface AuditEvent {
  /** ms since the epoch. */
  readonly at: number
  readonly actor: Actor
  readonly origin: Origin
  /** Dotted and stable, e.g. `command.sent`, `charger.registered`. */
  readonly event: string
  readonly charger?: string
  readonly command?: string
  readonly dispatch?: string
  readonly reason?: string
  /** Canonical parameters and outcome. Never a secret. */
  readonly detail: JsonObject
}

export interface AuditEntry extends AuditEvent {
  /** Position in the record, from 1, without gaps. */
  readonly sequence: number
  /** SHA-256 (hex) over the entry before's hash and this entry's canonical JSON (RFC 8785). */
  readonly hash: string
}

export interface AuditQuery {
  readonly charger?: string
  readonly command?: string
  readonly event?: string
  readonly actor?: string
  readonly from?: number
  readonly to?: number
  /** Entries after this sequence, ascending; or before it when `newestFirst`. */
  readonly cursor?: number
  readonly newestFirst?: boolean
  /** 1 to 1000. */
  readonly limit: number
}

export interface Audit {
  /** Appends one entry; goes into the same transaction as the change it records. */
  readonly append: Write<AuditEvent>
  list(query: AuditQuery): Promise<AuditEntry[]>
  /** Recomputes the whole chain; the first sequence that does not fit, if any. */
  verify(): Promise<{ entries: number; brokenAt?: number }>
}
