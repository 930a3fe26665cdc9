import type { Clock } from '../kernel/clock.ts'

/** How long a secret is believed without looking again, should the news of its end not arrive. */
const believedForMs = 5_000
const size = 2_000

/** What was read of secrets seen in the last seconds, so that not every request asks the database. */
export class Believed<Row> {
  readonly #clock: Clock
  readonly #rows = new Map<string, { row: Row; readAt: number }>()
  #generation = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  find(hash: Buffer): Row | undefined {
    const entry = this.#rows.get(hash.toString('base64'))
    return entry !== undefined && this.#clock.monotonic() - entry.readAt < believedForMs
      ? entry.row
      : undefined
  }

  /** Reads a row and remembers it, unless something changed while it was read. */
  async fill(hash: Buffer, read: () => Promise<Row | undefined>): Promise<Row | undefined> {
    const before = this.#generation
    const row = await read()
    if (row !== undefined && before === this.#generation) this.#remember(hash, row)
    return row
  }

  #remember(hash: Buffer, row: Row): void {
    if (this.#rows.size >= size) {
      const oldest = this.#rows.keys().next()
      if (oldest.done !== true) this.#rows.delete(oldest.value)
    }
    const key = hash.toString('base64')
    this.#rows.delete(key)
    this.#rows.set(key, { row, readAt: this.#clock.monotonic() })
  }

  /** Something changed: everything is looked up again. */
  forget(): void {
    this.#generation += 1
    this.#rows.clear()
  }
}
