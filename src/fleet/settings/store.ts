import type { JsonObject } from '../../kernel/json.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { ReportKind } from '../../operations/facts.ts'
import type { Query, Tx } from '../../storage/database.ts'
import { iso } from '../rows.ts'
import type { ReportRecord } from '../learned/reports.ts'

/** A setting as it was told last. */
export interface StoredSetting {
  readonly key: string
  readonly value: string | null
  readonly readonly: boolean | null
  readonly unknown: boolean
  readonly at: string
}

/** Settings of a charger in the order of their keys, after one and at most so many; all where neither is given. */
export async function settingsOf(
  { query }: Query,
  charger: string,
  after: string | null = null,
  limit: number | null = null,
): Promise<StoredSetting[]> {
  const { rows } = await query<Omit<StoredSetting, 'at'> & { at: Date }>(
    `select key, value, readonly, unknown, at from setting
     where charger = $1 and ($2::text is null or key > $2) order by key limit $3`,
    [charger, after, limit],
  )
  return rows.map((row) => ({ ...row, at: iso(row.at) }))
}

/** Lets the settings go that were told longest ago, where a charger told more than so many: no real device model is as large. */
export async function trimSettings(tx: Tx, most: number): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from setting s using (
       select charger, key, row_number() over (partition by charger order by at desc, key) as place
       from setting
       where charger in (select charger from setting group by charger having count(*) > $1)
     ) ranked
     where s.charger = ranked.charger and s.key = ranked.key and ranked.place > $1`,
    [most],
  )
  return rowCount ?? 0
}

/** The version a charger spoke last and the reports it told; undefined for a charger nobody knows. */
export async function toldBy(
  { query }: Query,
  charger: string,
): Promise<
  { readonly version: Version | null; readonly reports: readonly ReportRecord[] } | undefined
> {
  const { rows } = await query<{ version: Version | null; reports: readonly ReportRecord[] }>(
    'select version, reports from charger_state where identity = $1',
    [charger],
  )
  return rows[0]
}

/** Elements of a report in the order of its parts, after so many. */
export async function elementsOf(
  { query }: Query,
  charger: string,
  report: { readonly kind: ReportKind; readonly requestId: number },
  after: number,
  limit: number,
): Promise<JsonObject[]> {
  const { rows } = await query<{ item: JsonObject }>(
    `select item from report_part p, jsonb_array_elements(p.items) with ordinality as e(item, place)
     where p.charger = $1 and p.kind = $2 and p.request_id = $3
     order by p.seq_no, place offset $4 limit $5`,
    [charger, report.kind, report.requestId, after, limit],
  )
  return rows.map((row) => row.item)
}
