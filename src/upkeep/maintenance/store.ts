import type { Actor } from '../../kernel/actor.ts'
import { moment, ms, recordset } from '../../fleet/rows.ts'
import type { Query, Tx } from '../../storage/database.ts'
import type { Within } from '../../storage/within.ts'
import type { Progress, Standing, Stay } from './stay.ts'
import { identities } from '../identities.ts'

interface Row {
  charger: string
  id: string
  state: Stay['state']
  since: Date
  until: Date | null
  actor: Actor
  reason: string
  sessions: Stay['sessions']
  standing: Standing
  standing_since: Date
  detail: string | null
  progress: Progress
  look_at: Date | null
  revision: number
}

function toStay(row: Row): Stay {
  const { charger, id, state, actor, reason, sessions, standing, detail, progress, revision } = row
  return {
    charger,
    id,
    state,
    since: ms(row.since),
    until: ms(row.until),
    actor,
    reason,
    sessions,
    standing,
    standingSince: ms(row.standing_since),
    detail,
    progress,
    lookAt: ms(row.look_at),
    revision,
  }
}

function given(stay: Stay): object {
  const { standingSince, lookAt, since, until, ...rest } = stay
  return {
    ...rest,
    since: moment(since),
    until: moment(until),
    standing_since: moment(standingSince),
    look_at: moment(lookAt),
  }
}

const columns = `charger text, id uuid, state text, since timestamptz, until timestamptz, actor jsonb,
  reason text, sessions text, standing text, standing_since timestamptz, detail text,
  progress jsonb, look_at timestamptz, revision bigint`
const names = `charger, id, state, since, until, actor, reason, sessions, standing, standing_since,
  detail, progress, look_at, revision`
const assignments = `state = x.state, since = x.since, until = x.until, actor = x.actor, reason = x.reason,
  sessions = x.sessions, standing = x.standing, standing_since = x.standing_since,
  detail = x.detail, progress = x.progress, look_at = x.look_at, revision = m.revision + 1`

/** The stays of these chargers. */
export async function staysOf({ query }: Query, chargers: readonly string[]): Promise<Stay[]> {
  const { rows } = await query<Row>(`select * from maintenance where charger = any($1)`, [chargers])
  return rows.map(toStay)
}

/** The same, locked until the transaction ends. */
export async function lockStays(tx: Tx, chargers: readonly string[]): Promise<Map<string, Stay>> {
  const { rows } = await tx.query<Row>(
    'select * from maintenance where charger = any($1) order by charger for update',
    [chargers],
  )
  return new Map(rows.map((row) => [row.charger, toStay(row)]))
}

/** Stores stays that were locked before, or that are new. */
export async function saveStays(tx: Tx, stays: readonly Stay[]): Promise<void> {
  if (stays.length === 0) return
  await tx.query(
    `insert into maintenance as m (${names}) select ${names} from json_to_recordset($1::json) as x(${columns})
     on conflict (charger) do update set ${assignments.replaceAll('x.', 'excluded.')}`,
    [recordset(stays.map(given))],
  )
}

/** Stores those that nobody has changed since they were read. Returns the ids of those stored. */
export async function updateStays(tx: Tx, stays: readonly Stay[]): Promise<ReadonlySet<string>> {
  if (stays.length === 0) return new Set()
  const { rows } = await tx.query<{ id: string }>(
    `update maintenance m set ${assignments}
     from json_to_recordset($1::json) as x(${columns})
     where m.charger = x.charger and m.id = x.id and m.revision = x.revision returning m.id`,
    [recordset(stays.map(given))],
  )
  return new Set(rows.map(({ id }) => id))
}

/** Ends those that nobody has changed since they were read. Returns the ids of those ended. */
export async function endStays(tx: Tx, stays: readonly Stay[]): Promise<ReadonlySet<string>> {
  if (stays.length === 0) return new Set()
  const { rows } = await tx.query<{ id: string }>(
    `delete from maintenance m using json_to_recordset($1::json) as x(id uuid, charger text, revision bigint)
     where m.charger = x.charger and m.id = x.id and m.revision = x.revision returning m.id`,
    [recordset(stays.map(({ id, charger, revision }) => ({ id, charger, revision })))],
  )
  return new Set(rows.map(({ id }) => id))
}

export interface StayFilter {
  readonly state?: Stay['state']
  readonly standing?: Standing
}

/** By charger from `after` on. */
export async function listStays(
  { query }: Query,
  filter: StayFilter,
  after: string | undefined,
  limit: number,
  within?: Within,
): Promise<Stay[]> {
  const values: unknown[] = [after ?? null, filter.state ?? null, filter.standing ?? null, limit]
  const { rows } = await query<Row>(
    `select * from maintenance
     where ($1::text is null or charger > $1) and ($2::text is null or state = $2)
       and ($3::text is null or standing = $3)
       ${within === undefined ? '' : `and ${within('charger', values)}`}
     order by charger limit $4`,
    values,
  )
  return rows.map(toStay)
}

export function everyStay(database: Query): Promise<string[]> {
  return identities(database, 'select charger from maintenance', [])
}

/** Those to be looked at. */
export function dueStays(database: Query, now: number, limit: number): Promise<string[]> {
  return identities(
    database,
    'select charger from maintenance where look_at <= $1 order by look_at limit $2',
    [moment(now), limit],
  )
}

/** Those whose time is over. */
export function overdueStays(database: Query, now: number, limit: number): Promise<string[]> {
  return identities(
    database,
    `select charger from maintenance where state = 'held' and until <= $1 order by until limit $2`,
    [moment(now), limit],
  )
}
