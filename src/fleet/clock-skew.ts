/**
 * How wrong a charger's clock is, told from the timestamps in its messages.
 *
 * A message told as it happens arrives moments after its timestamp; one that waited while the charger
 * was offline arrives hours late. Both look like a clock that is behind. So a timestamp that is not
 * behind is believed at once: no waiting makes a message young. One that is behind is believed when a
 * second one, some time later, is behind by the same amount: what waited grows younger message by message,
 * a wrong clock stays wrong.
 */
export interface SkewRecord {
  /** Offsets believed, oldest first: the charger's clock minus ours, in ms. */
  readonly believed: readonly number[]
  /** Offsets that are a wrong clock or a late message. */
  readonly doubtful: readonly { readonly offset: number; readonly receivedAt: number }[]
}

export const noSkewKnown: SkewRecord = { believed: [], doubtful: [] }

/** How late a message that did not wait may arrive. */
const promptMs = 60_000
const sameOffsetMs = 5_000
const provenAfterMs = 15_000
const keptBelieved = 5
const keptDoubtful = 4

export function observe(record: SkewRecord, at: number, receivedAt: number): SkewRecord {
  const offset = at - receivedAt
  const known = skewOf(record)
  if (offset > -promptMs || (known !== null && Math.abs(offset - known) <= promptMs))
    return believe(record, offset)
  const proven = record.doubtful.some(
    (other) =>
      Math.abs(other.offset - offset) <= sameOffsetMs &&
      Math.abs(receivedAt - other.receivedAt) >= provenAfterMs,
  )
  if (proven) return { believed: [offset], doubtful: [] }
  return {
    ...record,
    doubtful: [...record.doubtful, { offset, receivedAt }].slice(-keptDoubtful),
  }
}

/** A clock that was set takes its old offsets with it. */
function believe(record: SkewRecord, offset: number): SkewRecord {
  const known = skewOf(record)
  const wasSet = known !== null && Math.abs(offset - known) > promptMs
  return {
    believed: wasSet ? [offset] : [...record.believed, offset].slice(-keptBelieved),
    doubtful: record.doubtful,
  }
}

/** The charger's clock minus ours in ms: the median of what is believed. Null until anything is. */
export function skewOf({ believed }: SkewRecord): number | null {
  if (believed.length === 0) return null
  const sorted = [...believed].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Differences below this are the way through the network, not the clock. */
const negligibleMs = 2_000

/** The charger's time on our clock. Nothing was told before it happened. */
export function corrected(at: number, skewMs: number | null, receivedAt: number): number {
  const skew = skewMs === null || Math.abs(skewMs) < negligibleMs ? 0 : skewMs
  return Math.min(Math.round(at - skew), receivedAt)
}
