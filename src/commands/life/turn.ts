import type { CallReceipt } from '../../gateway/protocol.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { ChargerFacts } from '../../operations/facts.ts'
import { isRefusal } from '../../operations/operation.ts'
import type { Absent, Operation, VersionPlan } from '../../operations/operation.ts'
import { amend, move, unchanged } from '../dispatch.ts'
import type { Dispatch, Progress } from '../dispatch.ts'
import { backToQueue, backToReadBack, withoutThisTurn } from './again.ts'
import { becomeUnknown, expire, settleUnverified } from './ends.ts'

/*
 * The life of a command on one charger is pure decisions: what is known goes in, what it becomes comes
 * out. No clock, no database, no socket. `turn` sends it, `outcome` hears what became of the frame,
 * `effect` sees what the charger did, `ends` is where it all leads.
 */

/** How long after the gateway's own deadline a missing outcome means that the gateway is gone. */
const outcomeGraceMs = 15_000

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
  // A charger that came back speaking another version names its settings otherwise.
  const sameVersion = start.dispatch.call?.version === facts.version
  if (!sameVersion || 'absent' in plan || plan.readBack === undefined)
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
