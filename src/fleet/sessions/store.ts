import type { Query, Tx } from '../../storage/database.ts'
import type { Within } from '../../storage/within.ts'
import type { Session } from '../fleet.ts'
import { iso, moment, ms, recordset } from '../rows.ts'
import type { SessionRecord } from './session.ts'

interface SessionRow {
  id: string
  charger: string
  start_key: string
  stop_key: string | null
  transaction_id: string
  evse: number
  connector: number
  token: string | null
  token_seq: number | null
  remote_start_id: number | null
  state: 'running' | 'ended'
  started_at: Date
  start_received_at: Date
  start_seen: boolean
  ended_at: Date | null
  end_received_at: Date | null
  end_seen: boolean
  stop_reason: string | null
  meter_start_wh: number | null
  meter_stop_wh: number | null
  seq_first: number | null
  seq_last: number | null
  seq_seen: number[]
  complete: boolean
}

/** What a report may concern: the running sessions of its charger, and those known by a key or id. */
export interface SessionKeys {
  readonly charger: string
  readonly startKey?: string
  readonly stopKey?: string
  readonly transactionId?: string
}

/** Every session the reports may concern: one statement however many they are. */
export async function sessionsFor(
  tx: Tx,
  wanted: readonly SessionKeys[],
): Promise<SessionRecord[]> {
  const { rows } = await tx.query<SessionRow>(
    `with wanted as (
       select * from json_to_recordset($1::json) as x(
         charger text, start_key text, stop_key text, transaction_id text)
     )
     select * from session where id in (
       select s.id from wanted w join session s on s.charger = w.charger and s.state = 'running'
       union
       select s.id from wanted w
         join session s on s.charger = w.charger and s.start_key in (w.start_key, w.stop_key)
       union
       select s.id from wanted w
         join session s on s.charger = w.charger and s.stop_key = w.stop_key
       union
       select s.id from wanted w
         join session s on s.charger = w.charger and s.transaction_id = w.transaction_id
         where s.start_seen or s.seq_seen <> '{}')`,
    [
      recordset(
        wanted.map((one) => ({
          charger: one.charger,
          start_key: one.startKey,
          stop_key: one.stopKey,
          transaction_id: one.transactionId,
        })),
      ),
    ],
  )
  return rows.map(toRecord)
}

function toRecord(row: SessionRow): SessionRecord {
  return {
    id: row.id,
    charger: row.charger,
    startKey: row.start_key,
    stopKey: row.stop_key,
    transactionId: row.transaction_id,
    evse: row.evse,
    connector: row.connector,
    token: row.token,
    tokenSeq: row.token_seq,
    remoteStartId: row.remote_start_id,
    state: row.state,
    startedAt: ms(row.started_at),
    startReceivedAt: ms(row.start_received_at),
    startSeen: row.start_seen,
    endedAt: ms(row.ended_at),
    endReceivedAt: ms(row.end_received_at),
    endSeen: row.end_seen,
    stopReason: row.stop_reason,
    meterStartWh: row.meter_start_wh,
    meterStopWh: row.meter_stop_wh,
    seqFirst: row.seq_first,
    seqLast: row.seq_last,
    seqSeen: row.seq_seen,
    complete: row.complete,
  }
}

function toRow(session: SessionRecord): object {
  return {
    id: session.id,
    charger: session.charger,
    start_key: session.startKey,
    stop_key: session.stopKey,
    transaction_id: session.transactionId,
    evse: session.evse,
    connector: session.connector,
    token: session.token,
    token_seq: session.tokenSeq,
    remote_start_id: session.remoteStartId,
    state: session.state,
    started_at: moment(session.startedAt),
    start_received_at: moment(session.startReceivedAt),
    start_seen: session.startSeen,
    ended_at: moment(session.endedAt),
    end_received_at: moment(session.endReceivedAt),
    end_seen: session.endSeen,
    stop_reason: session.stopReason,
    meter_start_wh: session.meterStartWh,
    meter_stop_wh: session.meterStopWh,
    seq_first: session.seqFirst,
    seq_last: session.seqLast,
    seq_seen: session.seqSeen,
    complete: session.complete,
  }
}

export async function saveSessions(tx: Tx, sessions: readonly SessionRecord[]): Promise<void> {
  await tx.query(
    `insert into session (id, charger, start_key, stop_key, transaction_id, evse, connector, token,
       token_seq, remote_start_id, state, started_at, start_received_at, start_seen, ended_at,
       end_received_at, end_seen, stop_reason, meter_start_wh, meter_stop_wh, seq_first,
       seq_last, seq_seen, complete)
     select * from json_to_recordset($1::json) as x(
       id uuid, charger text, start_key text, stop_key text, transaction_id text, evse integer,
       connector integer, token text, token_seq integer, remote_start_id bigint, state text,
       started_at timestamptz, start_received_at timestamptz, start_seen boolean,
       ended_at timestamptz, end_received_at timestamptz, end_seen boolean, stop_reason text,
       meter_start_wh double precision, meter_stop_wh double precision,
       seq_first integer, seq_last integer, seq_seen integer[], complete boolean)
     on conflict (id) do update set
       stop_key = excluded.stop_key, evse = excluded.evse, connector = excluded.connector,
       token = excluded.token, token_seq = excluded.token_seq,
       remote_start_id = excluded.remote_start_id, state = excluded.state,
       started_at = excluded.started_at, start_seen = excluded.start_seen,
       ended_at = excluded.ended_at, end_received_at = excluded.end_received_at,
       end_seen = excluded.end_seen, stop_reason = excluded.stop_reason,
       meter_start_wh = excluded.meter_start_wh, meter_stop_wh = excluded.meter_stop_wh,
       seq_first = excluded.seq_first,
       seq_last = excluded.seq_last, seq_seen = excluded.seq_seen, complete = excluded.complete`,
    [recordset(sessions.map(toRow))],
  )
}

/** OCPP 1.6 transaction ids nobody has had yet. */
export async function takeTransactionNumbers(tx: Tx, count: number): Promise<number[]> {
  const { rows } = await tx.query<{ number: number }>(
    `select nextval('transaction_number') as number from generate_series(1, $1)`,
    [count],
  )
  return rows.map((row) => row.number)
}

/** The sessions that run, and those whose end became known after `endedSince`. */
export async function currentSessions(
  { query }: Query,
  chargers: readonly string[],
  endedSince: number,
): Promise<SessionRecord[]> {
  const { rows } = await query<SessionRow>(
    `select * from session where charger = any($1) and state = 'running'
     union all
     select * from session where charger = any($1) and state = 'ended' and end_received_at > $2
     order by id`,
    [chargers, moment(endedSince)],
  )
  return rows.map(toRecord)
}

/** Sessions newest first, those before `before` where given. */
export async function listSessions(
  { query }: Query,
  filter: { readonly charger?: string; readonly state?: 'running' | 'ended' },
  before: string | undefined,
  limit: number,
  within?: Within,
): Promise<Session[]> {
  const values: unknown[] = []
  const conditions: string[] = []
  if (filter.charger !== undefined) conditions.push(`charger = $${values.push(filter.charger)}`)
  if (filter.state !== undefined) conditions.push(`state = $${values.push(filter.state)}`)
  if (within !== undefined) conditions.push(within('charger', values))
  if (before !== undefined) conditions.push(`id < $${values.push(before)}`)
  const { rows } = await query<SessionRow>(
    `select * from session ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by id desc limit $${values.push(limit)}`,
    values,
  )
  return rows.map((row) => ({
    id: row.id,
    charger: row.charger,
    transactionId: row.transaction_id,
    evse: row.evse,
    connector: row.connector,
    token: row.token,
    state: row.state,
    startedAt: iso(row.started_at),
    endedAt: iso(row.ended_at),
    stopReason: row.stop_reason,
    meterStartWh: row.meter_start_wh,
    meterStopWh: row.meter_stop_wh,
    complete: row.complete,
  }))
}
