/**
 * How much of a budget was taken when. Pure. Takings of one moment's neighbourhood are kept as one, which
 * counts from its last moment on: so a budget in constant use stays short, and never looks emptier than it is.
 */
export interface Taken {
  /** ms since the epoch: the first of what is counted here. */
  readonly from: number
  /** The last of it, from which the window counts. */
  readonly at: number
  readonly amount: number
}

/** A window is told apart into so many parts. */
const parts = 64

/** What still counts at a moment. */
export function counting(taken: readonly Taken[], windowMs: number, now: number): Taken[] {
  return taken.filter(({ at }) => at > now - windowMs)
}

export function sumOf(taken: readonly Taken[]): number {
  return taken.reduce((sum, { amount }) => sum + amount, 0)
}

/** With so much more. A moment before the newest counts as that: nodes' clocks differ. */
export function withMore(
  taken: readonly Taken[],
  amount: number,
  windowMs: number,
  now: number,
): Taken[] {
  const current = counting(taken, windowMs, now)
  const last = current.at(-1)
  const at = Math.max(now, last?.at ?? now)
  if (last !== undefined && at - last.from < windowMs / parts)
    return [...current.slice(0, -1), { from: last.from, at, amount: last.amount + amount }]
  return [...current, { from: at, at, amount }]
}

/** When there is room for so much: now, later, or never where it is more than the limit. */
export function roomFrom(
  taken: readonly Taken[],
  amount: number,
  { limit, windowMs }: { readonly limit: number; readonly windowMs: number },
  now: number,
): number | undefined {
  if (amount > limit) return undefined
  const current = counting(taken, windowMs, now)
  let used = sumOf(current)
  if (used + amount <= limit) return now
  for (const one of current) {
    used -= one.amount
    if (used + amount <= limit) return one.at + windowMs
  }
  return undefined
}
