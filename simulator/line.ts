import type { Clock } from '../src/kernel/clock.ts'
import type { Log } from '../src/kernel/log.ts'
import { strictResponse } from '../src/ocpp/validation.ts'
import { subprotocolOf } from '../src/ocpp/versions.ts'
import type { SimulationOptions } from './charger.ts'
import { Connection } from './connection.ts'
import type { Counters, ReceivedCall } from './counters.ts'
import { newCounters, noteInvalid } from './counters.ts'
import type { CallEnd } from './link.ts'
import { Link } from './link.ts'
import type { Listeners } from './listeners.ts'
import { LocalClock } from './local-clock.ts'
import { Outbox } from './outbox.ts'
import type { Persona } from './personas.ts'
import type { Random } from './random.ts'
import { Reception } from './reception.ts'
import type { Speaker } from './speaker.ts'

export interface LineSettings {
  readonly options: SimulationOptions
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  readonly listeners: Listeners
  readonly speaker: Speaker
  readonly persona: () => Persona
  readonly onBooted: () => void
  readonly onReopened: (offlineForMs: number) => void
  /** Something was delivered or given up. */
  readonly onDelivered: () => void
  readonly crash: () => void
  readonly endSessions: () => void
}

const defaultHistory = 1000
const defaultAnswerTimeoutMs = 30_000
const defaultBackoff = { leastMs: 1_000, randomMs: 1_000, doublings: 6 }

/** Everything between a virtual charger and the wire, put together and counted. */
export class Line {
  readonly counters: Counters = newCounters()
  readonly received: ReceivedCall[] = []
  readonly localClock: LocalClock
  readonly outbox: Outbox
  readonly connection: Connection
  readonly #settings: LineSettings
  readonly #link: Link
  readonly #reception: Reception
  readonly #seenIds = new Set<string>()
  readonly #idPrefix: string
  #lastId = 0

  constructor(settings: LineSettings) {
    this.#settings = settings
    const { options, clock, random, speaker, persona } = settings
    this.localClock = new LocalClock(clock, persona().clock)
    this.#idPrefix = random.hex(8)
    this.#link = this.#makeLink()
    this.outbox = new Outbox({
      clock,
      link: this.#link,
      mayGo: (message) => this.connection.mayGo(message),
      newMessageId: () => this.#newMessageId(),
      retries: () => {
        const { messageAttempts, messageRetryMs } = speaker.conduct()
        return { attempts: messageAttempts, intervalMs: messageRetryMs }
      },
      timeoutMs: options.answerTimeoutMs ?? defaultAnswerTimeoutMs,
      onSent: (action, payload) => {
        this.counters.sent += 1
        settings.listeners.emit('sent', { action, payload })
      },
      onEnd: (action, id, end) => this.#ended(action, id, end),
      onDelivered: () => {
        settings.onDelivered()
        settings.listeners.changed()
      },
    })
    this.connection = this.#makeConnection()
    this.#reception = this.#makeReception()
  }

  get isOpen(): boolean {
    return this.#link.isOpen
  }

  /** The power came back. */
  restarted(): void {
    this.localClock.restart()
    this.#reception.restarted()
  }

  get isTalking(): boolean {
    return this.#link.isBusy
  }

  async destroy(): Promise<void> {
    this.connection.close()
    this.#reception.close()
    this.outbox.destroy()
    this.#link.destroy()
    await this.#link.gone()
  }

  #makeLink(): Link {
    const { options, clock, random, persona, listeners, log } = this.#settings
    const { url, identity, version } = options
    const link = new Link(
      {
        url,
        identity,
        version,
        offers: persona().offersNoProtocol === true ? [] : [subprotocolOf(version)],
        answersPings: persona().ignoresPings !== true,
        compression: options.compression ?? version !== '1.6',
        ca: options.tls?.ca,
        clock,
      },
      {
        opened: () => this.#opened(),
        refused: (status, retryAfterSeconds) => this.#refused(status, retryAfterSeconds),
        closed: (code) => {
          log.debug({ code }, 'connection closed')
          this.#reception.reconnected()
          this.connection.closed()
          listeners.emit('closed', { code })
        },
        called: (id, action, payload) => {
          this.#reception.receive(id, action, payload)
          listeners.changed()
        },
        improper: (detail) => noteInvalid(this.counters, detail),
      },
    )
    link.mangle = (text) => {
      const written = rewritten(text, persona().rewrites)
      return random.chance(persona().garbledShare ?? 0)
        ? written.slice(0, Math.floor(written.length * random.between(0.3, 0.95)))
        : written
    }
    return link
  }

  #makeConnection(): Connection {
    const { options, clock, random, speaker, persona, listeners } = this.#settings
    return new Connection(
      {
        clock,
        random,
        link: this.#link,
        outbox: this.outbox,
        localClock: this.localClock,
        backoff: () => options.reconnect ?? speaker.conduct().backoff ?? defaultBackoff,
        bootsOnlyWhenAsked: () => persona().bootsOnlyWhenAsked === true,
        bootPayload: (reason) => speaker.boot(reason),
        heartbeatIntervalMs: () =>
          options.heartbeatIntervalMs ?? speaker.conduct().heartbeatIntervalMs,
        onBooted: (intervalSeconds) => {
          this.counters.boots += 1
          speaker.acceptHeartbeatInterval(intervalSeconds)
          this.#settings.onBooted()
          listeners.emit('booted', undefined)
        },
        onReopened: (offlineForMs) => this.#settings.onReopened(offlineForMs),
      },
      options.password,
      options.tls?.identity,
    )
  }

  #makeReception(): Reception {
    const { options, clock, random, speaker, persona } = this.#settings
    return new Reception({
      version: options.version,
      clock,
      random,
      persona,
      link: this.#link,
      speaker,
      counters: this.counters,
      validates: options.validates ?? true,
      bootStatus: () => this.connection.bootStatus,
      onCall: (call) => this.#record(call),
      hangUp: () => this.#link.cut(),
      crash: () => this.#settings.crash(),
      endSessions: () => this.#settings.endSessions(),
    })
  }

  #opened(): void {
    this.counters.connections += 1
    if (this.#settings.persona().messageIds === 'restarting') this.#lastId = 0
    this.#settings.log.debug('connected')
    this.#reception.opened()
    this.connection.opened()
    this.#settings.listeners.emit('opened', undefined)
  }

  #refused(status: number, retryAfterSeconds: number | undefined): void {
    this.counters.refusals[status] = (this.counters.refusals[status] ?? 0) + 1
    this.#settings.log.debug({ status }, 'refused')
    if (retryAfterSeconds !== undefined) this.connection.waitAtLeast(retryAfterSeconds * 1000)
  }

  #record(call: ReceivedCall): void {
    const { counters } = this
    const history = this.#settings.options.history ?? defaultHistory
    counters.calls += 1
    counters.callsByAction[call.action] = (counters.callsByAction[call.action] ?? 0) + 1
    if (history > 0) {
      if (this.#seenIds.has(call.messageId)) counters.duplicates += 1
      this.#seenIds.add(call.messageId)
      this.received.push(call)
      if (this.received.length > history) {
        const oldest = this.received.shift()
        if (oldest !== undefined) this.#seenIds.delete(oldest.messageId)
      }
    }
    this.#settings.listeners.emit('call', call)
  }

  #newMessageId(): string {
    const habit = this.#settings.persona().messageIds ?? 'unique'
    if (habit === 'constant') return '1'
    this.#lastId += 1
    return habit === 'restarting' ? String(this.#lastId) : `${this.#idPrefix}-${this.#lastId}`
  }

  #ended(action: string, id: string, end: CallEnd): void {
    if (end.end === 'answered') {
      this.connection.proven()
      this.#checkAnswer(action, id, end.payload)
    }
    if (end.end === 'error') this.counters.errorsReceived += 1
    if (end.end === 'timeout') this.counters.timeouts += 1
  }

  #checkAnswer(action: string, id: string, payload: unknown): void {
    const { options } = this.#settings
    if (options.validates === false) return
    const wrong = strictResponse(options.version, action, payload)
    if (wrong === undefined) return
    noteInvalid(this.counters, `answer to ${action} ${id}: ${wrong}`)
    this.#link.rejectResult(id, wrong)
  }
}

/** What really goes out of a charger that gets some of its messages wrong. */
function rewritten(text: string, rewrites: Persona['rewrites'] = []): string {
  let written = text
  for (const { of, find, by } of rewrites) {
    const [, type, action] = /^\[([23]),"[^"]*",(?:"(\w+)")?/.exec(text) ?? []
    if (of === (type === '3' ? 'answer' : action)) written = written.replace(find, by)
  }
  return written
}
