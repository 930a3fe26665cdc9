/**
 * How wrong a charger's clock is, told from the timestamps in its messages.
 *
 * A message told as it happens arrives about half a round trip after its timestamp; one that waited while
 * the charger was offline arrives hours late. Both look like a clock that is behind. Lateness only ever
 * lowers an offset, so one that is not lower than what is known is believed at once: no waiting makes a
 * message young. A lower one is believed when a second one, some time later, is lower by the same amount:
 * what waited grows younger message by message, a wrong clock stays wrong. A clock that was set right is
 * the one step back that is believed at once.
 */
export interface SkewRecord {
  /** Offsets believed, oldest first: the charger's clock minus ours, corrected for the way, in ms. */
  readonly believed: readonly number[]
  /** Offsets that are a wrong clock or a late message. */
  readonly doubtful: readonly { readonly offset: number; readonly receivedAt: number }[]
  /** How exact the newest offset believed can be at best, ms either way. */
  readonly precisionMs?: number
}

export const noSkewKnown: SkewRecord = { believed: [], doubtful: [] }

/** How late a message that did not wait may arrive. */
const promptMs = 60_000
/** A clock this right was set, also where it was known to be ahead. */
const rightMs = 10_000
const sameOffsetMs = 5_000
const provenAfterMs = 15_000
const keptBelieved = 5
const keptDoubtful = 4
/** How long the way may take where nothing was measured. */
const unmeasuredMs = 1_000
/** Most chargers tell whole seconds. */
const secondMs = 1_000

/** `roundTripMs`: as measured by ping on this connection; null where the charger answers none. */
export function observe(
  record: SkewRecord,
  at: number,
  receivedAt: number,
  roundTripMs: number | null = null,
): SkewRecord {
  const offset = at - receivedAt + (roundTripMs ?? 0) / 2
  const known = skewOf(record)
  const precisionMs = precisionOf(at, roundTripMs)
  const isRight = Math.abs(offset) <= rightMs
  if (isRight || offset > (known ?? 0) - promptMs)
    return { ...believe(record, offset, known), precisionMs }
  const proven = record.doubtful.some(
    (other) =>
      Math.abs(other.offset - offset) <= sameOffsetMs &&
      Math.abs(receivedAt - other.receivedAt) >= provenAfterMs,
  )
  if (proven) return { believed: [offset], doubtful: [], precisionMs }
  return {
    ...record,
    doubtful: [...record.doubtful, { offset, receivedAt }].slice(-keptDoubtful),
  }
}

function precisionOf(at: number, roundTripMs: number | null): number {
  const way = roundTripMs === null ? unmeasuredMs : roundTripMs / 2
  return way + (at % secondMs === 0 ? secondMs : 1)
}

/** A clock that was set takes its old offsets with it, and whatever was lower in between was late. */
function believe(record: SkewRecord, offset: number, known: number | null): SkewRecord {
  const wasSet = known !== null && Math.abs(offset - known) > promptMs
  return {
    believed: wasSet ? [offset] : [...record.believed, offset].slice(-keptBelieved),
    doubtful: [],
  }
}

/**
 * The charger's clock minus ours in ms, null until anything is believed: the second greatest offset. The
 * greatest were least late; the greatest of all may stem from before the clock was set back a little.
 */
export function skewOf({ believed }: SkewRecord): number | null {
  const sorted = falling(believed)
  return sorted[1] !== undefined && sorted.length > 2 ? sorted[1] : (sorted[0] ?? null)
}

/** How far the truth may be from `skewOf`, ms either way; null until anything is believed. */
export function skewUncertaintyOf({ believed, precisionMs }: SkewRecord): number | null {
  const sorted = falling(believed)
  const [first, second, third = second] = sorted
  if (first === undefined) return null
  const spread = first - (third ?? first)
  return Math.round(spread + (precisionMs ?? unmeasuredMs + secondMs))
}

function falling(offsets: readonly number[]): number[] {
  return [...offsets].sort((a, b) => b - a)
}

/** Differences below this are the way through the network, not the clock. */
const negligibleMs = 2_000

/** The charger's time on our clock. Nothing was told before it happened. */
export function corrected(at: number, skewMs: number | null, receivedAt: number): number {
  const skew = skewMs === null || Math.abs(skewMs) < negligibleMs ? 0 : skewMs
  return Math.min(Math.round(at - skew), receivedAt)
}
