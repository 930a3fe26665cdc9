/** Time as the product sees it. Logic takes a `Clock`; nothing below `compose.ts` reads the real one. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds of a clock that never jumps; only differences mean anything. */
  monotonic(): number
  /** Runs `task` once, `delayMs` from now. */
  after(delayMs: number, task: () => void): Timer
}

export interface Timer {
  cancel(): void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, task) {
    const handle = setTimeout(task, delayMs)
    return { cancel: () => clearTimeout(handle) }
  },
}

/** Runs `task` every `periodMs`, never two at once: the next period starts when the task has ended. */
export function every(
  clock: Clock,
  periodMs: number,
  task: () => Promise<void> | void,
  onError: (error: unknown) => void,
): Timer {
  let cancelled = false
  let timer = clock.after(periodMs, tick)
  function tick(): void {
    void Promise.resolve()
      .then(task)
      .catch(onError)
      .then(() => {
        if (!cancelled) timer = clock.after(periodMs, tick)
      })
  }
  return {
    cancel() {
      cancelled = true
      timer.cancel()
    },
  }
}

/** A clock that moves only when told, for tests and for replaying simulated hours in milliseconds. */
export class ManualClock implements Clock {
  #now: number
  readonly #start: number
  #order = 0
  #due: { at: number; order: number; task: () => void }[] = []

  constructor(start: number | string = '2026-01-01T00:00:00Z') {
    this.#now = typeof start === 'number' ? start : Date.parse(start)
    this.#start = this.#now
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now - this.#start
  }

  after(delayMs: number, task: () => void): Timer {
    const entry = { at: this.#now + Math.max(0, delayMs), order: this.#order++, task }
    this.#due.push(entry)
    return {
      cancel: () => {
        this.#due = this.#due.filter((other) => other !== entry)
      },
    }
  }

  /** Moves time forward, running what falls due in order, and letting promises settle in between. */
  async advance(byMs: number): Promise<void> {
    const until = this.#now + byMs
    for (;;) {
      await new Promise((settled) => setImmediate(settled))
      const next = this.#due
        .filter((entry) => entry.at <= until)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0]
      if (next === undefined) break
      this.#due = this.#due.filter((other) => other !== next)
      this.#now = Math.max(this.#now, next.at)
      next.task()
    }
    this.#now = until
    await new Promise((settled) => setImmediate(settled))
  }
}
