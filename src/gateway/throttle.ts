/** How often something may happen: `burst` times in a row, and once more every `regainMs`. */
export interface Allowance {
  readonly burst: number
  readonly regainMs: number
}

/**
 * Keeps an allowance for each key, in a bounded table. A key takes one number: the moment its allowance
 * is full again. When the table is full the key that was first in it gives way.
 */
export class Throttle {
  readonly #allowance: Allowance
  readonly #maxKeys: number
  readonly #fullAt = new Map<string, number>()

  constructor(allowance: Allowance, maxKeys: number) {
    this.#allowance = allowance
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#fullAt.size
  }

  /** Milliseconds until the key may go on; 0 when it may now. */
  waitMs(key: string, now: number): number {
    const { burst, regainMs } = this.#allowance
    const spentMs = (this.#fullAt.get(key) ?? 0) - now
    return Math.max(0, spentMs - (burst - 1) * regainMs)
  }

  /** Uses the key's allowance once. */
  spend(key: string, now: number): void {
    const fullAt = Math.max(this.#fullAt.get(key) ?? 0, now) + this.#allowance.regainMs
    this.#fullAt.delete(key)
    if (this.#fullAt.size >= this.#maxKeys) this.#evict(now)
    this.#fullAt.set(key, fullAt)
  }

  /** Makes room: first what no longer limits anybody, then the key spent least recently. */
  #evict(now: number): void {
    let looked = 0
    for (const [key, fullAt] of this.#fullAt) {
      if (fullAt <= now) this.#fullAt.delete(key)
      looked += 1
      if (looked >= 8) break
    }
    if (this.#fullAt.size < this.#maxKeys) return
    const oldest = this.#fullAt.keys().next()
    if (oldest.done !== true) this.#fullAt.delete(oldest.value)
  }
}
