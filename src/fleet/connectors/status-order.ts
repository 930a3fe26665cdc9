/** How late a status told as it happens may arrive. */
const promptMs = 60_000

/**
 * Whether a status that has just come is older than the one known: a replay of what happened while the
 * charger was offline. Only times of the charger's own clock are compared, and only where both are
 * believable; a status that was told just now is the newest whatever came before, so that a clock that was
 * set back does not silence a charger.
 */
export function isOlderReplay(
  incoming: {
    /** The charger's time; undefined where none came or it cannot be right. */
    readonly at: number | undefined
    readonly receivedAt: number
  },
  knownAt: number | null,
  skewMs: number | null,
): boolean {
  if (incoming.at === undefined || knownAt === null || incoming.at >= knownAt) return false
  const waitedMs = incoming.receivedAt - incoming.at
  return waitedMs > promptMs && waitedMs + (skewMs ?? 0) > promptMs
}
