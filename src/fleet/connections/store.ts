import type { Query, Tx } from '../../storage/database.ts'
import type { ConnectionRecord } from '../fleet.ts'
import { iso, moment, recordset } from '../rows.ts'
import { explainEnd } from './explain.ts'

export interface OpenedConnection {
  readonly charger: string
  readonly epoch: number
  readonly openedAt: number
  readonly protocol: string
  readonly remoteAddress: string
  readonly gateway: string
}

export interface ClosedConnection {
  readonly charger: string
  readonly epoch: number
  readonly closedAt: number
  readonly reason: string
  readonly detail: string
}

/** Stores new connections. Older ones nobody reported the end of have ended with the gateway that held them. */
export async function saveOpened(tx: Tx, connections: readonly OpenedConnection[]): Promise<void> {
  const given = recordset(
    connections.map((one) => ({
      charger: one.charger,
      epoch: one.epoch,
      opened_at: moment(one.openedAt),
      protocol: one.protocol,
      remote_address: one.remoteAddress,
      gateway: one.gateway,
    })),
  )
  await Promise.all([
    tx.query(
      `insert into connection (charger, epoch, opened_at, protocol, remote_address, gateway)
       select * from json_to_recordset($1::json) as x(
         charger text, epoch bigint, opened_at timestamptz, protocol text, remote_address text,
         gateway text)
       on conflict (charger, epoch) do nothing`,
      [given],
    ),
    tx.query(
      `update connection c
       set closed_at = x.opened_at, reason = 'network-lost',
           detail = 'the charger connected anew and nobody reported the end of this connection'
       from json_to_recordset($1::json) as x(charger text, epoch bigint, opened_at timestamptz)
       where c.charger = x.charger and c.epoch < x.epoch and c.closed_at is null`,
      [given],
    ),
  ])
}

/** Stores ends. What a gateway says of its own connection replaces what was only assumed. */
export async function saveClosed(tx: Tx, connections: readonly ClosedConnection[]): Promise<void> {
  await tx.query(
    `update connection c
     set closed_at = x.closed_at, reason = x.reason, detail = x.detail
     from json_to_recordset($1::json) as x(
       charger text, epoch bigint, closed_at timestamptz, reason text, detail text)
     where c.charger = x.charger and c.epoch = x.epoch`,
    [
      recordset(
        connections.map((one) => ({
          charger: one.charger,
          epoch: one.epoch,
          closed_at: moment(one.closedAt),
          reason: one.reason,
          detail: one.detail,
        })),
      ),
    ],
  )
}

/** Fencing numbers, each greater than all before, durable with the transaction. */
export async function takeEpochs(tx: Tx, count: number): Promise<number[]> {
  const { rows } = await tx.query<{ epoch: number }>(
    `select nextval('connection_epoch') as epoch from generate_series(1, $1)`,
    [count],
  )
  return rows.map((row) => row.epoch)
}

/** A charger's connections newest first, those before `before` where given; the epoch is the key. */
export async function listConnections(
  { query }: Query,
  charger: string,
  before: string | undefined,
  limit: number,
): Promise<(ConnectionRecord & { readonly epoch: number })[]> {
  const { rows } = await query<{
    epoch: number
    opened_at: Date
    closed_at: Date | null
    reason: string | null
    detail: string | null
    protocol: string
    remote_address: string
    gateway: string
  }>(
    `select * from connection where charger = $1 and ($2::bigint is null or epoch < $2)
     order by epoch desc limit $3`,
    [charger, before ?? null, limit],
  )
  return rows.map((row) => ({
    epoch: row.epoch,
    openedAt: iso(row.opened_at),
    closedAt: iso(row.closed_at),
    reason: row.reason,
    detail: row.detail,
    explanation: explainEnd(row.reason, row.detail),
    protocol: row.protocol,
    remoteAddress: row.remote_address,
    gateway: row.gateway,
  }))
}

/** Forgets connections opened before a moment, and all but the newest `most` of each charger. */
export async function forgetConnections(
  tx: Tx,
  openedBefore: number,
  most: number,
): Promise<number> {
  const old = await tx.query(
    'delete from connection where opened_at < $1 and closed_at is not null',
    [moment(openedBefore)],
  )
  const surplus = await tx.query(
    `delete from connection c using (
       select charger, epoch,
              row_number() over (partition by charger order by epoch desc) as place
       from connection
       where charger in (select charger from connection group by charger having count(*) > $1)
     ) ranked
     where c.charger = ranked.charger and c.epoch = ranked.epoch and ranked.place > $1`,
    [most],
  )
  return (old.rowCount ?? 0) + (surplus.rowCount ?? 0)
}
