import type { Clock, Timer } from '../src/kernel/clock.ts'
import type { CallEnd, Link } from './link.ts'

/** A CALL the charger wants to make. */
export interface Outgoing {
  readonly action: string
  /** Made at the moment of sending, because a 1.6 stop needs the id its start was answered with. Undefined: no longer worth sending. */
  readonly payload: () => object | undefined
  /** Asked for by TriggerMessage, so it may go out before the boot is accepted. */
  readonly provoked?: boolean
  /** Called once, when the message is over: answered, given up, or (if not kept) lost. */
  readonly settled?: (end: CallEnd) => void
}

export interface OutboxSettings {
  readonly clock: Clock
  readonly link: Link
  /** Whether this message may be sent in the charger's present state. */
  readonly mayGo: (message: Outgoing) => boolean
  readonly newMessageId: () => string
  /** OCPP 1.6 TransactionMessageAttempts / ...RetryInterval, 2.x MessageAttempts / MessageAttemptInterval. */
  readonly retries: () => { readonly attempts: number; readonly intervalMs: number }
  readonly timeoutMs: number
  readonly onSent: (action: string, payload: object) => void
  /** A message is over and the next may be on its way. */
  readonly onDelivered: () => void
  readonly onEnd: (action: string, messageId: string, end: CallEnd) => void
}

interface Queued {
  readonly message: Outgoing
  /** Place in line across both queues. */
  readonly order: number
  attempts: number
}

const mostKept = 2000
const mostPassing = 500

/**
 * Everything the charger still has to send, one CALL at a time. Transaction messages are kept across
 * lost connections and restarts, go out in order and are repeated; others are dropped when the line is.
 */
export class Outbox {
  readonly #settings: OutboxSettings
  #passing: Queued[] = []
  #kept: Queued[] = []
  #order = 0
  #retryAt: number | undefined
  #retryTimer: Timer | undefined
  #sending = false

  constructor(settings: OutboxSettings) {
    this.#settings = settings
  }

  /** Transaction messages not yet delivered. */
  get waiting(): number {
    return this.#kept.length
  }

  get isIdle(): boolean {
    return !this.#sending && this.#kept.length === 0 && this.#passing.length === 0
  }

  send(message: Outgoing): void {
    if (this.#passing.length >= mostPassing)
      this.#passing.shift()?.message.settled?.({ end: 'lost' })
    this.#passing.push({ message, order: ++this.#order, attempts: 0 })
    this.pump()
  }

  /** Ahead of everything else, e.g. a BootNotification. */
  sendFirst(message: Outgoing): void {
    this.#passing.unshift({ message, order: 0, attempts: 0 })
    this.pump()
  }

  keep(message: Outgoing): void {
    // The first may be on its way, and starts and stops are told first and last: the middle gives.
    if (this.#kept.length >= mostKept) this.#kept.splice(mostKept / 2, 1)
    this.#kept.push({ message, order: ++this.#order, attempts: 0 })
    this.pump()
  }

  /** The connection is gone: what was not to be kept is lost. */
  lineLost(): void {
    const lost = this.#passing
    this.#passing = []
    for (const { message } of lost) message.settled?.({ end: 'lost' })
  }

  /** Sends what may go, in the order it arose. Called whenever that may have changed. */
  pump(): void {
    const { link } = this.#settings
    while (!this.#sending && link.isOpen && !link.isBusy) {
      const next = this.#next()
      if (next === undefined) return
      const payload = next.message.payload()
      const kept = this.#kept[0] === next
      if (!kept) this.#passing = this.#passing.filter((other) => other !== next)
      if (payload === undefined) {
        if (kept) this.#kept.shift()
      } else if (kept) {
        void this.#sendKept(next, payload)
      } else {
        void this.#sendPassing(next.message, payload)
      }
    }
  }

  #next(): Queued | undefined {
    const { mayGo } = this.#settings
    const passing = this.#passing.find(({ message }) => mayGo(message))
    const kept = this.#kept[0]
    if (kept === undefined || this.#retryAt !== undefined || !mayGo(kept.message)) return passing
    return passing !== undefined && passing.order < kept.order ? passing : kept
  }

  destroy(): void {
    this.#retryTimer?.cancel()
    this.#passing = []
    this.#kept = []
  }

  async #sendPassing(message: Outgoing, payload: object): Promise<void> {
    const end = await this.#call(message, payload)
    message.settled?.(end)
    this.pump()
    this.#settings.onDelivered()
  }

  async #sendKept(kept: Queued, payload: object): Promise<void> {
    kept.attempts += 1
    const end = await this.#call(kept.message, payload)
    const { attempts, intervalMs } = this.#settings.retries()
    if (end.end === 'lost') {
      // A broken line is not the message's fault.
      kept.attempts -= 1
    } else if (end.end === 'answered' || kept.attempts >= attempts) {
      this.#kept = this.#kept.filter((other) => other !== kept)
      kept.message.settled?.(end)
    } else {
      this.#waitBeforeRetry(intervalMs * kept.attempts)
    }
    this.pump()
    this.#settings.onDelivered()
  }

  async #call(message: Outgoing, payload: object): Promise<CallEnd> {
    const { link, newMessageId, timeoutMs, onSent, onEnd } = this.#settings
    this.#sending = true
    onSent(message.action, payload)
    const id = newMessageId()
    const end = await link.call(id, message.action, payload, timeoutMs)
    this.#sending = false
    onEnd(message.action, id, end)
    return end
  }

  #waitBeforeRetry(delayMs: number): void {
    const { clock } = this.#settings
    this.#retryAt = clock.now() + delayMs
    this.#retryTimer = clock.after(delayMs, () => {
      this.#retryAt = undefined
      this.pump()
    })
  }
}
