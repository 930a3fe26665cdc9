/** Something that falls due. `run` is told the time and must not throw. */
export interface Due {
  /** Milliseconds on the monotonic clock. */
  dueAt: number
  run(now: number): void
}

const slotCount = 512

/**
 * Timers for many connections that cost one timer: entries lie in slots of `tickMs`, and a step looks only
 * at the slots that time has passed. An entry runs up to one tick late, never early. There is no removal:
 * an entry that has become pointless runs and finds nothing to do.
 */
export class Wheel {
  readonly #tickMs: number
  readonly #slots: Due[][] = Array.from({ length: slotCount }, () => [])
  #tick: number

  constructor(tickMs: number, now: number) {
    this.#tickMs = tickMs
    this.#tick = Math.floor(now / tickMs)
  }

  add(entry: Due): void {
    const due = Math.ceil(entry.dueAt / this.#tickMs)
    this.#slot(Math.max(due, this.#tick + 1)).push(entry)
  }

  /** Runs what is due at `now`, and what it adds for later stays for later. */
  advance(now: number): void {
    const target = Math.floor(now / this.#tickMs)
    // One round passes every slot; more rounds would find them again as they are.
    const from = Math.max(this.#tick + 1, target - slotCount + 1)
    for (let tick = from; tick <= target; tick++) {
      this.#tick = tick
      const index = tick % slotCount
      const entries = this.#slots[index]
      if (entries === undefined || entries.length === 0) continue
      this.#slots[index] = []
      for (const entry of entries) {
        if (entry.dueAt <= now) entry.run(now)
        else this.add(entry)
      }
    }
    this.#tick = Math.max(this.#tick, target)
  }

  #slot(tick: number): Due[] {
    const slot = this.#slots[tick % slotCount]
    if (slot === undefined) throw new RangeError('no such slot')
    return slot
  }
}
