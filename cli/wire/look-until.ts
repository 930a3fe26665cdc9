import { setTimeout as pause } from 'node:timers/promises'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { length } from '../terminal/time.ts'
import type { World } from '../world.ts'

export interface LookUntil<T> {
  readonly world: Pick<World, 'interrupted' | 'now'>
  readonly look: () => Promise<T>
  /** Called with every look. */
  readonly onLook: (seen: T) => void
  readonly isOver: (seen: T) => boolean
  /** How long to wait; without it as long as it takes. */
  readonly timeoutMs?: number | undefined
  /** What goes on when the wait is given up, in a sentence. */
  readonly goesOn: string
}

const betweenMs = 1_000
/** How long the server may be away before the wait is given up. */
const giveUpMs = 120_000

/** Looks again and again until it is over. Ends with a Failure when it is interrupted, or the time is over. */
export async function lookUntil<T>(options: LookUntil<T>): Promise<T> {
  const { world, look, onLook, isOver, timeoutMs, goesOn } = options
  const { interrupted } = world
  const until = timeoutMs === undefined ? Number.POSITIVE_INFINITY : world.now() + timeoutMs
  let awaySince: number | undefined
  for (;;) {
    const seen = await look().catch((error: unknown): undefined => {
      const away = error instanceof Failure && error.exitCode === exitCodes.unreachable
      if (!away || interrupted.aborted) throw error
      awaySince ??= world.now()
      if (world.now() - awaySince > giveUpMs) throw error
      return undefined
    })
    if (seen !== undefined) {
      awaySince = undefined
      onLook(seen)
      if (isOver(seen)) return seen
    }
    if (interrupted.aborted) throw interrupted.reason
    const left = until - world.now()
    if (left <= 0)
      throw new Failure(
        exitCodes.timedOut,
        'timed-out',
        `not over after ${length(timeoutMs ?? 0)}; ${goesOn}`,
      )
    await pause(Math.min(betweenMs, left), undefined, { signal: interrupted }).catch(
      () => undefined,
    )
  }
}
