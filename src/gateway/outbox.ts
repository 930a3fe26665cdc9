import type { Bus } from '../bus/bus.ts'
import { MessageTooLargeError } from '../bus/bus.ts'
import type { Clock, Timer } from '../kernel/clock.ts'
import type { Json } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
import type { GatewayLimits } from './limits.ts'

/**
 * Tells control things it must not miss: in the order they were put in, gathered into batches, one batch
 * at a time, each repeated until control has taken it.
 */
export class Outbox<T> {
  readonly #subject: string
  readonly #bus: Bus
  readonly #clock: Clock
  readonly #log: Log
  readonly #limits: GatewayLimits
  #waiting: { readonly item: T; readonly chars: number }[] = []
  /** How many at the head of `#waiting` are on their way. */
  #underway = 0
  #scheduled = false
  #failures = 0
  /** Less than the limit after a batch the bus could not carry. */
  #maxBatch: number
  #retry: Timer | undefined
  #emptied: (() => void)[] = []

  constructor(subject: string, house: { bus: Bus; clock: Clock; log: Log; limits: GatewayLimits }) {
    this.#subject = subject
    this.#bus = house.bus
    this.#clock = house.clock
    this.#log = house.log
    this.#limits = house.limits
    this.#maxBatch = house.limits.maxBatch
  }

  get size(): number {
    return this.#waiting.length
  }

  /** `chars` is about how long the item is as text, so that a batch stays within what the bus carries. */
  put(item: T, chars: number): void {
    this.#waiting.push({ item, chars })
    if (this.#scheduled || this.#underway > 0 || this.#retry !== undefined) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      void this.#send()
    })
  }

  /** Resolves when control has taken everything. */
  empty(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve()
    return new Promise((resolve) => this.#emptied.push(resolve))
  }

  /** Stops repeating; what control has not taken is lost. */
  stop(): void {
    this.#retry?.cancel()
    this.#waiting = []
  }

  async #send(): Promise<void> {
    if (this.#underway > 0) return
    const batch = this.#nextBatch()
    if (batch.length === 0) return
    this.#underway = batch.length
    const taken = await this.#offer(batch)
    this.#underway = 0
    if (taken) {
      this.#failures = 0
      this.#maxBatch = this.#limits.maxBatch
      this.#waiting.splice(0, batch.length)
      if (this.#waiting.length > 0) return void this.#send()
      for (const resolve of this.#emptied.splice(0)) resolve()
      return
    }
    this.#failures += 1
    const { retryMinMs, retryMaxMs } = this.#limits
    const delay = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(10, this.#failures - 1))
    this.#retry = this.#clock.after(delay, () => {
      this.#retry = undefined
      void this.#send()
    })
  }

  #nextBatch(): T[] {
    const batch: T[] = []
    let chars = 0
    for (const entry of this.#waiting) {
      chars += entry.chars
      if (batch.length > 0 && chars > this.#limits.maxBatchChars) break
      batch.push(entry.item)
      if (batch.length >= this.#maxBatch) break
    }
    return batch
  }

  /** Whether the batch is done with. */
  async #offer(batch: readonly T[]): Promise<boolean> {
    try {
      await this.#bus.request(this.#subject, batch as unknown as Json, {
        timeoutMs: this.#limits.inboundTimeoutMs,
      })
      return true
    } catch (error) {
      if (error instanceof MessageTooLargeError) return this.#tooLarge(batch, error)
      if (this.#failures === 0)
        this.#log.warn({ err: error, subject: this.#subject }, 'control did not take a report')
      return false
    }
  }

  /** Several items are tried again in smaller batches; one alone would block all others for ever. */
  #tooLarge(batch: readonly T[], error: MessageTooLargeError): boolean {
    if (batch.length > 1) {
      this.#maxBatch = Math.ceil(batch.length / 2)
      return false
    }
    this.#log.error({ err: error }, 'a report is too large for the bus and is dropped')
    return true
  }
}
