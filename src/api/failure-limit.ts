import type { Clock } from '../kernel/clock.ts'
import { networkOf } from '../kernel/network.ts'

/** Counts wrong tokens by address in a table of bounded size. */
export interface FailureLimit {
  /** Seconds until the address may try again; 0 when it may now. */
  waitSeconds(address: string): number
  failed(address: string): void
}

export function failureLimit(
  clock: Clock,
  { failures, windowMs, addresses }: { failures: number; windowMs: number; addresses: number },
): FailureLimit {
  const table = new Map<string, { count: number; since: number }>()
  function current(key: string): { count: number; since: number } | undefined {
    const entry = table.get(key)
    if (entry === undefined || clock.monotonic() - entry.since < windowMs) return entry
    table.delete(key)
    return undefined
  }
  return {
    waitSeconds(address) {
      const entry = current(networkOf(address))
      if (entry === undefined || entry.count < failures) return 0
      return Math.max(1, Math.ceil((entry.since + windowMs - clock.monotonic()) / 1000))
    },
    failed(address) {
      const key = networkOf(address)
      const entry = current(key)
      if (entry !== undefined) {
        entry.count += 1
        return
      }
      if (table.size >= addresses) {
        const oldest = table.keys().next()
        if (oldest.done !== true) table.delete(oldest.value)
      }
      table.set(key, { count: 1, since: clock.monotonic() })
    },
  }
}
