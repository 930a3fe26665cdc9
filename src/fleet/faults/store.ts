import type { Query, Tx } from '../../storage/database.ts'
import type { Within } from '../../storage/within.ts'
import type { Fault } from '../fleet.ts'
import { iso, moment, ms, recordset } from '../rows.ts'
import type { FaultRecord } from './fault.ts'

interface FaultRow {
  id: string
  charger: string
  evse: number
  connector: number
  code: string
  source: FaultRecord['source']
  blocking: boolean
  info: string | null
  vendor_code: string | null
  since: Date
  cleared_at: Date | null
}

export async function openFaultsOf(
  { query }: Query,
  chargers: readonly string[],
): Promise<FaultRecord[]> {
  const { rows } = await query<FaultRow>(
    'select * from fault where charger = any($1) and cleared_at is null',
    [chargers],
  )
  return rows.map((row) => ({
    id: row.id,
    charger: row.charger,
    evse: row.evse,
    connector: row.connector,
    code: row.code,
    source: row.source,
    blocking: row.blocking,
    info: row.info,
    vendorCode: row.vendor_code,
    since: ms(row.since),
    clearedAt: ms(row.cleared_at),
  }))
}

/** A fault that stood at some time. Times are ms since the epoch. */
export interface PastFault {
  readonly code: string
  readonly since: number
  readonly until: number | null
}

/** Faults that stood at these chargers at any time since a moment. */
export async function faultsSince(
  { query }: Query,
  chargers: readonly string[],
  since: number,
): Promise<Map<string, PastFault[]>> {
  if (chargers.length === 0) return new Map()
  const { rows } = await query<Pick<FaultRow, 'charger' | 'code' | 'since' | 'cleared_at'>>(
    `select charger, code, since, cleared_at from fault
     where charger = any($1) and (cleared_at is null or cleared_at > $2)`,
    [chargers, moment(since)],
  )
  return new Map(
    [...Map.groupBy(rows, ({ charger }) => charger)].map(([charger, own]) => [
      charger,
      own.map((row) => ({ code: row.code, since: ms(row.since), until: ms(row.cleared_at) })),
    ]),
  )
}

/** Stores faults that are new, and the clearing of those that were known. */
export async function saveFaults(tx: Tx, faults: readonly FaultRecord[]): Promise<void> {
  await tx.query(
    `insert into fault (id, charger, evse, connector, code, source, blocking, info, vendor_code,
                        since, cleared_at)
     select * from json_to_recordset($1::json) as x(
       id uuid, charger text, evse integer, connector integer, code text, source text,
       blocking boolean, info text, vendor_code text, since timestamptz, cleared_at timestamptz)
     on conflict (id) do update set cleared_at = excluded.cleared_at`,
    [
      recordset(
        faults.map((fault) => ({
          id: fault.id,
          charger: fault.charger,
          evse: fault.evse,
          connector: fault.connector,
          code: fault.code,
          source: fault.source,
          blocking: fault.blocking,
          info: fault.info,
          vendor_code: fault.vendorCode,
          since: moment(fault.since),
          cleared_at: moment(fault.clearedAt),
        })),
      ),
    ],
  )
}

/** Faults newest first, those before `before` where given. */
export async function listFaults(
  { query }: Query,
  filter: { readonly charger?: string; readonly open?: boolean },
  before: string | undefined,
  limit: number,
  within?: Within,
): Promise<Fault[]> {
  const values: unknown[] = []
  const conditions: string[] = []
  if (filter.charger !== undefined) conditions.push(`charger = $${values.push(filter.charger)}`)
  if (filter.open !== undefined)
    conditions.push(filter.open ? 'cleared_at is null' : 'cleared_at is not null')
  if (within !== undefined) conditions.push(within('charger', values))
  if (before !== undefined) conditions.push(`id < $${values.push(before)}`)
  const { rows } = await query<FaultRow>(
    `select * from fault ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by id desc limit $${values.push(limit)}`,
    values,
  )
  return rows.map((row) => ({
    id: row.id,
    charger: row.charger,
    evse: row.evse,
    connector: row.connector,
    code: row.code,
    info: row.info,
    vendorCode: row.vendor_code,
    since: iso(row.since),
    clearedAt: iso(row.cleared_at),
  }))
}

/** Forgets faults cleared before a moment, and all but the newest `most` of each charger that are cleared. */
export async function forgetFaults(tx: Tx, clearedBefore: number, most: number): Promise<number> {
  const old = await tx.query('delete from fault where cleared_at < $1', [moment(clearedBefore)])
  const surplus = await tx.query(
    `delete from fault f using (
       select id, row_number() over (partition by charger order by id desc) as place
       from fault
       where cleared_at is not null
         and charger in (select charger from fault group by charger having count(*) > $1)
     ) ranked
     where f.id = ranked.id and ranked.place > $1`,
    [most],
  )
  return (old.rowCount ?? 0) + (surplus.rowCount ?? 0)
}
