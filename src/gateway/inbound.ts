import type { RawData } from 'ws'
import type { Frame, Unreadable } from '../ocpp/frame.ts'
import { answerToUnreadable, errorText, parseFrame, resultText } from '../ocpp/frame.ts'
import type { ErrorMeaning } from '../ocpp/error-codes.ts'
import { formatTimestamp } from '../ocpp/time.ts'
import { checkRequest, strictResponse } from '../ocpp/validation.ts'
import type { Violation } from '../ocpp/violation.ts'
import { isInboundAction, isOutboundAction } from '../ocpp/versions.ts'
import { AnswerMemory } from './answer-memory.ts'
import { errorAnswerHarms, inboundRule } from './boot-rules.ts'
import { receiveError, receiveResult, receiveUnreadableAnswer } from './calls.ts'
import type { Connection, PendingMessage } from './connection.ts'
import { handToControl } from './control-line.ts'
import { countFrame, countWaiting } from './flow.ts'
import type { InboundAnswer } from './protocol.ts'

/** What a charger sends: answers are taken at once, its own messages one at a time in their order. */

/** One WebSocket message has come. */
export function receive(connection: Connection, data: RawData, isBinary: boolean): void {
  const { house } = connection
  const nowMono = house.clock.monotonic()
  connection.lastInboundMono = nowMono
  house.reports.alive(connection)
  if (connection.closing !== undefined) return
  if (isBinary) return refuseBinary(connection, textOf(data).length)
  countFrame(connection, nowMono)
  const text = textOf(data)
  const parsed = parseFrame(text, connection.version)
  if (connection.traced !== undefined) house.trace.received(connection, parsed, text)
  house.reports.violations(connection.identity, parsed.violations, text)
  if (parsed.ok) receiveFrame(connection, parsed.frame, text, nowMono)
  else receiveUnreadable(connection, parsed, text, nowMono)
}

function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString()
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data).toString()
}

/** OCPP-J is text (1.6J 4.1, 2.x part 4 3.2); what a binary frame holds is nobody's guess. */
function refuseBinary(connection: Connection, bytes: number): void {
  connection.house.trace.receivedBinary(connection, bytes)
  const detail = 'a binary frame, where OCPP-J has only text'
  record(connection, { kind: 'malformed-envelope', detail }, '')
  connection.close('protocol-error', 1003, detail)
}

function record(connection: Connection, violation: Violation, text: string): void {
  connection.house.reports.violations(connection.identity, [violation], text)
}

function receiveFrame(connection: Connection, frame: Frame, text: string, nowMono: number): void {
  const { metrics } = connection.house
  switch (frame.type) {
    case 'call':
    case 'send':
      metrics.received(connection.version, frame.type, actionLabel(connection, frame.action))
      return queueMessage(connection, {
        id: frame.id,
        action: frame.action,
        payload: frame.payload,
        readable: true,
        unanswered: frame.type === 'send',
        text,
        receivedAt: connection.house.clock.now(),
        receivedMono: nowMono,
      })
    case 'result':
      metrics.received(connection.version, 'result', outstandingLabel(connection))
      return receiveResult(connection, frame, text)
    case 'error':
      metrics.received(connection.version, 'error', outstandingLabel(connection))
      return receiveError(connection, frame, text)
    case 'result-error':
      metrics.received(connection.version, 'result-error', 'other')
      connection.house.log.warn(
        { identity: connection.identity, code: frame.code, description: frame.description },
        'a charger could not use an answer of ours',
      )
  }
}

function receiveUnreadable(
  connection: Connection,
  unreadable: Unreadable,
  text: string,
  nowMono: number,
): void {
  const { version, house } = connection
  const { type, id, action } = unreadable
  house.metrics.received(version, 'unreadable', 'other')
  if (type === 'result' && receiveUnreadableAnswer(connection, unreadable, text)) return
  if (type === 'call' && id !== undefined && action !== undefined && errorAnswerHarms(action))
    return queueMessage(connection, {
      id,
      action,
      payload: null,
      readable: false,
      unanswered: false,
      text,
      receivedAt: house.clock.now(),
      receivedMono: nowMono,
    })
  const answer = answerToUnreadable(version, unreadable)
  if (answer === undefined || !connection.live) return
  if (connection.send(answer, action)) house.metrics.sent(version, 'error', 'other')
}

function actionLabel(connection: Connection, action: string): string {
  return isInboundAction(connection.version, action) ? action : 'other'
}

function outstandingLabel(connection: Connection): string {
  return connection.outstanding?.action ?? 'other'
}

function queueMessage(connection: Connection, message: PendingMessage): void {
  if (!connection.live) return
  if (!connection.busy) return handle(connection, message)
  connection.waiting ??= []
  connection.waiting.push(message)
  connection.waitingBytes += message.text.length
  countWaiting(connection)
}

/** Takes up what has waited until one is with control again. */
function proceed(connection: Connection): void {
  const { waiting } = connection
  while (!connection.busy && waiting !== undefined) {
    const next = waiting.shift()
    if (next === undefined) {
      connection.waiting = undefined
      break
    }
    connection.waitingBytes -= next.text.length
    handle(connection, next)
  }
  countWaiting(connection)
}

/** Answers a message here, or hands it to control. */
function handle(connection: Connection, message: PendingMessage): void {
  const { house, version } = connection
  const { action } = message
  if (!isInboundAction(version, action)) return refuseAction(connection, message)
  if (action === 'BootNotification') connection.booted = true
  const asked = connection.wasAskedFor(action, message.receivedMono)
  const rule = inboundRule(version, connection.bootState, action, asked)
  if (rule !== 'take') {
    const detail = `${action} while the charger's registration is ${connection.bootState}`
    record(connection, { kind: 'not-allowed-now', action, detail }, message.text)
    if (rule === 'refuse') return answerError(connection, message, 'security', detail)
  }
  const { answerMemoryMs } = house.limits
  const repeated = connection.answers?.recall(
    message.id,
    action,
    message.text,
    message.receivedMono,
    answerMemoryMs,
  )
  if (repeated !== undefined) return write(connection, message, repeated, 'result')
  const checked = message.readable
    ? checkRequest('from-charger', version, action, message.payload, message.receivedAt)
    : { valid: false, payload: null, violations: [] }
  house.reports.violations(connection.identity, checked.violations, message.text)
  if (action === 'Heartbeat') return answerHeartbeat(connection, message)
  if (!checked.valid && !errorAnswerHarms(action)) {
    const detail =
      checked.violations.at(-1)?.detail ?? 'the payload is not what its schema asks for'
    return answerError(connection, message, 'format', detail)
  }
  forward(connection, message, { payload: checked.payload, valid: checked.valid, asked })
}

function refuseAction(connection: Connection, message: PendingMessage): void {
  const { version } = connection
  const { action } = message
  const name = action.slice(0, 64)
  const detail = isOutboundAction(version, action)
    ? `${name} is a message to chargers, not from them`
    : `OCPP ${version} has no ${name}`
  record(connection, { kind: 'unknown-action', action: name, detail }, message.text)
  answerError(connection, message, 'not-implemented', detail)
}

/** The one message answered without control: time is all it asks for. */
function answerHeartbeat(connection: Connection, message: PendingMessage): void {
  const now = connection.house.clock.now()
  connection.lastHeartbeatAt = now
  write(
    connection,
    message,
    resultText(message.id, { currentTime: formatTimestamp(now) }),
    'result',
  )
}

function answerError(
  connection: Connection,
  message: PendingMessage,
  meaning: ErrorMeaning,
  description: string,
): void {
  const text = errorText(connection.version, message.id, meaning, description)
  write(connection, message, text, 'error')
}

function write(
  connection: Connection,
  message: PendingMessage,
  text: string,
  kind: 'result' | 'error',
): void {
  if (message.unanswered || connection.displaced) return
  const { metrics, clock } = connection.house
  const tookMs = clock.monotonic() - message.receivedMono
  if (!connection.send(text, message.action, tookMs)) return
  const label = actionLabel(connection, message.action)
  metrics.sent(connection.version, kind, label)
  metrics.answeredCharger(label, tookMs)
}

function forward(
  connection: Connection,
  message: PendingMessage,
  read: { payload: unknown; valid: boolean; asked: boolean },
): void {
  connection.busy = true
  handToControl(connection, message, read, (answer) => {
    connection.busy = false
    try {
      giveAnswer(connection, message, answer)
      proceed(connection)
    } catch (error) {
      failConnection(connection, error)
    }
  })
}

/** A broken expectation of ours costs the one connection it happened on. */
export function failConnection(connection: Connection, error: unknown): void {
  const { identity, house } = connection
  house.log.error({ err: error, identity }, 'a message could not be handled')
  connection.close('protocol-error', 1011, 'internal error')
}

/** Sends control's answer, which must itself be what the schema asks for. */
function giveAnswer(connection: Connection, message: PendingMessage, answer: InboundAnswer): void {
  const { house, identity, version } = connection
  const { action, id } = message
  if (answer.kind === 'error')
    return answerError(connection, message, answer.code, answer.description)
  if (message.unanswered) return
  const fault = strictResponse(version, action, answer.payload)
  if (fault !== undefined) {
    house.log.error({ identity, action, fault }, 'an answer of ours is invalid and is not sent')
    return answerError(connection, message, 'internal', 'no valid answer could be made')
  }
  if (answer.policy !== undefined) connection.policy = answer.policy
  if (action === 'BootNotification') noteBoot(connection, answer.payload)
  const text = resultText(id, answer.payload)
  connection.answers ??= new AnswerMemory()
  connection.answers.remember(id, action, message.text, text, message.receivedMono)
  write(connection, message, text, 'result')
}

function noteBoot(
  connection: Connection,
  answer: { readonly status?: unknown; readonly interval?: unknown },
): void {
  const { status, interval } = answer
  const seconds = typeof interval === 'number' && interval > 0 ? interval : 0
  connection.bootAnsweredMono = connection.house.clock.monotonic()
  if (status === 'Accepted') {
    connection.bootState = 'accepted'
    if (seconds > 0) connection.heartbeatIntervalSeconds = seconds
    return
  }
  if (status === 'Pending') connection.bootState = 'pending'
  if (status === 'Rejected') connection.bootState = 'rejected'
  // Here the interval is the delay before the next BootNotification, and nothing else need come before it.
  const { heartbeatIntervalSeconds } = connection.policy
  connection.heartbeatIntervalSeconds = Math.max(heartbeatIntervalSeconds, seconds)
}
