import { emptyRoot, hashBytes, nodeHash } from './hashes.ts'

/**
 * All that has to be kept of a tree to append to it and to say its root: the roots of the complete subtrees
 * it is made of, the largest first, one for each bit that is set in its size.
 */
export interface Frontier {
  readonly size: number
  readonly nodes: readonly Buffer[]
}

export const emptyFrontier: Frontier = { size: 0, nodes: [] }

/** Told of every subtree that becomes complete: the `index`-th of those with 2^height leaves. */
export type OnComplete = (height: number, index: number, hash: Buffer) => void

/** The frontier after these leaves. Work per leaf is constant on average, whatever the size. */
export function grown(
  { size, nodes }: Frontier,
  leaves: readonly Buffer[],
  onComplete?: OnComplete,
): Frontier {
  const stack = [...nodes]
  let count = size
  for (const leaf of leaves) {
    let hash = leaf
    let height = 0
    // What is left of the size after `height` halvings counts the complete subtrees of that height.
    for (let rest = count; rest % 2 === 1; rest = (rest - 1) / 2) {
      hash = nodeHash(stack.pop()!, hash)
      height += 1
      onComplete?.(height, (rest - 1) / 2, hash)
    }
    stack.push(hash)
    count += 1
  }
  return { size: count, nodes: stack }
}

export function rootOf({ nodes }: Frontier): Buffer {
  return folded(nodes)
}

/** The hash over complete subtrees side by side, the largest first. */
export function folded(nodes: readonly Buffer[]): Buffer {
  if (nodes.length === 0) return emptyRoot
  return nodes.reduceRight((right, left) => nodeHash(left, right))
}

export function frontierBytes({ nodes }: Frontier): Buffer {
  return Buffer.concat(nodes)
}

/** Throws when there are not as many hashes as the size has bits set. */
export function frontierOf(size: number, bytes: Buffer): Frontier {
  const nodes: Buffer[] = []
  for (let at = 0; at < bytes.length; at += hashBytes)
    nodes.push(bytes.subarray(at, at + hashBytes))
  if (bytes.length % hashBytes !== 0 || nodes.length !== bitsSet(size))
    throw new Error(`this is no frontier of a tree of ${size} leaves`)
  return { size, nodes }
}

function bitsSet(size: number): number {
  let bits = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return bits
}
