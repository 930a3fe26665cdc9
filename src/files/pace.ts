import type { Clock } from '../kernel/clock.ts'
import { every } from '../kernel/clock.ts'

/** How slow a transfer may be. Chargers on a bad mobile line are slow; who sends nothing holds a place for nothing. */
export interface PaceLimits {
  /** Longest silence. */
  readonly idleMs: number
  /** The average is looked at after this long only. */
  readonly graceMs: number
  readonly bytesPerSecond: number
  readonly longestMs: number
}

export const defaultPace: PaceLimits = {
  idleMs: 60_000,
  graceMs: 120_000,
  bytesPerSecond: 100,
  longestMs: 6 * 3_600_000,
}

export interface Progress {
  readonly begunAt: number
  readonly movedAt: number
  readonly bytes: number
}

/** Why a transfer is too slow to be waited for, if it is. */
export function tooSlow(
  { begunAt, movedAt, bytes }: Progress,
  now: number,
  limits: PaceLimits,
): string | undefined {
  const lasted = now - begunAt
  if (now - movedAt > limits.idleMs) return `nothing moved for ${seconds(limits.idleMs)} s`
  if (lasted > limits.longestMs) return `it took longer than ${seconds(limits.longestMs)} s`
  const slowest = (limits.bytesPerSecond * lasted) / 1000
  if (lasted > limits.graceMs && bytes < slowest)
    return `it is slower than ${limits.bytesPerSecond} bytes/s`
  return undefined
}

function seconds(ms: number): number {
  return Math.round(ms / 1000)
}

const lookEveryMs = 5_000

export interface PaceGuard {
  moved(bytes: number): void
  end(): void
}

/** Watches a transfer, and calls `onSlow` once when it is too slow. */
export function guardPace(
  clock: Clock,
  limits: PaceLimits,
  onSlow: (why: string) => void,
): PaceGuard {
  const begunAt = clock.monotonic()
  let movedAt = begunAt
  let bytes = 0
  const watching = every(
    clock,
    lookEveryMs,
    () => {
      const why = tooSlow({ begunAt, movedAt, bytes }, clock.monotonic(), limits)
      if (why === undefined) return
      watching.cancel()
      onSlow(why)
    },
    () => undefined,
  )
  return {
    moved(more) {
      bytes += more
      movedAt = clock.monotonic()
    },
    end: () => watching.cancel(),
  }
}
