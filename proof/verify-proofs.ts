import { emptyRoot, nodeHash } from './hashes.ts'

export interface InclusionClaim {
  readonly leaf: Buffer
  /** From 0. */
  readonly index: number
  readonly size: number
  readonly proof: readonly Buffer[]
  readonly root: Buffer
}

/** Whether the proof shows the leaf at that place of the tree with this root (RFC 9162, 2.1.3.2). */
export function isIncluded({ leaf, index, size, proof, root }: InclusionClaim): boolean {
  if (!(index >= 0 && index < size)) return false
  let place = index
  let last = size - 1
  let hash = leaf
  for (const other of proof) {
    if (last === 0) return false
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(other, hash)
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)]
    } else hash = nodeHash(hash, other)
    ;[place, last] = [half(place), half(last)]
  }
  return last === 0 && hash.equals(root)
}

export interface ConsistencyClaim {
  readonly older: number
  readonly olderRoot: Buffer
  readonly newer: number
  readonly newerRoot: Buffer
  readonly proof: readonly Buffer[]
}

/** Whether the proof shows that the newer tree begins with all of the older (RFC 9162, 2.1.4.2). */
export function isConsistent(claim: ConsistencyClaim): boolean {
  const { older, olderRoot, newer, newerRoot, proof } = claim
  if (older > newer) return false
  if (older === newer) return proof.length === 0 && olderRoot.equals(newerRoot)
  if (older === 0) return proof.length === 0 && olderRoot.equals(emptyRoot)
  const path = isPowerOfTwo(older) ? [olderRoot, ...proof] : [...proof]
  const seed = path.shift()
  if (seed === undefined) return false
  let place = older - 1
  let last = newer - 1
  while (place % 2 === 1) [place, last] = [half(place), half(last)]
  let [before, after] = [seed, seed]
  for (const other of path) {
    if (last === 0) return false
    if (place % 2 === 1 || place === last) {
      before = nodeHash(other, before)
      after = nodeHash(other, after)
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)]
    } else after = nodeHash(after, other)
    ;[place, last] = [half(place), half(last)]
  }
  return last === 0 && before.equals(olderRoot) && after.equals(newerRoot)
}

/** Not by shifting, which would end at 2^31. */
function half(number: number): number {
  return Math.floor(number / 2)
}

function isPowerOfTwo(number: number): boolean {
  let rest = number
  while (rest % 2 === 0) rest /= 2
  return rest === 1
}
