import type { Json, JsonObject } from '../kernel/json.ts'
import type { CallOutcome, CallReceipt } from '../gateway/protocol.ts'
import { errorMeaning } from '../ocpp/error-codes.ts'
import type { ChargerFacts } from '../operations/facts.ts'
import { isRefusal } from '../operations/operation.ts'
import type { Absent, Operation, Verdict, VersionPlan } from '../operations/operation.ts'
import type { Version } from '../ocpp/versions.ts'
import { amend, move, unchanged } from './dispatch.ts'
import type { Dispatch, Progress } from './dispatch.ts'

/**
 * The life of a command on one charger, as pure decisions: what is known goes in, what it becomes comes
 * out. No clock, no database, no socket.
 */

/** How long an answer that came too late is still waited for, at least. */
const lateAnswerMs = 10 * 60_000
/** How long a stored value may take to be read back. */
const readBackWithinMs = 5 * 60_000
/** How long after the gateway's own deadline a missing outcome means that the gateway is gone. */
const outcomeGraceMs = 15_000
const maxAttempts = 3

/** Decides what happens when it is this command's turn and the charger is reachable. */
export function takeTurn(
  dispatch: Dispatch,
  operation: Operation,
  facts: ChargerFacts & { version: Version },
  now: number,
  callId: string,
  callTimeoutMs: number,
): Progress {
  const plan = operation.versions[facts.version]
  const start = unchanged(dispatch)
  const fence = {
    ready: false,
    calling: true,
    callId,
    fencedAt: now,
    answerBy: now + callTimeoutMs + outcomeGraceMs,
    attempts: dispatch.attempts + 1,
  }
  if (dispatch.step === 1) return readBackTurn(start, plan, facts, now, fence)
  if (dispatch.notAfter <= now) return expire(dispatch, operation, now)
  if ('absent' in plan) return decline(start, operation, 'unsupported', now, plan.because)
  if (facts.bootState === 'pending' && !operation.whilePending) {
    const why = 'the charger is still being registered (Pending): only configuration is allowed'
    return decline(start, operation, 'refused', now, why)
  }
  const payload = plan.request(dispatch.params, facts, { number: dispatch.fresh })
  if (isRefusal(payload)) {
    const field = payload.field === undefined ? {} : { field: `params.${payload.field}` }
    return decline(start, operation, 'refused', now, payload.refused, field)
  }
  const call = { version: facts.version, action: plan.action, payload: payload as JsonObject }
  return move(
    start,
    'sending',
    now,
    'submitter',
    { ...fence, call, epoch: facts.epoch, detail: null },
    { call, callId },
  )
}

/** It cannot be asked of this charger, or not now; unless an earlier frame of it may have left, that is its end. */
function decline(
  start: Progress,
  operation: Operation,
  to: 'refused' | 'unsupported',
  now: number,
  detail: string,
  told: JsonObject = {},
): Progress {
  if (start.dispatch.attempts > 0) return becomeUnknown(start, operation, now, detail)
  return move(start, to, now, 'system', { detail }, told)
}

function readBackTurn(
  start: Progress,
  plan: VersionPlan<Version, unknown> | Absent,
  facts: ChargerFacts & { version: Version },
  now: number,
  fence: {
    calling: boolean
    callId: string
    fencedAt: number
    answerBy: number
    attempts: number
    ready: boolean
  },
): Progress {
  // The charger came back speaking a version that knows no such thing.
  if ('absent' in plan || plan.readBack === undefined)
    return settleUnverified(start, now, 'it could not be read back')
  const { readBack } = plan
  const payload = readBack.request(start.dispatch.params, facts) as JsonObject
  const call = { version: facts.version, action: readBack.action, payload }
  // The first CALL's own times stay: they are what the record and the effect go by.
  return amend(
    start,
    { ...fence, fencedAt: start.dispatch.fencedAt, call },
    {
      event: 'command.reading-back',
      at: now,
      face: 'submitter',
      detail: { call, callId: fence.callId },
    },
  )
}

/** The gateway did not take the order: nothing was or will be sent. */
export function onRefusedReceipt(
  dispatch: Dispatch,
  operation: Operation,
  receipt: Exclude<CallReceipt, { taken: true }>,
  now: number,
): Progress {
  const start = unchanged(dispatch)
  if (dispatch.step === 1) return backToReadBack(start)
  if (dispatch.state !== 'sending') return start
  if (receipt.reason === 'too-late') return expire(withoutThisTurn(dispatch), operation, now)
  if (receipt.reason === 'invalid') {
    return move(start, 'failed', now, 'system', {
      detail: `the CALL did not fit its own schema and was not sent: ${receipt.detail ?? ''}`,
    })
  }
  return backToQueue(start, now, `not sent: ${receipt.reason}`)
}

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
    if (dispatch.step === 1) return backToReadBack(start)
    return dispatch.notAfter <= at
      ? expire(withoutThisTurn(dispatch), operation, at)
      : backToQueue(start, at, `not sent: ${outcome.reason}`)
  }
  const sent =
    dispatch.state === 'sending' ? onSent(start, { at, epoch: dispatch.epoch ?? 0 }) : start
  if (dispatch.step === 1) return onReadBack(sent, operation, outcome)
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
  return onVerdict(
    answered,
    operation,
    plan,
    plan.judge(outcome.payload, dispatch.params),
    outcome.at,
    outcome.payload,
  )
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
  if (plan.readBack !== undefined) {
    return move(
      start,
      'accepted',
      at,
      'charger',
      { ...fields, step: 1, ready: true, attempts: 0, settleBy: at + readBackWithinMs },
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
  return move(
    answered,
    unable ? 'unsupported' : 'failed',
    outcome.at,
    'charger',
    { detail },
    { error: outcome.code },
  )
}

/** The frame may have reached the charger, and no answer will come on this connection. */
export function onConnectionLost(
  start: Progress,
  operation: Operation,
  at: number,
  detail: string,
): Progress {
  const { dispatch } = start
  if (dispatch.step === 1) return backToReadBack(start)
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

function onReadBack(start: Progress, operation: Operation, outcome: CallOutcome): Progress {
  const { dispatch } = start
  const { at } = outcome
  if (outcome.kind === 'timeout' || outcome.kind === 'connection-lost') {
    return dispatch.attempts < maxAttempts
      ? backToReadBack(start)
      : settleUnverified(start, at, 'it could not be read back')
  }
  const answered = amend(start, { calling: false, answerBy: null })
  if (outcome.kind === 'error')
    return settleUnverified(
      answered,
      at,
      `it could not be read back: the charger answered ${outcome.code}`,
    )
  if (outcome.kind !== 'answered' || !outcome.valid)
    return settleUnverified(answered, at, 'the answer to the read-back could not be understood')
  const { readBack } = planOf(dispatch, operation)
  if (readBack === undefined) throw new Error('a read-back was answered that nobody asked for')
  const verdict = readBack.judge(outcome.payload, dispatch.params, dispatch.result)
  const fields = { result: verdict.result ?? null, detail: verdict.detail ?? null }
  const told = { answer: outcome.payload }
  if (verdict.meaning === 'done')
    return settleAs(answered, 'succeeded', at, 'charger', fields, told)
  if (verdict.meaning === 'failed') return settleAs(answered, 'failed', at, 'charger', fields, told)
  return settleAs(answered, 'unverified', at, 'charger', fields, told)
}

function backToReadBack(start: Progress): Progress {
  return amend(start, { calling: false, answerBy: null, ready: true, callId: null })
}

function onLateAnswer(start: Progress, operation: Operation, outcome: CallOutcome): Progress {
  const { dispatch } = start
  const { at } = outcome
  const late = lateAnswerOf(outcome)
  if (late === undefined) return start
  const told = { event: 'command.late-answer', at, face: 'charger', detail: late } as const
  if (dispatch.state !== 'unknown') return amend(start, {}, told)
  const heard = amend(start, {}, told)
  if ('error' in late)
    return move(heard, 'reconciled', at, 'charger', {
      outcome: 'failed',
      detail: `the charger answered late with the error ${late.error}`,
    })
  if (!late.valid) return heard
  const plan = planOf(dispatch, operation)
  const verdict = plan.judge(late.answer, dispatch.params)
  const fields = {
    answer: late.answer,
    result: verdict.result ?? null,
    detail: verdict.detail ?? 'the charger answered late',
  }
  switch (verdict.meaning) {
    case 'done':
      return settleAs(heard, 'succeeded', at, 'charger', fields, {})
    case 'refused':
    case 'unsupported':
      return settleAs(heard, 'refused', at, 'charger', fields, {})
    case 'failed':
      return settleAs(heard, 'failed', at, 'charger', fields, {})
    case 'unverifiable':
      return settleAs(heard, 'unverified', at, 'charger', fields, {})
    case 'accepted':
      return amend(heard, { ...fields, settleBy: at + withinMs(operation, fields.result) })
  }
}

function lateAnswerOf(
  outcome: CallOutcome,
): { answer: Json; valid: boolean } | { error: string } | undefined {
  if (outcome.kind === 'late-answer') {
    return 'payload' in outcome.answer
      ? { answer: outcome.answer.payload, valid: outcome.answer.valid }
      : { error: outcome.answer.errorCode }
  }
  if (outcome.kind === 'answered') return { answer: outcome.payload, valid: outcome.valid }
  return outcome.kind === 'error' ? { error: outcome.code } : undefined
}

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
  if (!waiting || effect.seenIn !== 'behaviour') return start
  const since = dispatch.sentAt ?? dispatch.fencedAt
  if (since === null) return start
  const sighting = effect.seen(facts, since, dispatch.params, {
    fresh: { number: dispatch.fresh },
    answer: dispatch.result,
    epoch: dispatch.epoch ?? 0,
  })
  if (sighting.seen === 'not-yet') return start
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
  if (dispatch.settleBy === null || dispatch.settleBy > now) return start
  const { effect } = operation
  const missing =
    effect.seenIn === 'behaviour'
      ? `accepted, but not seen in time: ${effect.looksLike}`
      : 'accepted, but it could not be read back in time'
  if (dispatch.state === 'accepted') return settleUnverified(start, now, missing)
  if (dispatch.state !== 'unknown') return start
  if (dispatch.answer !== null) return settleUnverified(start, now, missing)
  return amend(
    start,
    { settleBy: null, ready: false, calling: false },
    {
      event: 'command.observation-ended',
      at: now,
      face: 'system',
      detail: { why: 'neither an answer nor the effect was seen' },
    },
  )
}

/** Time ran out while it waited for its turn. */
export function expire(dispatch: Dispatch, operation: Operation, now: number): Progress {
  return dropWaiting(
    dispatch,
    operation,
    'expired',
    now,
    'it was not sent before its notAfter, so it is not sent at all',
  )
}

/**
 * Ends a command that waits for its turn. One that waits to be sent again may have reached the charger the
 * first time: of that one nobody can say that it was not sent.
 */
export function dropWaiting(
  dispatch: Dispatch,
  operation: Operation,
  to: 'expired' | 'cancelled',
  now: number,
  detail: string,
): Progress {
  const start = unchanged(dispatch)
  if (dispatch.attempts === 0) return move(start, to, now, 'system', { detail })
  return becomeUnknown(
    start,
    operation,
    now,
    `${detail}; an earlier frame of it may have reached the charger`,
  )
}

function becomeUnknown(
  start: Progress,
  operation: Operation,
  at: number,
  detail: string,
): Progress {
  const { dispatch } = start
  const readBack = dispatch.call !== null && planOf(dispatch, operation).readBack !== undefined
  return move(start, 'unknown', at, 'system', {
    detail,
    calling: false,
    answerBy: null,
    ready: readBack,
    step: readBack ? 1 : 0,
    attempts: readBack ? 0 : dispatch.attempts,
    settleBy: at + Math.max(withinMs(operation, null), lateAnswerMs),
  })
}

const waitsAgain = {
  ready: true,
  calling: false,
  answerBy: null,
  callId: null,
  sentAt: null,
} as const

/** Nothing left in this turn, for certain. */
function withoutThisTurn(dispatch: Dispatch): Dispatch {
  return { ...dispatch, attempts: dispatch.attempts - 1 }
}

function backToQueue(start: Progress, at: number, detail: string): Progress {
  const { attempts } = withoutThisTurn(start.dispatch)
  return move(start, 'queued', at, 'system', { ...waitsAgain, detail, attempts, fencedAt: null })
}

/** It may have left, and once more does no harm. */
function sendAgain(start: Progress, at: number, detail: string): Progress {
  return move(start, 'queued', at, 'system', {
    ...waitsAgain,
    detail: `${detail}; it does no harm twice, so it is sent again`,
  })
}

function settleUnverified(start: Progress, at: number, detail: string): Progress {
  return settleAs(start, 'unverified', at, 'system', { detail }, {})
}

/** An accepted command ends; an unknown one is reconciled. */
function settleAs(
  start: Progress,
  outcome: 'succeeded' | 'refused' | 'failed' | 'unverified',
  at: number,
  face: 'charger' | 'system',
  fields: { result?: Json; detail?: string | null; answer?: Json },
  told: JsonObject,
): Progress {
  if (start.dispatch.state === 'unknown')
    return move(start, 'reconciled', at, face, { ...fields, outcome }, { outcome, ...told })
  if (outcome === 'refused') throw new Error('an accepted command cannot be refused any more')
  return move(
    start,
    outcome === 'unverified' ? 'accepted-unverified' : outcome,
    at,
    face,
    fields,
    told,
  )
}

function withinMs(operation: Operation, answer: Json): number {
  const { effect } = operation
  if (effect.seenIn === 'answer') return readBackWithinMs
  return typeof effect.withinMs === 'number' ? effect.withinMs : effect.withinMs(answer)
}

function planOf(dispatch: Dispatch, operation: Operation): VersionPlan<Version, unknown> {
  const version = dispatch.call?.version
  const plan = version === undefined ? undefined : operation.versions[version]
  if (plan === undefined || 'absent' in plan)
    throw new Error('a command was sent that this version cannot say')
  return plan
}
