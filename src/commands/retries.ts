import type { Clock, Timer } from '../kernel/clock.ts'

/** The first pause after an order was not taken, and the longest. */
const firstPauseMs = 1_000
const longestPauseMs = 30_000
const longestNamedMs = 5 * 60_000

/** Chargers whose gateway did not take an order: each is tried again after pauses that grow, by one timer. */
export interface Retries {
  /** The order was not taken; the next try is arranged: after a pause that the gateway named, if it did. */
  refused(charger: string, namedMs?: number): void
  /** A try is under way: its end decides what is next. */
  trying(charger: string): void
  /** The try did not end in a refusal. */
  done(charger: string): void
  /** Something about the charger is different: pauses start anew. */
  changed(charger: string): void
  /** Whether a try is arranged. */
  pending(charger: string): boolean
  stop(): void
}

interface Pause {
  /** When it was last refused. */
  readonly at: number
  ms: number
  /** The gateway said how long it will take, whatever else changes. */
  readonly named: boolean
  timer: Timer | undefined
}

export function retries(clock: Clock, wake: (charger: string) => void): Retries {
  const pauses = new Map<string, Pause>()

  function arrange(charger: string, pause: Pause): void {
    pause.timer?.cancel()
    const delayMs = Math.max(0, pause.at + pause.ms - clock.monotonic())
    pause.timer = clock.after(delayMs, () => {
      pause.timer = undefined
      wake(charger)
    })
  }

  return {
    refused(charger, namedMs) {
      const before = pauses.get(charger)
      before?.timer?.cancel()
      const grown =
        before === undefined || before.named
          ? firstPauseMs
          : Math.min(before.ms * 2, longestPauseMs)
      const ms = namedMs === undefined ? grown : Math.min(namedMs, longestNamedMs)
      const named = namedMs !== undefined
      const pause: Pause = { at: clock.monotonic(), ms, named, timer: undefined }
      pauses.set(charger, pause)
      arrange(charger, pause)
    },
    trying(charger) {
      const pause = pauses.get(charger)
      pause?.timer?.cancel()
      if (pause !== undefined) pause.timer = undefined
    },
    done(charger) {
      pauses.get(charger)?.timer?.cancel()
      pauses.delete(charger)
    },
    changed(charger) {
      const pause = pauses.get(charger)
      if (pause?.timer === undefined || pause.named) return
      pause.ms = firstPauseMs
      arrange(charger, pause)
    },
    pending: (charger) => pauses.get(charger)?.timer !== undefined,
    stop() {
      for (const pause of pauses.values()) pause.timer?.cancel()
      pauses.clear()
    },
  }
}
