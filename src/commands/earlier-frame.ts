import type { CallOutcome } from '../gateway/protocol.ts'
import type { Operation } from '../operations/operation.ts'
import type { EarlierCall } from './dispatch-row.ts'
import { unchanged } from './dispatch.ts'
import type { Dispatch, Progress } from './dispatch.ts'
import { onLateAnswer } from './life/late-answer.ts'

/**
 * Something became of a CALL that another has taken the place of since, or that waits to be sent again: an
 * answer to it is recorded, and one to the command's own CALL may settle what is unknown. It is judged by
 * the CALL it answers, never as the answer to what is on the wire now; everything but an answer was
 * reckoned with when the CALL was given up.
 */
export function onEarlierOutcome(
  dispatch: Dispatch,
  operation: Operation,
  outcome: CallOutcome,
  { step, call }: EarlierCall,
): Progress {
  if (!isAnswer(outcome)) return unchanged(dispatch)
  // A gateway repeats its reports until they are taken: this one led to the CALL that followed.
  const known = dispatch.state === 'accepted' || dispatch.answer !== null
  if (outcome.kind !== 'late-answer' && (known || step === 1)) return unchanged(dispatch)
  const heard = onLateAnswer(unchanged({ ...dispatch, step, call }), operation, outcome)
  if (heard.happenings.length === 0) return unchanged(dispatch)
  return { ...heard, dispatch: { ...heard.dispatch, step: dispatch.step, call: dispatch.call } }
}

function isAnswer({ kind }: CallOutcome): boolean {
  return kind === 'late-answer' || kind === 'answered' || kind === 'error'
}
