import type { Clock } from './clock.ts'

/**
 * A look that costs something, made at most once in `forMs`: who asks meanwhile gets what was seen, and
 * who asks while it is being made waits for it. A look that fails is not remembered.
 */
export function remembered<T>(
  clock: Clock,
  forMs: number,
  look: () => Promise<T>,
): () => Promise<T> {
  let seen: { readonly at: number; readonly value: Promise<T> } | undefined
  return () => {
    const now = clock.monotonic()
    if (seen === undefined || now - seen.at >= forMs) {
      const mine = { at: now, value: look() }
      seen = mine
      mine.value.catch(() => {
        if (seen === mine) seen = undefined
      })
    }
    return seen.value
  }
}
