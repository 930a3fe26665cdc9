import type { Range, Subtree } from '../../proof/subtrees.ts'
import { consistencyRanges, inclusionRanges, rangeHash, subtreesOf } from '../../proof/subtrees.ts'
import { hashInTile, placeInTiles, tileWidth } from '../../proof/tiles.ts'
import type { Query } from '../storage/database.ts'
import { readHashes } from './store.ts'

/** Hashes of the record's tree, from its tiles. What was read once is kept, so that many proofs share it. */
export interface Tree {
  root(size: number): Promise<Buffer>
  /** That the leaf `index`, from 0, is in the tree of `size`. */
  inclusion(index: number, size: number): Promise<Buffer[]>
  /** That the tree of `older` is the beginning of that of `newer`. */
  consistency(older: number, newer: number): Promise<Buffer[]>
}

export function openTree(database: Query): Tree {
  const tiles = new Map<string, Promise<Buffer[]>>()

  function tile(level: number, index: number): Promise<Buffer[]> {
    const name = `${level}/${index}`
    let read = tiles.get(name)
    if (read === undefined) {
      read = readHashes(database, level, index * tileWidth, tileWidth)
      tiles.set(name, read)
    }
    return read
  }

  async function hashes(ranges: readonly Range[]): Promise<Buffer[]> {
    const found = new Map<string, Buffer>()
    await Promise.all(
      ranges.flatMap(subtreesOf).map(async (subtree) => {
        const { level, tile: index, from, to } = placeInTiles(subtree)
        found.set(nameOf(subtree), hashInTile(await tile(level, index), from, to))
      }),
    )
    return ranges.map((range) => rangeHash(range, (subtree) => found.get(nameOf(subtree))!))
  }

  return {
    root: async (size) => (await hashes([{ from: 0, to: size }]))[0]!,
    inclusion: (index, size) => hashes(inclusionRanges(index, size)),
    consistency: (older, newer) => hashes(consistencyRanges(older, newer)),
  }
}

function nameOf({ height, index }: Subtree): string {
  return `${height}/${index}`
}
