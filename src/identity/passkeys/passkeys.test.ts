import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { testDatabase } from '../../../test/kit/database.ts'
import { softPasskey, type Manner } from '../../../test/kit/soft-passkey.ts'
import { openAudit } from '../../audit/open-audit.ts'
import type { Context } from '../../kernel/actor.ts'
import { ManualClock } from '../../kernel/clock.ts'
import { uuid7 } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import { ProblemError, type ProblemCode } from '../../kernel/problem.ts'
import { defaultIdentityRules } from '../../policy/rules/identity.ts'
import { openPasskeys } from './passkeys.ts'
import { relyingPartyAt } from './relying-party.ts'
import { counterRegressed, keptSignatureHolds } from './verify.ts'

const origin = 'https://ota.example.com'
const somebody = { kind: 'person', id: '', name: 'Ann' } as const

async function house(t: TestContext) {
  const { database, sql } = await testDatabase(t)
  const clock = new ManualClock()
  const audit = openAudit({ database })
  const newId = uuid7(clock)
  const parts = {
    ...{ database, audit, clock, newId, log: silentLog },
    ...{ operatorUrl: () => origin, figures: () => defaultIdentityRules },
  }
  const passkeys = openPasskeys(parts)
  function factor(person: string, answer: unknown): Promise<boolean> {
    return database.transaction((tx) =>
      passkeys.secondFactor.check(tx, { person, answer, at: clock.now() }),
    )
  }
  async function person() {
    const id = newId()
    await sql(
      `insert into person (id, name, display_name, created_at) values ($1, $2, 'Ann', now())`,
      [id, `ann-${id}`],
    )
    // Whoever changes passkeys has just shown a second factor.
    const authentication = { by: 'session', id: 's', factors: { totp: clock.now() } } as const
    const context: Context = { actor: { ...somebody, id }, origin: { face: 'api' }, authentication }
    return { id, name: 'ann', displayName: 'Ann', context }
  }
  async function registered(name = 'laptop') {
    const who = await person()
    const device = softPasskey(origin)
    const answer = device.create(await passkeys.offerRegistration(who.context, who))
    const passkey = await passkeys.register(who.context, who.id, { name, answer })
    return { ...who, device, passkey }
  }
  async function events() {
    return (await audit.list({ limit: 100 })).map(({ event }) => event)
  }
  return { passkeys, database, clock, person, factor, registered, events }
}

async function refusal(promise: Promise<unknown>): Promise<[ProblemCode, string]> {
  try {
    await promise
  } catch (error) {
    if (error instanceof ProblemError) return [error.problem.code, error.problem.detail]
    throw error
  }
  throw new Error('it was not refused')
}

void test('a passkey that was registered is a sign-in of its own and a second factor', async (t) => {
  const { passkeys, factor, registered, events } = await house(t)
  const { id, context, device, passkey } = await registered()
  assert.deepEqual(await passkeys.of(id), [passkey])
  assert.equal(passkey.lastUsedAt, null)

  const shown = await passkeys.signIn(context.origin, device.assert(await passkeys.offerSignIn()))
  assert.deepEqual([shown.person, shown.passkey], [id, passkey.id])
  const answer = device.assert(await passkeys.offerFactor(id))
  assert.equal(await factor(id, answer), true)
  assert.equal(await factor(id, answer), false)
  assert.equal(await factor(id, '123456'), false)
  assert.notEqual((await passkeys.of(id))[0]?.lastUsedAt, null)
  assert.deepEqual(await events(), ['passkey.registered'])
})

void test('an answer works once, and only within five minutes', async (t) => {
  const { passkeys, registered, clock } = await house(t)
  const { context, device } = await registered()
  const answer = device.assert(await passkeys.offerSignIn())
  await passkeys.signIn(context.origin, answer)
  assert.equal((await refusal(passkeys.signIn(context.origin, answer)))[0], 'passkey-refused')
  const late = await passkeys.offerSignIn()
  await clock.advance(5 * 60_000)
  assert.match((await refusal(passkeys.signIn(context.origin, device.assert(late))))[1], /too late/)
})

void test('a challenge for one thing, or one person, answers no other', async (t) => {
  const { passkeys, factor, registered } = await house(t)
  const ann = await registered()
  const bob = await registered()
  assert.equal(await factor(ann.id, ann.device.assert(await passkeys.offerSignIn())), false)
  const byBob = bob.device.assert(await passkeys.offerFactor(ann.id))
  assert.equal(await factor(bob.id, byBob), false)
  assert.equal(await factor(ann.id, byBob), false)
  const signIn = passkeys.signIn(
    ann.context.origin,
    ann.device.assert(await passkeys.offerFactor(ann.id)),
  )
  assert.equal((await refusal(signIn))[0], 'passkey-refused')
})

void test('a person whose passkeys are taken away has none', async (t) => {
  const { passkeys, database, registered } = await house(t)
  const { id } = await registered()
  const { secondFactor } = passkeys
  assert.deepEqual([...(await secondFactor.countOf(database, [id]))], [[id, 1]])
  await database.transaction((tx) => secondFactor.removeAll(tx, id))
  assert.deepEqual([...(await secondFactor.countOf(database, [id]))], [])
})

void test('a passkey of another site, without its owner verified, or with a forged challenge is refused', async (t) => {
  const { passkeys, registered, person } = await house(t)
  const { context, device } = await registered()
  const wrong: Manner[] = [
    { origin: 'https://evil.example.com' },
    { relyingParty: 'evil.example.com' },
    { userVerified: false },
    { challenge: Buffer.alloc(32).toString('base64url') },
  ]
  for (const manner of wrong) {
    const answer = device.assert(await passkeys.offerSignIn(), manner)
    assert.equal((await refusal(passkeys.signIn(context.origin, answer)))[0], 'passkey-refused')
    const who = await person()
    const made = softPasskey(origin).create(
      await passkeys.offerRegistration(who.context, who),
      manner,
    )
    const registration = passkeys.register(who.context, who.id, { name: 'x', answer: made })
    assert.equal((await refusal(registration))[0], 'passkey-refused')
  }
})

void test('a passkey whose counter goes backwards is suspended, and that is on the record', async (t) => {
  const { passkeys, registered, events } = await house(t)
  const { id, context, device } = await registered()
  const copy = device.assert(await passkeys.offerSignIn(), { counts: -1 })
  assert.match((await refusal(passkeys.signIn(context.origin, copy)))[1], /counter went backwards/)
  const honest = device.assert(await passkeys.offerSignIn(), { counts: 10 })
  assert.match((await refusal(passkeys.signIn(context.origin, honest)))[1], /suspended/)
  assert.notEqual((await passkeys.of(id))[0]?.suspendedAt, null)
  assert.deepEqual(await events(), ['passkey.registered', 'passkey.suspended'])
  assert.equal((await refusal(passkeys.offerFactor(id)))[0], 'not-found')
})

void test('a signature over a digest is kept whole, and holds for that digest alone', async (t) => {
  const { passkeys, registered } = await house(t)
  const { id, context, device, passkey } = await registered()
  const digest = createHash('sha256').update('reset CP 1').digest('hex')
  const other = createHash('sha256').update('reset everything').digest('hex')
  const answer = device.assert(await passkeys.assertOver(id, digest))
  assert.match((await refusal(passkeys.verifyAssertion(context, id, other, answer)))[1], /else/)
  const kept = await passkeys.verifyAssertion(context, id, digest, answer)
  assert.equal(kept.passkey, passkey.id)
  const stored = JSON.parse(JSON.stringify(kept)) as typeof kept
  assert.equal(await keptSignatureHolds(stored, digest), true)
  assert.equal(await keptSignatureHolds(stored, other), false)
  const forged = { ...stored, signature: `${stored.signature.slice(0, -8)}AAAAAAAA` }
  assert.equal(await keptSignatureHolds(forged, digest), false)
  assert.equal(
    (await refusal(passkeys.verifyAssertion(context, id, digest, answer)))[0],
    'passkey-refused',
  )
})

void test('a person names, renames and removes their own passkeys only', async (t) => {
  const { passkeys, registered, events } = await house(t)
  const ann = await registered('phone')
  const bob = await registered()
  await passkeys.rename(ann.context, ann.id, ann.passkey.id, 'old phone')
  assert.deepEqual(
    (await passkeys.of(ann.id)).map(({ name }) => name),
    ['old phone'],
  )
  const others = passkeys.remove(bob.context, bob.id, ann.passkey.id)
  assert.equal((await refusal(others))[0], 'not-found')
  assert.equal((await refusal(passkeys.remove(bob.context, bob.id, 'x')))[0], 'not-found')
  assert.match(
    (await refusal(passkeys.remove(ann.context, ann.id, ann.passkey.id)))[1],
    /only second/,
  )
  const second = softPasskey(origin)
  const offered = await passkeys.offerRegistration(ann.context, ann)
  await passkeys.register(ann.context, ann.id, { name: 'key', answer: second.create(offered) })
  await passkeys.remove(ann.context, ann.id, ann.passkey.id)
  assert.deepEqual(
    (await passkeys.of(ann.id)).map(({ name }) => name),
    ['key'],
  )
  const answer = ann.device.assert(await passkeys.offerSignIn())
  assert.equal((await refusal(passkeys.signIn(ann.context.origin, answer)))[0], 'passkey-refused')
  assert.deepEqual((await events()).slice(2), [
    'passkey.renamed',
    'passkey.registered',
    'passkey.removed',
  ])
})

void test('passkeys change only in the hands of somebody who has just shown a second factor', async (t) => {
  const { passkeys, clock, registered } = await house(t)
  const ann = await registered()
  await clock.advance(3_600_000)
  for (const change of [
    passkeys.offerRegistration(ann.context, ann),
    passkeys.remove(ann.context, ann.id, ann.passkey.id),
  ])
    assert.equal((await refusal(change))[0], 'step-up-needed')
})

void test('the same passkey is not registered twice', async (t) => {
  const { passkeys, registered } = await house(t)
  const { id, name, displayName, context, device } = await registered()
  const offered = await passkeys.offerRegistration(context, { id, name, displayName })
  assert.equal(offered.excludeCredentials?.length, 1)
  const again = passkeys.register(context, id, { name: 'again', answer: device.create(offered) })
  assert.equal((await refusal(again))[0], 'already-exists')
})

void test('passkeys belong to a host name over https, or to localhost', () => {
  const cases: [string, string | undefined][] = [
    ['https://ota.example.com', 'ota.example.com'],
    ['https://ota.example.com:8443/x', 'ota.example.com'],
    ['http://localhost:8080', 'localhost'],
    ['http://ota.example.com', undefined],
    ['http://127.0.0.1:8080', undefined],
    ['https://[::1]:8080', undefined],
  ]
  for (const [url, id] of cases) {
    const result = relyingPartyAt(url)
    assert.equal('party' in result ? result.party.id : undefined, id, url)
  }
})

void test('a counter that stays 0 is no counter; any other must grow', () => {
  const cases: [number, number, boolean][] = [
    [0, 0, false],
    [0, 1, false],
    [1, 2, false],
    [2, 2, true],
    [2, 1, true],
    [2, 0, true],
  ]
  for (const [known, shown, regressed] of cases)
    assert.equal(counterRegressed(known, shown), regressed)
})
