import { folded } from './frontier.ts'
import { hashBytes } from './hashes.ts'
import type { Subtree } from './subtrees.ts'

/** Tiles as C2SP tlog-tiles cuts a tree: 256 hashes of one level side by side, eight heights apart. */

export const tileHeight = 8
export const tileWidth = 256

export interface Tile {
  readonly level: number
  readonly index: number
  /** How many hashes it has, 1 to 256. */
  readonly width: number
}

/** How many hashes there are on a level of a tree of this size. */
export function levelWidth(level: number, size: number): number {
  return Math.floor(size / tileWidth ** level)
}

/** How wide a tile is in a tree of this size; 0: it is not there yet. */
export function tileWidthAt({ level, index }: Omit<Tile, 'width'>, size: number): number {
  return Math.max(0, Math.min(tileWidth, levelWidth(level, size) - index * tileWidth))
}

/** Where a subtree is found: the hashes `from` up to `to` of a tile, folded. */
export function placeInTiles({ height, index }: Subtree): {
  readonly level: number
  readonly tile: number
  readonly from: number
  readonly to: number
} {
  const level = Math.floor(height / tileHeight)
  const leaves = 2 ** (height % tileHeight)
  const first = index * leaves
  const tile = Math.floor(first / tileWidth)
  return { level, tile, from: first % tileWidth, to: (first % tileWidth) + leaves }
}

/** The hash over hashes `from` up to `to` of a tile, which are a power of two in number. */
export function hashInTile(hashes: readonly Buffer[], from: number, to: number): Buffer {
  if (to > hashes.length) throw new RangeError(`the tile holds ${hashes.length} hashes, not ${to}`)
  let row = hashes.slice(from, to)
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, pair) =>
      folded([row[2 * pair]!, row[2 * pair + 1]!]),
    )
  return row[0]!
}

/** `tile/0/x001/067.p/12`; entry bundles stand in the place of a level. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  const partial = width === tileWidth ? '' : `.p/${width}`
  return `tile/${level}/${indexPath(index)}${partial}`
}

function indexPath(index: number): string {
  const groups: string[] = []
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(String(rest % 1000).padStart(3, '0'))
  return groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/')
}

/** Reads what follows `tile/<level>/`; undefined: it is not written as the specification says. */
export function parseTileIndex(text: string): { index: number; width: number } | undefined {
  const match = /^((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(text)
  if (match === null) return undefined
  const index = Number(match[1]!.replaceAll(/[x/]/g, ''))
  const width = match[2] === undefined ? tileWidth : Number(match[2])
  if (width > tileWidth || (match[2] !== undefined && width === tileWidth)) return undefined
  return indexPath(index) === match[1] ? { index, width } : undefined
}

export function hashesIn(bytes: Buffer): Buffer[] {
  if (bytes.length % hashBytes !== 0) throw new RangeError('these are no whole hashes')
  return Array.from({ length: bytes.length / hashBytes }, (_, at) =>
    bytes.subarray(at * hashBytes, (at + 1) * hashBytes),
  )
}

/** The longest entry that an entry bundle can hold: its length is written with 16 bits. */
export const longestBundled = 0xffff

/** An entry bundle: each entry after its length. Throws where one is too long for it. */
export function entryBundle(entries: readonly string[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => {
      const bytes = Buffer.from(entry)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(bytes.length)
      return [length, bytes]
    }),
  )
}

/** Undefined: cut short. */
export function entriesIn(bundle: Buffer): string[] | undefined {
  const entries: string[] = []
  let at = 0
  while (at < bundle.length) {
    if (at + 2 > bundle.length) return undefined
    const end = at + 2 + bundle.readUInt16BE(at)
    if (end > bundle.length) return undefined
    entries.push(bundle.toString('utf8', at + 2, end))
    at = end
  }
  return entries
}
