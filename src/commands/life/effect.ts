import type { ChargerFacts } from '../../operations/facts.ts'
import type { Operation } from '../../operations/operation.ts'
import { amend, unchanged } from '../dispatch.ts'
import type { Dispatch, Progress } from '../dispatch.ts'
import { settleAs, settleUnverified } from './ends.ts'

/** Looks for the effect in what is known of the charger now. */
export function onFacts(
  dispatch: Dispatch,
  operation: Operation,
  facts: ChargerFacts,
  now: number,
): Progress {
  const start = unchanged(dispatch)
  const { effect } = operation
  const waiting =
    (dispatch.state === 'accepted' || dispatch.state === 'unknown') && dispatch.settleBy !== null
  // What still has CALLs to follow cannot have worked yet.
  const goesOn = dispatch.step === 1 && dispatch.state === 'accepted'
  if (!waiting || goesOn || effect.seenIn !== 'behaviour') return start
  const left = dispatch.sentAt ?? dispatch.fencedAt
  if (left === null) return start
  // Whole milliseconds: what came within the one in which the frame left is taken to have come after it.
  const sighting = effect.seen(facts, left - 1, dispatch.params, {
    fresh: { number: dispatch.fresh, dispatch: dispatch.id },
    expects: dispatch.call?.expects ?? null,
    answer: dispatch.result,
    answered: dispatch.answer !== null,
    payload: dispatch.call?.payload ?? {},
    epoch: dispatch.epoch ?? 0,
    lastLook: dispatch.settleBy !== null && dispatch.settleBy <= now,
  })
  if (sighting.seen === 'not-yet') return start
  if (sighting.seen === 'unclear') return settleUnverified(start, now, sighting.because)
  if (sighting.seen === 'no')
    return settleAs(start, 'failed', now, 'charger', { detail: sighting.because }, {})
  const result = sighting.result ?? dispatch.result
  return settleAs(
    start,
    'succeeded',
    now,
    'charger',
    { result, detail: `seen: ${effect.looksLike}` },
    { seen: effect.looksLike, ...(result === null ? {} : { result }) },
  )
}

/** The time to look for the effect is over; `facts` have been looked at before. */
export function onSettleDeadline(dispatch: Dispatch, operation: Operation, now: number): Progress {
  const start = unchanged(dispatch)
  // While a read-back is on the wire, its own outcome decides.
  if (dispatch.settleBy === null || dispatch.settleBy > now || dispatch.calling) return start
  const { effect } = operation
  const missing =
    effect.seenIn === 'behaviour'
      ? `accepted, but not seen in time: ${effect.looksLike}`
      : 'accepted, but the CALLs that follow it could not be sent in time'
  if (dispatch.state === 'accepted') return settleUnverified(start, now, missing)
  if (dispatch.state !== 'unknown') return start
  if (dispatch.answer !== null) return settleUnverified(start, now, missing)
  return amend(
    start,
    { settleBy: null, ready: false },
    {
      event: 'command.observation-ended',
      at: now,
      face: 'system',
      detail: { why: 'neither an answer nor the effect was seen' },
    },
  )
}
