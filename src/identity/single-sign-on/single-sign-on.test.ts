import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { testDatabase } from '../../../test/kit/database.ts'
import { followTo, oidcProvider } from '../../../test/kit/oidc-provider.ts'
import { openAudit } from '../../audit/open-audit.ts'
import { systemClock } from '../../kernel/clock.ts'
import { uuid7 } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import { openProvider } from './provider.ts'
import type { RoleMapping } from './role-mapping.ts'
import { defaultIdentityRules } from '../../policy/rules/identity.ts'
import { followClaims } from '../../policy/role-store.ts'
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
  const signOn = openSingleSignOn({
    figures: () => defaultIdentityRules,
    sessions: {
      showIn(_tx, { authentication }, factor, at) {
        shown.push([authentication?.id, factor, at])
        return Promise.resolve()
      },
      changed: () => undefined,
    },
    ...{ database, audit, clock, newId, log: silentLog, provision, mapping, mfa },
    ...{
      issuer: provider.issuer,
      groupClaim: 'groups',
      redirectUri: () => redirectUri,
      followGroups: followClaims,
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
  /** Somebody with an account here, in a session of theirs with a fresh second factor. */
  async function account(name: string): Promise<{ id: string; context: Context }> {
    const id = newId()
    await sql(
      'insert into person (id, name, display_name, created_at) values ($1, $2, $2, now())',
      [id, name],
    )
    const authentication = { by: 'session', id: 's-1', factors: { totp: Date.now() } } as const
    return { id, context: { actor: { kind: 'person', id, name }, origin, authentication } }
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
  return { signOn, provider, sql, shown, account, trip, arrive, events }
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
  assert.equal((await events())[0], 'person.linked-to-provider')
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
  assert.deepEqual(shown, [['s-1', 'single-sign-on-mfa', signedInAt * 1000]])
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
