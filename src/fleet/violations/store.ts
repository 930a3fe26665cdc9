import { hash } from 'node:crypto'
import type { Query, Tx } from '../../storage/database.ts'
import type { RecordedViolation } from '../fleet.ts'
import { iso, moment, recordset } from '../rows.ts'

export interface NewViolation {
  readonly charger: string
  readonly source: string
  readonly at: number
  readonly kind: string
  readonly action: string | null
  readonly path: string | null
  readonly detail: string
  readonly frame: string
}

/** How many violations of one charger are kept; the rest are only counted. */
export const keptViolations = 200

/** What makes a violation recognisable when it is reported again. */
export function violationSource(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts)).slice(0, 40)
}

/** Which of these have been stored already, as `charger` and `source` joined by a line break. */
export async function knownViolations(
  tx: Tx,
  wanted: readonly { readonly charger: string; readonly source: string }[],
): Promise<Set<string>> {
  const { rows } = await tx.query<{ charger: string; source: string }>(
    `select charger, source from violation
     join json_to_recordset($1::json) as x(charger text, source text) using (charger, source)`,
    [recordset(wanted.map(({ charger, source }) => ({ charger, source })))],
  )
  return new Set(rows.map(({ charger, source }) => `${charger}\n${source}`))
}

/** Stores violations and lets the oldest of the same chargers go. */
export async function saveViolations(tx: Tx, violations: readonly NewViolation[]): Promise<void> {
  const chargers = [...new Set(violations.map(({ charger }) => charger))]
  await Promise.all([
    tx.query(
      `insert into violation (charger, source, at, kind, action, path, detail, frame)
       select * from json_to_recordset($1::json) as x(
         charger text, source text, at timestamptz, kind text, action text, path text,
         detail text, frame text)`,
      [recordset(violations.map((one) => ({ ...one, at: moment(one.at) })))],
    ),
    tx.query(
      `delete from violation v using (
         select id, row_number() over (partition by charger order by id desc) as place
         from violation where charger = any($1)
       ) ranked
       where v.id = ranked.id and ranked.place > $2`,
      [chargers, keptViolations],
    ),
  ])
}

export async function listViolations(
  { query }: Query,
  charger: string,
  before: string | undefined,
  limit: number,
): Promise<(RecordedViolation & { readonly id: number })[]> {
  const { rows } = await query<{
    id: number
    at: Date
    kind: string
    action: string | null
    path: string | null
    detail: string
    frame: string
  }>(
    `select id, at, kind, action, path, detail, frame from violation
     where charger = $1 and ($2::bigint is null or id < $2) order by id desc limit $3`,
    [charger, before ?? null, limit],
  )
  return rows.map((row) => ({ ...row, at: iso(row.at) }))
}
