import type { CallOutcome } from '../../gateway/protocol.ts'
import type { Json } from '../../kernel/json.ts'
import type { Operation } from '../../operations/operation.ts'
import { amend, move } from '../dispatch.ts'
import type { Progress } from '../dispatch.ts'
import { isReadingBack, planOf, settleAs, withinMs } from './ends.ts'
import { onFollowUp } from './follow-up.ts'

/** An answer that came after nobody waited for it: it may settle an unknown command, and never overwrites an end. */
export function onLateAnswer(
  start: Progress,
  operation: Operation,
  outcome: CallOutcome,
): Progress {
  const { dispatch } = start
  const { at } = outcome
  const late = lateAnswerOf(outcome)
  if (late === undefined) return start
  const told = { event: 'command.late-answer', at, face: 'charger', detail: late } as const
  if (dispatch.state !== 'unknown') return amend(start, {}, told)
  const heard = amend(start, {}, told)
  // Its word is about the value read, not about the command: what is read later or now says the same.
  if (isReadingBack(dispatch, operation))
    return outcome.kind === 'late-answer' ? heard : onFollowUp(heard, operation, outcome)
  if ('error' in late)
    return move(
      heard,
      'reconciled',
      at,
      'charger',
      {
        outcome: 'failed',
        detail: `the charger answered late with the error ${late.error}`,
      },
      { outcome: 'failed' },
    )
  if (!late.valid) return heard
  const plan = planOf(dispatch, operation)
  const verdict = plan.judge(late.answer, dispatch.params, dispatch.call?.payload ?? {})
  const taught = { ...heard, learned: [...heard.learned, ...(verdict.learned ?? [])] }
  const fields = {
    answer: late.answer,
    result: verdict.result ?? null,
    detail: verdict.detail ?? 'the charger answered late',
  }
  switch (verdict.meaning) {
    case 'done':
      return settleAs(taught, 'succeeded', at, 'charger', fields, {})
    case 'refused':
    case 'unsupported':
      return settleAs(taught, 'refused', at, 'charger', fields, {})
    case 'failed':
      return settleAs(taught, 'failed', at, 'charger', fields, {})
    case 'unverifiable':
      return settleAs(taught, 'unverified', at, 'charger', fields, {})
    case 'accepted': {
      // What a CALL that followed has brought stays: its answer, and the effect, are judged by it.
      const result = dispatch.result ?? fields.result
      return amend(taught, { ...fields, result, settleBy: at + withinMs(operation, result) })
    }
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
