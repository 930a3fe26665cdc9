import { iso, moment, recordset } from '../fleet/rows.ts'
import type { TraceFrame } from '../gateway/trace-protocol.ts'
import type { Database, Query, Tx } from '../storage/database.ts'
import { gapBefore } from './frame.ts'
import type { FrameKey, ShownFrame, TraceFilter } from './trace.ts'

/** Stores frames; those that are stored already stay as they are. */
export async function insertFrames(tx: Tx, frames: readonly TraceFrame[]): Promise<void> {
  await tx.query(
    `insert into trace_frame (charger, epoch, sequence, at, direction, type, action, message_id,
                              text, length, round_trip_ms, missed)
     select * from json_to_recordset($1::json) as x(
       charger text, epoch bigint, sequence integer, at timestamptz, direction text, type text,
       action text, message_id text, text text, length integer, round_trip_ms integer,
       missed integer)
     on conflict (charger, epoch, sequence) do nothing`,
    [
      recordset(
        frames.map((frame) => ({
          charger: frame.identity,
          epoch: frame.epoch,
          sequence: frame.sequence,
          at: moment(frame.at),
          direction: frame.direction ?? null,
          type: frame.type,
          action: frame.action ?? null,
          message_id: frame.messageId ?? null,
          text: frame.text,
          length: frame.length,
          round_trip_ms: frame.roundTripMs ?? null,
          missed: frame.missed ?? 0,
        })),
      ),
    ],
  )
}

/** A charger's frames in one order, from a place in it on. */
export async function listFrames(
  { query }: Query,
  charger: string,
  filter: TraceFilter,
  from: { readonly key?: FrameKey; readonly order: 'newest-first' | 'oldest-first' },
  limit: number,
): Promise<ShownFrame[]> {
  const { direction = null, action = null, messageId = null, since } = filter
  const newestFirst = from.order === 'newest-first'
  const { rows } = await query<{
    epoch: number
    sequence: number
    at: Date
    direction: 'in' | 'out' | null
    type: ShownFrame['type']
    action: string | null
    message_id: string | null
    text: string
    length: number
    round_trip_ms: number | null
    missed: number
    matches: boolean
  }>(
    `select * from (
       select epoch, sequence, at, direction, type, action, message_id, text, length,
              round_trip_ms, missed,
              type = 'gap' or (($2::text is null or direction = $2)
                and ($3::text is null or lower(action) is not distinct from lower($3))
                and ($4::text is null or message_id is not distinct from $4)) as matches
       from trace_frame
       where charger = $1 and ($5::timestamptz is null or at >= $5)
         and ($6::bigint is null or (epoch, sequence) ${newestFirst ? '<' : '>'} ($6, $7::integer))
     ) frame
     where matches or missed > 0
     order by epoch ${newestFirst ? 'desc' : 'asc'}, sequence ${newestFirst ? 'desc' : 'asc'}
     limit $8`,
    [
      charger,
      direction,
      action,
      messageId,
      moment(since),
      from.key?.epoch ?? null,
      from.key?.sequence ?? null,
      limit,
    ],
  )
  return rows.map((row) => {
    const { epoch, sequence, type, text, length, missed } = row
    const frame: ShownFrame = {
      ...{ at: iso(row.at), epoch, sequence, direction: row.direction, type },
      ...{ action: row.action, messageId: row.message_id, text, length },
      ...{ roundTripMs: row.round_trip_ms, missed },
    }
    return row.matches ? frame : gapBefore(frame)
  })
}

const deletedAtOnce = 50_000

/** Forgets frames from before a moment, so many at once that nobody waits for it. */
export async function forgetFrames(database: Database, before: number): Promise<number> {
  let forgotten = 0
  for (;;) {
    const count = await database.transaction(async (tx) => {
      const { rowCount } = await tx.query(
        `delete from trace_frame where ctid in (
           select ctid from trace_frame where at < $1 limit $2)`,
        [moment(before), deletedAtOnce],
      )
      return rowCount ?? 0
    })
    forgotten += count
    if (count < deletedAtOnce) return forgotten
  }
}

/** Keeps the newest `most` frames of each of these chargers. */
export async function trimFrames(
  tx: Tx,
  chargers: readonly string[],
  most: number,
): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from trace_frame f using (
       select asked.charger, last.epoch, last.sequence
       from unnest($1::text[]) as asked(charger)
       cross join lateral (
         select epoch, sequence from trace_frame t where t.charger = asked.charger
         order by epoch desc, sequence desc offset $2 limit 1) last
     ) surplus
     where f.charger = surplus.charger
       and (f.epoch, f.sequence) <= (surplus.epoch, surplus.sequence)`,
    [chargers, most],
  )
  return rowCount ?? 0
}
