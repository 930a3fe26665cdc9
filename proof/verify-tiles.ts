import { parseCheckpoint } from './checkpoint.ts'
import { parseEntry } from './record-lines.ts'
import { entriesIn, tilePath, tileWidth, tileWidthAt } from './tiles.ts'
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

/** Verifies a record that lies in tiles. The tree is computed from the entries alone. */
export async function verifyTiles(read: ReadTile, trust: Trust): Promise<Verdict> {
  const reading = new RecordReading(trust)
  // An entry bundle holds texts and nothing else.
  reading.withoutPersonalData()
  const note = (await read('checkpoint'))?.toString('utf8') ?? ''
  const size = parseCheckpoint(note)?.size ?? 0
  for (let index = 0; index * tileWidth < size; index += 1) {
    const width = tileWidthAt({ level: 0, index }, size)
    const path = tilePath('entries', index, width)
    const bundle = await read(path)
    const entries = bundle === undefined ? undefined : entriesIn(bundle)
    if (entries === undefined) {
      reading.wrong(path, bundle === undefined ? 'it is missing' : 'it is cut short')
      break
    }
    if (entries.length !== width)
      reading.wrong(path, `it holds ${entries.length} entries instead of ${width}`)
    for (const text of entries) {
      const entry = parseEntry(text)
      if (entry === undefined) reading.wrong(path, 'it holds something that is no entry')
      else reading.entry(text, entry)
    }
    const hashes = await read(tilePath(0, index, width))
    if (hashes !== undefined) reading.hashes(hashes)
  }
  reading.checkpoint(note)
  return reading.verdict()
}
