import type { Clock } from '../../kernel/clock.ts'
import type { Database, Tx } from '../../storage/database.ts'
import type { IdentityFigures } from '../figures.ts'
import { clearFailures, failuresUnder, storeFailures, takeBack } from './failures-store.ts'
import { counted, waitMs } from './throttle.ts'

/** What an attempt is slowed down by. */
export interface Hold {
  readonly key: string
  /** Failures before there is any wait. */
  readonly free: number
  /** A success says nothing of the others under this key: it takes back its own attempt only. */
  readonly shared: boolean
}

export interface Attempt {
  /** 0: go on. Else the attempt is not made, and not counted. */
  readonly waitMs: number
  /** It was the last one without a wait: the next one has to. */
  readonly slows: boolean
}

/** Counts the attempt against every hold before it is made, unless one of them has to wait. */
export function beginAttempt(
  { database, clock }: { database: Database; clock: Clock },
  holds: readonly Hold[],
  figures: IdentityFigures['attempts'],
): Promise<Attempt> {
  return database.transaction(async (tx) => {
    const now = clock.now()
    const keys = holds.map(({ key }) => key)
    const known = await failuresUnder(tx, keys, now)
    const waits = holds.map(({ key, free }) => waitMs(known.get(key), free, now, figures))
    const wait = Math.max(0, ...waits)
    if (wait > 0) return { waitMs: wait, slows: false }
    const next = new Map(keys.map((key) => [key, counted(known.get(key), now, figures)]))
    await storeFailures(tx, next)
    const slows = holds.some(({ key, free }) => waitMs(next.get(key), free, now, figures) > 0)
    return { waitMs: 0, slows }
  })
}

/** The attempt was right after all. */
export async function attemptSucceeded(tx: Tx, holds: readonly Hold[]): Promise<void> {
  await clearFailures(
    tx,
    holds.filter(({ shared }) => !shared).map(({ key }) => key),
  )
  await takeBack(
    tx,
    holds.filter(({ shared }) => shared).map(({ key }) => key),
  )
}
