import { canonicalJson } from '../kernel/json.ts'
import type { JsonObject } from '../kernel/json.ts'
import { keptCall } from './dispatch-row.ts'
import type { Dispatch, Happening, NotTaken, Progress } from './dispatch.ts'

/*
 * An order that a gateway does not take is tried again for as long as its command may wait, which can be
 * days. Every try has a durable fence, but not every try is news. The audit record therefore holds the
 * intent once: the exact CALL with its message id. As long as gateways only say that no frame of it has
 * left or will leave, each further try is that same CALL under that same message id, so whenever its frame
 * leaves, its intent is in the record before it. In the record the command waits meanwhile: its return to
 * the queue is told once for each reason, and at the 10th, 100th, ... time with the count; the entry of
 * whatever comes next leads on from there and says how often it was tried in vain. A try that would send
 * anything else than what is recorded gets a message id and entries of its own.
 */

/** Reasons are words of a closed list; a gateway with more of them gets no more entries for it. */
const mostReasons = 10

/** The order was not taken: `back` is what the dispatch becomes of it. Nothing left, so it was no attempt. */
export function notTaken(before: Dispatch, back: Progress, why: string): Progress {
  if (before.callId === null || !back.dispatch.ready) return back
  const { reasons = [], times = 0, untold } = before.notTaken ?? {}
  const news = !reasons.includes(why) && reasons.length < mostReasons
  const refusal = {
    callId: before.callId,
    reasons: news ? [...reasons, why] : reasons,
    times: times + 1,
  }
  const told = untold !== true || news || isRound(refusal.times)
  const count = refusal.times === 1 ? {} : { times: refusal.times }
  return {
    ...back,
    dispatch: { ...back.dispatch, attempts: before.attempts - 1, notTaken: refusal },
    happenings: told ? leadOn(before, back.happenings, count) : back.happenings.map(repeated),
  }
}

function isRound(times: number): boolean {
  return /^10+$/.test(String(times))
}

/**
 * The turn of a command, under the message id of the order that was not taken where the CALL is still the
 * same, under a new one otherwise.
 */
export function sameIntent(
  before: Dispatch,
  callId: string,
  turnUnder: (callId: string) => Progress,
): Progress {
  const { notTaken: refusal } = before
  if (refusal === null) return turnUnder(callId)
  const again = turnUnder(refusal.callId)
  if (!again.dispatch.calling) return afterNotTaken(before, again)
  const same = canonicalJson(keptCall(again.dispatch.call)) === canonicalJson(before.call)
  if (!same) return withRefusal(turnUnder(callId), { ...refusal, callId })
  const happenings = again.happenings.map(repeated)
  return withRefusal({ ...again, happenings }, { ...refusal, untold: true })
}

/** Anything but another refusal ends the tries: the message id may have been used, and what comes says how often it was in vain. */
export function afterNotTaken(before: Dispatch, progress: Progress): Progress {
  const { notTaken: refusal } = before
  if (refusal === null || progress.dispatch === before) return progress
  if (progress.dispatch.notTaken !== refusal) return progress
  const count = refusal.untold === true || refusal.times > 1 ? { triedInVain: refusal.times } : {}
  return withRefusal({ ...progress, happenings: leadOn(before, progress.happenings, count) }, null)
}

function withRefusal(progress: Progress, refusal: NotTaken | null): Progress {
  return { ...progress, dispatch: { ...progress.dispatch, notTaken: refusal } }
}

/** Lets the first of these follow what the record tells, with something more to say. */
function leadOn(
  before: Dispatch,
  happenings: readonly Happening[],
  more: JsonObject,
): readonly Happening[] {
  const [first, ...rest] = happenings
  if (first === undefined) return happenings
  const untold = before.notTaken?.untold === true && before.state === 'sending'
  const from = untold ? ({ toldFrom: 'queued' } as const) : {}
  return [{ ...first, ...from, detail: { ...first.detail, ...more } }, ...rest]
}

function repeated(happening: Happening): Happening {
  return { ...happening, repeats: true }
}
