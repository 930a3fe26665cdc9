import type { House } from './house.ts'
import { Outbox } from './outbox.ts'
import type { CountedFrame } from './protocol.ts'
import { subjects } from './protocol.ts'

const charsPerFrame = 250

/**
 * Counts every CALL that leaves, whoever asked for it, and tells control, which holds each against the
 * record. Numbered without gaps, so that what is not told is missed.
 */
export class FrameCount {
  readonly #outbox: Outbox<CountedFrame>
  readonly #gateway: string
  readonly #run: string
  readonly #most: number
  #number = 0
  #waiting: CountedFrame[] = []

  constructor(house: Pick<House, 'bus' | 'clock' | 'log' | 'limits' | 'name' | 'newId'>) {
    this.#outbox = new Outbox(subjects.frames, house)
    this.#gateway = house.name
    this.#run = house.newId()
    this.#most = house.limits.maxFramesUncounted
  }

  /** So many are not told that no more may leave. */
  get full(): boolean {
    return this.#waiting.length + this.#outbox.size >= this.#most
  }

  add(frame: Omit<CountedFrame, 'gateway' | 'run' | 'number'>): void {
    this.#number += 1
    this.#waiting.push({ gateway: this.#gateway, run: this.#run, number: this.#number, ...frame })
  }

  flush(): void {
    for (const frame of this.#waiting.splice(0)) this.#outbox.put(frame, charsPerFrame)
  }

  /** Resolves when control has taken everything. */
  empty(): Promise<void> {
    this.flush()
    return this.#outbox.empty()
  }

  stop(): void {
    this.#outbox.stop()
  }
}
