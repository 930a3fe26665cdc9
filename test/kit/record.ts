import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseCheckpoint, type Checkpoint } from '../../proof/checkpoint.ts'
import { emptyFrontier, frontierBytes } from '../../proof/frontier.ts'
import { leafHash } from '../../proof/hashes.ts'
import { parseVerifierKey } from '../../proof/keys.ts'
import type { Trust, Verdict } from '../../proof/trust.ts'
import { verifyRecordLines } from '../../proof/verify-record.ts'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { newestCheckpoint as storedCheckpoint } from '../../src/audit/checkpoint-store.ts'
import { openAudit } from '../../src/audit/open-audit.ts'
import { openProofs, type ProofParts } from '../../src/audit/open-proofs.ts'
import type { Proofs } from '../../src/audit/proofs.ts'
import { exportRecord } from '../../src/audit/record-export.ts'
import { appended } from '../../src/audit/store.ts'
import type { Context } from '../../src/kernel/actor.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { change, type Database, type Tx } from '../../src/storage/database.ts'
import { testDatabase, type Lasting, type TestDatabase } from './database.ts'

export const auditor: Context = {
  actor: { kind: 'person', id: 'auditor', name: 'Auditor' },
  origin: { face: 'cli', address: '127.0.0.1' },
}

export interface RecordWorld extends TestDatabase {
  readonly clock: ManualClock
  readonly dataDir: string
  /** Appends so many entries about these commands in turn. */
  readonly append: (count: number, fields?: Partial<AuditEvent>) => Promise<void>
  /** A node's proofs over this database. */
  readonly open: (parts?: Partial<ProofParts>) => Promise<Proofs>
}

/** A record on a database of its own; signing happens when it is asked for, or the clock moved. */
export async function recordWorld(t: Lasting): Promise<RecordWorld> {
  const kit = await testDatabase(t)
  const clock = new ManualClock()
  const dataDir = await temporaryFolder(t)
  const { database } = kit
  return {
    ...kit,
    clock,
    dataDir,
    append: (count, fields) => appendTo(database, clock, count, fields),
    async open(parts) {
      const proofs = await openProofs({
        database,
        audit: openAudit({ database }),
        clock,
        log: silentLog,
        newId: uuid7(clock),
        dataDir,
        keyFile: undefined,
        name: undefined,
        replaces: undefined,
        witnesses: [],
        ...parts,
      })
      t.after(() => proofs.close())
      return proofs
    },
  }
}

export async function appendTo(
  database: Database,
  clock: Pick<ManualClock, 'now'>,
  count: number,
  fields: Partial<AuditEvent> = {},
): Promise<void> {
  const { append } = openAudit({ database })
  const event = (index: number): AuditEvent => ({
    ...auditor,
    at: clock.now(),
    event: 'command.sent',
    command: `c-${index % 3}`,
    charger: `CP-${index % 2}`,
    detail: { index, text: 'grün “quoted” \u0000' },
    ...fields,
  })
  await Promise.all(
    Array.from({ length: count }, (_, index) => database.commit(change(append, event(index)))),
  )
}

export async function temporaryFolder(t: Lasting): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ota-record-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export function trustIn(key: string, more: Partial<Trust> = {}): Trust {
  return { key: parseVerifierKey(key)!, witnesses: [], known: [], ...more }
}

export async function exported(proofs: Proofs): Promise<string> {
  let text = ''
  for await (const piece of await proofs.record(auditor)) text += piece
  return text
}

export function verifyText(text: string, trust: Trust): Promise<Verdict> {
  // eslint-disable-next-line @typescript-eslint/require-await -- lines come asynchronously where they are many
  async function* lines() {
    yield* text.split('\n')
  }
  return verifyRecordLines(lines(), trust)
}

export async function newestCheckpoint(proofs: Proofs): Promise<Checkpoint> {
  return parseCheckpoint((await proofs.checkpoint())!.cosigned)!
}

/** What somebody with the database's password does to it. */
export async function asIntruder(
  { sql }: Pick<TestDatabase, 'sql'>,
  ...statements: string[]
): Promise<void> {
  for (const table of ['audit_entry', 'audit_node', 'audit_head', 'audit_opening'])
    await sql(`alter table ${table} disable trigger all`)
  for (const statement of statements) await sql(statement)
}

/** Makes hashes, subtrees and end fit whatever the entries are now. */
export async function coverUp({ sql }: Pick<TestDatabase, 'sql'>): Promise<void> {
  await sql(`update audit_entry set leaf = sha256('\\x00'::bytea || convert_to(entry, 'UTF8'))`)
  const { rows } = await sql<{ entry: string }>('select entry from audit_entry order by sequence')
  const { frontier, nodes } = appended(
    emptyFrontier,
    rows.map(({ entry }) => leafHash(entry)),
  )
  await sql('delete from audit_node')
  for (const { level, index, hash } of nodes)
    await sql('insert into audit_node values ($1, $2, $3)', [level, index, hash])
  const bytes = frontierBytes(frontier)
  await sql('delete from audit_opening where sequences[1] > $1', [frontier.size])
  await sql('update audit_head set size = $1, frontier = $2', [frontier.size, bytes])
}

/** An older database, as a backup would bring it back: it ends with that entry, and all of it fits. */
export async function cutOff(kit: Pick<TestDatabase, 'sql'>, after: number): Promise<void> {
  await asIntruder(
    kit,
    `delete from audit_entry where sequence > ${after}`,
    `delete from audit_checkpoint where size > ${after}`,
  )
  await coverUp(kit)
}

/** The record as it lies in the database, up to the newest checkpoint in it. */
export async function exportAsItLies(sql: Tx['query'], key: string): Promise<string> {
  const verifier = parseVerifierKey(key)!
  const newest = (await storedCheckpoint({ query: sql }, key))!
  let text = ''
  for await (const piece of exportRecord({ query: sql }, { verifier, signer: undefined }, newest))
    text += piece
  return text
}
