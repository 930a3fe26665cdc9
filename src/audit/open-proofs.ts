import { rootOf } from '../../proof/frontier.ts'
import { entryBundle, longestBundled, tileWidth, tileWidthAt } from '../../proof/tiles.ts'
import type { Context } from '../kernel/actor.ts'
import { every } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import { change } from '../storage/database.ts'
import type { StoredCheckpoint } from './checkpoint-store.ts'
import { openCheckpoints, RecordContradictionError } from './checkpoints.ts'
import { proveCommand } from './command-proof.ts'
import type { PersonalData, Proofs } from './proofs.ts'
import { exportRecord } from './record-export.ts'
import type { RecordKeyParts } from './record-key.ts'
import { settleRecordKey, signedFile } from './record-key.ts'
import { matching, readAfter, readEnd, readHashes } from './store.ts'
import { openTree } from './tree.ts'
import { openWitnesses } from './witnesses.ts'

export interface ProofParts extends RecordKeyParts {
  readonly newId: NewId
}

/** How soon after it was appended an entry is in a signed tree. */
export const signEveryMs = 3_000

const oneReadingMs = 600_000

/**
 * Opens the record's proofs. Fails with `RecordContradictionError` where the database does not hold what was
 * signed: nothing may go on as if nothing had happened.
 */
export async function openProofs(parts: ProofParts): Promise<Proofs> {
  const { database, audit, clock, log, newId, dataDir } = parts
  const key = await settleRecordKey(parts)
  const checkpoints = openCheckpoints({ database, clock, key, memoryFile: signedFile(dataDir) })
  const witnesses = openWitnesses({
    database,
    clock,
    log,
    places: parts.witnesses,
    node: newId(),
  })
  await checkpoints.sign()

  let trouble: string | null = null
  async function signed(): Promise<StoredCheckpoint | undefined> {
    try {
      const newest = await checkpoints.sign()
      trouble = null
      return newest
    } catch (error) {
      if (!(error instanceof RecordContradictionError)) throw error
      trouble = error.message
      log.error({ why: error.message }, 'ALERT: the audit record is not the one that was signed')
      return undefined
    }
  }
  let round: Promise<void> = Promise.resolve()
  const signing = every(
    clock,
    signEveryMs,
    () =>
      (round = (async () => {
        const newest = await signed()
        if (newest !== undefined) await witnesses.ask(newest)
      })()),
    (error) =>
      log.error({ err: error }, 'the record could not be signed; the next round tries again'),
  )

  async function checkpointNow(): Promise<StoredCheckpoint> {
    const newest = await signed()
    if (newest !== undefined) await witnesses.ask(newest)
    const now = newest === undefined ? undefined : await checkpoints.newest()
    if (now === undefined)
      throw new ProblemError(
        'not-ready',
        trouble ?? 'no node that has the key of the record has signed it yet',
      )
    return now
  }

  /** The newest checkpoint if it holds that entry, else a new one. */
  async function reaching(sequence: number): Promise<StoredCheckpoint> {
    const newest = await checkpoints.newest()
    if (newest !== undefined && newest.size >= sequence) return newest
    const now = await checkpointNow()
    if (now.size >= sequence) return now
    throw new ProblemError('not-ready', 'the latest entries are not signed yet: try again shortly')
  }

  const note = (context: Context, event: string, detail: JsonObject) =>
    database.commit(
      change(audit.append, {
        at: clock.now(),
        actor: context.actor,
        origin: context.origin,
        event,
        detail,
      }),
    )

  /** Reading it all takes thousands of bundles, which are one reading: noted before the first is handed out. */
  const readings = new Map<string, { readonly since: number; readonly noted: Promise<unknown> }>()
  async function noteReading(context: Context): Promise<void> {
    const { id } = context.actor
    const before = readings.get(id)
    if (before !== undefined && clock.now() - before.since < oneReadingMs) {
      await before.noted
      return
    }
    const reading = { since: clock.now(), noted: note(context, 'audit.entries-read', {}) }
    readings.set(id, reading)
    try {
      await reading.noted
    } catch (error) {
      if (readings.get(id) === reading) readings.delete(id)
      throw error
    }
  }

  return {
    state: () => ({
      key: key.verifier.text,
      origin: key.verifier.name,
      signs: key.signer !== undefined,
      trouble,
      witnesses: witnesses.states(),
    }),
    checkpoint: () => checkpoints.newest(),
    async inclusion(sequence, size) {
      const end = await readEnd(database)
      mustBeWithin(size ?? end.size, 1, end.size, 'size')
      if (sequence > end.size) throw new ProblemError('not-found', `there is no entry ${sequence}`)
      const of = size ?? (await reaching(sequence)).size
      mustBeWithin(sequence, 1, of, 'sequence')
      const tree = openTree(database)
      const [leaf, root, proof] = await Promise.all([
        readHashes(database, 0, sequence - 1, 1),
        tree.root(of),
        tree.inclusion(sequence - 1, of),
      ])
      return { sequence, size: of, leaf: leaf[0]!, root, proof }
    },
    async consistency(older, newer) {
      const end = await readEnd(database)
      const to = newer ?? end.size
      mustBeWithin(to, 1, end.size, 'newer')
      mustBeWithin(older, 1, to, 'older')
      const tree = openTree(database)
      const [olderRoot, newerRoot, proof] = await Promise.all([
        tree.root(older),
        to === end.size ? rootOf(end) : tree.root(to),
        tree.consistency(older, to),
      ])
      return { older, olderRoot, newer: to, newerRoot, proof }
    },
    async tile(level, index, width) {
      const { size } = await readEnd(database)
      mustBeThere(width, tileWidthAt({ level, index }, size))
      return Buffer.concat(await readHashes(database, level, index * tileWidth, width))
    },
    async entryBundle(context, index, width) {
      const { size } = await readEnd(database)
      mustBeThere(width, tileWidthAt({ level: 0, index }, size))
      await noteReading(context)
      const entries = await readAfter(database, index * tileWidth, width)
      const long = entries.find(({ text }) => Buffer.byteLength(text) > longestBundled)
      if (long !== undefined)
        throw new ProblemError(
          'too-large',
          `entry ${long.sequence} is longer than an entry bundle can hold; the export of the record has it`,
        )
      return entryBundle(entries.map(({ text }) => text))
    },
    async command(context, command, charger, personal = {}) {
      const { text, name } = key.verifier
      const of = { origin: name, key: text }
      const asked = { command, charger, ...personal }
      const proof = await proveCommand(database, asked, of, reaching)
      await note(context, 'audit.proof-exported', {
        command,
        ...(charger === undefined ? {} : { charger }),
        entries: proof.entries.length,
        ...leftOut(personal),
      })
      return proof
    },
    async record(context, personal = {}) {
      await note(context, 'audit.exported', leftOut(personal))
      return exportRecord(database, key, await checkpointNow(), personal)
    },
    async entries(context, filter) {
      const { within, ...told } = filter
      await note(context, 'audit.entries-exported', {
        ...told,
        ...(within === undefined ? {} : { within: true }),
      })
      const { size } = await readEnd(database)
      return matching(database, filter, size)
    },
    async close() {
      signing.cancel()
      await round.catch(() => undefined)
    },
  }
}

function leftOut({ personalData = true }: PersonalData): JsonObject {
  return personalData ? {} : { withoutPersonalData: true }
}

function mustBeWithin(number: number, least: number, most: number, field: string): void {
  if (!(Number.isSafeInteger(number) && number >= least && number <= most))
    throw new ProblemError(
      'invalid-input',
      `${field} must be a whole number from ${least} to ${most}`,
      field,
    )
}

function mustBeThere(width: number, there: number): void {
  if (width > there) throw new ProblemError('not-found', 'the record has no such tile yet')
}
