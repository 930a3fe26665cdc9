import { moment, ms, recordset } from '../../fleet/rows.ts'
import type { Query, Tx } from '../../storage/database.ts'
import type { Baseline, BaselineSettings, Run } from './run.ts'
import { identities } from '../identities.ts'

interface Row extends Omit<Run, 'startedAt' | 'endedAt' | 'lookAt'> {
  started_at: Date
  ended_at: Date | null
  look_at: Date | null
}

function toRun({ started_at, ended_at, look_at, ...row }: Row): Run {
  return { ...row, startedAt: ms(started_at), endedAt: ms(ended_at), lookAt: ms(look_at) }
}

function given({ startedAt, endedAt, lookAt, ...rest }: Run): object {
  return {
    ...rest,
    started_at: moment(startedAt),
    ended_at: moment(endedAt),
    look_at: moment(lookAt),
  }
}

const columns = `id uuid, charger text, state text, verdict text, actor jsonb, origin jsonb,
  reason text, wanted jsonb, findings jsonb, step jsonb, started_at timestamptz,
  ended_at timestamptz, look_at timestamptz, revision bigint`
const names = `id, charger, state, verdict, actor, origin, reason, wanted, findings, step, started_at,
  ended_at, look_at, revision`

/** Begins a run; undefined where one runs on this charger already, or there is no such charger. */
export async function insertRun(tx: Tx, run: Run): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into commissioning (${names})
     select ${names} from json_to_recordset($1::json) as x(${columns})
     on conflict (charger) where state = 'running' do nothing`,
    [recordset([given(run)])],
  )
  return rowCount === 1
}

/** Stores those that nobody has changed since they were read. Returns the ids of those stored. */
export async function updateRuns(tx: Tx, runs: readonly Run[]): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ id: string }>(
    `update commissioning r set state = x.state, verdict = x.verdict, findings = x.findings,
       step = x.step, ended_at = x.ended_at, look_at = x.look_at, revision = r.revision + 1
     from json_to_recordset($1::json) as x(${columns})
     where r.id = x.id and r.revision = x.revision returning r.id`,
    [recordset(runs.map(given))],
  )
  return new Set(rows.map(({ id }) => id))
}

export async function runningRuns({ query }: Query, chargers: readonly string[]): Promise<Run[]> {
  const { rows } = await query<Row>(
    `select * from commissioning where charger = any($1) and state = 'running'`,
    [chargers],
  )
  return rows.map(toRun)
}

/** Newest first. */
export async function listRuns(
  { query }: Query,
  charger: string,
  before: string | undefined,
  limit: number,
): Promise<Run[]> {
  const { rows } = await query<Row>(
    `select * from commissioning where charger = $1 and ($2::uuid is null or id < $2)
     order by id desc limit $3`,
    [charger, before ?? null, limit],
  )
  return rows.map(toRun)
}

export async function runById({ query }: Query, id: string): Promise<Run | undefined> {
  const { rows } = await query<Row>('select * from commissioning where id = $1', [id])
  const [row] = rows
  return row === undefined ? undefined : toRun(row)
}

export async function lockRun(tx: Tx, id: string): Promise<Run | undefined> {
  const { rows } = await tx.query<Row>('select * from commissioning where id = $1 for update', [id])
  const [row] = rows
  return row === undefined ? undefined : toRun(row)
}

export function everyRunning(database: Query): Promise<string[]> {
  return identities(database, `select charger from commissioning where state = 'running'`, [])
}

export function dueRuns(database: Query, now: number, limit: number): Promise<string[]> {
  return identities(
    database,
    'select charger from commissioning where look_at <= $1 order by look_at limit $2',
    [moment(now), limit],
  )
}

interface BaselineRow {
  group_path: string
  settings: BaselineSettings
  set_at: Date
  set_by: string
}

export async function allBaselines({ query }: Query): Promise<Baseline[]> {
  const { rows } = await query<BaselineRow>(
    'select * from commissioning_baseline order by group_path',
  )
  return rows.map(({ group_path, settings, set_at, set_by }) => ({
    group: group_path,
    settings,
    setAt: set_at.toISOString(),
    setBy: set_by,
  }))
}

export async function saveBaseline(
  tx: Tx,
  { group, settings, setAt, setBy }: Baseline,
): Promise<void> {
  await tx.query(
    `insert into commissioning_baseline (group_path, settings, set_at, set_by) values ($1, $2, $3, $4)
     on conflict (group_path) do update set settings = excluded.settings, set_at = excluded.set_at,
       set_by = excluded.set_by`,
    [group, JSON.stringify(settings), setAt, setBy],
  )
}

export async function deleteBaseline(tx: Tx, group: string): Promise<boolean> {
  const { rowCount } = await tx.query('delete from commissioning_baseline where group_path = $1', [
    group,
  ])
  return rowCount === 1
}
