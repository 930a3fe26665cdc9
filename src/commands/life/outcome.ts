import type { CallOutcome } from '../../gateway/protocol.ts'
import type { Json } from '../../kernel/json.ts'
import { actionCapability } from '../../models/capability.ts'
import { errorMeaning } from '../../ocpp/error-codes.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { Observation } from '../../operations/observation.ts'
import type { Operation, Verdict, VersionPlan } from '../../operations/operation.ts'
import { amend, move, unchanged } from '../dispatch.ts'
import type { Dispatch, Progress } from '../dispatch.ts'
import { backToQueue, followUpAgain, maxAttempts, sendAgain, withoutThisTurn } from './again.ts'
import { becomeUnknown, expire, followUpWithinMs, planOf, withinMs } from './ends.ts'
import { onLateAnswer } from './late-answer.ts'
import { onFollowUp } from './follow-up.ts'

/** Something became of a CALL that the gateway took. */
export function onOutcome(
  dispatch: Dispatch,
  operation: Operation,
  outcome: CallOutcome,
): Progress {
  const start = unchanged(dispatch)
  const { at } = outcome
  const inFlight = dispatch.calling
  if (outcome.kind === 'late-answer' || (dispatch.state === 'unknown' && !inFlight))
    return onLateAnswer(start, operation, outcome)
  if (!inFlight) return start
  if (outcome.kind === 'sent') return onSent(start, outcome)
  if (outcome.kind === 'not-sent') {
    if (dispatch.step === 1) return followUpAgain(start)
    return dispatch.notAfter <= at
      ? expire(withoutThisTurn(dispatch), operation, at)
      : backToQueue(start, at, `not sent: ${outcome.reason}`)
  }
  const sent =
    dispatch.state === 'sending' ? onSent(start, { at, epoch: dispatch.epoch ?? 0 }) : start
  if (dispatch.step === 1) return onFollowUp(sent, operation, outcome)
  switch (outcome.kind) {
    case 'answered':
      return onAnswer(sent, operation, outcome)
    case 'error':
      return onCallError(sent, outcome)
    case 'timeout':
      return becomeUnknown(sent, operation, at, 'the charger did not answer in time')
    case 'connection-lost':
      return onConnectionLost(
        sent,
        operation,
        at,
        'the connection was lost before the charger answered',
      )
  }
}

function onSent(start: Progress, sent: { at: number; epoch: number }): Progress {
  if (start.dispatch.state !== 'sending') return start
  return move(start, 'sent', sent.at, 'system', { sentAt: sent.at, epoch: sent.epoch })
}

function onAnswer(
  start: Progress,
  operation: Operation,
  outcome: Extract<CallOutcome, { kind: 'answered' }>,
): Progress {
  const { dispatch } = start
  const answered = amend(start, { answer: outcome.payload, calling: false, answerBy: null })
  if (!outcome.valid) {
    const detail = 'the charger gave an answer that this version does not know'
    if (operation.risk === 'read')
      return move(
        answered,
        'failed',
        outcome.at,
        'charger',
        { detail },
        { answer: outcome.payload },
      )
    return becomeUnknown(answered, operation, outcome.at, detail)
  }
  const plan = planOf(dispatch, operation)
  const verdict = plan.judge(outcome.payload, dispatch.params, dispatch.call?.payload ?? {})
  const learned = [...learnedOf(dispatch, true), ...(verdict.learned ?? [])]
  return onVerdict({ ...answered, learned }, operation, plan, verdict, outcome.at, outcome.payload)
}

function onVerdict(
  start: Progress,
  operation: Operation,
  plan: VersionPlan<Version, unknown>,
  verdict: Verdict,
  at: number,
  answer: Json,
): Progress {
  const fields = { result: verdict.result ?? null, detail: verdict.detail ?? null }
  const told = { answer }
  if (verdict.meaning === 'done') return move(start, 'succeeded', at, 'charger', fields, told)
  if (verdict.meaning === 'unverifiable')
    return move(start, 'accepted-unverified', at, 'charger', fields, told)
  if (verdict.meaning !== 'accepted')
    return move(start, verdict.meaning, at, 'charger', fields, told)
  if (plan.followUp !== undefined) {
    return move(
      start,
      'accepted',
      at,
      'charger',
      { ...fields, step: 1, ready: true, attempts: 0, settleBy: at + followUpWithinMs },
      told,
    )
  }
  const { effect, conflict } = operation
  if (effect.seenIn === 'answer') return move(start, 'succeeded', at, 'charger', fields, told)
  const holding = conflict.holdsCharger?.(fields.result) ?? false
  return move(
    start,
    'accepted',
    at,
    'charger',
    { ...fields, holding, settleBy: at + withinMs(operation, fields.result) },
    told,
  )
}

function onCallError(start: Progress, outcome: Extract<CallOutcome, { kind: 'error' }>): Progress {
  const answered = amend(start, { calling: false, answerBy: null })
  const meaning = errorMeaning(outcome.code)
  const unable = meaning === 'not-implemented' || meaning === 'not-supported'
  const detail = `the charger answered with the error ${outcome.code}${outcome.description === '' ? '' : `: ${outcome.description}`}`
  const learned = unable ? learnedOf(start.dispatch, false, detail) : []
  return move(
    { ...answered, learned },
    unable ? 'unsupported' : 'failed',
    outcome.at,
    'charger',
    { detail },
    { error: outcome.code },
  )
}

/** Whether the charger answers an action at all, where that is news. */
function learnedOf(
  { call }: Dispatch,
  answers: boolean,
  why = 'it answered one',
): readonly Observation[] {
  const name = call === null ? undefined : actionCapability(call.action)
  if (name === undefined || (answers && call?.novel !== true)) return []
  return [{ kind: 'capability', name, value: answers, source: 'observed', why }]
}

/** The frame may have reached the charger, and no answer will come on this connection. */
export function onConnectionLost(
  start: Progress,
  operation: Operation,
  at: number,
  detail: string,
): Progress {
  const { dispatch } = start
  if (dispatch.step === 1) return followUpAgain(start)
  const again = operation.repeatable && dispatch.attempts < maxAttempts && dispatch.notAfter > at
  return again ? sendAgain(start, at, detail) : becomeUnknown(start, operation, at, detail)
}

/** No outcome came at all: the gateway, or this process before its restart, is gone. */
export function onNoOutcome(dispatch: Dispatch, operation: Operation, at: number): Progress {
  return onConnectionLost(
    unchanged(dispatch),
    operation,
    at,
    'what became of the frame is not known: the process that sent it is gone',
  )
}
