import type { CallReceipt } from '../../gateway/protocol.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { ChargerFacts } from '../../operations/facts.ts'
import type { FileLinks } from '../../operations/file-links.ts'
import type { Fresh, Operation } from '../../operations/operation.ts'
import type { Objection } from '../../policy/gate.ts'
import { move, unchanged } from '../dispatch.ts'
import type { Dispatch, Progress } from '../dispatch.ts'
import { backToQueue, followUpAgain, withoutThisTurn } from './again.ts'
import { becomeUnknown, expire } from './ends.ts'
import { followUpTurn } from './follow-up.ts'
import { planFor } from './plan.ts'

/*
 * The life of a command on one charger is pure decisions: what is known goes in, what it becomes comes
 * out. No clock, no database, no socket. `turn` sends it, `outcome` hears what became of the frame,
 * `effect` sees what the charger did, `ends` is where it all leads.
 */

/** How long after the gateway's own deadline a missing outcome means that the gateway is gone. */
const outcomeGraceMs = 15_000
/** How long after the last moment to send a CALL its charger may use the addresses in it; a firmware or log job takes its time. */
const linkLifeMs = 24 * 3_600_000

/** What the engine brings to a turn. */
export interface TurnMeans {
  readonly callId: string
  readonly callTimeoutMs: number
  /** What the command was supplied with when it was submitted. */
  readonly supply: Json
  readonly links: FileLinks
  /** What speaks against beginning it now. */
  readonly objection?: Objection | undefined
}

/** What a turn writes of the CALL it is about to send. */
export interface Fence {
  readonly ready: false
  readonly calling: true
  readonly callId: string
  readonly fencedAt: number
  readonly answerBy: number
  readonly attempts: number
}

/** Decides what happens when it is this command's turn and the charger is reachable. */
export function takeTurn(
  dispatch: Dispatch,
  operation: Operation,
  facts: ChargerFacts & { version: Version },
  now: number,
  means: TurnMeans,
): Progress {
  const start = unchanged(dispatch)
  const fresh = freshFor(dispatch, now, means)
  const fence: Fence = {
    ready: false,
    calling: true,
    callId: means.callId,
    fencedAt: now,
    answerBy: now + means.callTimeoutMs + outcomeGraceMs,
    attempts: dispatch.attempts + 1,
  }
  if (dispatch.step === 1) {
    const plan = operation.versions[facts.version]
    const present = 'absent' in plan ? undefined : plan
    return followUpTurn(start, operation, present, facts, fresh, fence)
  }
  if (dispatch.notAfter <= now) return expire(dispatch, operation, now)
  if (means.objection !== undefined) {
    const { rule, sentence } = means.objection
    return decline(start, operation, 'refused', now, sentence, { rule })
  }
  const planned = planFor(operation, dispatch.params, facts, fresh)
  if (planned.kind === 'cannot') {
    const field = planned.field === undefined ? {} : { field: `params.${planned.field}` }
    return decline(start, operation, planned.end, now, planned.because, field)
  }
  const { call } = planned
  return move(
    start,
    'sending',
    now,
    'submitter',
    { ...fence, call, epoch: facts.epoch, detail: null },
    { call: { ...call }, callId: means.callId },
  )
}

function freshFor(dispatch: Dispatch, now: number, { supply, links }: TurnMeans): Fresh {
  const grant = { dispatch: dispatch.id, until: Math.max(dispatch.notAfter, now) + linkLifeMs }
  return {
    number: dispatch.fresh,
    dispatch: dispatch.id,
    now,
    supply,
    upload: (protocols) => links.upload({ ...grant, ...(protocols && { protocols }) }),
    download: ({ id, name }, protocols, when) =>
      links.download({
        ...grant,
        until: Math.max(grant.until, (when?.usedAt ?? 0) + linkLifeMs),
        file: id,
        name,
        ...(protocols && { protocols }),
      }),
  }
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

/** The gateway did not take the order: nothing was or will be sent. */
export function onRefusedReceipt(
  dispatch: Dispatch,
  operation: Operation,
  receipt: Exclude<CallReceipt, { taken: true }>,
  now: number,
): Progress {
  const start = unchanged(dispatch)
  if (dispatch.step === 1) return followUpAgain(start)
  if (dispatch.state !== 'sending') return start
  if (receipt.reason === 'too-late') return expire(withoutThisTurn(dispatch), operation, now)
  if (receipt.reason === 'invalid') {
    return move(start, 'failed', now, 'system', {
      detail: `the CALL did not fit its own schema and was not sent: ${receipt.detail ?? ''}`,
    })
  }
  return backToQueue(start, now, `not sent: ${receipt.reason}`)
}
