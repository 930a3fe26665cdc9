import assert from 'node:assert/strict'
import test from 'node:test'
import { verifyCommandProof } from '../../proof/bundle.ts'
import { parseCheckpoint } from '../../proof/checkpoint.ts'
import type { Verdict } from '../../proof/trust.ts'
import type { RecordWorld } from '../../test/kit/record.ts'
import {
  asIntruder,
  auditor,
  coverUp,
  cutOff,
  exportAsItLies,
  exported,
  newestCheckpoint,
  recordWorld,
  temporaryFolder,
  trustIn,
  verifyText,
} from '../../test/kit/record.ts'
import { until } from '../../test/kit/until.ts'
import { openLog } from '../kernel/log.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Database, Tx } from '../storage/database.ts'
import { openErasures } from './erasures.ts'
import { openAudit } from './open-audit.ts'
import { signEveryMs } from './open-proofs.ts'
import type { Proofs } from './proofs.ts'

/** 1 entry for the key, then 20 of checkpoints after 11 and 21; the key and what was signed last. */
async function signedRecord(world: RecordWorld) {
  const proofs = await world.open()
  const { key } = proofs.state()
  await world.append(10)
  await proofs.inclusion(11)
  await world.append(10)
  await proofs.inclusion(21)
  return { proofs, key, signed: (await proofs.checkpoint())!.note }
}

function said({ findings }: Verdict): string[] {
  return findings.map(({ where, wrong }) => `${where}: ${wrong}`)
}

const edit = (sequence: number) =>
  `update audit_entry set entry = replace(entry, 'grün', 'blau') where sequence = ${sequence}`
const shift = (from: number, by: number) => [
  `update audit_entry set sequence = sequence + 1000000 where sequence >= ${from}`,
  `update audit_entry set sequence = sequence - 1000000 + ${by} where sequence > 1000000`,
]

const tampering: readonly {
  readonly what: string
  readonly statements: readonly string[]
  readonly coveredUp?: true
  readonly says: RegExp
}[] = [
  {
    what: 'the text of an entry',
    statements: [edit(15)],
    says: /^entry 15: its text is not the one that was hashed/m,
  },
  {
    what: 'the text of an entry, and every hash that depends on it',
    statements: [edit(15)],
    coveredUp: true,
    says: /^entries 12 to 21: they are not what was signed/m,
  },
  {
    what: 'an entry taken out',
    statements: ['delete from audit_entry where sequence = 5'],
    says: /^entry 5: it is missing/m,
  },
  {
    what: 'an entry taken out, those behind it moved up, and every hash made to fit',
    statements: ['delete from audit_entry where sequence = 5', ...shift(6, -1)],
    coveredUp: true,
    says: /^entry 5: it is missing/m,
  },
  {
    what: 'two entries that changed places',
    statements: [
      `with other as (select * from audit_entry where sequence in (7, 8))
       update audit_entry as one set entry = other.entry, leaf = other.leaf
       from other where one.sequence in (7, 8) and other.sequence = 15 - one.sequence`,
    ],
    says: /^behind entry 8: there is an entry that says it is number 7: doubled, added or out of order/m,
  },
  {
    what: 'an entry put in between, and every hash made to fit',
    statements: [
      ...shift(9, 1),
      'insert into audit_entry select 9, at, event, actor, charger, command, entry, leaf from audit_entry where sequence = 8',
    ],
    coveredUp: true,
    says: /^behind entry 8: there is an entry that says it is number 8: doubled/m,
  },
  {
    what: 'the end cut off',
    statements: ['delete from audit_entry where sequence > 18'],
    says: /^checkpoint behind entry 18: it was signed for 21 entries: 3 are missing before it/m,
  },
  {
    what: 'the end cut off, with its checkpoint, and every hash made to fit',
    statements: [
      'delete from audit_entry where sequence > 11',
      'delete from audit_checkpoint where size > 11',
    ],
    coveredUp: true,
    says: /^entries 12 to 21: they are missing: a checkpoint known from before was signed for them/m,
  },
  {
    what: 'a checkpoint of somebody else’s making',
    statements: [`update audit_checkpoint set note = replace(note, E'\\n21\\n', E'\\n20\\n')`],
    says: /^checkpoint behind entry 21: it carries no valid signature/m,
  },
]
for (const { what, statements, coveredUp, says } of tampering)
  test(`the verifier names ${what}; the signer signs nothing more`, async (t) => {
    const world = await recordWorld(t)
    const { proofs, key, signed } = await signedRecord(world)
    await asIntruder(world, ...statements)
    if (coveredUp === true) await coverUp(world)
    const verdict = await verifyText(
      await exportAsItLies(world.sql, key),
      trustIn(key, { known: [parseCheckpoint(signed)!] }),
    )
    assert.equal(verdict.intact, false)
    assert.match(said(verdict).join('\n'), says)
    if (coveredUp === true) await mustNotSign(world, proofs)
  })

/** 1 entry for the key, then 6 by themselves, none of which shares a commitment. */
async function recordOfSingles(world: RecordWorld): Promise<string> {
  const proofs = await world.open()
  for (let count = 0; count < 6; count += 1) await world.append(1)
  await proofs.inclusion(7)
  return proofs.state().key
}

const nameOf = (sequence: number) => `kind = 'names' and ${sequence} = any(sequences)`
const openingTampering: readonly [what: string, statement: string, at: number][] = [
  [
    'the value of an opening',
    `update audit_opening set value = '"Somebody"' where ${nameOf(5)}`,
    5,
  ],
  ['the salt of an opening', `update audit_opening set salt = sha256(salt) where ${nameOf(5)}`, 5],
  [
    'the opening of another entry, in the place of its own',
    `update audit_opening set (salt, value) = (select salt, value from audit_opening where ${nameOf(5)})
     where ${nameOf(6)}`,
    6,
  ],
]
for (const [what, statement, at] of openingTampering)
  test(`the verifier and the server name ${what}`, async (t) => {
    const world = await recordWorld(t)
    const key = await recordOfSingles(world)
    await asIntruder(world, statement)
    const verdict = await verifyText(await exportAsItLies(world.sql, key), trustIn(key))
    const says =
      /the opening of \/actor\/name is not what was committed to: its value or salt was changed/
    assert.equal(verdict.intact, false)
    assert.match(said(verdict).join('\n'), new RegExp(`^entry ${at}: ${says.source}`, 'm'))
    const check = await openAudit({ database: world.database }).verify()
    assert.equal(check.brokenAt, at)
    assert.match(check.wrong ?? '', says)
  })

test('the server names an entry that was nested to break it', async (t) => {
  const world = await recordWorld(t)
  await world.append(3)
  const deep = `repeat('[', 20000) || repeat(']', 20000)`
  const text = `replace(entry, '"index":1,', '"index":' || ${deep} || ',')`
  await asIntruder(world, `update audit_entry set entry = ${text} where sequence = 2`)
  await coverUp(world)
  const check = await openAudit({ database: world.database }).verify()
  assert.equal(check.brokenAt, 2)
  assert.match(check.wrong ?? '', /^it is nested too deep/)
})

const another = (sequences: string, kind = 'kind') =>
  `insert into audit_opening
   select overlay(commitment placing 'moved' from 1), ${kind}, at, '${sequences}', subject, salt, value
   from audit_opening where ${nameOf(5)}`
for (const [what, statement] of [
  ['that stands in no entry', another('{6}')],
  ['of an entry that there is not', another('{900}')],
  ['of nothing', another('{}')],
  [
    'of an entry and of one it does not stand in',
    `update audit_opening set sequences = '{5,6}' where ${nameOf(5)}`,
  ],
  ['of a kind that there is not', `update audit_opening set kind = 'other' where ${nameOf(5)}`],
] as const)
  test(`the server names an opening ${what}`, async (t) => {
    const world = await recordWorld(t)
    await recordOfSingles(world)
    await asIntruder(world, statement)
    const check = await openAudit({ database: world.database }).verify()
    assert.match(check.wrong ?? '', /a personal value is kept of no entry/)
  })

test('personal values that go without an entry are named, those that were erased are not', async (t) => {
  const world = await recordWorld(t)
  const key = await recordOfSingles(world)
  const audit = openAudit({ database: world.database })
  const nobodyIn = () => Promise.resolve([])
  const known = { namesOf: nobodyIn, makersOf: nobodyIn, needFresh: () => undefined }
  const erasures = openErasures({ ...world, audit, ...known })
  const officer = { ...auditor, actor: { ...auditor.actor, id: 'officer' } }
  const gone = await erasures.erase(officer, { subject: 'person:auditor', reason: 'asked for' })
  const check = await audit.verify()
  assert.deepEqual([check.brokenAt, check.erased], [undefined, gone.values])
  await asIntruder(world, `delete from audit_opening where kind = 'text'`)
  const wrong = /^1 personal values are gone that no erasure in the record accounts for$/
  assert.match((await audit.verify()).wrong ?? '', wrong)
  const verdict = await verifyText(await exportAsItLies(world.sql, key), trustIn(key))
  assert.match(verdict.notes.join('\n'), /gone without an entry here that accounts for it/)
})

test('an opening that was moved in an export is named, and so is one in a proof', async (t) => {
  const world = await recordWorld(t)
  const key = await recordOfSingles(world)
  const proofs = await world.open()
  const lines = (await exported(proofs)).trimEnd().split('\n')
  const fifth = lines.findIndex((line) => line.startsWith('{"openings":{"entry":5,'))
  const moved = lines.toSpliced(fifth, 1).toSpliced(fifth + 2, 0, lines[fifth]!)
  const verdict = await verifyText(moved.join('\n'), trustIn(key))
  assert.match(
    said(verdict).join('\n'),
    /^openings of entry 5: they do not stand behind that entry/m,
  )

  const proof = await proofs.command(auditor, 'c-0')
  const [first, second] = proof.entries
  const swapped = { ...proof, entries: [{ ...first!, openings: second!.openings! }] }
  assert.match(
    said(verifyCommandProof(swapped, trustIn(key))).join('\n'),
    /the opening of \/actor\/name is not what was committed to/,
  )
  assert.deepEqual(said(verifyCommandProof(proof, trustIn(key))), [])
})

for (const statement of [`update audit_opening set value = '"Somebody"'`, 'truncate audit_opening'])
  test(`the database refuses "${statement}"`, async (t) => {
    const world = await recordWorld(t)
    await world.append(1)
    await assert.rejects(world.sql(statement), /append-only/)
  })

/** Neither the node that runs, nor one that starts. */
async function mustNotSign(world: RecordWorld, proofs: Proofs): Promise<void> {
  const before = (await proofs.checkpoint())?.note
  await world.append(30, { reason: 'another history' })
  await assert.rejects(exported(proofs), ProblemError)
  assert.match(proofs.state().trouble ?? '', /not those that were signed/)
  assert.equal((await proofs.checkpoint())?.note, before)
  await assert.rejects(world.open(), /not those that were signed/)
}

test('a node refuses to start on an older database, and says what was signed', async (t) => {
  const world = await recordWorld(t)
  const { proofs } = await signedRecord(world)
  await cutOff(world, 11)
  await assert.rejects(
    world.open(),
    /ends with entry 11, but 21 entries were signed: this is an older database.*prove-the-record/,
  )
  await assert.rejects(proofs.record(auditor), /ends with entry 12, but 21 entries were signed/)
})

test('an older database that has grown past what was signed is still noticed', async (t) => {
  const world = await recordWorld(t)
  await signedRecord(world)
  await cutOff(world, 11)
  await world.append(40, { reason: 'another history' })
  await assert.rejects(world.open(), /the first 21 entries .* are not those that were signed/)
})

/** A database that reads no hashes of the tree while it is away. */
function unsteady(database: Database) {
  const state = { away: false }
  const readThrough = (tx: Tx): Tx => ({
    query: (sql, values) =>
      state.away && / as hash from audit_entry|hash from audit_node/.test(sql)
        ? Promise.reject(new Error('canceling statement due to statement timeout'))
        : tx.query(sql, values),
    post: (sql, values) => tx.post(sql, values),
  })
  const transaction: Database['transaction'] = (work) =>
    database.transaction((tx) => work(readThrough(tx)))
  return { state, database: { ...database, transaction } }
}

test('a database that cannot be read is not accused: the next round signs', async (t) => {
  const world = await recordWorld(t)
  const { database, state } = unsteady(world.database)
  const lines: string[] = []
  const log = openLog({ level: 'info', name: 't', destination: { write: (l) => lines.push(l) } })
  const proofs = await world.open({ database, log })
  await world.append(10)
  state.away = true
  await world.clock.advance(signEveryMs)
  await until(() => lines.length > 0, 'a round that says why it signed nothing')
  assert.match(lines.join(''), /statement timeout.*the next round tries again/)
  assert.doesNotMatch(lines.join(''), /ALERT/)
  assert.equal(proofs.state().trouble, null)
  await assert.rejects(world.open({ database }), /^Error: canceling statement/)

  state.away = false
  await world.clock.advance(signEveryMs)
  await proofs.close()
  assert.equal((await newestCheckpoint(proofs)).size, 11)
})

test('tiles that are cut short are a contradiction', async (t) => {
  const world = await recordWorld(t)
  await signedRecord(world)
  await world.append(10)
  await asIntruder(world, 'delete from audit_entry where sequence in (3, 31)')
  await assert.rejects(world.open(), /the first 21 entries .* are not those that were signed/)
})

test('a node on another machine is warned by the checkpoints in the database', async (t) => {
  const world = await recordWorld(t)
  await signedRecord(world)
  await asIntruder(world, 'delete from audit_entry where sequence > 11')
  await coverUp(world)
  await assert.rejects(
    world.open({ dataDir: await temporaryFolder(t) }),
    /ends with entry 11, but 21 entries were signed/,
  )
})

test('an export that was changed on its way is named by line or entry', async (t) => {
  const world = await recordWorld(t)
  const { proofs, key } = await signedRecord(world)
  const text = await exported(proofs)
  const lines = text.trimEnd().split('\n')
  const ninth = lines.findIndex((line) => line.includes('"sequence":9}'))
  const fourth = lines.findIndex((line) => line.includes('"sequence":4}'))
  const tried: readonly [string[], RegExp][] = [
    [lines.with(fourth, lines[fourth]!.replace('grün', 'blau')), /^entry 4: its text/m],
    [lines.toSpliced(fourth, 1), /^entry 4: it is missing/m],
    [lines.with(fourth, '{'), new RegExp(`^line ${fourth + 1}: it is no part of a record`, 'm')],
    [lines.toSpliced(-1, 1), /^entry 22: no checkpoint|^entries 22 to 22: no checkpoint/m],
    [lines.slice(0, ninth + 1), /^header: it speaks of 22 entries, 9 are there/m],
    [
      lines.slice(1).filter((line) => !line.startsWith('{"checkpoint"')),
      /no checkpoint of this log/,
    ],
  ]
  for (const [changed, says] of tried) {
    const verdict = await verifyText(changed.join('\n'), trustIn(key))
    assert.equal(verdict.intact, false)
    assert.match(said(verdict).join('\n'), says)
  }
})
