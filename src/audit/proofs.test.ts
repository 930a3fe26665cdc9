import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import test from 'node:test'
import { parseCommandProof, verifyCommandProof } from '../../proof/bundle.ts'
import { newSignerKey } from '../../proof/keys.ts'
import { entriesIn, hashesIn } from '../../proof/tiles.ts'
import { isConsistent, isIncluded } from '../../proof/verify-proofs.ts'
import { leafHash } from '../../proof/hashes.ts'
import {
  auditor,
  exported,
  newestCheckpoint,
  recordWorld,
  temporaryFolder,
  trustIn,
  verifyText,
} from '../../test/kit/record.ts'
import { until } from '../../test/kit/until.ts'
import { silentLog } from '../kernel/log.ts'
import { systemClock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import { openPostgres } from '../storage/postgres.ts'
import { signEveryMs } from './open-proofs.ts'
import { planKey } from './record-key.ts'

test('what was appended is signed within seconds, once, and nothing is signed for nothing', async (t) => {
  const { open, append, clock, dataDir, sql } = await recordWorld(t)
  const proofs = await open()
  const first = await newestCheckpoint(proofs)
  assert.equal(first.size, 1)
  await append(5)
  await clock.advance(signEveryMs)
  const file = path.join(dataDir, 'record-signed')
  await until(() => readFileSync(file, 'utf8').split('\n')[1] === '6', 'a signed tree of 6')
  for (let round = 0; round < 10; round += 1) await clock.advance(signEveryMs)
  await proofs.close()
  assert.equal((await newestCheckpoint(proofs)).size, 6)
  assert.equal((await sql('select from audit_checkpoint')).rowCount, 2)
})

test('a whole export verifies with the public key alone, and tells that it was made', async (t) => {
  const { open, append } = await recordWorld(t)
  const proofs = await open()
  await append(600)
  const text = await exported(proofs)
  const verdict = await verifyText(text, trustIn(proofs.state().key))
  assert.deepEqual(verdict.findings, [])
  assert.deepEqual([verdict.intact, verdict.entries], [true, 602])
  const entries = text.split('\n').filter((line) => line.includes('"sequence"'))
  const last = JSON.parse(entries.at(-1)!) as { event: string; actor: { id: string } }
  assert.deepEqual([last.event, last.actor.id], ['audit.exported', 'auditor'])
  const other = newSignerKey(proofs.state().origin, 'log')
  assert.equal((await verifyText(text, trustIn(other.text))).intact, false)
})

test('the proof of one command verifies by itself, and is refused when a letter is changed', async (t) => {
  const { open, append } = await recordWorld(t)
  const proofs = await open()
  await append(300)
  const text = JSON.stringify(await proofs.command(auditor, 'c-1', 'CP-1'))
  const trust = trustIn(proofs.state().key)
  const verdict = verifyCommandProof(parseCommandProof(text)!, trust)
  assert.deepEqual([verdict.intact, verdict.entries, verdict.findings], [true, 50, []])
  for (const [from, to] of [
    ['command.sent', 'command.gone'],
    ['"command":"c-1"', '"command":"c-2"'],
    ['grün', 'grau'],
  ] as const) {
    const changed = verifyCommandProof(parseCommandProof(text.replace(from, to))!, trust)
    assert.equal(changed.intact, false, from)
  }
  const proof = parseCommandProof(text)!
  const reordered = { ...proof, entries: proof.entries.toReversed() }
  assert.equal(verifyCommandProof(reordered, trust).intact, false)
  await assert.rejects(proofs.command(auditor, 'c-9'), ProblemError)
})

test('inclusion, consistency and tiles are those of the tree', async (t) => {
  const { open, append, sql } = await recordWorld(t)
  const proofs = await open()
  await append(699)
  const inclusion = await proofs.inclusion(300)
  assert.equal(inclusion.size, 700)
  assert.ok(isIncluded({ ...inclusion, index: 299 }))
  assert.ok(isIncluded({ ...(await proofs.inclusion(300, 512)), index: 299 }))
  assert.ok(isConsistent(await proofs.consistency(1)))
  assert.ok(isConsistent(await proofs.consistency(511, 600)))
  await assert.rejects(proofs.inclusion(701), ProblemError)
  await assert.rejects(proofs.inclusion(600, 512), ProblemError)
  await assert.rejects(proofs.consistency(5, 9_000), ProblemError)

  const leaves = hashesIn(await proofs.tile(0, 2, 188))
  const texts = entriesIn(await proofs.entryBundle(auditor, 2, 188))!
  assert.deepEqual(leaves, texts.map(leafHash))
  assert.equal((await proofs.tile(1, 0, 2)).length, 64)
  await assert.rejects(proofs.tile(1, 0, 3), ProblemError)
  await assert.rejects(proofs.tile(0, 2, 256), ProblemError)
  await proofs.entryBundle(auditor, 0, 256)
  const { rowCount } = await sql(`select from audit_entry where event = 'audit.entries-read'`)
  assert.equal(rowCount, 1)
})

test('nobody reads entries before that they do is in the record', async (t) => {
  const { open, append, sql } = await recordWorld(t)
  const proofs = await open()
  await append(5)
  await sql('alter table audit_head rename to away')
  await assert.rejects(proofs.entryBundle(auditor, 0, 2), /audit_head/)
  await assert.rejects(proofs.entryBundle(auditor, 0, 2), /audit_head/)
  await sql('alter table away rename to audit_head')
  await Promise.all([proofs.entryBundle(auditor, 0, 2), proofs.entryBundle(auditor, 0, 2)])
  const { rowCount } = await sql(`select from audit_entry where event = 'audit.entries-read'`)
  assert.equal(rowCount, 1)
})

test('an entry too long for a bundle is refused there, and exported', async (t) => {
  const { open, append } = await recordWorld(t)
  const proofs = await open()
  await append(1, { detail: { text: 'x'.repeat(70_000) } })
  await assert.rejects(proofs.entryBundle(auditor, 0, 2), /entry 2 is longer/)
  assert.ok((await verifyText(await exported(proofs), trustIn(proofs.state().key))).intact)
})

test('nodes that append and sign at once make one log', async (t) => {
  const { open, append, connection } = await recordWorld(t)
  const other = await openPostgres({ connection, clock: systemClock, log: silentLog })
  t.after(() => other.close())
  const nodes = [await open(), await open({ database: other })]
  for (let round = 0; round < 5; round += 1)
    await Promise.all([append(40), ...nodes.map((node) => node.record(auditor))])
  const verdict = await verifyText(await exported(nodes[1]!), trustIn(nodes[0]!.state().key))
  assert.deepEqual(verdict.findings, [])
  assert.equal(verdict.entries, 1 + 200 + 11)
})

test('the key is for its owner only, and what was signed is remembered beside it', async (t) => {
  const { open, dataDir } = await recordWorld(t)
  const proofs = await open({ name: 'example.com/record' })
  assert.match(proofs.state().key, /^example\.com\/record\+[0-9a-f]{8}\+/)
  for (const file of ['record-key', 'record-signed'])
    assert.equal((await stat(path.join(dataDir, file))).mode & 0o777, 0o600)
  const { note } = (await proofs.checkpoint())!
  assert.equal(await readFile(path.join(dataDir, 'record-signed'), 'utf8'), note)
})

test('a checkpoint that was signed and not stored when the node died is the one that is stored', async (t) => {
  const { open, append, dataDir, sql } = await recordWorld(t)
  const before = await open()
  await append(3)
  await exported(before)
  const { note } = (await before.checkpoint())!
  await sql('delete from audit_checkpoint where size > 1')
  const after = await open()
  assert.equal((await after.checkpoint())!.note, note)
  assert.equal(await readFile(path.join(dataDir, 'record-signed'), 'utf8'), note)
})

test('old checkpoints are thinned to one an hour, and the record still verifies', async (t) => {
  const { open, append, clock, sql } = await recordWorld(t)
  const proofs = await open()
  for (let quarter = 0; quarter < 4 * 30; quarter += 1) {
    await append(1)
    await clock.advance(15 * 60_000)
    await proofs.record(auditor)
  }
  const { rowCount } = await sql('select from audit_checkpoint')
  assert.ok(rowCount! > 96 && rowCount! < 160, `${rowCount} are kept`)
  const verdict = await verifyText(await exported(proofs), trustIn(proofs.state().key))
  assert.deepEqual(verdict.findings, [])
})

const keys: readonly [
  own: string | undefined,
  registered: string,
  replaces: string | undefined,
  plan: string,
][] = [
  [undefined, '', undefined, 'make'],
  ['a+1+x', '', undefined, 'register'],
  ['a+1+x', 'a+1+x', undefined, 'keep'],
  [undefined, 'a+1+x', undefined, 'verify-only'],
  ['b+2+x', 'a+1+x', undefined, 'refuse'],
  ['b+2+x', 'a+1+x', '1', 'register'],
  [undefined, 'a+1+x', '1', 'make'],
  ['a+1+x', 'a+1+x', '1', 'make'],
  ['b+2+x', 'b+2+x', '1', 'keep'],
  ['b+2+x', 'a+1+x', '3', 'refuse'],
]
for (const [own, registered, replaces, plan] of keys)
  test(`own key ${own}, the record's "${registered}", given up ${replaces}: ${plan}`, () => {
    assert.equal(planKey(own, registered, replaces).do, plan)
  })

test('a node without the key does not sign, and shows what the others signed', async (t) => {
  const { open, append } = await recordWorld(t)
  const signer = await open()
  const other = await open({ dataDir: await temporaryFolder(t) })
  assert.equal(other.state().signs, false)
  assert.equal(other.state().key, signer.state().key)
  await append(3)
  await assert.rejects(other.inclusion(4), ProblemError)
  await signer.record(auditor)
  assert.ok(isIncluded({ ...(await other.inclusion(4)), index: 3 }))
})

test('a node with another key refuses to start', async (t) => {
  const { open } = await recordWorld(t)
  await open()
  const dataDir = await temporaryFolder(t)
  await writeFile(path.join(dataDir, 'record-key'), newSignerKey('other', 'log').secretText)
  await assert.rejects(open({ dataDir }), /OTA_RECORD_REPLACES_KEY=[0-9a-f]{8}/)
})

test('a key that is given up is replaced, which the record says', async (t) => {
  const { open, append, sql } = await recordWorld(t)
  const before = await open()
  await append(5)
  await before.record(auditor)
  const old = before.state().key
  const after = await open({ replaces: old.split('+')[1]! })
  assert.notEqual(after.state().key, old)
  const text = await exported(after)
  assert.ok((await verifyText(text, trustIn(after.state().key))).intact)
  assert.equal((await verifyText(text, trustIn(old))).intact, false)
  const { rows } = await sql<{ entry: string }>(
    `select entry from audit_entry where event = 'audit.key-replaced'`,
  )
  assert.match(rows[0]!.entry, new RegExp(old.split('+')[1]!))
})
