import { WebSocket } from 'ws'
import type { Subscription } from '../bus/bus.ts'
import type { Version } from '../ocpp/versions.ts'
import type { AnswerMemory } from './answer-memory.ts'
import type { House } from './house.ts'
import type { OutstandingCall } from './calls.ts'
import { LinkNews } from './link-news.ts'
import type { BootState, CloseReason, ConnectionPolicy } from './protocol.ts'
import type { Traced } from './trace.ts'

/** A WebSocket that knows whose it is, so that all connections share one set of listeners. */
export class ChargerSocket extends WebSocket {
  connection: Connection | undefined = undefined
}

/** A CALL or SEND of the charger that waits for its turn. */
export interface PendingMessage {
  readonly id: string
  readonly action: string
  readonly payload: unknown
  /** False when only the id and the action could be read. */
  readonly readable: boolean
  readonly unanswered: boolean
  readonly text: string
  /** ms since the epoch. */
  readonly receivedAt: number
  readonly receivedMono: number
}

/** Why we end a connection. */
export interface Closing {
  readonly reason: CloseReason
  readonly code: number
  readonly detail: string
  /** It was displaced while it still lived. */
  readonly contested?: boolean
}

/** A trigger is taken to have brought what comes within this time. */
const askedForMs = 60_000
/** A close frame holds 125 bytes, two of them the code (RFC 6455 5.5). */
const maxCloseBytes = 123

export interface ConnectionStart {
  readonly identity: string
  readonly epoch: number
  readonly version: Version
  readonly remoteAddress: string
  readonly bootState: BootState
  readonly policy: ConnectionPolicy
}

/**
 * One charger's live socket and what is remembered of it. There are many and most are idle, so whatever
 * few need is made on first use. Times named `...Mono` are of the monotonic clock, milliseconds.
 */
export class Connection {
  readonly house: House
  readonly socket: ChargerSocket
  readonly identity: string
  readonly epoch: number
  readonly version: Version
  readonly remoteAddress: string
  /** As control decided at the handshake, or when the charger said what it is. */
  policy: ConnectionPolicy
  readonly openedMono: number
  bootState: BootState
  /** From the last accepted BootNotification, else as the policy says. */
  heartbeatIntervalSeconds: number
  lastInboundMono: number
  lastHeartbeatAt: number | undefined = undefined
  roundTripMs: number | undefined = undefined
  pingSentMono = 0
  /** Something has come since the last report of life. */
  unreported = false
  booted = false
  /** When the last boot of this connection was answered. */
  bootAnsweredMono: number | undefined = undefined

  /** A message is with control; what comes meanwhile waits in `waiting`. */
  busy = false
  waiting: PendingMessage[] | undefined = undefined
  waitingBytes = 0
  frameSecond = 0
  framesInSecond = 0
  floodedSeconds = 0
  #pausedForQueue = false
  #pausedForRate = false

  outstanding: OutstandingCall | undefined = undefined
  /** The last order taken, so that one repeated by control is not sent again. */
  lastCallId = ''
  subscriptions: readonly Subscription[] = []
  closing: Closing | undefined = undefined
  /** A newer connection lives; this one is only asked whether it still answers. */
  displaced = false
  closed = false
  #asked: Map<string, number> | undefined = undefined
  answers: AnswerMemory | undefined = undefined
  readonly news = new LinkNews()
  /** Its messages are given to the trace. */
  traced: Traced | undefined = undefined

  constructor(house: House, socket: ChargerSocket, start: ConnectionStart) {
    const now = house.clock.monotonic()
    this.house = house
    this.socket = socket
    this.identity = start.identity
    this.epoch = start.epoch
    this.version = start.version
    this.remoteAddress = start.remoteAddress
    this.bootState = start.bootState
    this.policy = start.policy
    this.heartbeatIntervalSeconds = start.policy.heartbeatIntervalSeconds
    this.openedMono = now
    this.lastInboundMono = now
    const { traceUntil = 0 } = start.policy
    if (traceUntil > 0) this.traced = { until: traceUntil, sequence: 0, missed: 0 }
  }

  /** Whether new CALLs of the charger are handled and ours may be sent. */
  get live(): boolean {
    return !this.displaced && this.closing === undefined && !this.closed && !this.house.draining
  }

  get open(): boolean {
    return this.socket.readyState === WebSocket.OPEN
  }

  /**
   * Writes one frame. False when the socket is no longer open. Of an answer, `action` and `roundTripMs` are
   * those of the CALL it answers.
   */
  send(text: string, action?: string, roundTripMs?: number): boolean {
    if (!this.open) return false
    this.socket.send(text)
    if (this.traced !== undefined) this.house.trace.sent(this, text, action, roundTripMs)
    if (this.socket.bufferedAmount > this.house.limits.maxOutboundBytes) this.#cutNotReading()
    return true
  }

  #cutNotReading(): void {
    this.closing ??= { reason: 'not-reading', code: 1006, detail: 'the charger reads nothing' }
    this.house.log.warn({ identity: this.identity }, 'a charger reads nothing and is cut off')
    this.socket.terminate()
  }

  /** Starts the closing handshake. The first reason given stands. */
  close(reason: CloseReason, code: number, detail: string): void {
    this.closing ??= { reason, code, detail }
    // A paused socket would never see the answer to our close frame.
    this.#pausedForQueue = false
    this.#pausedForRate = false
    this.#applyPause()
    this.socket.close(code, cutToBytes(detail, maxCloseBytes))
  }

  /** Drops the socket of a peer that is not expected to answer. */
  cut(reason: CloseReason, detail: string): void {
    this.closing ??= { reason, code: 1006, detail }
    this.socket.terminate()
  }

  get paused(): boolean {
    return this.#pausedForQueue || this.#pausedForRate
  }

  pauseForQueue(paused: boolean): void {
    if (paused === this.#pausedForQueue) return
    if (paused) this.house.metrics.paused('queue')
    this.#pausedForQueue = paused
    this.#applyPause()
  }

  pauseForRate(paused: boolean): void {
    if (paused === this.#pausedForRate) return
    if (paused) this.house.metrics.paused('rate')
    this.#pausedForRate = paused
    this.#applyPause()
  }

  #applyPause(): void {
    if (this.paused) this.socket.pause()
    else this.socket.resume()
  }

  /** Notes that a CALL of ours brings these actions. */
  expect(actions: readonly string[], nowMono: number): void {
    if (actions.length === 0) return
    this.#asked ??= new Map()
    for (const action of actions) this.#asked.set(action, nowMono + askedForMs)
  }

  /** The charger refused to bring them. */
  stopExpecting(actions: readonly string[]): void {
    for (const action of actions) this.#asked?.delete(action)
  }

  /** Whether we asked for this message. One request brings one boot, but may bring several of the others. */
  wasAskedFor(action: string, nowMono: number): boolean {
    const until = this.#asked?.get(action)
    if (until === undefined) return false
    if (action === 'BootNotification' || nowMono > until) this.#asked?.delete(action)
    return nowMono <= until
  }
}

function cutToBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text
  const bytes = Buffer.from(text)
  let end = maxBytes
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end)
}
