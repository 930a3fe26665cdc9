import { ProblemError } from '../kernel/problem.ts'
import type { Database, Tx, Write } from '../storage/database.ts'
import type { AuditEntry, AuditEvent, AuditQuery } from './audit.ts'
import type { Head, Link } from './chain.ts'
import { nextLink } from './chain.ts'

/** An entry as it lies in the table, the searchable columns beside the text they were taken from. */
export interface StoredEntry extends Link {
  readonly at: number
  readonly event: string
  readonly actor: string
  readonly charger: string | null
  readonly command: string | null
}

interface EntryRow {
  sequence: string
  at: Date
  event: string
  actor: string
  charger: string | null
  command: string | null
  entry: string
  hash: string
}

/**
 * Appends the batch behind the chain's end. Stage `audit`: the end's lock is taken last, so that it is
 * held only for this statement and the commit.
 */
export const appendEntries: Write<AuditEvent> = {
  name: 'audit.append',
  stage: 'audit',
  async apply(tx, events) {
    const before = await lockHead(tx)
    const links: Link[] = []
    let head: Head = before
    for (const event of events) {
      const link = nextLink(head, event)
      links.push(link)
      head = link
    }
    tx.post(
      `with appended as (
         insert into audit_entry (sequence, at, event, actor, charger, command, entry, hash)
         select * from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[],
                              $6::text[], $7::text[], $8::text[])
       )
       update audit_head set sequence = $9, hash = $10`,
      [
        links.map((link) => link.sequence),
        events.map((event) => new Date(event.at).toISOString()),
        events.map((event) => event.event),
        events.map((event) => event.actor.id),
        events.map((event) => event.charger ?? null),
        events.map((event) => event.command ?? null),
        links.map((link) => link.text),
        links.map((link) => link.hash),
        head.sequence,
        head.hash,
      ],
    )
    return events.map(() => undefined)
  },
}

async function lockHead(tx: Tx): Promise<Head> {
  const { rows } = await tx.query<{ sequence: string; hash: string }>(
    'select sequence, hash from audit_head for update',
  )
  const row = rows[0]
  if (row === undefined) throw new Error('the end of the audit chain is missing')
  return { sequence: Number(row.sequence), hash: row.hash }
}

/** The chain's end, and the greatest sequence stored: one snapshot. */
export async function readHead(database: Database): Promise<Head & { readonly last: number }> {
  const { rows } = await database.query<{ sequence: string; hash: string; last: string }>(
    `select sequence, hash, coalesce((select max(sequence) from audit_entry), 0) as last
     from audit_head`,
  )
  const row = rows[0]
  if (row === undefined) throw new Error('the end of the audit chain is missing')
  return { sequence: Number(row.sequence), hash: row.hash, last: Number(row.last) }
}

/** Entries after `sequence` in order, at most `limit`. */
export async function readAfter(
  database: Database,
  sequence: number,
  limit: number,
): Promise<StoredEntry[]> {
  const { rows } = await database.query<EntryRow>(
    `select * from audit_entry where sequence > $1 order by sequence limit $2`,
    [sequence, limit],
  )
  return rows.map((row) => ({
    sequence: Number(row.sequence),
    at: row.at.getTime(),
    event: row.event,
    actor: row.actor,
    charger: row.charger,
    command: row.command,
    text: row.entry,
    hash: row.hash,
  }))
}

export async function findEntries(database: Database, query: AuditQuery): Promise<AuditEntry[]> {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > 1000)
    throw new ProblemError('invalid-input', 'must be a whole number from 1 to 1000', 'limit')
  const values: unknown[] = []
  const conditions: string[] = []
  const where = (condition: (place: string) => string, value: unknown) => {
    if (value === undefined) return
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  where((place) => `charger = ${place}`, query.charger)
  where((place) => `command = ${place}`, query.command)
  where((place) => `event = ${place}`, query.event)
  where((place) => `actor = ${place}`, query.actor)
  where((place) => `at >= ${place}`, moment(query.from, 'from'))
  where((place) => `at <= ${place}`, moment(query.to, 'to'))
  where((place) => `sequence ${query.newestFirst ? '<' : '>'} ${place}`, query.cursor)
  values.push(query.limit)
  const { rows } = await database.query<{ entry: string; hash: string }>(
    `select entry, hash from audit_entry
     ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by sequence ${query.newestFirst ? 'desc' : 'asc'} limit $${values.length}`,
    values,
  )
  return rows.map((row) => ({
    ...(JSON.parse(row.entry) as Omit<AuditEntry, 'hash'>),
    hash: row.hash,
  }))
}

function moment(ms: number | undefined, field: string): Date | undefined {
  if (ms === undefined) return undefined
  const date = new Date(ms)
  if (Number.isNaN(date.getTime()))
    throw new ProblemError('invalid-input', 'is not a moment in time', field)
  return date
}
