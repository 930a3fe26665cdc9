import type { Clock } from '../kernel/clock.ts'
import { gathered } from '../storage/gathered.ts'

/** How long a secret is believed without looking again, should the news of its end not arrive. */
const believedForMs = 5_000
const size = 2_000

/**
 * What was read of secrets seen in the last seconds, so that not every request asks the database. Those that are
 * not known yet are looked up together, by one statement at a time: a flood of wrong secrets costs the database
 * little, so that nobody's right one has to wait for the end of it.
 */
export class Believed<Row extends { readonly hash: Buffer }> {
  readonly #clock: Clock
  readonly #read: (names: readonly string[]) => Promise<ReadonlyMap<string, Row>>
  readonly #rows = new Map<string, { row: Row; readAt: number }>()
  #generation = 0

  constructor(clock: Clock, read: (hashes: readonly Buffer[]) => Promise<readonly Row[]>) {
    this.#clock = clock
    this.#read = gathered(async (names) => {
      const rows = await read(names.map((name) => Buffer.from(name, 'base64')))
      return new Map(rows.map((row) => [nameOf(row.hash), row]))
    })
  }

  find(hash: Buffer): Row | undefined {
    const entry = this.#rows.get(nameOf(hash))
    return entry !== undefined && this.#clock.monotonic() - entry.readAt < believedForMs
      ? entry.row
      : undefined
  }

  /** The row that is believed, or else read and remembered, unless something changed while it was read. */
  async findOrRead(hash: Buffer): Promise<Row | undefined> {
    const known = this.find(hash)
    if (known !== undefined) return known
    const before = this.#generation
    const row = (await this.#read([nameOf(hash)])).get(nameOf(hash))
    if (row !== undefined && before === this.#generation) this.#remember(hash, row)
    return row
  }

  #remember(hash: Buffer, row: Row): void {
    if (this.#rows.size >= size) {
      const oldest = this.#rows.keys().next()
      if (oldest.done !== true) this.#rows.delete(oldest.value)
    }
    const key = nameOf(hash)
    this.#rows.delete(key)
    this.#rows.set(key, { row, readAt: this.#clock.monotonic() })
  }

  /** Something changed: everything is looked up again. */
  forget(): void {
    this.#generation += 1
    this.#rows.clear()
  }
}

function nameOf(hash: Buffer): string {
  return hash.toString('base64')
}
