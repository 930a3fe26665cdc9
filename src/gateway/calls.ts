import type { Json } from '../kernel/json.ts'
import type { Frame, Unreadable } from '../ocpp/frame.ts'
import { callText, resultErrorText } from '../ocpp/frame.ts'
import { strictRequest } from '../ocpp/validation.ts'
import type { Violation } from '../ocpp/violation.ts'
import { readAnswer } from './answer-meanings.ts'
import { askedActions, outboundRefusal } from './boot-rules.ts'
import type { Connection } from './connection.ts'
import type { LateCall } from './late-calls.ts'
import type { CallEnd } from './metrics.ts'
import type { CallOrder, CallReceipt } from './protocol.ts'
import { quietMs } from './quiet.ts'
import type { Due } from './wheel.ts'

/** Our CALLs to a charger: one outstanding at a time (OCPP 1.6J 4.1.1, 2.x part 4 4.1). */

type Refusal = Extract<CallReceipt, { taken: false }>['reason']
type ResultFrame = Extract<Frame, { type: 'result' }>
type ErrorFrame = Extract<Frame, { type: 'error' }>

/** The CALL whose answer is awaited. Falls due when the charger has taken too long. */
export class OutstandingCall implements Due {
  readonly connection: Connection
  readonly callId: string
  readonly action: string
  /** Actions the charger will send because of this CALL. */
  readonly asked: readonly string[]
  readonly sentMono: number
  readonly dueAt: number
  /** The gateway's own: nobody is told of its outcome. */
  readonly own: boolean

  constructor(connection: Connection, order: PlacedCall, asked: readonly string[], own: boolean) {
    this.connection = connection
    this.callId = order.callId
    this.action = order.action
    this.asked = asked
    this.sentMono = connection.house.clock.monotonic()
    this.dueAt = this.sentMono + order.answerTimeoutMs
    this.own = own
  }

  run(): void {
    if (this.connection.outstanding === this) giveUp(this.connection, 'timeout')
  }
}

/** A charger that has not answered our question for a boot by then is one that ignores it. */
const bootTriggerTimeoutMs = 15_000

type PlacedCall = Pick<CallOrder, 'callId' | 'action' | 'payload' | 'answerTimeoutMs'>

/** Sends control's CALL now, or says why no frame has left and none will. */
export function takeOrder(connection: Connection, order: CallOrder): CallReceipt {
  // Control repeats an order whose receipt it missed; the frame must not leave twice.
  if (connection.lastCallId === order.callId) return { taken: true }
  const refusal = refusalOf(connection, order)
  if (refusal !== undefined) return refusal
  if (!place(connection, order, false)) return refused('not-connected')
  connection.lastCallId = order.callId
  return { taken: true }
}

function refused(reason: Refusal, detail?: string): CallReceipt {
  return detail === undefined ? { taken: false, reason } : { taken: false, reason, detail }
}

function refusalOf(connection: Connection, order: CallOrder): CallReceipt | undefined {
  const { house, version } = connection
  if (house.draining) return refused('draining')
  if (!connection.live || !connection.open) return refused('not-connected')
  const fault = strictRequest(version, order.action, order.payload)
  if (fault !== undefined) return refused('invalid', fault)
  const notNow = outboundRefusal(connection.bootState, order.action, order.payload)
  if (notNow !== undefined) return refused('not-allowed-now', notNow)
  const quiet = quietMs(connection)
  if (quiet > 0) {
    const detail = 'this model is left alone for now'
    return { taken: false, reason: 'busy', detail, retryAfterMs: quiet }
  }
  if (connection.outstanding !== undefined)
    return refused('busy', `${connection.outstanding.action} is not answered yet`)
  if (connection.socket.bufferedAmount > house.limits.callBacklogBytes)
    return refused('busy', 'the charger does not read what it was sent before')
  if (house.reports.outcomes.size >= house.limits.maxOutcomesWaiting)
    return refused('busy', 'too many outcomes are not taken yet')
  if (house.frames.full) return refused('busy', 'too many frames are not counted yet')
  if (house.clock.now() >= order.notAfter) return refused('too-late')
  return undefined
}

function place(connection: Connection, call: PlacedCall, own: boolean): boolean {
  const { house } = connection
  const asked = askedActions(call.action, call.payload)
  const outstanding = new OutstandingCall(connection, call, asked, own)
  const text = callText(call.callId, call.action, call.payload)
  if (!connection.send(text, call.action)) return false
  connection.outstanding = outstanding
  connection.expect(asked, outstanding.sentMono)
  house.wheel.add(outstanding)
  house.metrics.sent(connection.version, 'call', call.action)
  house.frames.add({
    callId: call.callId,
    identity: connection.identity,
    action: call.action,
    at: house.clock.now(),
    ...(own ? { own } : {}),
  })
  if (!own)
    house.reports.outcome({
      kind: 'sent',
      callId: call.callId,
      identity: connection.identity,
      at: house.clock.now(),
      epoch: connection.epoch,
    })
  return true
}

/** Asks for a BootNotification, for models that never send one by themselves. False when it cannot be asked now. */
export function triggerBoot(connection: Connection): boolean {
  if (!connection.live || connection.outstanding !== undefined || connection.house.frames.full)
    return false
  return place(
    connection,
    {
      callId: connection.house.newId(),
      action: 'TriggerMessage',
      payload: { requestedMessage: 'BootNotification' },
      // While it is not answered an operator's CALL has to wait.
      answerTimeoutMs: Math.min(connection.policy.callTimeoutMs, bootTriggerTimeoutMs),
    },
    true,
  )
}

/** Nobody waits for the outstanding CALL any more, but its answer may still come. */
export function giveUp(connection: Connection, end: 'timeout' | 'connection-lost'): void {
  const call = connection.outstanding
  if (call === undefined) return
  const { house, identity } = connection
  endCall(connection, call, end)
  const { action, sentMono, own } = call
  house.lateCalls.put(call.callId, { identity, version: connection.version, action, sentMono, own })
  if (own) return
  house.reports.outcome({ kind: end, callId: call.callId, identity, at: house.clock.now() })
}

function endCall(connection: Connection, call: OutstandingCall, end: CallEnd): void {
  const { clock, metrics, reports } = connection.house
  const tookMs = clock.monotonic() - call.sentMono
  connection.outstanding = undefined
  metrics.callEnded(call.action, end, tookMs)
  if (end === 'answered' || end === 'error') return connection.news.answered()
  // Of the gateway's own question for a boot models are known that ignore it.
  if (end !== 'timeout' || call.own) return
  connection.news.unanswered(call.action, Math.round(clock.now() - tookMs))
  reports.alive(connection)
}

/** A CALLRESULT has come. */
export function receiveResult(connection: Connection, frame: ResultFrame, text: string): void {
  const { house, identity, version } = connection
  const call = connection.outstanding
  if (call?.callId !== frame.id) return receiveLate(connection, frame, text)
  const checked = readAnswer(connection.policy, version, call.action, frame.payload)
  house.reports.violations(identity, checked.violations, text)
  endCall(connection, call, 'answered')
  if (!checked.valid) complain(connection, frame.id, checked.violations, call.action)
  if (refusesTrigger(checked.payload)) connection.stopExpecting(call.asked)
  if (call.own) return
  house.reports.outcome(
    {
      kind: 'answered',
      callId: call.callId,
      identity,
      at: house.clock.now(),
      payload: checked.payload as Json,
      violations: checked.violations,
      valid: checked.valid,
    },
    text.length,
  )
}

function refusesTrigger(payload: unknown): boolean {
  const status = (payload as { status?: unknown } | null)?.status
  return status === 'Rejected' || status === 'NotImplemented' || status === 'NotSupported'
}

/** OCPP 2.1 lets us say that an answer could not be used (part 4, 4.2.4); older versions know no such message. */
function complain(
  connection: Connection,
  id: string,
  violations: readonly Violation[],
  action: string,
): void {
  if (connection.version !== '2.1') return
  const detail = violations[0]?.detail ?? 'the answer is not what its schema asks for'
  if (connection.send(resultErrorText(id, 'format', detail), action))
    connection.house.metrics.sent('2.1', 'result-error', 'other')
}

/** A CALLERROR has come. */
export function receiveError(connection: Connection, frame: ErrorFrame, text: string): void {
  const { house, identity } = connection
  const call = connection.outstanding
  if (call?.callId !== frame.id) return receiveLate(connection, frame, text)
  endCall(connection, call, 'error')
  connection.stopExpecting(call.asked)
  if (call.own) return
  house.reports.outcome(
    {
      kind: 'error',
      callId: call.callId,
      identity,
      at: house.clock.now(),
      code: frame.code,
      description: frame.description,
      details: frame.details as Json,
    },
    text.length,
  )
}

/** An answer of which no more than its id can be read. False when it answers nothing. */
export function receiveUnreadableAnswer(
  connection: Connection,
  unreadable: Unreadable,
  text: string,
): boolean {
  const call = connection.outstanding
  if (call === undefined || call.callId !== unreadable.id) return false
  const { house, identity } = connection
  endCall(connection, call, 'answered')
  if (call.own) return true
  const at = house.clock.now()
  const { violations } = unreadable
  house.reports.outcome(
    {
      kind: 'answered',
      callId: call.callId,
      identity,
      at,
      payload: null,
      violations,
      valid: false,
    },
    text.length,
  )
  return true
}

/** An answer that is not to the outstanding CALL: to one given up before, or to none. It is never guessed which. */
function receiveLate(connection: Connection, frame: ResultFrame | ErrorFrame, text: string): void {
  const { house, identity } = connection
  const late = house.lateCalls.take(frame.id, identity)
  if (late === undefined) {
    const waiting = connection.outstanding
    const detail =
      waiting === undefined
        ? 'an answer to no CALL of ours'
        : `an answer to no CALL of ours, while ${waiting.action} ${waiting.callId} is not answered`
    house.reports.violations(identity, [{ kind: 'unexpected-answer', detail }], text)
    return
  }
  house.metrics.callEnded(late.action, 'late-answer', house.clock.monotonic() - late.sentMono)
  connection.news.answered()
  if (late.own) return
  const answer =
    frame.type === 'error'
      ? { errorCode: frame.code, description: frame.description }
      : readLateResult(connection, late, frame.payload, text)
  house.reports.outcome(
    { kind: 'late-answer', callId: frame.id, identity, at: house.clock.now(), answer },
    text.length,
  )
}

function readLateResult(connection: Connection, late: LateCall, payload: unknown, text: string) {
  const checked = readAnswer(connection.policy, late.version, late.action, payload)
  connection.house.reports.violations(connection.identity, checked.violations, text)
  return { payload: checked.payload as Json, valid: checked.valid }
}
