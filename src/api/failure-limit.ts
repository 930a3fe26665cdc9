import { isIPv6 } from 'node:net'
import type { Clock } from '../kernel/clock.ts'

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
      const entry = current(keyOf(address))
      if (entry === undefined || entry.count < failures) return 0
      return Math.max(1, Math.ceil((entry.since + windowMs - clock.monotonic()) / 1000))
    },
    failed(address) {
      const key = keyOf(address)
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

/** An IPv6 host commands its whole /64, so that is what counts. */
function keyOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address
  const [head = '', tail = ''] = address.split('%', 1)[0]!.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}
