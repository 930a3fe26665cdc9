import { hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { parseVerifierKey } from '../proof/keys.ts'
import { linesOf } from '../proof/lines.ts'
import { verifyRecordLines } from '../proof/verify-record.ts'
import type { AuditEvent } from '../src/audit/audit.ts'
import { openAudit } from '../src/audit/open-audit.ts'
import { openProofs } from '../src/audit/open-proofs.ts'
import type { Proofs } from '../src/audit/proofs.ts'
import type { Context } from '../src/kernel/actor.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { uuid7 } from '../src/kernel/ids.ts'
import { silentLog } from '../src/kernel/log.ts'
import { change, type Database } from '../src/storage/database.ts'
import { openDatabase } from '../src/storage/open-database.ts'
import type { Options, Scenario } from './scenario.ts'
import { count, decimals, quantile, ratio, withDataFolder } from './scenario.ts'

const sizes = [10_000, 100_000, 1_000_000]
const asked = 1_000
const perCommand = 6
const text = `A record of commands, ${perCommand} entries each, grows to ${count(sizes.at(-1)!)} entries. The first table asks for ${count(asked)} proofs one after the
other, of entries and trees spread over the record, and for what everybody would ask a table of: an entry by its number. The
second exports the whole record to a file and verifies it as \`otactl audit verify\` does, beside reading that file and hashing
each of its lines once.`

export const proofs: Scenario = {
  name: 'proofs',
  title: 'Proofs of the record',
  async run(options) {
    const grown = options.quick ? [1_000, 2_000] : sizes
    const found: Measured[] = []
    await withDataFolder(options, async (dataDir) => {
      const opened = await openDatabase({
        settings: { dataDir, databaseUrl: undefined },
        clock: systemClock,
        log: silentLog,
      })
      try {
        const world = await recordIn(opened.database, dataDir)
        for (const size of grown) found.push(await measure(options, world, size))
        await world.proofs.close()
      } finally {
        await opened.close()
      }
    })
    return { text, tables: [askingTable(found), verifyingTable(found)] }
  },
}

interface RecordWorld {
  readonly database: Database
  readonly dataDir: string
  readonly proofs: Proofs
  /** Appends until there are so many entries. */
  readonly grow: (size: number) => Promise<void>
}

const auditor: Context = {
  actor: { kind: 'person', id: 'auditor', name: 'Auditor' },
  origin: { face: 'cli', address: '127.0.0.1' },
}

async function recordIn(database: Database, dataDir: string): Promise<RecordWorld> {
  const newId = uuid7(systemClock)
  const audit = openAudit({ database })
  const parts = { database, audit, clock: systemClock, log: silentLog, newId, dataDir }
  const none = { keyFile: undefined, name: undefined, replaces: undefined, witnesses: [] }
  let size = 0
  let command = newId()
  function next(): AuditEvent {
    if (size % perCommand === 0) command = newId()
    size += 1
    return {
      ...{ actor: auditor.actor, origin: auditor.origin, at: systemClock.now(), command },
      ...{
        event: 'command.sent',
        charger: `CP-${size % 2_000}`,
        reason: 'a screen that is frozen',
      },
      detail: {
        operation: 'charger.reset',
        action: 'Reset',
        payload: { type: 'Soft' },
        step: size,
      },
    }
  }
  return {
    ...{ database, dataDir },
    proofs: await openProofs({ ...parts, ...none }),
    async grow(wanted) {
      while (size < wanted) {
        const batch = Array.from({ length: Math.min(500, wanted - size) }, next)
        await Promise.all(batch.map((event) => database.commit(change(audit.append, event))))
      }
    },
  }
}

interface Measured {
  readonly size: number
  readonly entry: readonly number[]
  readonly inclusion: readonly number[]
  readonly consistency: readonly number[]
  readonly exportSeconds: number
  readonly hashSeconds: number
  readonly verifySeconds: number
  readonly fileBytes: number
}

async function measure(options: Options, world: RecordWorld, size: number): Promise<Measured> {
  const { database, dataDir, proofs } = world
  await world.grow(size)
  while (((await proofs.checkpoint())?.size ?? 0) < size) await delay(100)
  const some = Array.from(
    { length: options.quick ? 50 : asked },
    (_, index) => 1 + ((index * 7_919) % size),
  )
  const entry = await timed(some, (sequence) =>
    database.query('select entry from audit_entry where sequence = $1', [sequence]),
  )
  const inclusion = await timed(some, (sequence) => proofs.inclusion(sequence))
  const consistency = await timed(some, (older) => proofs.consistency(older))
  const file = path.join(dataDir, 'record.jsonl')
  const exportSeconds = await secondsOf(async () =>
    pipeline(await proofs.record(auditor), createWriteStream(file)),
  )
  const lines = () => linesOf(createReadStream(file, { encoding: 'utf8' }) as AsyncIterable<string>)
  let fileBytes = 0
  const hashSeconds = await secondsOf(async () => {
    for await (const line of lines()) {
      hash('sha256', line, 'buffer')
      fileBytes += line.length + 1
    }
  })
  const key = parseVerifierKey(proofs.state().key)!
  const verifySeconds = await secondsOf(async () => {
    const { intact, findings } = await verifyRecordLines(lines(), { key, witnesses: [], known: [] })
    if (!intact) throw new Error(`the record is not intact: ${JSON.stringify(findings)}`)
  })
  options.say(`  ${count(size)} entries: done`)
  return {
    size,
    entry,
    inclusion,
    consistency,
    exportSeconds,
    hashSeconds,
    verifySeconds,
    fileBytes,
  }
}

/** How long each took, ms. */
async function timed(
  all: readonly number[],
  ask: (one: number) => Promise<unknown>,
): Promise<number[]> {
  const took: number[] = []
  for (const one of all) took.push(1_000 * (await secondsOf(() => ask(one))))
  return took
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now()
  await work()
  return (performance.now() - since) / 1_000
}

function askingTable(found: readonly Measured[]) {
  const kinds = ['entry', 'inclusion', 'consistency'] as const
  const names = { entry: 'entry by its number', inclusion: 'inclusion', consistency: 'consistency' }
  return {
    columns: ['entries', 'asked for', 'p50, ms', 'p99, ms', '× entry'],
    rows: found.flatMap((one) =>
      kinds.map((kind) => [
        count(one.size),
        names[kind],
        decimals(quantile(one[kind], 0.5), 2),
        decimals(quantile(one[kind], 0.99), 2),
        ratio(quantile(one[kind], 0.5), quantile(one.entry, 0.5)),
      ]),
    ),
  }
}

function verifyingTable(found: readonly Measured[]) {
  return {
    columns: [
      'entries',
      'file, MB',
      'export, s',
      'hashing lines, s',
      'verifying, s',
      '× hashing',
      'verified/s',
    ],
    rows: found.map(({ size, fileBytes, exportSeconds, hashSeconds, verifySeconds }) => [
      count(size),
      decimals(fileBytes / 1e6, 1),
      decimals(exportSeconds, 1),
      decimals(hashSeconds, 2),
      decimals(verifySeconds, 2),
      ratio(verifySeconds, hashSeconds),
      count(size / verifySeconds),
    ]),
  }
}
