import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { testDatabase } from '../../../test/kit/database.ts'
import { followTo, oidcProvider } from '../../../test/kit/oidc-provider.ts'
import { openAudit } from '../../audit/open-audit.ts'
import { memoryBus } from '../../bus/memory.ts'
import { systemClock } from '../../kernel/clock.ts'
import { uuid7 } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { openSessions } from '../sessions/open-sessions.ts'
import { openProvider } from './provider.ts'
import type { RoleMapping } from './role-mapping.ts'
import { defaultIdentityRules } from '../../policy/rules/identity.ts'
import { followProvider } from '../../policy/deciders.ts'
import { openSingleSignOn, type Begun, type SingleSignOn } from './single-sign-on.ts'
import type { Context } from '../../kernel/actor.ts'

const redirectUri = 'http://localhost:8080/api/v1/single-sign-on/callback'
const signedOut = 'http://localhost:8080/sign-in'
const origin = { face: 'api', address: '10.0.0.1' } as const
const mapping: RoleMapping = [
  { providerGroup: 'ota-ops', role: 'operator', group: 'North' },
  { providerGroup: 'ota-audit', role: 'auditor' },
]
const mfa = { acr: ['several-factors'], amr: ['mfa'] }
const now = () => Math.floor(Date.now() / 1000)

async function house(t: TestContext, { provision = true } = {}) {
  const { database, sql } = await testDatabase(t)
  const provider = await oidcProvider(t, { redirectUris: [redirectUri], signOutUris: [signedOut] })
  const clock = systemClock
  const audit = openAudit({ database })
  const settings = {
    ...{
      issuer: provider.issuer,
      clientId: provider.clientId,
      clientSecret: provider.clientSecret,
    },
    ...{ scopes: 'openid profile email', groupClaim: 'groups', acrValues: mfa.acr },
  }
  const newId = uuid7(clock)
  const shown: [string | undefined, string, number][] = []
  const bus = memoryBus()
  const figures = () => defaultIdentityRules
  const sessions = openSessions({
    ...{ database, audit, bus, clock, newId, log: silentLog, figures },
    ...{ changed: () => undefined, key: Buffer.alloc(32) },
  })
  t.after(async () => {
    await sessions.close()
    await bus.close()
  })
  const signOn = openSingleSignOn({
    figures,
    sessions: {
      ...sessions,
      showIn(_tx, { authentication }, factor, at) {
        shown.push([authentication?.id, factor, at])
        return Promise.resolve()
      },
    },
    ...{ database, audit, clock, newId, log: silentLog, provision, mapping, mfa },
    ...{
      issuer: provider.issuer,
      groupClaim: 'groups',
      redirectUri: () => redirectUri,
      followGroups: followProvider,
    },
    provider: openProvider(settings, { clock, log: silentLog }),
    async addPerson(tx, { id, name, displayName }) {
      const { rowCount } = await tx.query(
        `insert into person (id, name, display_name, created_at) values ($1, $2, $3, now())
         on conflict (name) do nothing`,
        [id, name, displayName],
      )
      return rowCount === 1
    },
    async personOf(id) {
      const { rows } = await sql<{ display_name: string; locked: boolean }>(
        'select display_name, locked_at is not null as locked from person where id = $1',
        [id],
      )
      return rows[0] && { displayName: rows[0].display_name, locked: rows[0].locked }
    },
  })
  /** Somebody with an account and a password here, in a session of theirs with a fresh second factor. */
  async function account(name: string) {
    const id = newId()
    await sql(
      `insert into person (id, name, display_name, password_hash, password_set_at, created_at)
       values ($1, $2, $2, 'hash', now(), now())`,
      [id, name],
    )
    const [person, factors] = [{ id, displayName: name }, { totp: Date.now() }]
    const opening = { person, factors, client: { origin }, carried: 'secret' } as const
    const { id: session } = await sessions.open(opening)
    const authentication = { by: 'session', id: session, factors } as const
    const context: Context = { actor: { kind: 'person', id, name }, origin, authentication }
    return { id, session, context }
  }
  type Begin = (signOn: SingleSignOn) => Promise<Begun>
  async function trip(begin: Begin = (one) => one.beginSignIn(), change?: (url: URL) => void) {
    const { url, seed } = await begin(signOn)
    const going = new URL(url)
    change?.(going)
    const answered = await followTo(going.href, redirectUri)
    return { seed, answered, finish: () => signOn.finish({ origin, seed, answered }) }
  }
  async function arrive(begin?: Begin, change?: (url: URL) => void) {
    return (await trip(begin, change)).finish()
  }
  async function events() {
    return (await audit.list({ limit: 100 })).map(({ event }) => event)
  }
  return { signOn, sessions, provider, sql, audit, shown, account, trip, arrive, events }
}

const inOps = { name: 'Ann Ops', preferred_username: 'Ann', groups: ['ota-ops', 'staff'] }

void test('who comes for the first time gets an account, and the roles of their groups', async (t) => {
  const { signOn, provider, sql, arrive, events } = await house(t)
  const signedInAt = now() - 60
  provider.visitor = { sub: 'ann', claims: inOps, acr: 'several-factors', signedInAt }
  const arrival = await arrive()
  assert.ok(arrival.kind === 'sign-in')
  const at = signedInAt * 1000
  assert.deepEqual(arrival.factors, { 'single-sign-on': at, 'single-sign-on-mfa': at })
  assert.deepEqual(await signOn.grantsOf(arrival.person), [{ role: 'operator', group: 'North' }])
  assert.equal(await signOn.linked(arrival.person), true)
  const { rows } = await sql('select name, display_name, password_hash from person')
  assert.deepEqual(rows, [{ name: 'ann', display_name: 'Ann Ops', password_hash: null }])
  assert.deepEqual(await events(), ['person.provisioned', 'person.roles-from-provider'])

  const again = await arrive()
  assert.ok(again.kind === 'sign-in' && again.person === arrival.person)
  const asked = provider.asked[0]!
  assert.equal(asked.get('acr_values'), 'several-factors')
  assert.equal(asked.get('code_challenge_method'), 'S256')
})

void test('groups that changed at the provider change the roles at the next sign-in', async (t) => {
  const { signOn, provider, arrive, events } = await house(t)
  provider.visitor = { sub: 'ann', claims: inOps }
  const first = await arrive()
  assert.ok(first.kind === 'sign-in')
  provider.visitor = { sub: 'ann', claims: { ...inOps, groups: ['ota-audit'] } }
  await arrive()
  assert.deepEqual(await signOn.grantsOf(first.person), [{ role: 'auditor', group: null }])
  provider.visitor = { sub: 'ann', claims: { ...inOps, groups: [] } }
  assert.equal((await arrive()).kind, 'sign-in')
  assert.deepEqual(await signOn.grantsOf(first.person), [])
  assert.equal((await events()).filter((one) => one === 'person.roles-from-provider').length, 3)
})

void test('nobody new comes in without a group that has a role, or where accounts are not made', async (t) => {
  const open = await house(t)
  open.provider.visitor = { sub: 'eve', claims: { name: 'Eve', groups: ['staff'] } }
  assert.deepEqual(await open.arrive(), { kind: 'refused', why: 'no-group', purpose: 'sign-in' })
  open.provider.visitor = { sub: 'eve', claims: { name: 'Eve' } }
  assert.deepEqual(await open.arrive(), { kind: 'refused', why: 'no-group', purpose: 'sign-in' })
  assert.deepEqual(await open.events(), ['single-sign-on.refused', 'single-sign-on.refused'])

  const closed = await house(t, { provision: false })
  closed.provider.visitor = { sub: 'ann', claims: inOps }
  assert.deepEqual(await closed.arrive(), {
    kind: 'refused',
    why: 'no-account',
    purpose: 'sign-in',
  })
})

void test('an account is known by issuer and subject, never by its e-mail address or name', async (t) => {
  const { provider, sql, account, arrive } = await house(t)
  const ann = await account('ann')
  provider.visitor = { sub: 'mallory', claims: { ...inOps, email: 'ann' } }
  const arrival = await arrive()
  assert.ok(arrival.kind === 'sign-in')
  assert.notEqual(arrival.person, ann.id)
  const { rows } = await sql<{ name: string }>('select name from person where id = $1', [
    arrival.person,
  ])
  assert.match(rows[0]!.name, /^ann-[0-9a-f]{8}$/)
})

void test('a person links the account at the provider from a session of theirs', async (t) => {
  const { signOn, provider, account, arrive, events } = await house(t, { provision: false })
  const [ann, bob] = [await account('ann'), await account('bob')]
  provider.visitor = { sub: 'a-1', claims: inOps }
  const linked = await arrive((one) => one.beginLink(ann.context))
  assert.deepEqual(linked, { kind: 'link', person: ann.id })
  const signIn = await arrive()
  assert.ok(signIn.kind === 'sign-in' && signIn.person === ann.id)
  const taken = await arrive((one) => one.beginLink(bob.context))
  assert.ok(taken.kind === 'refused' && taken.why === 'other-account')
  assert.equal(await signOn.linked(bob.id), false)
  assert.ok((await events()).includes('person.linked-to-provider'))
})

void test('nothing is linked once the session that began it is over, or its person locked', async (t) => {
  const { signOn, sessions, provider, sql, account, trip } = await house(t)
  const ann = await account('ann')
  provider.visitor = { sub: 'a-1', claims: inOps }
  const begun = () => trip((one) => one.beginLink(ann.context))
  const refused = (why: string) => ({ kind: 'refused', why, purpose: 'link' })

  const idle = await begun()
  await sql(`update person_session set last_used_at = now() - interval '1 day'`)
  assert.deepEqual(await idle.finish(), refused('session-ended'))
  await sql(`update person_session set last_used_at = now()`)

  const locked = await begun()
  await sql(`update person set locked_at = now(), lock_reason = 'left'`)
  assert.deepEqual(await locked.finish(), refused('locked'))
  await sql('update person set locked_at = null, lock_reason = null')

  // As another node ends it while the provider is asked.
  const late = await begun()
  await sql(`update person_session set ended_at = now(), end_reason = 'signed out'`)
  assert.deepEqual(await late.finish(), refused('session-ended'))
  await sql('update person_session set ended_at = null, end_reason = null')

  const [theirs, another] = [await begun(), await trip()]
  await sessions.end(ann.context, ann.id, ann.session)
  assert.deepEqual(await theirs.finish(), { kind: 'refused', why: 'not-begun-here' })
  assert.equal(await signOn.linked(ann.id), false)
  assert.equal((await another.finish()).kind, 'sign-in', 'trips of others go on')
})

void test('a person unlinks their account with a fresh factor, and loses what came by it', async (t) => {
  const { signOn, provider, sql, audit, account, arrive } = await house(t, { provision: false })
  const ann = await account('ann')
  await sql(
    `insert into team (name, description, claims, changed_at, changed_by, reason)
     values ('night', 'at night', '{ota-ops}', now(), '{"id":"t","kind":"person","name":"T"}', 'test')`,
  )
  const unlink = (factors = ann.context.authentication!.factors) =>
    signOn.unlink({
      ...ann.context,
      authentication: { ...ann.context.authentication!, factors },
    })
  const code = (wanted: string) => (error: unknown) =>
    error instanceof ProblemError && error.problem.code === wanted
  await assert.rejects(unlink(), code('not-found'))
  provider.visitor = { sub: 'a-1', claims: inOps }
  await arrive((one) => one.beginLink(ann.context))
  await arrive()
  assert.deepEqual(await signOn.grantsOf(ann.id), [{ role: 'operator', group: 'North' }])

  await assert.rejects(unlink({ totp: Date.now() - 3_600_000 }), code('step-up-needed'))
  await unlink()
  assert.deepEqual(
    [await signOn.linked(ann.id), await signOn.grantsOf(ann.id), (await arrive()).kind],
    [false, [], 'refused'],
  )
  assert.deepEqual((await sql('select 1 from team_member')).rows, [])
  const [entry] = await audit.list({ event: 'person.unlinked-from-provider', limit: 10 })
  assert.deepEqual(entry?.detail, {
    ...{ person: ann.id, leftTeams: ['night'] },
    accounts: [{ issuer: provider.issuer, subject: 'a-1' }],
  })
})

void test('who came by the provider and has no password keeps what is linked: it is their only way in', async (t) => {
  const { signOn, provider, arrive } = await house(t)
  provider.visitor = { sub: 'ann', claims: inOps, acr: 'several-factors' }
  const arrival = await arrive()
  assert.ok(arrival.kind === 'sign-in')
  const { person: id, factors } = arrival
  const authentication = { by: 'session', id: 's', factors } as const
  const context: Context = { actor: { kind: 'person', id, name: 'Ann' }, origin, authentication }
  await assert.rejects(signOn.unlink(context), ProblemError)
  assert.equal(await signOn.linked(id), true)
})

void test('a step-up takes its time from when the provider asked, and only where that were several factors', async (t) => {
  const { provider, shown, account, arrive } = await house(t)
  const ann = await account('ann')
  await arrive((one) => one.beginLink(ann.context))
  const stepUp = (one: SingleSignOn) => one.beginStepUp(ann.context, 300)
  const signedInAt = now() - 100

  provider.visitor = { sub: 'ann', acr: 'several-factors', signedInAt }
  const fresh = await arrive(stepUp)
  assert.deepEqual(fresh, { kind: 'step-up', person: ann.id, at: signedInAt * 1000 })
  assert.deepEqual(shown, [[ann.session, 'single-sign-on-mfa', signedInAt * 1000]])
  assert.equal(provider.asked.at(-1)?.get('max_age'), '300')
  provider.visitor = { sub: 'ann', amr: ['pwd', 'mfa'], signedInAt }
  assert.equal((await arrive(stepUp)).kind, 'step-up')

  provider.visitor = { sub: 'ann', acr: 'several-factors', signedInAt: now() - 3_600 }
  assert.deepEqual(await arrive(stepUp), { kind: 'refused', why: 'not-fresh', purpose: 'step-up' })
  provider.visitor = { sub: 'ann', signedInAt }
  assert.deepEqual(await arrive(stepUp), { kind: 'refused', why: 'no-mfa', purpose: 'step-up' })
  provider.visitor = { sub: 'bob', acr: 'several-factors', signedInAt }
  assert.deepEqual(await arrive(stepUp), {
    ...{ kind: 'refused', why: 'other-account', purpose: 'step-up' },
  })
})

void test('an answer is taken once, from the browser that began, with its own state and nonce', async (t) => {
  const { signOn, provider, trip, arrive } = await house(t)
  provider.visitor = { sub: 'ann', claims: inOps }
  const refused = (why: string) => ({ kind: 'refused', why, purpose: 'sign-in' })

  const once = await trip()
  assert.equal((await once.finish()).kind, 'sign-in')
  assert.deepEqual(await once.finish(), { kind: 'refused', why: 'not-begun-here' })

  const [mine, theirs] = [await trip(), await trip()]
  assert.deepEqual(await signOn.finish({ origin, seed: undefined, answered: mine.answered }), {
    kind: 'refused',
    why: 'not-begun-here',
  })
  // Somebody else's answer in this browser: its state is another.
  const { seed } = mine
  assert.deepEqual(
    await signOn.finish({ origin, seed, answered: theirs.answered }),
    refused('answer-invalid'),
  )
  const wrongNonce = await arrive(undefined, (url) => url.searchParams.set('nonce', 'x'))
  assert.deepEqual(wrongNonce, refused('answer-invalid'))
  const wrongState = await arrive(undefined, (url) => url.searchParams.set('state', 'x'))
  assert.deepEqual(wrongState, refused('answer-invalid'))
  const wrongChallenge = await arrive(undefined, (url) =>
    url.searchParams.set('code_challenge', 'x'.repeat(43)),
  )
  assert.deepEqual(wrongChallenge, refused('answer-invalid'))
  const denied = await arrive(undefined, (url) => url.searchParams.set('prompt', 'none'))
  assert.deepEqual(denied, refused('refused-by-provider'))
})

void test('whoever is locked here does not come in by the provider either', async (t) => {
  const { provider, sql, arrive } = await house(t)
  provider.visitor = { sub: 'ann', claims: inOps }
  await arrive()
  await sql(`update person set locked_at = now(), lock_reason = 'left'`)
  assert.deepEqual(await arrive(), { kind: 'refused', why: 'locked', purpose: 'sign-in' })
})

void test('a browser can sign out of the provider too', async (t) => {
  const { signOn, provider } = await house(t)
  const url = new URL((await signOn.signOutUrl(signedOut))!)
  assert.equal(url.origin, provider.issuer)
  assert.equal(url.searchParams.get('post_logout_redirect_uri'), signedOut)
})
