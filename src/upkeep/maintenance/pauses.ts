const second = 1_000
const minute = 60 * second

/** How long to wait before a charger is told again, by how often it was told within the last hour. */
const pausesMs = [0, 5 * second, 15 * second, minute, 5 * minute, 15 * minute] as const
const recentMs = 60 * minute

/** After so many rounds in a row without effect it is told no more by itself; a boot or a reconnect allows one more. */
export const mostFailures = 6

/** When the charger may be told again at the earliest. */
export function nextRoundAt(begun: readonly number[], now: number): number {
  const last = begun.at(-1)
  if (last === undefined) return now
  const recent = begun.filter((at) => at > now - recentMs).length
  const pause = pausesMs[Math.min(recent, pausesMs.length - 1)] ?? 0
  return Math.max(now, last + pause)
}

/** As many are kept as are looked at. */
export function withRound(begun: readonly number[], now: number): readonly number[] {
  return [...begun, now].slice(-pausesMs.length)
}
