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
  /** What in it comes from somebody else than the actor, so that it is kept and erased as theirs. */
  readonly quoted?: Quoted
}

export interface Quoted {
  readonly actor: Actor
  /** The reason is theirs. */
  readonly reason?: true
  /** Members of `detail` with their name, or a reason of theirs, as JSON Pointers: `/before/by`. */
  readonly members?: readonly string[]
}

/** An entry as it is read: personal values in their places; `(erased)` where they were erased. */
export interface AuditEntry extends Omit<AuditEvent, 'quoted'> {
  /** Position in the record, from 1, without gaps. */
  readonly sequence: number
  /**
   * The leaf's hash (hex), as in RFC 6962: SHA-256 over 0x00 and the canonical JSON (RFC 8785) of this entry with
   * commitments in place of its personal values.
   */
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
  /** Personal values that can be read no more, where there are such. */
  readonly erased?: number
}

export interface Audit {
  /** Appends one entry; goes into the same transaction as the change it records. */
  readonly append: Write<AuditEvent>
  list(query: AuditQuery): Promise<AuditEntry[]>
  /** Computes the whole tree anew from the texts and compares everything that is stored. */
  verify(): Promise<RecordCheck>
}
