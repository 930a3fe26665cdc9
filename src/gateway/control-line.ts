import { MessageTooLargeError } from '../bus/bus.ts'
import type { Json } from '../kernel/json.ts'
import type { Connection, PendingMessage } from './connection.ts'
import type { House } from './house.ts'
import type { InboundAnswer, InboundCall } from './protocol.ts'
import { subjects } from './protocol.ts'

/** A message on its way to control. */
interface Handover {
  readonly house: House
  readonly call: InboundCall
  readonly deadlineMono: number
  readonly done: (answer: InboundAnswer) => void
}

/**
 * Hands a charger's message to control and calls `done` with its answer. Repeated while control is away, as
 * long as a charger can be expected to wait: control knows what it has handled before. Written with
 * callbacks because every message of every charger passes here.
 */
export function handToControl(
  connection: Connection,
  message: PendingMessage,
  read: { payload: unknown; valid: boolean; asked: boolean },
  done: (answer: InboundAnswer) => void,
): void {
  const { house } = connection
  const call: InboundCall = {
    identity: connection.identity,
    epoch: connection.epoch,
    version: connection.version,
    messageId: message.id,
    action: message.action,
    payload: read.payload as Json,
    valid: read.valid,
    receivedAt: message.receivedAt,
    provoked: read.asked,
    unanswered: message.unanswered,
  }
  const deadlineMono = house.clock.monotonic() + house.limits.inboundDeadlineMs
  offer({ house, call, deadlineMono, done }, 0)
}

function offer(handover: Handover, attempt: number): void {
  const { house, call, deadlineMono, done } = handover
  const left = deadlineMono - house.clock.monotonic()
  if (left <= 0 || house.stopped) return done(unavailable)
  const timeoutMs = Math.min(house.limits.inboundTimeoutMs, left)
  house.bus
    .request(subjects.inbound, call as unknown as Json, { timeoutMs })
    .then(done as unknown as (answer: Json) => void, (error: unknown) => {
      if (error instanceof MessageTooLargeError) return done(tooLarge)
      logOnce(house, call, attempt, error)
      house.metrics.controlRetried()
      house.clock.after(pauseMs(house, attempt), () => offer(handover, attempt + 1))
    })
}

const unavailable: InboundAnswer = {
  kind: 'error',
  code: 'internal',
  description: 'the system cannot take messages at the moment',
}
const tooLarge: InboundAnswer = {
  kind: 'error',
  code: 'internal',
  description: 'the message is too large to be handled',
}

function logOnce(house: House, call: InboundCall, attempt: number, error: unknown): void {
  if (attempt !== 0) return
  const { identity, action } = call
  house.log.warn({ err: error, identity, action }, 'control did not take a message; repeating it')
}

function pauseMs(house: House, attempt: number): number {
  const { retryMinMs, retryMaxMs } = house.limits
  return Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(attempt, 10))
}
