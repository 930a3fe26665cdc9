import { moment, ms, recordset } from '../../fleet/rows.ts'
import type { Query, Tx } from '../../storage/database.ts'
import type { Interview } from './plan.ts'

interface Row {
  charger: string
  firmware: string
  state: Interview['state']
  detail: string | null
  begun_at: Date | null
  progress: Interview['progress']
  look_at: Date | null
  revision: number
}

function toInterview({ begun_at, look_at, ...row }: Row): Interview {
  return { ...row, begunAt: ms(begun_at), lookAt: ms(look_at) }
}

function given({ begunAt, lookAt, ...rest }: Interview): object {
  return { ...rest, begun_at: moment(begunAt), look_at: moment(lookAt) }
}

const columns = `charger text, firmware text, state text, detail text, begun_at timestamptz,
  progress jsonb, look_at timestamptz, revision bigint`

export async function interviewsOf(
  { query }: Query,
  chargers: readonly string[],
): Promise<Interview[]> {
  const { rows } = await query<Row>('select * from interview where charger = any($1)', [chargers])
  return rows.map(toInterview)
}

/** Makes them due, unless they were under the same firmware already. Chargers that are gone are left out. */
export async function makeDue(tx: Query, interviews: readonly Interview[]): Promise<void> {
  if (interviews.length === 0) return
  await tx.query(
    `insert into interview as i (charger, firmware, state, detail, begun_at, progress, look_at, revision)
     select x.charger, x.firmware, x.state, x.detail, x.begun_at, x.progress, x.look_at, 0
     from json_to_recordset($1::json) as x(${columns}) join charger c on c.identity = x.charger
     on conflict (charger) do update set firmware = excluded.firmware, state = excluded.state,
       detail = excluded.detail, begun_at = excluded.begun_at, progress = excluded.progress,
       look_at = excluded.look_at, revision = i.revision + 1
     where i.firmware <> excluded.firmware`,
    [recordset(interviews.map(given))],
  )
}

/** Stores those that nobody has changed since they were read. Returns the chargers of those stored. */
export async function updateInterviews(
  tx: Tx,
  interviews: readonly Interview[],
): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ charger: string }>(
    `update interview i set state = x.state, detail = x.detail, begun_at = x.begun_at,
       progress = x.progress, look_at = x.look_at, revision = i.revision + 1
     from json_to_recordset($1::json) as x(${columns})
     where i.charger = x.charger and i.firmware = x.firmware and i.revision = x.revision
     returning i.charger`,
    [recordset(interviews.map(given))],
  )
  return new Set(rows.map(({ charger }) => charger))
}

export async function openInterviews({ query }: Query): Promise<string[]> {
  const { rows } = await query<{ charger: string }>(
    `select charger from interview where state in ('due', 'running')`,
  )
  return rows.map(({ charger }) => charger)
}

/** Running ones to be looked at, and of those that are due the longest waiting that there is room for. */
export async function dueInterviews(
  { query }: Query,
  now: number,
  mostRunning: number,
): Promise<{ readonly running: readonly string[]; readonly due: readonly string[] }> {
  const running = await query<{ charger: string; soon: boolean }>(
    `select charger, coalesce(look_at <= $1, false) as soon from interview where state = 'running'`,
    [moment(now)],
  )
  const room = Math.max(0, mostRunning - running.rows.length)
  const due = await query<{ charger: string }>(
    `select charger from interview where state = 'due' and look_at <= $1 order by look_at limit $2`,
    [moment(now), room],
  )
  return {
    running: running.rows.filter(({ soon }) => soon).map(({ charger }) => charger),
    due: due.rows.map(({ charger }) => charger),
  }
}
