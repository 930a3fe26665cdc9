import type { Clock } from '../kernel/clock.ts'
import type { PaceGuard, PaceLimits } from './pace.ts'
import { guardPace } from './pace.ts'
import { Refusal } from './refusal.ts'

/** One transfer under way, as its protocol sees it. */
export interface Underway {
  /** Aborted, its reason a Refusal, when the transfer must end now. */
  readonly signal: AbortSignal
  moved(bytes: number): void
  /** Makes room for others. Idempotent. */
  end(): void
}

export interface TransferLimits {
  /** At once, of all chargers together. */
  readonly most: number
  /** At once with one token. A newer one displaces the oldest: a charger whose line broke comes again. */
  readonly mostOfToken: number
  readonly pace: PaceLimits
}

/** The transfers of one direction that are under way in this process. */
export interface Transfers {
  /** Throws a Refusal `busy` where there are too many already, `stopping` where no more begin. */
  begin(token: string): Underway
  /** Ends all of them, and lets none begin. Resolves when the last has ended. */
  stop(): Promise<void>
  count(): number
}

export function openTransfers(clock: Clock, limits: TransferLimits): Transfers {
  const underway = new Set<{ readonly token: string; readonly abort: AbortController }>()
  let stopped: (() => void) | undefined
  return {
    begin(token) {
      if (stopped !== undefined) throw new Refusal('stopping', 'the file plane is closing')
      const others = [...underway].filter((one) => one.token === token)
      for (const oldest of others.slice(0, Math.max(0, others.length + 1 - limits.mostOfToken)))
        oldest.abort.abort(new Refusal('displaced', 'a newer attempt took its place'))
      if (underway.size >= limits.most)
        throw new Refusal('busy', 'too many transfers are under way; try again later')
      const abort = new AbortController()
      const own = { token, abort }
      underway.add(own)
      const pace: PaceGuard = guardPace(clock, limits.pace, (why) =>
        abort.abort(new Refusal('too-slow', why)),
      )
      return {
        signal: abort.signal,
        moved: (bytes) => pace.moved(bytes),
        end() {
          pace.end()
          if (underway.delete(own) && underway.size === 0) stopped?.()
        },
      }
    },
    async stop() {
      const ended = Promise.withResolvers<void>()
      stopped = () => ended.resolve()
      if (underway.size === 0) return
      for (const { abort } of underway)
        abort.abort(new Refusal('stopping', 'the file plane is closing'))
      await ended.promise
    },
    count: () => underway.size,
  }
}
