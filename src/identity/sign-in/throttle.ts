import type { IdentityFigures } from '../figures.ts'

/** Wrong answers under one key. */
export interface Failures {
  readonly count: number
  /** ms since the epoch. */
  readonly lastAt: number
}

export type Attempts = Pick<
  IdentityFigures['attempts'],
  'firstWaitSeconds' | 'longestWaitMinutes' | 'forgetMinutes'
>

/** How long the next attempt has to wait, ms: nothing for the first few failures, then twice as long each time. */
export function waitMs(
  failures: Failures | undefined,
  free: number,
  now: number,
  figures: Attempts,
): number {
  if (failures === undefined || forgotten(failures, now, figures)) return 0
  const over = failures.count - free
  if (over < 0) return 0
  const longestMs = figures.longestWaitMinutes * 60_000
  const waits = Math.min(longestMs, figures.firstWaitSeconds * 1000 * 2 ** Math.min(over, 40))
  return Math.max(0, failures.lastAt + waits - now)
}

/** An attempt counts as failed from when it begins, so that many at once are not all free. */
export function counted(failures: Failures | undefined, now: number, figures: Attempts): Failures {
  const before = failures === undefined || forgotten(failures, now, figures) ? 0 : failures.count
  return { count: before + 1, lastAt: now }
}

function forgotten({ lastAt }: Failures, now: number, { forgetMinutes }: Attempts): boolean {
  return now - lastAt >= forgetMinutes * 60_000
}
