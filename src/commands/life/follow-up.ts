import type { CallOutcome } from '../../gateway/protocol.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { ChargerFacts } from '../../operations/facts.ts'
import { isRefusal, isVerdict } from '../../operations/operation.ts'
import type {
  FollowUp,
  Fresh,
  Operation,
  Verdict,
  VersionPlan,
} from '../../operations/operation.ts'
import { amend } from '../dispatch.ts'
import type { Progress } from '../dispatch.ts'
import { followUpAgain, maxAttempts } from './again.ts'
import { awaitEffect, followUpWithinMs, planOf, settleAs, settleUnverified } from './ends.ts'
import type { Fence } from './turn.ts'

/*
 * The CALLs that follow once the first was accepted: one that reads back what was stored, or the rest of
 * something that is too long for one message. All of them may be sent twice.
 */

export function followUpTurn(
  start: Progress,
  operation: Operation,
  plan: VersionPlan<Version, unknown> | undefined,
  facts: ChargerFacts,
  fresh: Fresh,
  fence: Fence,
): Progress {
  const { dispatch } = start
  const { now } = fresh
  // A charger that came back speaking another version names its settings otherwise.
  if (plan?.followUp === undefined || dispatch.call?.version !== plan.version)
    return settleUnverified(start, now, 'it could not be gone on with: the charger changed')
  const { followUp } = plan
  const next = followUp.next(dispatch.result, dispatch.params, facts, fresh)
  if (next === undefined) return awaitEffect(start, operation, now)
  if (isRefusal(next)) return endsBadly(start, operation, followUp, now, next.refused)
  if (isVerdict(next))
    return next.meaning === 'accepted'
      ? awaitEffect(withFields(start, next), operation, now)
      : concluded(start, followUp, next, now, {})
  const { expects } = dispatch.call
  const call = {
    version: plan.version,
    action: next.action,
    payload: next.payload as JsonObject,
    ...(expects === undefined ? {} : { expects }),
  } as const
  // The first CALL's own times stay: they are what the record and the effect go by.
  return amend(
    start,
    {
      ...fence,
      fencedAt: dispatch.fencedAt,
      call,
      ...(next.stored === undefined ? {} : { result: next.stored }),
    },
    {
      event: followUp.reconciles ? 'command.reading-back' : 'command.going-on',
      at: now,
      face: 'submitter',
      detail: { call, callId: fence.callId },
    },
  )
}

/** What became of a CALL that followed. */
export function onFollowUp(start: Progress, operation: Operation, outcome: CallOutcome): Progress {
  const { dispatch } = start
  const { at } = outcome
  const { followUp } = planOf(dispatch, operation)
  const { call } = dispatch
  if (followUp === undefined || call === null)
    throw new Error('a CALL was answered that nobody asked for')
  const { action } = call
  if (outcome.kind === 'timeout' || outcome.kind === 'connection-lost') {
    if (dispatch.attempts < maxAttempts) return followUpAgain(start)
    const why = `${action} was not answered`
    return followUp.reconciles
      ? withoutReadBack(start, operation, at, why)
      : settleUnverified(start, at, why)
  }
  const answered = amend(start, { calling: false, answerBy: null })
  if (outcome.kind === 'error')
    return endsBadly(
      answered,
      operation,
      followUp,
      at,
      `the charger answered ${action} with ${outcome.code}`,
    )
  if (outcome.kind !== 'answered' || !outcome.valid)
    return settleUnverified(answered, at, `the answer to ${action} could not be understood`)
  const { params, result } = dispatch
  const verdict = followUp.judge(action, outcome.payload, params, result, call.payload)
  const told = { answer: outcome.payload }
  if (verdict.meaning !== 'accepted') return concluded(answered, followUp, verdict, at, told)
  const goesOn = { ready: true, attempts: 0, settleBy: at + followUpWithinMs }
  const event = { event: 'command.went-on', at, face: 'charger', detail: told } as const
  return amend(withFields(answered, verdict), goesOn, event)
}

/** Keeps what a verdict says beside its meaning. */
function withFields(start: Progress, { result, detail, learned = [] }: Verdict): Progress {
  const known = amend(start, { result: result ?? null, detail: detail ?? null })
  return { ...known, learned: [...start.learned, ...learned] }
}

/** A verdict that is the end. */
function concluded(
  start: Progress,
  followUp: FollowUp<unknown>,
  verdict: Verdict,
  at: number,
  told: JsonObject,
): Progress {
  const known = withFields(start, verdict)
  switch (verdict.meaning) {
    case 'done':
    case 'accepted':
      return settleAs(known, 'succeeded', at, 'charger', {}, told)
    case 'failed':
      return settleAs(known, 'failed', at, 'charger', {}, told)
    case 'refused':
    case 'unsupported':
      // A read-back that is refused says nothing of what was written.
      return settleAs(known, followUp.reconciles ? 'unverified' : 'failed', at, 'charger', {}, told)
    case 'unverifiable':
      return settleAs(known, 'unverified', at, 'charger', {}, told)
  }
}

/** A read-back that fails proves nothing; a rest that fails leaves the whole undone. */
function endsBadly(
  start: Progress,
  operation: Operation,
  followUp: FollowUp<unknown>,
  at: number,
  why: string,
): Progress {
  return followUp.reconciles
    ? withoutReadBack(start, operation, at, `it could not be read back: ${why}`)
    : settleAs(start, 'failed', at, 'charger', { detail: `begun, and not completed: ${why}` }, {})
}

/** What could not be read may still be seen in what the charger does. */
function withoutReadBack(
  start: Progress,
  operation: Operation,
  at: number,
  detail: string,
): Progress {
  if (operation.effect.seenIn === 'answer') return settleUnverified(start, at, detail)
  return awaitEffect(amend(start, { calling: false, answerBy: null, detail }), operation, at)
}
