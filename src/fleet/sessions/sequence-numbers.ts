/**
 * Which seqNos of a transaction have come, as pairs `first, last` in ascending order without overlap:
 * `[0, 4, 6, 6]` is 0 to 4 and 6.
 */
export type SequenceNumbers = readonly number[]

/** With more gaps than this nobody counts any more: the charger numbers at random. */
const mostRanges = 200

export function withNumber(seen: SequenceNumbers, number: number): SequenceNumbers {
  const ranges: number[] = []
  let first = number
  let last = number
  for (let index = 0; index < seen.length; index += 2) {
    const [from, to] = [seen[index]!, seen[index + 1]!]
    if (to < first - 1) ranges.push(from, to)
    else if (from > last + 1) {
      if (last !== Infinity) ranges.push(first, last)
      ranges.push(from, to)
      first = last = Infinity
    } else {
      first = Math.min(first, from)
      last = Math.max(last, to)
    }
  }
  if (last !== Infinity) ranges.push(first, last)
  return ranges.length > mostRanges * 2 ? seen : ranges
}

/** Whether every number from `first` to `last` has come. */
export function covers(seen: SequenceNumbers, first: number, last: number): boolean {
  for (let index = 0; index < seen.length; index += 2)
    if (seen[index]! <= first && last <= seen[index + 1]!) return first <= last
  return false
}
