import type { Actor, Origin } from '../kernel/actor.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Also, Tx, Write } from '../storage/database.ts'
import type { Audit } from '../audit/audit.ts'
import type { Dispatch, Outcome, Progress } from './dispatch.ts'
import type { DispatchState } from './commands.ts'

interface DispatchRow {
  id: string
  command: string
  charger: string
  ordinal: number
  operation: string
  params: JsonObject
  reason: string
  actor: Actor
  origin: Origin
  state: DispatchState
  step: 0 | 1
  ready: boolean
  calling: boolean
  holding: boolean
  attempts: number
  not_after: number
  call_id: string | null
  call: Dispatch['call']
  epoch: number | null
  fenced_at: number | null
  sent_at: number | null
  answer_by: number | null
  answer: Json
  result: Json
  detail: string | null
  outcome: Outcome | null
  settle_by: number | null
  paced: boolean
  others: boolean
}

const selectDispatch = `
  SELECT d.id, d.command, d.charger, d.ordinal, d.operation, c.params, c.reason, c.actor, c.origin, d.state, d.step,
         d.ready, d.calling, d.holding, d.attempts, d.not_after, d.call_id, d.call, d.epoch, d.fenced_at, d.sent_at,
         d.answer_by, d.answer, d.result, d.detail, d.outcome, d.settle_by,
         (c.total > c.max_running OR c.per_minute IS NOT NULL) AS paced,
         EXISTS (SELECT FROM dispatch o WHERE o.charger = d.charger AND o.ready AND o.id <> d.id) AS others
  FROM dispatch d JOIN command c ON c.id = d.command`

const freshModulus = 2 ** 31 - 2

function toDispatch(row: DispatchRow): Dispatch {
  return {
    id: row.id,
    command: row.command,
    charger: row.charger,
    operation: row.operation,
    params: row.params,
    reason: row.reason,
    actor: row.actor,
    origin: row.origin,
    fresh: (row.ordinal % freshModulus) + 1,
    state: row.state,
    step: row.step,
    ready: row.ready,
    calling: row.calling,
    holding: row.holding,
    attempts: row.attempts,
    notAfter: row.not_after,
    callId: row.call_id,
    call: row.call,
    epoch: row.epoch,
    fencedAt: row.fenced_at,
    sentAt: row.sent_at,
    answerBy: row.answer_by,
    answer: row.answer,
    result: row.result,
    detail: row.detail,
    outcome: row.outcome,
    settleBy: row.settle_by,
    paced: row.paced,
  }
}

/** Which dispatch to advance, and the pure decision that advances it; called again if the transaction is. */
export interface Advance {
  readonly key: { readonly id: string } | { readonly callId: string }
  readonly at: number
  readonly decide: (dispatch: Dispatch) => Progress
}

/** Takes the next command of a charger whose turn it is, if the charger is free. */
export interface Turn {
  readonly charger: string
  readonly at: number
  readonly decide: (dispatch: Dispatch) => Progress
}

/** A progress that has been written. */
export interface Written extends Progress {
  /** Other commands wait for this charger, whose turn may have come. */
  readonly others: boolean
}

/** `idle`: nothing is ready or the charger is busy. `paced`: the command's pace has no room now; ask again at `retryAt`, or when one of its targets has settled. */
export type TurnResult =
  | { readonly kind: 'taken'; readonly progress: Written }
  | { readonly kind: 'idle' }
  | { readonly kind: 'paced'; readonly command: string; readonly retryAt: number | null }

export interface CommandWrites {
  readonly advance: Write<Advance, Written | undefined>
  readonly turn: Write<Turn, TurnResult>
}

/** The two ways a dispatch ever changes. Both lock its row, decide, write it back and append to the audit record in one transaction. */
export function commandWrites(audit: Audit): CommandWrites {
  return {
    advance: {
      name: 'command.advance',
      stage: 'state',
      async apply(tx, items, also) {
        const ids = items.flatMap(({ key }) => ('id' in key ? [key.id] : []))
        const callIds = items.flatMap(({ key }) => ('callId' in key ? [key.callId] : []))
        const { rows } = await tx.query<DispatchRow>(
          `${selectDispatch}
           WHERE d.id IN (
             SELECT unnest($1::uuid[])
             UNION SELECT called.id FROM dispatch called WHERE called.call_id = ANY($2::uuid[])
           )
           ORDER BY d.id FOR UPDATE OF d`,
          [ids, callIds],
        )
        const current = new Map(rows.map((row) => [row.id, toDispatch(row)]))
        const byCall = new Map(rows.map((row) => [row.call_id, row.id]))
        const others = new Map(rows.map((row) => [row.id, row.others]))
        const changed = new Map<string, number>()
        const results = items.map(({ key, at, decide }) => {
          const id = 'id' in key ? key.id : byCall.get(key.callId)
          const dispatch = id === undefined ? undefined : current.get(id)
          if (dispatch === undefined) return undefined
          const progress = decide(dispatch)
          if (progress.dispatch !== dispatch) {
            current.set(dispatch.id, progress.dispatch)
            changed.set(dispatch.id, at)
          }
          record(audit, also, progress)
          return { ...progress, others: others.get(dispatch.id)! }
        })
        writeBack(
          tx,
          [...changed].map(([id, at]) => ({ dispatch: current.get(id)!, at })),
        )
        return results
      },
    },
    turn: {
      name: 'command.turn',
      stage: 'state',
      async apply(tx, items, also) {
        const chargers = [...new Set(items.map((item) => item.charger))]
        const { rows } = await tx.query<DispatchRow>(
          `WITH mine AS MATERIALIZED (
             SELECT charger FROM unnest($1::text[]) AS wanted (charger)
             WHERE pg_try_advisory_xact_lock(hashtextextended('turn ' || charger, 0))
           )
           ${selectDispatch}
           WHERE d.ready AND d.id IN (
             SELECT (SELECT q.id FROM dispatch q WHERE q.charger = mine.charger AND q.ready ORDER BY q.ordinal LIMIT 1)
             FROM mine
             WHERE NOT EXISTS (SELECT FROM dispatch b WHERE b.charger = mine.charger AND b.calling)
               AND NOT EXISTS (SELECT FROM dispatch h WHERE h.charger = mine.charger AND h.holding)
           )
           FOR UPDATE OF d`,
          [chargers],
        )
        const heads = new Map(rows.map((row) => [row.charger, toDispatch(row)]))
        const others = new Map(rows.map((row) => [row.charger, row.others]))
        const room = await roomOf(tx, [...heads.values()], items[0]?.at ?? 0)
        const changed: { dispatch: Dispatch; at: number }[] = []
        const results = items.map(({ charger, at, decide }): TurnResult => {
          const head = heads.get(charger)
          if (head === undefined) return { kind: 'idle' }
          heads.delete(charger)
          const paced = head.paced && head.step === 0 ? room.take(head.command) : 'go'
          if (paced !== 'go')
            return { kind: 'paced', command: head.command, retryAt: paced.retryAt }
          const progress = decide(head)
          changed.push({ dispatch: progress.dispatch, at })
          record(audit, also, progress)
          return { kind: 'taken', progress: { ...progress, others: others.get(charger)! } }
        })
        room.save(tx)
        writeBack(tx, changed)
        return results
      },
    },
  }
}

/** An accepted target that settles later than this, e.g. a reset scheduled for tonight, takes no place among the running. */
const longWaitMs = 10 * 60_000

/** How many more targets each paced command may begin now. Locks the commands, so that nodes do not share one place twice. */
async function roomOf(tx: Tx, heads: readonly Dispatch[], now: number) {
  const ids = [...new Set(heads.filter((head) => head.paced).map((head) => head.command))]
  const left = new Map<
    string,
    { places: number; perMinute: number | null; nextTurnAt: number; moved: boolean }
  >()
  if (ids.length > 0) {
    const commands = await tx.query<{
      id: string
      max_running: number
      per_minute: number | null
      next_turn_at: number
    }>(
      'SELECT id, max_running, per_minute, next_turn_at FROM command WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE',
      [ids],
    )
    const running = await tx.query<{ command: string; running: number }>(
      `SELECT command, count(*) AS running FROM dispatch
       WHERE command = ANY($1::uuid[]) AND state IN ('sending', 'sent', 'accepted')
         AND (calling OR settle_by - updated_at <= $2) GROUP BY command`,
      [ids, longWaitMs],
    )
    const count = new Map(running.rows.map((row) => [row.command, row.running]))
    for (const { id, max_running, per_minute, next_turn_at } of commands.rows) {
      left.set(id, {
        places: max_running - (count.get(id) ?? 0),
        perMinute: per_minute,
        nextTurnAt: next_turn_at,
        moved: false,
      })
    }
  }
  return {
    take(command: string): 'go' | { readonly retryAt: number | null } {
      const room = left.get(command)
      if (room === undefined || room.places <= 0) return { retryAt: null }
      if (room.perMinute !== null) {
        if (room.nextTurnAt > now) return { retryAt: room.nextTurnAt }
        room.nextTurnAt = Math.max(room.nextTurnAt, now) + 60_000 / room.perMinute
        room.moved = true
      }
      room.places -= 1
      return 'go'
    },
    save(again: Tx): void {
      for (const [id, room] of left) {
        if (room.moved)
          again.post('UPDATE command SET next_turn_at = $2 WHERE id = $1', [
            id,
            Math.ceil(room.nextTurnAt),
          ])
      }
    },
  }
}

function record(audit: Audit, also: Also, { dispatch, happenings }: Progress): void {
  for (const { event, at, from, to, detail, face } of happenings) {
    also(audit.append, {
      at,
      actor: dispatch.actor,
      origin: face === 'submitter' ? dispatch.origin : { face },
      event,
      charger: dispatch.charger,
      command: dispatch.command,
      dispatch: dispatch.id,
      reason: dispatch.reason,
      detail: { operation: dispatch.operation, from, to, ...detail },
    })
  }
}

function writeBack(tx: Tx, changes: readonly { dispatch: Dispatch; at: number }[]): void {
  if (changes.length === 0) return
  const rows = changes.map(({ dispatch: d, at }) => ({
    id: d.id,
    state: d.state,
    step: d.step,
    ready: d.ready,
    calling: d.calling,
    holding: d.holding,
    attempts: d.attempts,
    call_id: d.callId,
    call: d.call,
    epoch: d.epoch,
    fenced_at: d.fencedAt,
    sent_at: d.sentAt,
    answer_by: d.answerBy,
    answer: d.answer,
    result: d.result,
    detail: d.detail,
    outcome: d.outcome,
    settle_by: d.settleBy,
    updated_at: at,
  }))
  tx.post(
    `UPDATE dispatch d SET
       state = u.state, step = u.step, ready = u.ready, calling = u.calling, holding = u.holding, attempts = u.attempts,
       call_id = u.call_id, call = u.call, epoch = u.epoch, fenced_at = u.fenced_at, sent_at = u.sent_at,
       answer_by = u.answer_by, answer = u.answer, result = u.result, detail = u.detail, outcome = u.outcome,
       settle_by = u.settle_by, updated_at = u.updated_at,
       -- What is scheduled for later stands in nobody's way until then.
       exclusive = d.exclusive AND NOT coalesce((u.result ->> 'scheduled')::boolean, false)
     FROM json_to_recordset($1::json) AS u (
       id uuid, state text, step smallint, ready boolean, calling boolean, holding boolean, attempts smallint,
       call_id uuid, call jsonb, epoch bigint, fenced_at bigint, sent_at bigint, answer_by bigint, answer jsonb,
       result jsonb, detail text, outcome text, settle_by bigint, updated_at bigint)
     WHERE d.id = u.id`,
    [JSON.stringify(rows)],
  )
}
