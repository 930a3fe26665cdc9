import type { CallOutcome } from '../../gateway/protocol.ts'
import type { Operation } from '../../operations/operation.ts'
import { amend } from '../dispatch.ts'
import type { Progress } from '../dispatch.ts'
import { backToReadBack, maxAttempts } from './again.ts'
import { planOf, settleAs, settleUnverified } from './ends.ts'

/** What the charger says of the value it stored. */
export function onReadBack(start: Progress, operation: Operation, outcome: CallOutcome): Progress {
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
