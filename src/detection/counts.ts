import type { Bus } from '../bus/bus.ts'
import { every, type Clock } from '../kernel/clock.ts'
import type { Json } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
import type { Database } from '../storage/database.ts'
import type { Past } from './past.ts'
import { pieceMs, Tally } from './tally.ts'
import { addTallies, forgetTallies, readTallies, type TallyRow } from './tally-store.ts'

export interface CountsOptions {
  readonly database: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  /** How far back baselines look. */
  readonly days: () => number
}

/** What was tried, counted. */
export interface Counts {
  /** What is known under these keys; read from the database where it is not at hand. */
  past(keys: Iterable<string>): Promise<Past>
  add(key: string, at: number, counted: { allowed?: number; refused?: number }): void
  close(): Promise<void>
}

const subject = 'detection.counted'
const flushEveryMs = 1_000
const sweepEveryMs = 3_600_000
const dayMs = 24 * 3_600_000
/** Keys at hand; the ones not asked for longest are read again when they are. */
const mostAtHand = 20_000

interface Told {
  readonly node: string
  readonly rows: readonly TallyRow[]
}

/**
 * Counts in memory, so that an attempt costs a few additions; written down and told to other nodes once a
 * second. What a node counted in the second before it died is lost, which no baseline notices.
 */
export function openCounts(options: CountsOptions & { readonly node: string }): Counts {
  const { database, bus, clock, log, days, node } = options
  const atHand = new Map<string, Tally>()
  /** Read while others told of them: what they told is added when the reading has come. */
  const reading = new Map<string, Promise<void>>()
  let pending = new Map<string, TallyRow>()

  function firstPiece(): number {
    return Math.floor((clock.now() - days() * dayMs) / pieceMs)
  }

  function keep(key: string, tally: Tally): void {
    if (atHand.size >= mostAtHand) {
      const oldest = atHand.keys().next()
      if (oldest.done !== true) atHand.delete(oldest.value)
    }
    atHand.set(key, tally)
  }

  async function read(keys: readonly string[]): Promise<void> {
    const rows = await readTallies(database, keys, firstPiece())
    const byKey = Map.groupBy(rows, ({ key }) => key)
    for (const key of keys) {
      const tally = new Tally()
      for (const { piece, allowed, refused } of byKey.get(key) ?? [])
        tally.add(piece * pieceMs, { allowed, refused })
      for (const row of pending.values()) if (row.key === key) tally.add(row.piece * pieceMs, row)
      keep(key, tally)
    }
  }

  async function past(wanted: Iterable<string>): Promise<Past> {
    const keys = [...wanted]
    const missing = keys.filter((key) => !atHand.has(key) && !reading.has(key))
    if (missing.length > 0) {
      const all = read(missing).finally(() => {
        for (const key of missing) reading.delete(key)
      })
      for (const key of missing) reading.set(key, all)
    }
    for (const key of keys) await reading.get(key)
    return (key) => atHand.get(key) ?? new Tally()
  }

  async function flush(): Promise<void> {
    if (pending.size === 0) return
    const rows = [...pending.values()]
    pending = new Map()
    try {
      await database.transaction((tx) => addTallies(tx, rows))
    } catch (error) {
      for (const { key, piece, ...counted } of rows) note(key, piece, counted)
      throw error
    }
    bus.publish(subject, { node, rows } as unknown as Json)
  }

  function note(key: string, piece: number, counted: { allowed?: number; refused?: number }): void {
    const name = `${piece}/${key}`
    const before = pending.get(name)
    pending.set(name, {
      key,
      piece,
      allowed: (before?.allowed ?? 0) + (counted.allowed ?? 0),
      refused: (before?.refused ?? 0) + (counted.refused ?? 0),
    })
  }

  const hearing = bus.subscribe(subject, (message) => {
    const told = message as unknown as Told
    if (told.node === node) return
    for (const { key, piece, ...counted } of told.rows)
      atHand.get(key)?.add(piece * pieceMs, counted)
  })
  const failed = (error: unknown): void =>
    log.warn({ err: error }, 'what was tried could not be written down yet')
  const timers = [
    every(clock, flushEveryMs, flush, failed),
    every(
      clock,
      sweepEveryMs,
      async () => {
        for (const tally of atHand.values()) tally.forget(firstPiece() * pieceMs)
        await database.transaction((tx) => forgetTallies(tx, firstPiece()))
      },
      failed,
    ),
  ]
  return {
    past,
    add(key, at, counted) {
      atHand.get(key)?.add(at, counted)
      note(key, Math.floor(at / pieceMs), counted)
    },
    async close() {
      for (const timer of timers) timer.cancel()
      hearing.close()
      await flush().catch(failed)
    },
  }
}
