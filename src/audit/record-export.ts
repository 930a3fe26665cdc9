import type { CheckpointLine, HashesLine, RecordHeader } from '../../proof/record-lines.ts'
import { recordFormat } from '../../proof/record-lines.ts'
import { tileWidth } from '../../proof/tiles.ts'
import type { Query } from '../storage/database.ts'
import type { StoredCheckpoint } from './checkpoint-store.ts'
import { checkpointsBetween } from './checkpoint-store.ts'
import type { RecordKey } from './record-key.ts'
import type { StoredEntry } from './store.ts'
import { readAfter } from './store.ts'

const entriesPerRead = 4 * tileWidth

/**
 * The record up to a checkpoint, in pieces of JSON lines (`proof/record-lines.ts`): what lies in the database,
 * also where it does not fit, which is for the verifier to say.
 */
export async function* exportRecord(
  database: Query,
  { verifier }: RecordKey,
  checkpoint: StoredCheckpoint,
): AsyncIterable<string> {
  const header: RecordHeader = {
    record: {
      format: recordFormat,
      origin: verifier.name,
      key: verifier.text,
      entries: checkpoint.size,
    },
  }
  yield line(header)
  for (let after = 0; after < checkpoint.size; after += entriesPerRead) {
    const upTo = Math.min(after + entriesPerRead, checkpoint.size)
    const [entries, checkpoints] = await Promise.all([
      readAfter(database, after, upTo - after),
      checkpointsBetween(database, verifier.text, after, upTo),
    ])
    yield piece(
      entries.filter(({ sequence }) => sequence <= upTo),
      checkpoints,
    )
  }
}

function piece(entries: readonly StoredEntry[], checkpoints: readonly StoredCheckpoint[]): string {
  const lines: string[] = []
  const waiting = [...checkpoints]
  let leaves: Buffer[] = []
  const hashes = () => {
    if (leaves.length > 0) lines.push(line({ hashes: Buffer.concat(leaves).toString('base64') }))
    leaves = []
  }
  const signed = (size: number) => {
    while (waiting[0] !== undefined && waiting[0].size <= size) {
      hashes()
      lines.push(line({ checkpoint: waiting.shift()!.cosigned }))
    }
  }
  for (const { sequence, text, leaf } of entries) {
    signed(sequence - 1)
    lines.push(`${text}\n`)
    leaves.push(leaf)
    if (sequence % tileWidth === 0) hashes()
    signed(sequence)
  }
  hashes()
  signed(Infinity)
  return lines.join('')
}

function line(value: RecordHeader | HashesLine | CheckpointLine): string {
  return `${JSON.stringify(value)}\n`
}
