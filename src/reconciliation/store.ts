import type { JsonObject } from '../kernel/json.ts'
import type { Query, Tx } from '../storage/database.ts'
import type { Within } from '../storage/within.ts'
import type { Finding, IncidentKind, Reconciled } from './reconcile.ts'

/** How far runs were counted; their rows are locked until the transaction ends. */
export async function lockRuns(
  tx: Tx,
  runs: readonly { readonly run: string; readonly gateway: string }[],
  at: number,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await tx.query<{ run: string; counted: string }>(
    `insert into frame_run (run, gateway, counted, last_at)
     select run, gateway, 0, $3 from unnest($1::text[], $2::text[]) as r (run, gateway) order by run
     on conflict (run) do update set last_at = $3
     returning run, counted`,
    [runs.map(({ run }) => run), runs.map(({ gateway }) => gateway), moment(at)],
  )
  return new Map(rows.map(({ run, counted }) => [run, Number(counted)]))
}

export async function noteCounted(tx: Tx, counted: Reconciled['counted']): Promise<void> {
  await tx.query(
    `update frame_run f set counted = r.number
     from unnest($1::text[], $2::bigint[]) as r (run, number) where f.run = r.run`,
    [[...counted.keys()], [...counted.values()].map(({ number }) => number)],
  )
}

export interface NewIncident extends Finding {
  readonly id: string
}

export async function insertIncidents(
  tx: Tx,
  incidents: readonly NewIncident[],
  at: number,
): Promise<void> {
  await tx.query(
    `insert into incident (id, kind, opened_at, charger, gateway, detail)
     select id, kind, $2, charger, gateway, detail
     from json_to_recordset($1::json)
       as x(id uuid, kind text, charger text, gateway text, detail jsonb)`,
    [JSON.stringify(incidents), moment(at)],
  )
}

export interface IncidentRow {
  readonly id: string
  readonly kind: IncidentKind
  readonly opened_at: Date
  readonly charger: string | null
  readonly gateway: string
  readonly detail: JsonObject
  readonly closed_at: Date | null
  readonly closed_by: string | null
  readonly finding: string | null
}

export async function listIncidents(
  { query }: Query,
  {
    before,
    open,
    limit,
    within,
  }: { before?: string; open?: boolean; limit: number; within?: Within },
): Promise<IncidentRow[]> {
  const values: unknown[] = [before ?? null, open ?? null, limit]
  const { rows } = await query<IncidentRow>(
    `select * from incident
     where ($1::uuid is null or id < $1)
       and ($2::boolean is null or (closed_at is null) = $2)
       ${within === undefined ? '' : `and ${within('charger', values)}`}
     order by id desc limit $3`,
    values,
  )
  return rows
}

/** Closes an open incident; undefined where there is none of this id that is open. */
export async function closeIncident(
  tx: Tx,
  closing: { id: string; at: number; by: string; finding: string },
): Promise<IncidentRow | undefined> {
  const { rows } = await tx.query<IncidentRow>(
    `update incident set closed_at = $2, closed_by = $3, finding = $4
     where id = $1 and closed_at is null returning *`,
    [closing.id, moment(closing.at), closing.by, closing.finding],
  )
  return rows[0]
}

export async function findIncident({ query }: Query, id: string): Promise<IncidentRow | undefined> {
  const { rows } = await query<IncidentRow>('select * from incident where id = $1', [id])
  return rows[0]
}

/** Forgets how far runs were counted that ended long ago. */
export async function forgetRuns(tx: Tx, before: number): Promise<void> {
  await tx.query('delete from frame_run where last_at < $1', [moment(before)])
}

function moment(ms: number): string {
  return new Date(ms).toISOString()
}
