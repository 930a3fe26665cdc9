import type { Clock } from '../kernel/clock.ts'
import type { ChangeSet } from './batch.ts'
import { DatabaseClosedError, OverloadedError } from './errors.ts'

/** One caller of `commit`, waiting. */
export interface Waiting {
  readonly changes: ChangeSet
  /** When it was asked, on the monotonic clock. */
  readonly since: number
  resolve(results: readonly unknown[]): void
  reject(error: unknown): void
}

/** The changes that wait to be committed, first come first served, never more than `maxWaiting`. */
export class CommitQueue {
  readonly #clock: Clock
  readonly #maxWaiting: number
  #waiting: Waiting[] = []
  #head = 0
  #changes = 0
  #closed = false
  #wakers: (() => void)[] = []

  constructor(clock: Clock, maxWaiting: number) {
    this.#clock = clock
    this.#maxWaiting = maxWaiting
  }

  /** How many changes wait; those being committed do not count. */
  get size(): number {
    return this.#changes
  }

  add(changes: ChangeSet): Promise<readonly unknown[]> {
    if (this.#closed) return Promise.reject(new DatabaseClosedError())
    if (this.#changes >= this.#maxWaiting) return Promise.reject(new OverloadedError(this.#changes))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, since: this.#clock.monotonic(), resolve, reject })
      this.#changes += changes.length
      this.#wake()
    })
  }

  /** The next sets, `maxChanges` changes at most, but never half a set. */
  take(maxChanges: number): Waiting[] {
    const taken: Waiting[] = []
    let room = maxChanges
    while (this.#head < this.#waiting.length) {
      const next = this.#waiting[this.#head]!
      if (taken.length > 0 && next.changes.length > room) break
      taken.push(next)
      room -= next.changes.length
      this.#changes -= next.changes.length
      this.#head += 1
    }
    if (this.#head > 1_024 || this.#head === this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head)
      this.#head = 0
    }
    return taken
  }

  /** Resolves to true once something waits, to false once the queue is closed and empty. */
  async filled(): Promise<boolean> {
    while (this.#changes === 0 && !this.#closed)
      await new Promise<void>((resolve) => this.#wakers.push(resolve))
    return this.#changes > 0
  }

  rejectOlderThan(since: number, error: Error): void {
    const waiting = this.#waiting.slice(this.#head)
    this.#head = 0
    this.#waiting = waiting.filter((one) => one.since > since)
    this.#changes = this.#waiting.reduce((sum, one) => sum + one.changes.length, 0)
    for (const one of waiting) if (one.since <= since) one.reject(error)
  }

  /** Takes nothing more. What waits already is still to be committed. */
  close(): void {
    this.#closed = true
    this.#wake()
  }

  #wake(): void {
    const wakers = this.#wakers
    this.#wakers = []
    for (const wake of wakers) wake()
  }
}
