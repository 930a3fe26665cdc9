/**
 * Firmware versions as chargers write them: `v5.622`, `6.5.0-4217`, `EVC04_AC_v3.187`, `3.10.57 (2021)`,
 * `1.8.21-rc1`. Compared number by number; trailing zeros make no difference, and a word for something
 * unfinished (`rc`, `beta`, ...) comes before the finished version.
 */

type Part = { readonly number: bigint } | { readonly word: string }

const longest = 200
const unfinished = /^(alpha|beta|rc|pre|preview|dev|snapshot|test)$/

/** Negative when `one` is older than `other`, positive when newer, 0 when nothing tells them apart. A total preorder. */
export function compareFirmware(one: string, other: string): number {
  const [left, right] = [partsOf(one), partsOf(other)]
  for (let place = 0; place < Math.max(left.length, right.length); place++) {
    const difference = compareParts(left[place], right[place])
    if (difference !== 0) return difference
  }
  return 0
}

/** Whether a firmware is within the range; both `from` and `to` are. */
export function isFirmwareWithin(
  firmware: string,
  range: { readonly from?: string; readonly to?: string; readonly below?: string },
): boolean {
  const { from, to, below } = range
  return (
    (from === undefined || compareFirmware(firmware, from) >= 0) &&
    (to === undefined || compareFirmware(firmware, to) <= 0) &&
    (below === undefined || compareFirmware(firmware, below) < 0)
  )
}

/** The first run of numbers with dots is the version; what stands before it is a name. */
function partsOf(text: string): readonly Part[] {
  const whole = text.slice(0, longest).toLowerCase()
  const start = /\d+(?:\.\d+)+/.exec(whole)?.index ?? /\d/.exec(whole)?.index ?? 0
  const parts = [...whole.slice(start).matchAll(/\d+|\p{L}+/gu)].map(([part]): Part =>
    /^\d/.test(part) ? { number: BigInt(part) } : { word: part },
  )
  return parts.filter((part, place) => !isIdleZero(parts, place, part))
}

/** A zero that nothing but a word, or the end, follows adds nothing: 1.8.0 is 1.8. */
function isIdleZero(parts: readonly Part[], place: number, part: Part): boolean {
  if (!('number' in part) || part.number !== 0n) return false
  const next = parts.slice(place).find((one) => !('number' in one) || one.number !== 0n)
  return next === undefined || !('number' in next)
}

function compareParts(one: Part | undefined, other: Part | undefined): number {
  const difference = rankOf(one) - rankOf(other)
  if (difference !== 0 || one === undefined || other === undefined) return difference
  if ('number' in one && 'number' in other)
    return one.number < other.number ? -1 : one.number > other.number ? 1 : 0
  if ('word' in one && 'word' in other)
    return one.word < other.word ? -1 : one.word > other.word ? 1 : 0
  return 0
}

/** Unfinished words before the end, other words (1.8b) after it, a further number last. */
function rankOf(part: Part | undefined): number {
  if (part === undefined) return 1
  if ('number' in part) return 3
  return unfinished.test(part.word) ? 0 : 2
}
