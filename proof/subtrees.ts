import { folded } from './frontier.ts'

/** The leaves from `from` up to `to`, which is not included. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** A complete subtree: the `index`-th of those with 2^height leaves. */
export interface Subtree {
  readonly height: number
  readonly index: number
}

/** The ranges whose hashes prove that a leaf is in a tree, in the order of RFC 6962, 2.1.1. */
export function inclusionRanges(index: number, size: number): Range[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`no leaf ${index} in a tree of ${size}`)
  const ranges: Range[] = []
  let [from, to] = [0, size]
  while (to - from > 1) {
    const middle = from + leftLeaves(to - from)
    if (index < middle) {
      ranges.unshift({ from: middle, to })
      to = middle
    } else {
      ranges.unshift({ from, to: middle })
      from = middle
    }
  }
  return ranges
}

/** The ranges whose hashes prove that a tree of `older` leaves became one of `newer`, as in RFC 6962, 2.1.2. */
export function consistencyRanges(older: number, newer: number): Range[] {
  if (!(older >= 0 && older <= newer)) throw new RangeError(`${older} is not before ${newer}`)
  if (older === 0 || older === newer) return []
  const ranges: Range[] = []
  let [from, to] = [0, newer]
  // Whoever checks holds the older root already, unless the older tree ends inside a subtree of the newer.
  let whole = true
  while (older !== to) {
    const middle = from + leftLeaves(to - from)
    if (older <= middle) {
      ranges.unshift({ from: middle, to })
      to = middle
    } else {
      ranges.unshift({ from, to: middle })
      from = middle
      whole = false
    }
  }
  return whole ? ranges : [{ from, to }, ...ranges]
}

/** The complete subtrees that a range of a tree is made of, the largest first. */
export function subtreesOf({ from, to }: Range): Subtree[] {
  const subtrees: Subtree[] = []
  let at = from
  while (at < to) {
    let height = 0
    while (at % 2 ** (height + 1) === 0 && at + 2 ** (height + 1) <= to) height += 1
    subtrees.push({ height, index: at / 2 ** height })
    at += 2 ** height
  }
  return subtrees
}

/** The hash of a range, from the hashes of the complete subtrees in it. */
export function rangeHash(range: Range, hashOf: (subtree: Subtree) => Buffer): Buffer {
  return folded(subtreesOf(range).map(hashOf))
}

/** How many leaves are on the left of a tree of so many: the largest power of two below. */
function leftLeaves(leaves: number): number {
  let left = 1
  while (left * 2 < leaves) left *= 2
  return left
}
