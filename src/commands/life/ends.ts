import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { Operation, VersionPlan } from '../../operations/operation.ts'
import { amend, move, unchanged } from '../dispatch.ts'
import type { Dispatch, Progress } from '../dispatch.ts'

/** How long an answer that came too late is still waited for, at least. */
const lateAnswerMs = 10 * 60_000
/** How long a CALL that follows may wait for its turn and its answer. */
export const followUpWithinMs = 5 * 60_000

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

export function becomeUnknown(
  start: Progress,
  operation: Operation,
  at: number,
  detail: string,
): Progress {
  const { dispatch } = start
  const readBack =
    dispatch.call !== null && planOf(dispatch, operation).followUp?.reconciles === true
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

export function settleUnverified(start: Progress, at: number, detail: string): Progress {
  return settleAs(start, 'unverified', at, 'system', { detail }, {})
}

/** An accepted command ends; an unknown one is reconciled. */
export function settleAs(
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

/** How long the effect is looked for. */
export function withinMs(operation: Operation, answer: Json): number {
  const { effect } = operation
  if (effect.seenIn === 'answer') return followUpWithinMs
  return typeof effect.withinMs === 'number' ? effect.withinMs : effect.withinMs(answer)
}

/** The CALL last sent was one that reads back what the first did. */
export function isReadingBack(dispatch: Dispatch, operation: Operation): boolean {
  return dispatch.step === 1 && dispatch.call?.action !== planOf(dispatch, operation).action
}

/** Everything is said; what the charger does about it decides. */
export function awaitEffect(start: Progress, operation: Operation, at: number): Progress {
  const { result } = start.dispatch
  if (operation.effect.seenIn === 'answer')
    return settleAs(start, 'succeeded', at, 'charger', {}, {})
  return amend(start, {
    step: 0,
    ready: false,
    holding: operation.conflict.holdsCharger?.(result) ?? false,
    settleBy: at + withinMs(operation, result),
  })
}

/** The plan a command was sent by. */
export function planOf(dispatch: Dispatch, operation: Operation): VersionPlan<Version, unknown> {
  const version = dispatch.call?.version
  const plan = version === undefined ? undefined : operation.versions[version]
  if (plan === undefined || 'absent' in plan)
    throw new Error('a command was sent that this version cannot say')
  return plan
}
