import type { Opening } from '../../proof/commitments.ts'
import type {
  CheckpointLine,
  HashesLine,
  OpeningsLine,
  RecordHeader,
} from '../../proof/record-lines.ts'
import { recordFormat } from '../../proof/record-lines.ts'
import { tileWidth } from '../../proof/tiles.ts'
import type { Query } from '../storage/database.ts'
import type { StoredCheckpoint } from './checkpoint-store.ts'
import { checkpointsBetween } from './checkpoint-store.ts'
import { openingsOf } from './opening-store.ts'
import type { PersonalData } from './proofs.ts'
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
  { personalData = true }: PersonalData = {},
): AsyncIterable<string> {
  const header: RecordHeader = {
    record: {
      format: recordFormat,
      origin: verifier.name,
      key: verifier.text,
      entries: checkpoint.size,
      ...(personalData ? {} : { withoutPersonalData: true }),
    },
  }
  yield line(header)
  for (let after = 0; after < checkpoint.size; after += entriesPerRead) {
    const upTo = Math.min(after + entriesPerRead, checkpoint.size)
    const [read, checkpoints] = await Promise.all([
      readAfter(database, after, upTo - after),
      checkpointsBetween(database, verifier.text, after, upTo),
    ])
    const entries = read.filter(({ sequence }) => sequence <= upTo)
    const openings = personalData ? await openingsOf(database, entries) : new Map()
    yield piece(entries, checkpoints, openings)
  }
}

function piece(
  entries: readonly StoredEntry[],
  checkpoints: readonly StoredCheckpoint[],
  openings: ReadonlyMap<number, readonly Opening[]>,
): string {
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
    const values = openings.get(sequence)
    if (values !== undefined) lines.push(line({ openings: { entry: sequence, values } }))
    leaves.push(leaf)
    if (sequence % tileWidth === 0) hashes()
    signed(sequence)
  }
  hashes()
  signed(Infinity)
  return lines.join('')
}

function line(value: RecordHeader | OpeningsLine | HashesLine | CheckpointLine): string {
  return `${JSON.stringify(value)}\n`
}
