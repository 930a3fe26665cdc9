import type { ConnectorStatus } from '../../operations/facts.ts'
import type { Query, Tx } from '../../storage/database.ts'
import { moment, ms, recordset } from '../rows.ts'

export interface ConnectorRecord {
  readonly charger: string
  readonly evse: number
  readonly connector: number
  readonly status: ConnectorStatus
  readonly error: string | null
  /** The charger's own time, as it wrote it. */
  readonly reportedAt: number | null
  /** The same by our clock. */
  readonly at: number | null
  readonly receivedAt: number
}

interface ConnectorRow {
  charger: string
  evse: number
  connector: number
  status: ConnectorStatus
  error: string | null
  reported_at: Date | null
  at: Date | null
  received_at: Date
}

/** The connectors of these chargers, in order. */
export async function connectorsOf(
  { query }: Query,
  chargers: readonly string[],
): Promise<ConnectorRecord[]> {
  const { rows } = await query<ConnectorRow>(
    'select * from connector where charger = any($1) order by charger, evse, connector',
    [chargers],
  )
  return rows.map((row) => ({
    charger: row.charger,
    evse: row.evse,
    connector: row.connector,
    status: row.status,
    error: row.error,
    reportedAt: ms(row.reported_at),
    at: ms(row.at),
    receivedAt: ms(row.received_at),
  }))
}

export async function saveConnectors(
  tx: Tx,
  connectors: readonly ConnectorRecord[],
): Promise<void> {
  await tx.query(
    `insert into connector (charger, evse, connector, status, error, reported_at, at, received_at)
     select * from json_to_recordset($1::json) as x(
       charger text, evse integer, connector integer, status text, error text,
       reported_at timestamptz, at timestamptz, received_at timestamptz)
     on conflict (charger, evse, connector) do update
     set status = excluded.status, error = excluded.error, reported_at = excluded.reported_at,
         at = excluded.at, received_at = excluded.received_at`,
    [
      recordset(
        connectors.map((one) => ({
          charger: one.charger,
          evse: one.evse,
          connector: one.connector,
          status: one.status,
          error: one.error,
          reported_at: moment(one.reportedAt),
          at: moment(one.at),
          received_at: moment(one.receivedAt),
        })),
      ),
    ],
  )
}
