import type { Checkpoint } from '../../proof/checkpoint.ts'
import { parseCheckpoint, signCheckpoint } from '../../proof/checkpoint.ts'
import type { Frontier } from '../../proof/frontier.ts'
import { rootOf } from '../../proof/frontier.ts'
import { isSigned } from '../../proof/note.ts'
import { isConsistent } from '../../proof/verify-proofs.ts'
import type { Clock } from '../kernel/clock.ts'
import { readWholeFile, writeWholeFile } from '../kernel/whole-file.ts'
import type { Database, Query } from '../storage/database.ts'
import type { StoredCheckpoint } from './checkpoint-store.ts'
import { lockLog, newestCheckpoint, storeCheckpoint, thinCheckpoints } from './checkpoint-store.ts'
import type { RecordKey } from './record-key.ts'
import { readEnd } from './store.ts'
import { openTree } from './tree.ts'

/** The database does not hold the tree that was signed: it is an older one, or was changed. */
export class RecordContradictionError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RecordContradictionError'
  }
}

export interface Checkpoints {
  /** The newest that is signed. */
  newest(): Promise<StoredCheckpoint | undefined>
  /**
   * Signs what was appended since the newest, and returns the newest then. Fails with
   * `RecordContradictionError`, and signs nothing, where the tree does not go on from what was signed.
   */
  sign(): Promise<StoredCheckpoint | undefined>
}

export interface CheckpointParts {
  readonly database: Database
  readonly clock: Clock
  readonly key: RecordKey
  /** Where the last signed checkpoint is remembered, outside the database. */
  readonly memoryFile: string
}

const thinEveryMs = 3_600_000
const thinAfterMs = 24 * 3_600_000

export function openCheckpoints(parts: CheckpointParts): Checkpoints {
  const { database, clock, key } = parts
  const memory = openMemory(parts)
  let thinned = -Infinity
  let signing: Promise<StoredCheckpoint | undefined> | undefined

  const newest = () => newestCheckpoint(database, key.verifier.text)

  async function signNow(): Promise<StoredCheckpoint | undefined> {
    await database.transaction(async (tx) => {
      if ((await lockLog(tx)) !== key.verifier.text)
        throw new RecordContradictionError('the record goes on under another key: start again')
      // Another node may have signed since: what it signed binds this one too.
      const stored = await newestCheckpoint(tx, key.verifier.text)
      const end = await readEnd(tx)
      if (stored !== undefined) await memory.note(stored.note)
      const last = await memory.last()
      if (last !== undefined) await mustGoOn(tx, end, last.checkpoint, parts)
      const { signer } = key
      if (signer === undefined || end.size === 0 || stored?.size === end.size) return
      const log = key.verifier.text
      const at = clock.now()
      // Remembered before it is published: what was shown once is never contradicted.
      const note =
        last?.checkpoint.size === end.size
          ? last.note
          : signCheckpoint({ origin: signer.name, size: end.size, root: rootOf(end) }, signer)
      await memory.note(note)
      await storeCheckpoint(tx, { log, size: end.size, at, note })
      if (at - thinned > thinEveryMs) {
        await thinCheckpoints(tx, at - thinAfterMs)
        thinned = at
      }
    })
    return newest()
  }

  return {
    newest,
    sign: () => (signing ??= signNow().finally(() => (signing = undefined))),
  }
}

/** Throws unless the tree in the database begins with the one that was signed. */
async function mustGoOn(
  tx: Query,
  end: Frontier,
  signed: Checkpoint,
  { memoryFile }: Pick<CheckpointParts, 'memoryFile'>,
): Promise<void> {
  const advice =
    `${memoryFile} holds what was signed. Nothing is signed any more. What to do: ` +
    'docs/how-to/prove-the-record.md, "When the database is not the one that was signed"'
  if (signed.size > end.size)
    throw new RecordContradictionError(
      `the record in the database ends with entry ${end.size}, but ${signed.size} entries were signed: ` +
        `this is an older database, or its end was cut off. ${advice}`,
    )
  const proof = await openTree(tx).consistency(signed.size, end.size).catch(nothingWhereCutShort)
  const consistent = isConsistent({
    older: signed.size,
    olderRoot: signed.root,
    newer: end.size,
    newerRoot: rootOf(end),
    proof,
  })
  if (!consistent)
    throw new RecordContradictionError(
      `the first ${signed.size} entries of the record in the database are not those that were signed: ` +
        `it is another database, or was changed. ${advice}`,
    )
}

/** Tiles with fewer hashes than the tree has prove nothing; what could not be read says nothing about them. */
function nothingWhereCutShort(error: unknown): Buffer[] {
  if (error instanceof RangeError) return []
  throw error
}

interface Remembered {
  readonly note: string
  readonly checkpoint: Checkpoint
}

/** The largest checkpoint that is known to have been signed, in a file beside the key. */
function openMemory({ key, memoryFile }: CheckpointParts) {
  let known: Remembered | undefined
  let read = false

  function trusted(note: string, where: string): Remembered {
    const checkpoint = parseCheckpoint(note)
    if (checkpoint === undefined || !isSigned(checkpoint.note, key.verifier))
      throw new RecordContradictionError(
        `${where} holds a checkpoint that is not signed by ${key.verifier.text}`,
      )
    return { note, checkpoint }
  }

  async function last(): Promise<Remembered | undefined> {
    if (!read) {
      const text = await readWholeFile(memoryFile)
      known = text === undefined ? undefined : trusted(text, memoryFile)
      read = true
    }
    return known
  }

  return {
    last,
    /** Durable when it returns. An older one than what is known changes nothing. */
    async note(note: string): Promise<void> {
      const before = await last()
      if (before?.note === note) return
      const next = trusted(note, 'the database')
      if (before !== undefined && next.checkpoint.size <= before.checkpoint.size) {
        if (
          next.checkpoint.size === before.checkpoint.size &&
          !next.checkpoint.root.equals(before.checkpoint.root)
        )
          throw new RecordContradictionError(
            `two trees of ${next.checkpoint.size} entries were signed: the record has two histories`,
          )
        return
      }
      await writeWholeFile(memoryFile, note)
      known = next
    },
  }
}
