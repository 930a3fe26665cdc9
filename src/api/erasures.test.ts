import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { commitmentOf } from '../../proof/commitments.ts'
import { apiWorld, ownerCaller } from '../../test/kit/api-world.ts'
import { recordWorld, trustIn, verifyText } from '../../test/kit/record.ts'
import { openErasures } from '../audit/erasures.ts'
import { openAudit } from '../audit/open-audit.ts'
import type { Actor } from '../kernel/actor.ts'
import { stepUpNeeded } from '../kernel/problem.ts'

const ann: Actor = { kind: 'person', id: 'p-ann', name: 'Ann Smith' }
const origin = { face: 'cli', address: '192.0.2.17' } as const

interface Entry {
  readonly sequence: number
  readonly actor: Actor
  readonly origin: { readonly address?: string }
  readonly reason?: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** Ann started a session for a driver twice, and somebody else once; everything is asked over the API. */
async function recorded(t: TestContext) {
  const kit = await recordWorld(t)
  const { database, clock } = kit
  const audit = openAudit({ database })
  const proofs = await kit.open()
  const namesOf = (id: string) => Promise.resolve(id === 'p-wang' ? ['王伟', 'wang'] : [])
  const officer = ownerCaller.actor
  const makersOf = (robot: string) => Promise.resolve(robot === 'r-own' ? [officer] : [])
  let fresh = true
  const needFresh = () => {
    if (!fresh) throw stepUpNeeded('show a second factor again', 300_000)
  }
  const erasures = openErasures({ database, audit, clock, namesOf, makersOf, needFresh })
  const world = await apiWorld(t, { parts: { proofs, audit, erasures } })
  const params = { token: 'CARD-1', connector: 1 }
  const about = { event: 'command.submitted', command: 'c-1', charger: 'CP-1', detail: { params } }
  await kit.append(2, { ...about, actor: ann, origin, reason: 'she waits' })
  await kit.append(1, { ...about, detail: { params: { token: 'OTHER' } } })
  const list = async () =>
    (await world.ask('GET', '/api/v1/audit?command=c-1&order=asc')).json<{ items: Entry[] }>().items
  const { key } = (await world.ask('GET', '/api/v1/audit/checkpoint')).json<{ key: string }>()
  const exported = async (query = '') => {
    const { body } = await world.ask('GET', `/api/v1/audit/export${query}`)
    return { body, verdict: await verifyText(body, trustIn(key)) }
  }
  const erase = (subject: string) =>
    world.ask('POST', '/api/v1/audit/erasures', { subject, reason: 'request 4711' })
  const grows = () => void (fresh = false)
  return { ...kit, world, list, exported, erase, key, grows }
}

void test('who reads the record notices nothing of commitments', async (t) => {
  const { list, sql } = await recorded(t)
  const [first] = await list()
  assert.deepEqual(
    [first!.actor, first!.origin, first!.reason, first!.detail],
    [ann, origin, 'she waits', { params: { token: 'CARD-1', connector: 1 } }],
  )
  const { rows } = await sql<{ entry: string }>('select entry from audit_entry')
  assert.doesNotMatch(JSON.stringify(rows), /Ann Smith|192\.0\.2|she waits|CARD-1/)
})

void test('what is erased of a person reads as erased, and everything proven stays proven', async (t) => {
  const { world, list, exported, erase, sql } = await recorded(t)
  const before = await exported()
  assert.match(before.body, /Ann Smith/)
  assert.match(before.verdict.notes.join('\n'), /of \d+ personal values none is erased/)
  const { rows } = await sql<{ salt: Buffer }>(
    `select salt from audit_opening where value = '"Ann Smith"'`,
  )
  const proofBefore = await world.ask('GET', '/api/v1/commands/c-1/proof')

  const answered = await erase('person:p-ann')
  assert.equal(answered.statusCode, 200, answered.body)
  assert.deepEqual(answered.json(), { subject: 'person:p-ann', values: 6, entries: 2 })
  const [first, , other] = await list()
  assert.deepEqual(first!.actor, { kind: 'person', id: 'p-ann', name: '(erased)' })
  assert.deepEqual([first!.origin.address, first!.reason], ['(erased)', '(erased)'])
  // The driver's token is the driver's.
  assert.deepEqual(first!.detail, { params: { token: 'CARD-1', connector: 1 } })
  assert.notEqual(other!.actor.name, '(erased)')

  const after = await exported()
  assert.doesNotMatch(after.body, /Ann Smith|she waits|192\.0\.2\.17/)
  assert.deepEqual(after.verdict.findings, [])
  assert.match(after.verdict.notes.join('\n'), /of \d+ personal values 6 are erased/)
  const checked = (await world.ask('GET', '/api/v1/audit/verify')).json<object>()
  assert.deepEqual(
    { ...checked, entries: 0 },
    {
      ...{ entries: 0, intact: true, brokenAt: null, wrong: null, erased: 6 },
    },
  )
  const proof = await world.ask('GET', '/api/v1/commands/c-1/proof')
  assert.doesNotMatch(proof.body, /Ann Smith|she waits/)
  // A proof that was handed out before holds as it did.
  assert.match(proofBefore.body, /Ann Smith/)
  const texts = (body: string) => (JSON.parse(body) as { entries: { entry: string }[] }).entries
  assert.deepEqual(
    texts(proof.body).map(({ entry }) => entry),
    texts(proofBefore.body).map(({ entry }) => entry),
  )

  // Without the salt nobody can try names: it is nowhere any more, and with it they could have.
  const commitment = /"name":{"commitment":"([\w-]{43})"}/.exec(texts(proof.body)[0]!.entry)![1]
  const salts = rows.map(({ salt }) => salt)
  assert.ok(salts.some((salt) => commitmentOf(salt, '"Ann Smith"') === commitment))
  const left = await sql<{ salt: Buffer }>('select salt from audit_opening')
  assert.ok(left.rows.every(({ salt }) => commitmentOf(salt, '"Ann Smith"') !== commitment))
})

void test('that it was done is an entry, which does not keep the token it was done for', async (t) => {
  const { world, list, erase, sql, exported } = await recorded(t)
  const answered = await erase('token:card-1')
  assert.deepEqual(answered.json(), { subject: 'token:card-1', values: 2, entries: 2 })
  const [first] = await list()
  assert.deepEqual(first!.detail, { params: { token: '(erased)', connector: 1 } })
  assert.equal(first!.actor.name, 'Ann Smith')
  const found = await world.ask('GET', '/api/v1/audit?event=audit.erased')
  const [entry] = found.json<{ items: Entry[] }>().items
  assert.equal(entry!.reason, 'request 4711')
  assert.deepEqual(entry!.detail, {
    ...{ kind: 'token', identifier: '(erased)', values: 2, entries: 2 },
  })
  const { rows } = await sql(
    `select from audit_opening where value ilike '%card-1%' or subject ilike '%card-1%'`,
  )
  assert.equal(rows.length, 0)
  assert.deepEqual((await exported()).verdict.findings, [])
})

void test('the record can be exported without personal data, and verifies', async (t) => {
  const { world, exported, key } = await recorded(t)
  const { body, verdict } = await exported('?personalData=false')
  assert.doesNotMatch(body, /Ann Smith|192\.0\.2|she waits|CARD-1|OTHER/)
  assert.deepEqual([verdict.intact, verdict.findings], [true, []])
  assert.match(verdict.notes.join('\n'), /of \d+ personal values none is shown/)
  const proof = await world.ask('GET', '/api/v1/commands/c-1/proof?personalData=false')
  assert.doesNotMatch(proof.body, /Ann Smith|CARD-1/)
  assert.ok(key)
})

void test('what the product wrote of somebody goes with them', async (t) => {
  const { append, erase, world } = await recorded(t)
  const system = { kind: 'system', id: 'system', name: 'OTA control' } as const
  const said = { event: 'command.sent', command: 'c-9', actor: system, detail: {} }
  await append(1, { ...said, reason: 'site limit of Hall; set by Ann Smith: cold night' })
  await append(1, { ...said, reason: 'site limit of Hall; set by Ben Miller: cold night' })
  assert.deepEqual((await erase('person:p-ann')).json<object>(), {
    ...{ subject: 'person:p-ann', values: 7, entries: 3 },
  })
  const { items } = (await world.ask('GET', '/api/v1/audit?command=c-9&order=asc')).json<{
    items: Entry[]
  }>()
  assert.equal(items[0]!.reason, '(erased)')
  assert.match(items[1]!.reason ?? '', /Ben Miller/)
})

void test('short names are found as words, and also where only the account still knows them', async (t) => {
  const { append, erase, world } = await recorded(t)
  const bo = { kind: 'person', id: 'p-bo', name: 'Bo' } as const
  await append(1, { event: 'x.happened', command: 'c-8', actor: bo, origin: { face: 'cli' } })
  const system = { kind: 'system', id: 'system', name: 'OTA control' } as const
  const reasons = [
    'cancelled by Bo: holiday',
    'a Bollard, and Boats',
    'maintenance by 王伟: ill',
    'set by wang',
  ]
  for (const reason of reasons)
    await append(1, { event: 'x.happened', command: 'c-9', actor: system, reason, detail: {} })
  const left = async () => {
    const { items } = (await world.ask('GET', '/api/v1/audit?command=c-9&order=asc')).json<{
      items: Entry[]
    }>()
    return items.map(({ reason }) => reason)
  }
  assert.equal((await erase('person:p-bo')).statusCode, 200)
  assert.deepEqual(await left(), ['(erased)', ...reasons.slice(1)])
  assert.deepEqual((await erase('person:p-wang')).json<object>(), {
    ...{ subject: 'person:p-wang', values: 2, entries: 2 },
  })
  assert.deepEqual(await left(), ['(erased)', reasons[1], '(erased)', '(erased)'])
})

void test('nobody erases without a fresh factor', async (t) => {
  const { erase, list, grows } = await recorded(t)
  grows()
  const answered = await erase('person:p-ann')
  assert.equal(answered.json<{ code: string }>().code, 'step-up-needed', answered.body)
  assert.equal((await list())[0]!.actor.name, 'Ann Smith')
})

void test('nobody erases what is of themselves, of a robot they made, of nobody, or of no kind there is', async (t) => {
  const { erase, list } = await recorded(t)
  for (const [subject, status] of [
    ['person:owner', 403],
    ['robot:r-own', 403],
    ['person:p-unknown', 404],
    ['charger:CP-1', 422],
    ['person', 422],
  ] as const)
    assert.equal((await erase(subject)).statusCode, status, subject)
  assert.equal((await list())[0]!.actor.name, 'Ann Smith')
})
