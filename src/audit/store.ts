import type { Frontier } from '../../proof/frontier.ts'
import { frontierBytes, frontierOf, grown } from '../../proof/frontier.ts'
import { leafHash } from '../../proof/hashes.ts'
import { tileHeight } from '../../proof/tiles.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Query, Tx, Write } from '../storage/database.ts'
import type { AuditEntry, AuditEvent, AuditFilter, AuditQuery } from './audit.ts'
import { committed } from './committing.ts'
import { entryText } from './entry-text.ts'
import { openEntry, openValues, type OpenValues } from './opened.ts'
import { lastPartsOf, results, type Result } from './result.ts'

/** An entry as it lies in the table, the searchable columns beside the text they were taken from. */
export interface StoredEntry {
  readonly sequence: number
  readonly at: number
  readonly event: string
  readonly actor: string
  readonly charger: string | null
  readonly command: string | null
  readonly text: string
  readonly leaf: Buffer
}

interface EntryRow extends Omit<StoredEntry, 'at' | 'text'> {
  readonly at: Date
  readonly entry: string
}

/** A subtree of 256^level leaves. */
export interface StoredNode {
  readonly level: number
  readonly index: number
  readonly hash: Buffer
}

/**
 * Appends the batch behind the end of the tree. Stage `audit`: the end's lock is taken last, so that it is
 * held only for this statement and the commit.
 */
export const appendEntries: Write<AuditEvent> = {
  name: 'audit.append',
  stage: 'audit',
  async apply(tx, events) {
    const before = await lockEnd(tx)
    const { events: said, openings, salts } = committed(events, before.size + 1)
    const texts = said.map((event, index) => entryText(event, before.size + index + 1))
    const leaves = texts.map(leafHash)
    const { frontier, nodes } = appended(before, leaves)
    tx.post(
      `with entries as (
         insert into audit_entry (sequence, at, event, actor, charger, command, entry, leaf)
         select $1 + place, at, event, actor, charger, command, entry,
                substring($4::bytea from place::integer * 32 - 31 for 32)
         from rows from (
           json_to_recordset($2::json) as (
             at timestamptz, event text, actor text, charger text, command text),
           unnest(string_to_array($3, E'\\n'))
         ) with ordinality as e (at, event, actor, charger, command, entry, place)
       ), nodes as (
         insert into audit_node (level, index, hash)
         select * from unnest($5::smallint[], $6::bigint[], $7::bytea[])
       ), openings as (
         insert into audit_opening (commitment, kind, at, sequences, subject, salt, value)
         select commitment, kind, at, sequences, subject,
                substring($9::bytea from place * 32 + 1 for 32), value
         from json_to_recordset($8::json) as o (
           commitment text, kind text, at timestamptz, sequences bigint[], place integer, subject text,
           value text)
       )
       update audit_head set size = $10, frontier = $11`,
      [
        before.size,
        JSON.stringify(events.map(searchable)),
        // No line of canonical JSON has an end of line in it.
        texts.join('\n'),
        Buffer.concat(leaves),
        nodes.map(({ level }) => level),
        nodes.map(({ index }) => index),
        nodes.map(({ hash }) => hash),
        JSON.stringify(openings),
        salts,
        frontier.size,
        frontierBytes(frontier),
      ],
    )
    return events.map(() => undefined)
  },
}

/** What stands in columns of its own. */
function searchable({ at, event, actor, charger, command }: AuditEvent) {
  return { at: new Date(at).toISOString(), event, actor: actor.id, charger, command }
}

/** The frontier after these leaves, and the subtrees that are stored because tiles are made of them. */
export function appended(
  before: Frontier,
  leaves: readonly Buffer[],
): { readonly frontier: Frontier; readonly nodes: readonly StoredNode[] } {
  const nodes: StoredNode[] = []
  const frontier = grown(before, leaves, (height, index, hash) => {
    if (height % tileHeight === 0) nodes.push({ level: height / tileHeight, index, hash })
  })
  return { frontier, nodes }
}

async function lockEnd(tx: Tx): Promise<Frontier> {
  const { rows } = await tx.query<HeadRow>('select size, frontier from audit_head for update')
  return endOf(rows[0])
}

export async function readEnd({ query }: Query): Promise<Frontier> {
  const { rows } = await query<HeadRow>('select size, frontier from audit_head')
  return endOf(rows[0])
}

interface HeadRow {
  readonly size: number
  readonly frontier: Buffer
}

function endOf(row: HeadRow | undefined): Frontier {
  if (row === undefined) throw new Error('the end of the audit record is missing')
  return frontierOf(row.size, row.frontier)
}

/** Entries after `sequence` in order, at most `limit`. */
export async function readAfter(
  { query }: Query,
  sequence: number,
  limit: number,
): Promise<StoredEntry[]> {
  const { rows } = await query<EntryRow>(
    `select * from audit_entry where sequence > $1 order by sequence limit $2`,
    [sequence, limit],
  )
  return rows.map(({ at, entry, ...row }) => ({ ...row, at: at.getTime(), text: entry }))
}

/** What is recorded of a command: all of it, or what concerns the whole command and one charger. */
export async function readOfCommand(
  { query }: Query,
  command: string,
  charger: string | undefined,
  limit: number,
): Promise<{ readonly sequence: number; readonly text: string }[]> {
  const { rows } = await query<{ sequence: number; text: string }>(
    `select sequence, entry as text from audit_entry
     where command = $1 and ($2::text is null or charger is null or charger = $2)
     order by sequence limit $3`,
    [command, charger ?? null, limit],
  )
  return rows
}

/** Hashes of one level, from `from` on: leaves on level 0. */
export async function readHashes(
  { query }: Query,
  level: number,
  from: number,
  count: number,
): Promise<Buffer[]> {
  const { rows } =
    level === 0
      ? await query<{ hash: Buffer }>(
          `select leaf as hash from audit_entry where sequence > $1 and sequence <= $2
           order by sequence`,
          [from, from + count],
        )
      : await query<{ hash: Buffer }>(
          `select hash from audit_node where level = $3 and index >= $1 and index < $2
           order by index`,
          [from, from + count, level],
        )
  return rows.map(({ hash }) => hash)
}

/** How many subtrees are stored, and the size of the tree at that moment. */
export async function countNodes({ query }: Query): Promise<{ nodes: number; size: number }> {
  const { rows } = await query<{ nodes: number; size: number }>(
    'select size, (select count(*) from audit_node) as nodes from audit_head',
  )
  return rows[0] ?? { nodes: 0, size: 0 }
}

export async function findEntries(database: Query, query: AuditQuery): Promise<AuditEntry[]> {
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
  if (query.result !== undefined) conditions.push(tellsOf(query.result))
  if (query.within !== undefined) conditions.push(query.within('charger', values))
  values.push(query.limit)
  const { rows } = await database.query<{ entry: string; openings: OpenValues; hash: string }>(
    `select entry, ${openValues}, encode(leaf, 'hex') as hash from audit_entry
     ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by sequence ${query.newestFirst ? 'desc' : 'asc'} limit $${values.length}`,
    values,
  )
  return rows.map(({ entry, openings, hash }) => ({ ...openEntry(entry, openings), hash }))
}

const entriesPerPage = 1000

/** All entries that are looked for, oldest first, up to this one. */
export async function* matching(
  database: Query,
  filter: AuditFilter,
  upTo: number,
): AsyncIterable<readonly AuditEntry[]> {
  for (let cursor = 0; ;) {
    const page = await findEntries(database, { ...filter, cursor, limit: entriesPerPage })
    const entries = page.filter(({ sequence }) => sequence <= upTo)
    if (entries.length > 0) yield entries
    if (entries.length < entriesPerPage) return
    cursor = entries.at(-1)!.sequence
  }
}

/**
 * That an entry tells of this result, as `resultOf` says it. The names are ours, and stand in the text so that
 * the index of what did not simply go well serves.
 */
function tellsOf(result: Result): string {
  const names = lastPartsOf(result)
    .map((name) => `'${name}'`)
    .join(', ')
  const last = `substring(event from '[^.]*$')`
  const saw = (one: Result) => `entry like '%"outcome":"${one}"%'`
  // What became of a silence is said by what was seen.
  const others = results.filter((one) => one !== 'unknown').map(saw)
  const reconciled = result === 'unknown' ? `not (${others.join(' or ')})` : saw(result)
  return result === 'succeeded'
    ? `(case when ${last} = 'reconciled' then ${reconciled} else ${last} not in (${names}) end)`
    : `(${last} in (${names}, 'reconciled') and (${last} <> 'reconciled' or ${reconciled}))`
}

function moment(ms: number | undefined, field: string): Date | undefined {
  if (ms === undefined) return undefined
  const date = new Date(ms)
  if (Number.isNaN(date.getTime()))
    throw new ProblemError('invalid-input', 'is not a moment in time', field)
  return date
}
