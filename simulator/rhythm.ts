import type { Clock, Timer } from '../src/kernel/clock.ts'

/** A charger's own timers, by name: setting one anew replaces it. */
export class Rhythm {
  readonly #clock: Clock
  readonly #timers = new Map<string, Timer>()
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  once(name: string, delayMs: number, task: () => void): void {
    this.cancel(name)
    if (this.#closed) return
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(name)
      task()
    })
    this.#timers.set(name, timer)
  }

  /** A period of 0 stops it. */
  repeat(name: string, periodMs: number, task: () => void): void {
    this.cancel(name)
    if (periodMs <= 0 || this.#closed) return
    this.once(name, periodMs, () => {
      // First the next beat, so that the task may change or stop the rhythm.
      this.repeat(name, periodMs, task)
      task()
    })
  }

  runs(name: string): boolean {
    return this.#timers.has(name)
  }

  cancel(name: string): void {
    this.#timers.get(name)?.cancel()
    this.#timers.delete(name)
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }

  /** Stops, and starts nothing any more. */
  close(): void {
    this.#closed = true
    this.stop()
  }
}
