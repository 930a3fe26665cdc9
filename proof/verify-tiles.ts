import { parseCheckpoint } from './checkpoint.ts'
import type { OnComplete } from './frontier.ts'
import { hashBytes } from './hashes.ts'
import { parseEntry } from './record-lines.ts'
import { entriesIn, tileHeight, tilePath, tileWidth, tileWidthAt } from './tiles.ts'
import type { Trust, Verdict } from './trust.ts'
import { RecordReading } from './verify-record.ts'

/** The paths of everything a tree of this size is laid out in (C2SP tlog-tiles), beside its checkpoint. */
export function tilePathsOf(size: number): string[] {
  const paths: string[] = []
  for (let level = 0; tileWidthAt({ level, index: 0 }, size) > 0; level += 1)
    for (let index = 0; ; index += 1) {
      const width = tileWidthAt({ level, index }, size)
      if (width === 0) break
      paths.push(tilePath(level, index, width))
      if (level === 0) paths.push(tilePath('entries', index, width))
    }
  return paths
}

/** Reads one file of the folder; undefined where it is not there. */
export type ReadTile = (path: string) => Promise<Buffer | undefined>

/** Verifies a record that lies in tiles. The tree is computed from the entries alone, and so is what every tile must hold. */
export async function verifyTiles(read: ReadTile, trust: Trust): Promise<Verdict> {
  const higher = new HigherTiles()
  const reading = new RecordReading(trust, higher.completed)
  // An entry bundle holds texts and nothing else.
  reading.withoutPersonalData()
  const note = (await read('checkpoint'))?.toString('utf8') ?? ''
  const size = parseCheckpoint(note)?.size ?? 0
  for (let index = 0; index * tileWidth < size; index += 1) {
    const width = tileWidthAt({ level: 0, index }, size)
    const bundle = await find(read, 'entries', index, width)
    const entries = bundle.bytes === undefined ? undefined : entriesIn(bundle.bytes)
    if (entries === undefined) {
      reading.wrong(bundle.path, bundle.bytes === undefined ? 'it is missing' : 'it is cut short')
      break
    }
    if (entries.length !== bundle.width)
      reading.wrong(bundle.path, `it holds ${entries.length} entries instead of ${bundle.width}`)
    for (const text of entries.slice(0, width)) {
      const entry = parseEntry(text)
      if (entry === undefined) reading.wrong(bundle.path, 'it holds something that is no entry')
      else reading.entry(text, entry)
    }
    const tile = await findHashes(read, 0, index, width)
    reading.hashes(tile.bytes, tile.path)
    const to = index * tileWidth + width
    // Of a tree that lacks entries nothing can be computed.
    if (reading.size === to) await higher.compare(read, reading, to === size)
  }
  reading.checkpoint(note)
  return reading.verdict()
}

/** The tiles above those of the entries' own hashes, as the entries make them. Holds one of each level at a time. */
class HigherTiles {
  readonly #open = new Map<number, HigherTile>()
  readonly #full: HigherTile[] = []

  readonly completed: OnComplete = (height, index, hash) => {
    if (height % tileHeight !== 0) return
    const level = height / tileHeight
    const tile = this.#open.get(level) ?? {
      level,
      index: Math.floor(index / tileWidth),
      hashes: [],
    }
    tile.hashes.push(hash)
    if (tile.hashes.length < tileWidth) this.#open.set(level, tile)
    else {
      this.#open.delete(level)
      this.#full.push(tile)
    }
  }

  /** Holds those that became full against what lies there; at the end also those that did not. */
  async compare(read: ReadTile, reading: RecordReading, end: boolean): Promise<void> {
    const tiles = [...this.#full.splice(0), ...(end ? this.#open.values() : [])]
    for (const { level, index, hashes } of tiles) {
      const { path, bytes } = await findHashes(read, level, index, hashes.length)
      if (bytes === undefined) reading.wrong(path, 'it is missing')
      else if (!bytes.equals(Buffer.concat(hashes)))
        reading.wrong(path, 'it does not hold the hashes of the entries')
    }
  }
}

interface HigherTile {
  readonly level: number
  readonly index: number
  readonly hashes: Buffer[]
}

interface Found {
  readonly path: string
  readonly width: number
  /** Undefined: it is missing. */
  readonly bytes: Buffer | undefined
}

/** A partial tile may be left out where the full one lies: it is the beginning of that. */
async function find(
  read: ReadTile,
  level: number | 'entries',
  index: number,
  width: number,
): Promise<Found> {
  const path = tilePath(level, index, width)
  const bytes = await read(path)
  if (bytes !== undefined || width === tileWidth) return { path, width, bytes }
  const full = await find(read, level, index, tileWidth)
  return full.bytes === undefined ? { path, width, bytes } : full
}

async function findHashes(
  read: ReadTile,
  level: number,
  index: number,
  width: number,
): Promise<Pick<Found, 'path' | 'bytes'>> {
  const { path, width: found, bytes } = await find(read, level, index, width)
  return { path, bytes: found === width ? bytes : bytes?.subarray(0, width * hashBytes) }
}
