import type { Actor, Origin } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Write } from '../storage/database.ts'
import type { Within } from '../storage/within.ts'
import type { Result } from './result.ts'

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
  /** The leaf's hash (hex): SHA-256 over 0x00 and this entry's canonical JSON (RFC 8785), as in RFC 6962. */
  readonly hash: string
}

/** What is looked for in the record. */
export interface AuditFilter {
  readonly charger?: string
  readonly command?: string
  readonly event?: string
  readonly actor?: string
  /** Only entries about chargers that lie within. */
  readonly within?: Within
  readonly from?: number
  readonly to?: number
  /** How what is told of ended. */
  readonly result?: Result
}

export interface AuditQuery extends AuditFilter {
  /** Entries after this sequence, ascending; or before it when `newestFirst`. */
  readonly cursor?: number
  readonly newestFirst?: boolean
  /** 1 to 1000. */
  readonly limit: number
}

/** What is known after reading all that is stored. */
export interface RecordCheck {
  /** How many entries fit before the first that does not. */
  readonly entries: number
  /** The first place, as a sequence, that does not fit, and what is wrong there. */
  readonly brokenAt?: number
  readonly wrong?: string
}

export interface Audit {
  /** Appends one entry; goes into the same transaction as the change it records. */
  readonly append: Write<AuditEvent>
  list(query: AuditQuery): Promise<AuditEntry[]>
  /** Computes the whole tree anew from the texts and compares everything that is stored. */
  verify(): Promise<RecordCheck>
}
