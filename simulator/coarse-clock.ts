import type { Clock, Timer } from '../src/kernel/clock.ts'

/**
 * A clock for thousands of chargers: whatever falls due within one tick shares one timer.
 * Tasks run at the end of their tick, so up to `tickMs` late and never early.
 */
export function coarseClock(clock: Clock, tickMs: number): Clock {
  const buckets = new Map<number, Bucket>()

  function open(tick: number, delayMs: number): Bucket {
    const due = new Set<() => void>()
    const timer = clock.after(delayMs, () => {
      buckets.delete(tick)
      for (const task of due) {
        due.delete(task)
        task()
      }
    })
    const bucket = { due, timer }
    buckets.set(tick, bucket)
    return bucket
  }

  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after(delayMs, task) {
      const now = clock.monotonic()
      const tick = Math.ceil((now + Math.max(0, delayMs)) / tickMs)
      const bucket = buckets.get(tick) ?? open(tick, tick * tickMs - now)
      // Two callers may hand in one function; each is its own entry.
      const entry = (): void => task()
      bucket.due.add(entry)
      return {
        cancel() {
          bucket.due.delete(entry)
          if (bucket.due.size > 0 || buckets.get(tick) !== bucket) return
          // A timer nobody waits for would keep the process alive.
          bucket.timer.cancel()
          buckets.delete(tick)
        },
      }
    },
  }
}

interface Bucket {
  readonly due: Set<() => void>
  readonly timer: Timer
}
