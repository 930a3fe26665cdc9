import type { Actor, Origin } from '../kernel/actor.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { maskFileLinks } from '../operations/mask-file-links.ts'
import type { Tx } from '../storage/database.ts'
import type { DispatchState } from './commands.ts'
import type { Dispatch, NotTaken, Outcome, PlannedCall } from './dispatch.ts'

export interface DispatchRow {
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
  refusal: NotTaken | null
  earlier_calls: Readonly<Record<string, EarlierCall>> | null
  cancelled: string | null
  others: boolean
}

/** A CALL of a dispatch that was sent before its present one, and may still be answered. */
export interface EarlierCall {
  readonly step: 0 | 1
  readonly call: PlannedCall
}

export const selectDispatch = `
  SELECT d.id, d.command, d.charger, d.ordinal, d.operation, c.params, c.reason, c.actor, c.origin, d.state, d.step,
         d.ready, d.calling, d.holding, d.attempts, d.not_after, d.call_id, d.call, d.epoch, d.fenced_at, d.sent_at,
         d.answer_by, d.answer, d.result, d.detail, d.outcome, d.settle_by, d.paced, d.refusal, d.earlier_calls,
         CASE WHEN c.cancelled_at IS NOT NULL THEN 'its command was cancelled'
              ELSE (SELECT because FROM command_shut_out s WHERE s.actor = c.actor->>'id') END AS cancelled,
         EXISTS (SELECT FROM dispatch o WHERE o.charger = d.charger AND o.ready AND o.id <> d.id) AS others
  FROM dispatch d JOIN command c ON c.id = d.command`

const freshModulus = 2 ** 31 - 2

export function toDispatch(row: DispatchRow): Dispatch {
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
    cancelled: row.cancelled,
    notTaken: row.refusal,
  }
}

export interface Changed {
  readonly dispatch: Dispatch
  readonly at: number
}

/** Writes dispatches back as they are now. */
export function writeBack(tx: Tx, changes: readonly Changed[]): void {
  if (changes.length === 0) return
  tx.post(
    `UPDATE dispatch d SET
       state = u.state, step = u.step, ready = u.ready, calling = u.calling, holding = u.holding, attempts = u.attempts,
       call_id = u.call_id, call = u.call, epoch = u.epoch, fenced_at = u.fenced_at, sent_at = u.sent_at,
       answer_by = u.answer_by, answer = u.answer, result = u.result, detail = u.detail, outcome = u.outcome,
       settle_by = u.settle_by, updated_at = u.updated_at, refusal = u.refusal,
       call_step = CASE WHEN u.call_id IS DISTINCT FROM d.call_id THEN u.step ELSE d.call_step END,
       earlier_call_ids = CASE WHEN ${givenUp} THEN d.earlier_call_ids || d.call_id ELSE d.earlier_call_ids END,
       earlier_calls = CASE WHEN ${givenUp}
         THEN coalesce(d.earlier_calls, '{}') || jsonb_build_object(d.call_id::text, jsonb_build_object(
           'step', d.call_step, 'call', CASE d.call_step WHEN 0 THEN d.call ELSE d.call || '{"payload": {}}' END))
         ELSE d.earlier_calls END,
       -- What is scheduled for later stands in nobody's way until then.
       exclusive = d.exclusive AND NOT coalesce((u.result ->> 'scheduled')::boolean, false)
     FROM json_to_recordset($1::json) AS u (
       id uuid, state text, step smallint, ready boolean, calling boolean, holding boolean, attempts smallint,
       call_id uuid, call jsonb, epoch bigint, fenced_at bigint, sent_at bigint, answer_by bigint, answer jsonb,
       result jsonb, detail text, outcome text, settle_by bigint, refusal jsonb, updated_at bigint)
     WHERE d.id = u.id`,
    [JSON.stringify(changes.map(toRow))],
  )
}

/** How many CALLs of one dispatch that were given up are remembered. */
const mostGivenUp = 8

/**
 * The CALL is waited for no more and was not answered: it stays findable by its message id, for a late
 * answer. One whose frame never left is not, nor one whose answer led to the CALL that follows.
 */
const givenUp = `d.call_id IS NOT NULL AND d.call_id::text IS DISTINCT FROM u.refusal ->> 'callId'
  AND (u.call_id IS NULL OR u.call_id <> d.call_id AND d.call_step = 0 AND d.state = 'unknown' AND d.answer IS NULL)
  AND coalesce(cardinality(d.earlier_call_ids), 0) < ${mostGivenUp}`

function toRow({ dispatch: d, at }: Changed): object {
  return {
    id: d.id,
    state: d.state,
    step: d.step,
    ready: d.ready,
    calling: d.calling,
    holding: d.holding,
    attempts: d.attempts,
    call_id: d.callId,
    call: keptCall(d.call),
    epoch: d.epoch,
    fenced_at: d.fencedAt,
    sent_at: d.sentAt,
    answer_by: d.answerBy,
    answer: d.answer,
    result: d.result,
    detail: d.detail,
    outcome: d.outcome,
    settle_by: d.settleBy,
    refusal: d.notTaken,
    updated_at: at,
  }
}

/** A CALL as it may be kept: without what opens our file plane. */
export function keptCall(call: PlannedCall | null): PlannedCall | null {
  return call === null ? null : { ...call, payload: maskFileLinks(call.payload) }
}
