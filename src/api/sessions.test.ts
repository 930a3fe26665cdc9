import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemIn } from '../../test/kit/api-world.ts'
import {
  cookiesOf,
  goodPassword,
  peopleWorld,
  type PeopleWorld,
  type Somebody,
} from '../../test/kit/people-world.ts'

const minute = 60_000
const hour = 60 * minute

/** Signs in as a browser does: the answer, and what the browser sends from then on. */
async function browser(
  { ask, code, clock }: PeopleWorld,
  person: Somebody,
  { cookie, from }: { cookie?: string; from?: string } = {},
) {
  await clock.advance(30_000)
  const asking = {
    ...(cookie === undefined ? {} : { cookie }),
    ...(from === undefined ? {} : { from }),
    headers: { origin: 'http://localhost', 'sec-fetch-site': 'same-origin' },
  }
  const body = { name: person.name, password: person.password }
  const first = await ask('POST', '/sign-in', { ...asking, body })
  const { signIn } = first.json<{ signIn: string }>()
  const second = await ask('POST', '/sign-in/second-factor', {
    ...asking,
    body: { signIn, factor: 'totp', code: code(person), carried: 'cookie' },
  })
  assert.equal(second.statusCode, 200, second.body)
  const cookies = cookiesOf(second)
  return {
    response: second,
    cookies,
    cookie: [...cookies.values()].map((one) => one.split(';', 1)[0]).join('; '),
    csrf: second.json<{ csrfToken: string }>().csrfToken,
  }
}

void test('a browser’s session is a cookie that no script reads and no other site sends', async (t) => {
  const world = await peopleWorld(t)
  const { response, cookies, cookie } = await browser(world, await world.enrol('anna'))
  assert.equal(response.json<{ secret?: string }>().secret, undefined)
  assert.match(
    cookies.get('ota-session')!,
    /^ota-session=ots_[\w-]{43}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
  )
  assert.match(cookies.get('ota-device')!, /; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Strict$/)
  assert.equal((await world.ask('GET', '/whoami', { cookie })).statusCode, 200)
})

void test('where people come by TLS, cookies are bound to the host and never travel without it', async (t) => {
  const operatorUrl = 'https://ota.example.com'
  const world = await peopleWorld(t, { operatorUrl })
  const anna = await world.enrol('anna')
  const refused = await world.ask('POST', '/sign-in', {
    body: { name: 'anna', password: anna.password },
    headers: { origin: 'http://localhost', host: 'localhost' },
  })
  assert.equal(problemIn(refused).code, 'cross-site')
  await world.clock.advance(30_000)
  const headers = { origin: operatorUrl }
  const body = { name: 'anna', password: anna.password }
  const { signIn } = (await world.ask('POST', '/sign-in', { headers, body })).json<{
    signIn: string
  }>()
  const second = await world.ask('POST', '/sign-in/second-factor', {
    headers,
    body: { signIn, factor: 'totp', code: world.code(anna), carried: 'cookie' },
  })
  for (const [name, text] of cookiesOf(second)) {
    assert.match(name, /^__Host-ota-/)
    assert.match(text, /; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    assert.doesNotMatch(text, /Domain/)
  }
})

void test('a request that another site makes a browser send changes nothing', async (t) => {
  const world = await peopleWorld(t)
  const anna = await world.enrol('anna')
  const { cookie, csrf } = await browser(world, anna)
  const other = await browser(world, anna)
  const ours = { origin: 'http://localhost', 'sec-fetch-site': 'same-origin' }
  const attempt = (headers: Record<string, string>) =>
    world.ask('POST', '/invitations', { cookie, headers, body: {} })
  for (const headers of [
    ours,
    { ...ours, 'x-csrf-token': '' },
    { ...ours, 'x-csrf-token': `${csrf.slice(0, -1)}${csrf.endsWith('A') ? 'B' : 'A'}` },
    { ...ours, 'x-csrf-token': other.csrf },
    { ...ours, 'x-csrf-token': csrf, origin: 'http://evil.example' },
    { ...ours, 'x-csrf-token': csrf, origin: 'null' },
    { ...ours, 'x-csrf-token': csrf, 'sec-fetch-site': 'same-site' },
    { ...ours, 'x-csrf-token': csrf, 'sec-fetch-site': 'cross-site' },
  ]) {
    const answer = await attempt(headers)
    assert.equal(answer.statusCode, 403, JSON.stringify(headers))
    assert.equal(problemIn(answer).code, 'cross-site')
  }
  const list = await world.ask('GET', '/invitations', { cookie })
  assert.deepEqual(list.json<{ items: object[] }>().items, [])

  assert.equal((await attempt({ ...ours, 'x-csrf-token': csrf })).statusCode, 201)
  const who = await world.ask('GET', '/whoami', { cookie })
  assert.equal(who.json<{ csrfToken: string }>().csrfToken, csrf)
  // A program's bearer secret is sent by no browser of itself.
  const program = await world.ask('POST', '/invitations', { as: anna.session, body: {} })
  assert.equal(program.statusCode, 201)
})

void test('a session that was planted is not the one somebody signs in to', async (t) => {
  const world = await peopleWorld(t)
  const [anna, mallory] = [await world.enrol('anna'), await world.enrol('mallory')]
  const planted = await browser(world, mallory)
  const own = await browser(world, anna, { cookie: planted.cookie })
  assert.notEqual(own.cookie, planted.cookie)
  assert.equal((await world.ask('GET', '/whoami', { cookie: planted.cookie })).statusCode, 401)

  const secret = /ots_[\w-]{43}/.exec(own.cookie)![0]
  for (const cookie of [
    `ota-session=${secret}`,
    `ota-session=${secret}.${'A'.repeat(43)}`,
    `ota-session=ots_${'A'.repeat(43)}.${own.cookie.split('.')[1]}`,
  ])
    assert.equal((await world.ask('GET', '/whoami', { cookie })).statusCode, 401)
})

void test('signing out ends the session and takes the cookie away', async (t) => {
  const world = await peopleWorld(t)
  const { cookie, csrf } = await browser(world, await world.enrol('anna'))
  const out = await world.ask('DELETE', '/session', { cookie, headers: { 'x-csrf-token': csrf } })
  assert.equal(out.statusCode, 204, out.body)
  assert.match(cookiesOf(out).get('ota-session')!, /^ota-session=; Max-Age=0;/)
  assert.equal((await world.ask('GET', '/whoami', { cookie })).statusCode, 401)
  const ended = (await world.recorded()).filter(({ event }) => event === 'session.ended')
  assert.equal(ended[0]?.detail['because'], 'signed out')
})

void test('people see where they are signed in, and what they end stops at once on every node', async (t) => {
  const world = await peopleWorld(t, { nodes: 2 })
  const { ask, clock, identity } = world
  const anna = await world.enrol('anna')
  const { secret: stolen } = await world.signIn(anna, {
    from: '198.51.100.7',
    headers: { 'user-agent': 'Mozilla/5.0 (stolen)' },
  })
  assert.equal((await ask('GET', '/whoami', { as: stolen, node: 1 })).statusCode, 200)
  const list = (await ask('GET', '/people/me/sessions', { as: anna.session })).json<{
    items: { id: string; current: boolean; userAgent: string; places: { address: string }[] }[]
  }>()
  assert.deepEqual(
    list.items.map((one) => [one.current, one.userAgent, one.places.map((at) => at.address)]),
    [
      [false, 'Mozilla/5.0 (stolen)', ['198.51.100.7']],
      [true, 'lightMyRequest', ['192.0.2.1']],
    ],
  )
  const [other] = list.items
  const end = () => ask('DELETE', `/people/me/sessions/${other!.id}`, { as: anna.session })
  assert.equal((await end()).statusCode, 204)
  await clock.advance(0)
  const refused = await ask('GET', '/whoami', { as: stolen, node: 1, from: '198.51.100.7' })
  assert.equal(refused.statusCode, 401)
  assert.equal(identity.recognise(stolen), undefined)
  assert.equal((await end()).statusCode, 404)

  const ben = await world.enrol('ben')
  const strange = await ask('DELETE', `/people/me/sessions/${list.items[1]!.id}`, {
    as: ben.session,
  })
  assert.equal(strange.statusCode, 404, 'nobody ends the session of another so')
  await world.signIn(anna)
  const others = await ask('DELETE', '/people/me/sessions', { as: anna.session })
  assert.deepEqual(others.json(), { ended: 1 })
  assert.equal((await ask('GET', `/people/${ben.id}`, { as: anna.session })).statusCode, 200)
  const seen = await ask('GET', `/people/${ben.id}/sessions`, { as: anna.session })
  assert.equal(seen.json<{ items: object[] }>().items.length, 1)
  const ended = await ask('DELETE', `/people/${ben.id}/sessions`, { as: anna.session })
  assert.deepEqual(ended.json(), { ended: 1 })
  assert.equal((await ask('GET', '/whoami', { as: ben.session })).statusCode, 401)
})

void test('a session ends when nobody uses it, and after its hours however much it is used', async (t) => {
  const sessions = { idleMinutes: 30, absoluteHours: 2, concurrentWithinMinutes: 15 }
  const world = await peopleWorld(t, { figures: { sessions } })
  const { ask, clock, db } = world
  const anna = await world.enrol('anna')
  const alive = async () => (await ask('GET', '/whoami', { as: anna.session })).statusCode === 200
  /** Real time has to pass for a use to be written down, as it does in 29 minutes. */
  const usedAt = async (at: number) => {
    await clock.advance(10_000)
    for (let written = -1; written < at;) {
      const { rows } = await db.sql<{ at: Date }>('select last_used_at as at from person_session')
      written = rows[0]!.at.getTime()
    }
  }
  const opened = clock.now()
  while (clock.now() + 29 * minute < opened + 2 * hour) {
    const now = clock.now()
    assert.ok(await alive())
    await usedAt(now)
    await clock.advance(29 * minute - 10_000)
  }
  assert.ok(await alive())
  await clock.advance(opened + 2 * hour - clock.now())
  assert.equal(await alive(), false)

  const { secret } = await world.signIn(anna)
  await clock.advance(30 * minute)
  assert.equal((await ask('GET', '/whoami', { as: secret })).statusCode, 401)
})

void test('listening is no use of a session, so that it ends idle beneath a stream', async (t) => {
  const { enrol, identity, clock } = await peopleWorld(t)
  const anna = await enrol('anna')
  for (let turn = 0; turn < 3; turn += 1) {
    assert.equal(await identity.holds(anna.session), turn < 2)
    await clock.advance(15 * minute)
  }
})

void test('only showing a factor moves its time, and nothing else of the session', async (t) => {
  const world = await peopleWorld(t)
  const { ask, clock, code } = world
  const anna = await world.enrol('anna')
  const factors = async () => {
    const who = await ask('GET', '/whoami', { as: anna.session })
    return who.json<{ authentication: { factors: Record<string, string> } }>().authentication
      .factors
  }
  const before = await factors()
  for (let turn = 0; turn < 5; turn += 1) {
    await clock.advance(10 * minute)
    assert.deepEqual(await factors(), before, 'use renews the session, not its factors')
  }
  const sessions = async () =>
    (await ask('GET', '/people/me/sessions', { as: anna.session })).json<{
      items: { expiresAt: string; createdAt: string }[]
    }>().items[0]!
  const { expiresAt } = await sessions()
  const stepUp = (shown: string) =>
    ask('POST', '/session/step-up', { as: anna.session, body: { factor: 'totp', code: shown } })
  assert.equal((await stepUp('000000')).statusCode, 401)
  assert.deepEqual(await factors(), before)
  assert.equal((await stepUp(code(anna))).statusCode, 204)
  assert.deepEqual(await factors(), { ...before, totp: new Date(clock.now()).toISOString() })
  assert.equal((await sessions()).expiresAt, expiresAt)
  assert.equal((await stepUp(code(anna))).statusCode, 401, 'a used code is used')
})

void test('second factors and passwords change only with a fresh factor, as RFC 9470 says', async (t) => {
  const world = await peopleWorld(t)
  const { ask, clock, code, recorded } = world
  const anna = await world.enrol('anna')
  await clock.advance(5 * minute)
  const as = anna.session
  const password = 'marble tunnel 88 oatmeal'
  const attempts = () =>
    Promise.all([
      ask('POST', '/factors/totp', { as, body: { name: 'Tablet' } }),
      ask('POST', '/factors/recovery-codes', { as }),
      ask('DELETE', '/factors/totp/00000000-0000-7000-8000-000000000000', { as }),
      ask('PUT', '/people/me/password', { as, body: { current: goodPassword, password } }),
    ])
  for (const answer of await attempts()) {
    assert.equal(answer.statusCode, 401)
    const problem = answer.json<{ code: string; maxAgeSeconds: number; acrValues: string[] }>()
    assert.deepEqual(
      [problem.code, problem.maxAgeSeconds, problem.acrValues],
      ['step-up-needed', 300, ['mfa']],
    )
    assert.match(
      String(answer.headers['www-authenticate']),
      /^Bearer error="insufficient_user_authentication", error_description="[^"]+", max_age="300", acr_values="mfa"$/,
    )
  }
  await ask('POST', '/session/step-up', { as, body: { factor: 'totp', code: code(anna) } })

  const begun = (await ask('POST', '/factors/totp', { as, body: { name: 'Tablet' } })).json<{
    step: string
    totp: { secret: string }
  }>()
  const confirm = (shown: string) =>
    ask('POST', '/factors/totp/confirm', { as, body: { step: begun.step, code: shown } })
  assert.equal((await confirm('000000')).statusCode, 401)
  assert.equal((await confirm(code({ totp: begun.totp.secret }))).statusCode, 201)
  const { totps } = (await ask('GET', '/factors', { as })).json<{
    totps: { id: string; name: string }[]
  }>()
  assert.deepEqual(
    totps.map(({ name }) => name),
    ['Authenticator app', 'Tablet'],
  )
  const remove = (id: string) => ask('DELETE', `/factors/totp/${id}`, { as })
  assert.equal((await remove(totps[0]!.id)).statusCode, 204)
  const last = problemIn(await remove(totps[1]!.id))
  assert.deepEqual([last.code, last.field], ['invalid-input', 'id'])

  const other = await world.signIn({ ...anna, totp: begun.totp.secret })
  await ask('POST', '/session/step-up', {
    as,
    body: { factor: 'recovery-code', code: anna.recoveryCodes[0] },
  })
  const change = (body: object) => ask('PUT', '/people/me/password', { as, body })
  assert.equal((await change({ current: 'wrong', password })).statusCode, 401)
  const weak = problemIn(await change({ current: goodPassword, password: 'aaaaaaaaaaaa' }))
  assert.deepEqual([weak.code, weak.field], ['invalid-input', 'password'])
  assert.equal((await change({ current: goodPassword, password })).statusCode, 204)
  assert.equal((await ask('GET', '/whoami', { as: other.secret })).statusCode, 401)
  assert.equal((await ask('GET', '/whoami', { as })).statusCode, 200)
  const events = (await recorded()).map(({ event }) => event)
  for (const event of ['factor.added', 'factor.removed', 'password.changed', 'session.stepped-up'])
    assert.ok(events.includes(event), event)
})

void test('wrong passwords slow down a name from one network, and nobody else', async (t) => {
  const world = await peopleWorld(t)
  const { ask, clock, recorded } = world
  const anna = await world.enrol('anna')
  const { device } = await world.signIn(anna)
  const tryAs = (name: string, password: string, asking: { from?: string; device?: string } = {}) =>
    ask('POST', '/sign-in', {
      from: asking.from ?? '203.0.113.9',
      body: { name, password, ...(asking.device === undefined ? {} : { device: asking.device }) },
    })
  for (const name of ['anna', 'nobody'])
    for (let turn = 0; turn < 5; turn += 1)
      assert.equal((await tryAs(name, 'wrong')).statusCode, 401, `${name} ${turn}`)
  for (const name of ['anna', 'nobody']) {
    const slowed = await tryAs(name, goodPassword)
    assert.equal(slowed.statusCode, 429)
    assert.equal(slowed.headers['retry-after'], '5')
    assert.equal(problemIn(slowed).code, 'too-many-attempts')
  }
  assert.equal((await tryAs('anna', goodPassword, { from: '198.51.100.1' })).statusCode, 200)
  assert.equal((await tryAs('anna', goodPassword, { device })).statusCode, 200)
  assert.equal((await tryAs('nobody', 'wrong', { device })).statusCode, 429, 'the device is Anna’s')
  const slowed = (await recorded()).filter(({ event }) => event === 'sign-in.slowed')
  assert.equal(slowed.length, 2)

  await clock.advance(5_000)
  assert.equal((await tryAs('anna', 'wrong')).statusCode, 401)
  assert.equal((await tryAs('anna', 'wrong')).headers['retry-after'], '10')
  await clock.advance(10_000)
  assert.equal((await tryAs('anna', goodPassword)).statusCode, 200)
  assert.equal((await tryAs('anna', 'wrong')).statusCode, 401, 'a success forgets')
})

void test('behind a trusted proxy people are told apart by where they come from, and nobody else’s word counts', async (t) => {
  const { ask, enrol } = await peopleWorld(t, { trustedProxies: ['10.0.0.0/8'] })
  await enrol('anna')
  const wrong = (from: string, forwarded: string) =>
    ask('POST', '/sign-in', {
      ...{ from, headers: { 'x-forwarded-for': forwarded } },
      body: { name: 'anna', password: 'wrong' },
    })
  for (let turn = 0; turn < 5; turn += 1) await wrong('10.1.2.3', '203.0.113.9')
  assert.equal((await wrong('10.1.2.3', '203.0.113.9')).statusCode, 429)
  assert.equal((await wrong('10.1.2.3', '198.51.100.1')).statusCode, 401)
  for (let turn = 0; turn < 5; turn += 1) await wrong('192.0.2.66', `198.51.100.${turn + 10}`)
  assert.equal((await wrong('192.0.2.66', '198.51.100.99')).statusCode, 429)
})

void test('many attempts at once are counted one by one, on all nodes together', async (t) => {
  const { ask, enrol } = await peopleWorld(t, { nodes: 2 })
  await enrol('anna')
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      ask('POST', '/sign-in', { node: at % 2, body: { name: 'anna', password: 'wrong' } }),
    ),
  )
  const statuses = answers.map(({ statusCode }) => statusCode)
  assert.equal(statuses.filter((status) => status === 401).length, 5)
  assert.equal(statuses.filter((status) => status === 429).length, 15)
})

void test('whoever tries many names from one network is slowed down, but not in a known browser', async (t) => {
  const world = await peopleWorld(t)
  const anna = await world.enrol('anna')
  const { device } = await world.signIn(anna)
  const body = (name: string) => ({ name, password: goodPassword })
  for (let turn = 0; turn < 50; turn += 1)
    await world.ask('POST', '/sign-in', { body: { name: `name${turn}`, password: 'wrong' } })
  assert.equal((await world.ask('POST', '/sign-in', { body: body('anna') })).statusCode, 429)
  const known = await world.ask('POST', '/sign-in', { body: { ...body('anna'), device } })
  assert.equal(known.statusCode, 200)
})

void test('wrong codes slow down a person’s second step from unknown places only', async (t) => {
  const world = await peopleWorld(t)
  const { ask, code, clock } = world
  const anna = await world.enrol('anna')
  const { device } = await world.signIn(anna)
  await clock.advance(30_000)
  const attempt = async (shown: string, more: { from?: string; device?: string } = {}) => {
    const { from = '203.0.113.9', ...rest } = more
    const first = await ask('POST', '/sign-in', {
      from,
      body: { name: 'anna', password: anna.password, ...rest },
    })
    const { signIn } = first.json<{ signIn: string }>()
    return ask('POST', '/sign-in/second-factor', {
      from,
      body: { signIn, factor: 'totp', code: shown, carried: 'secret', ...rest },
    })
  }
  for (let turn = 0; turn < 10; turn += 1) assert.equal((await attempt('000000')).statusCode, 401)
  assert.equal((await attempt(code(anna))).statusCode, 429)
  assert.equal((await attempt(code(anna), { from: '198.51.100.1' })).statusCode, 429)
  assert.equal((await attempt(code(anna), { device })).statusCode, 200)
})

void test('one account in use from two places is shown: in whoami, as an event, and on the record', async (t) => {
  const world = await peopleWorld(t)
  const { ask, told, recorded, clock } = world
  const anna = await world.enrol('anna')
  await world.signIn(anna, { from: '192.0.2.1' })
  assert.deepEqual(told, [], 'the same place is no other place')
  await world.signIn(anna, { from: '198.51.100.7' })
  const who = (await ask('GET', '/whoami', { as: anna.session })).json<{
    otherSessions: { places: { address: string }[] }[]
  }>()
  assert.deepEqual(
    who.otherSessions.map(({ places }) => places.map(({ address }) => address)),
    [['198.51.100.7'], ['192.0.2.1']],
  )
  const concurrent = async () =>
    (await recorded()).filter(({ event }) => event === 'session.concurrent-use')
  assert.deepEqual((await concurrent())[0]?.detail['addresses'], ['198.51.100.7', '192.0.2.1'])
  await clock.advance(0)
  assert.deepEqual(
    told.map(({ type, data }) => [type, data['person']]),
    [['person.concurrent-use', anna.id]],
  )

  // A session that is carried elsewhere is seen too.
  await ask('GET', '/whoami', { as: anna.session, from: '203.0.113.50' })
  await world.identity.close()
  const moved = (await recorded()).filter(({ event }) => event === 'session.new-place')
  assert.equal(moved.length, 1)
  assert.equal((await concurrent()).length, 2)
})

void test('robots and people are told apart: a token has no account of its own, and shows no factor', async (t) => {
  const { ask, identity, enrol } = await peopleWorld(t)
  const anna = await enrol('anna')
  const made = await ask('POST', '/tokens', {
    as: anna.session,
    body: {
      name: 'ci',
      grants: [{ role: 'operator', group: 'North' }],
      budgets: { models: ['Vendor/*'], perHour: [{ operations: ['charger.reset'], limit: 20 }] },
    },
  })
  assert.equal(made.statusCode, 201, made.body)
  const token = made.json<{ id: string; secret: string; expiresAt: string; grants: object[] }>()
  assert.equal(token.expiresAt, '2026-04-01T00:00:00.000Z', '90 days')
  assert.deepEqual(token.grants, [{ role: 'operator', group: 'North' }])
  assert.deepEqual((await identity.tokens.find(token.id))?.budgets, {
    models: ['Vendor/*'],
    perHour: [{ operations: ['charger.reset'], limit: 20 }],
  })
  const as = token.secret
  const who = (await ask('GET', '/whoami', { as })).json<{
    kind: string
    otherSessions: object[]
  }>()
  assert.deepEqual([who.kind, who.otherSessions], ['robot', []])
  for (const [method, url, body] of [
    ['GET', '/people/me/sessions', undefined],
    ['GET', '/factors', undefined],
    ['POST', '/session/step-up', { factor: 'totp', code: '123456' }],
    ['DELETE', '/session', undefined],
  ] as const)
    assert.equal((await ask(method, url, { as, body })).statusCode, 404, url)
  const late = await ask('POST', '/tokens', {
    as: anna.session,
    body: { name: 'for ever', expiresAt: '2028-01-01T00:00:00Z' },
  })
  assert.equal(problemIn(late).field, 'expiresAt')
})
