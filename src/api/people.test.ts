import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Approved } from '../identity/approved.ts'
import { problemIn } from '../../test/kit/api-world.ts'
import { goodPassword, peopleWorld, succeeded } from '../../test/kit/people-world.ts'

/** How others agree is tested with them. */
const agreed: Approved = {
  id: 'a-1',
  use: { change: undefined as never, within: () => Promise.resolve() },
}

void test('the first person enrols with a link that works once, and is owner', async (t) => {
  const { ask, link, code, recorded, identity } = await peopleWorld(t)
  assert.equal(await identity.people.none(), true)
  const [invitation, unused] = [await link(), await link()]
  const body = { invitation, name: 'Anna@Example.com', password: goodPassword }
  const begun = await ask('POST', '/enrolments', { body })
  assert.equal(begun.statusCode, 201, begun.body)
  assert.equal(begun.headers['set-cookie'], undefined)
  const { enrolment, totp } = begun.json<{
    enrolment: string
    totp: { secret: string; url: string }
  }>()
  assert.match(totp.url, /^otpauth:\/\/totp\/OTA%20control:anna%40example\.com\?/)

  const confirm = (shown: string) =>
    ask('POST', '/enrolments/confirm', {
      body: { enrolment, code: shown, carried: 'secret' },
    })
  assert.equal(problemIn(await confirm('000000')).code, 'sign-in-failed')
  assert.equal(await identity.people.none(), true, 'a wrong code makes nobody')
  const done = await confirm(code({ totp: totp.secret }))
  assert.equal(done.statusCode, 201, done.body)
  const { secret, recoveryCodes } = done.json<{ secret: string; recoveryCodes: string[] }>()
  assert.equal(new Set(recoveryCodes).size, 10)
  for (const one of recoveryCodes) assert.match(one, /^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/)

  const { items } = (await ask('GET', '/people', { as: secret })).json<{
    items: { name: string; initialRole: string; secondFactors: string[] }[]
  }>()
  assert.deepEqual(
    items.map((one) => [one.name, one.initialRole, one.secondFactors]),
    [['anna@example.com', 'owner', ['totp', 'recovery-code']]],
  )
  for (const dead of [invitation, unused]) {
    const again = { invitation: dead, name: 'ben', password: goodPassword }
    const refused = await ask('POST', '/enrolments', { body: again })
    assert.equal(problemIn(refused).code, 'not-found', 'used, or there is a first person now')
  }
  assert.deepEqual(
    (await recorded()).map(({ event }) => event).filter((event) => !event.startsWith('token')),
    ['person.invited', 'person.invited', 'person.enrolled', 'session.opened'],
  )
})

void test('of several first links used at once, one makes the first person', async (t) => {
  const { ask, link, code, db } = await peopleWorld(t, { nodes: 2 })
  const steps = []
  for (const name of ['anna', 'ben']) {
    const body = { invitation: await link(), name, password: goodPassword }
    const begun = await ask('POST', '/enrolments', { body })
    steps.push(begun.json<{ enrolment: string; totp: { secret: string } }>())
  }
  const answers = await Promise.all(
    steps.map(({ enrolment, totp }, node) =>
      ask('POST', '/enrolments/confirm', {
        body: { enrolment, code: code({ totp: totp.secret }), carried: 'secret' },
        node,
      }),
    ),
  )
  assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [201, 401])
  const { rows } = await db.sql('select initial_role from person')
  assert.deepEqual(rows, [{ initial_role: 'owner' }])
})

void test('further people are invited, and a link gives no more than the policy lets it', async (t) => {
  const { ask, enrol } = await peopleWorld(t)
  const { session: as } = await enrol('anna')
  const invite = (body: object) => ask('POST', '/invitations', { as, body })
  const refused = problemIn(await invite({ role: 'owner' }))
  assert.deepEqual([refused.code, refused.field], ['invalid-input', 'role'])

  const made = await invite({ role: 'viewer', note: 'Ben from the night shift' })
  assert.equal(made.statusCode, 201, made.body)
  const { id, link } = made.json<{ id: string; link: string }>()
  assert.match(link, /^http:\/\/localhost\/enrol#oti_[\w-]{43}$/)
  const list = (await ask('GET', '/invitations', { as })).json<{ items: { id: string }[] }>()
  assert.deepEqual(
    list.items.map((one) => one.id),
    [id],
  )
  assert.equal((await ask('DELETE', `/invitations/${id}`, { as })).statusCode, 204)
  assert.equal((await ask('DELETE', `/invitations/${id}`, { as })).statusCode, 404)
  const invitation = link.split('#')[1]
  const body = { invitation, name: 'ben', password: goodPassword }
  assert.equal((await ask('POST', '/enrolments', { body })).statusCode, 404)
})

void test('names and passwords of new people are checked, and the link survives a mistake', async (t) => {
  const { ask, enrol, link, clock } = await peopleWorld(t)
  await enrol('anna')
  const invitation = await link()
  const begin = (body: object) =>
    ask('POST', '/enrolments', {
      body: { invitation, name: 'ben', password: goodPassword, ...body },
    })
  for (const [body, code, field] of [
    [{ name: 'anna' }, 'already-exists', 'name'],
    [{ name: ' ANNA ' }, 'already-exists', 'name'],
    [{ name: 'be n' }, 'invalid-input', 'name'],
    [{ name: 'local' }, 'invalid-input', 'name'],
    [{ displayName: 'OTA  Control' }, 'invalid-input', 'displayName'],
    [{ password: 'short' }, 'invalid-input', 'password'],
    [{ password: 'passwordpassword' }, 'invalid-input', 'password'],
    [
      { name: 'benjamin.miller', displayName: 'Benjamin Miller', password: 'benjaminmiller' },
      'invalid-input',
      'password',
    ],
  ] as const) {
    const problem = problemIn(await begin(body))
    assert.deepEqual([problem.code, problem.field], [code, field], JSON.stringify(body))
  }
  assert.equal((await begin({})).statusCode, 201)
  await clock.advance(24 * 3_600_000)
  assert.equal((await begin({})).statusCode, 404, 'a link works for a day')
})

void test('there is no session before a second factor', async (t) => {
  const { ask, enrol, code, clock } = await peopleWorld(t)
  const anna = await enrol('anna')
  await clock.advance(30_000)
  const first = await ask('POST', '/sign-in', {
    body: { name: 'ANNA', password: anna.password },
  })
  assert.equal(first.statusCode, 200, first.body)
  assert.equal(first.headers['set-cookie'], undefined)
  const { signIn, factors, ...rest } = first.json<{ signIn: string; factors: string[] }>()
  assert.deepEqual(factors, ['totp', 'recovery-code'])
  assert.deepEqual(Object.keys(rest), ['person', 'expiresAt'])
  assert.equal((await ask('GET', '/whoami', { as: signIn })).statusCode, 401)

  const second = (answer: object) =>
    ask('POST', '/sign-in/second-factor', {
      body: { signIn, factor: 'totp', code: '000000', carried: 'secret', ...answer },
    })
  assert.equal(problemIn(await second({})).code, 'sign-in-failed')
  assert.equal(problemIn(await second({ signIn: `otp_${'x'.repeat(43)}` })).code, 'sign-in-failed')
  const done = await second({ code: code(anna) })
  assert.equal(done.statusCode, 200, done.body)
  const { secret } = done.json<{ secret: string }>()
  const who = (await ask('GET', '/whoami', { as: secret })).json<{
    id: string
    authentication: { by: string; factors: object; strongSince: string }
  }>()
  assert.equal(who.id, anna.id)
  const at = new Date(clock.now()).toISOString()
  assert.deepEqual(who.authentication.factors, { password: at, totp: at })
  assert.equal((await second({ code: code(anna) })).statusCode, 401, 'a step is done once')
})

void test('a sign-in is over after five wrong codes, or five minutes', async (t) => {
  const { ask, enrol, code, clock } = await peopleWorld(t, {})
  const anna = await enrol('anna')
  const begin = async () => {
    const body = { name: 'anna', password: anna.password }
    return (await ask('POST', '/sign-in', { body })).json<{ signIn: string }>().signIn
  }
  const second = (signIn: string, shown: string) =>
    ask('POST', '/sign-in/second-factor', {
      body: { signIn, factor: 'totp', code: shown, carried: 'secret' },
    })
  await clock.advance(30_000)
  const guessed = await begin()
  for (let turn = 0; turn < 5; turn += 1) await second(guessed, '000000')
  assert.equal((await second(guessed, code(anna))).statusCode, 401)
  const late = await begin()
  await clock.advance(5 * 60_000)
  assert.equal((await second(late, code(anna))).statusCode, 401)
  assert.equal((await second(await begin(), code(anna))).statusCode, 200)
})

void test('a code works once, also on two nodes at the same moment', async (t) => {
  const { ask, enrol, code, clock } = await peopleWorld(t, { nodes: 2 })
  const anna = await enrol('anna')
  await clock.advance(60_000)
  const steps = []
  for (let turn = 0; turn < 6; turn += 1) {
    const body = { name: 'anna', password: anna.password }
    steps.push((await ask('POST', '/sign-in', { body })).json<{ signIn: string }>().signIn)
  }
  const shown = code(anna)
  const answers = await Promise.all(
    steps.map((signIn, at) =>
      ask('POST', '/sign-in/second-factor', {
        body: { signIn, factor: 'totp', code: shown, carried: 'secret' },
        node: at % 2,
      }),
    ),
  )
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode).sort(),
    [200, 401, 401, 401, 401, 401],
  )
  // Nor for anything else, though the step is not over yet.
  const body = { factor: 'totp', code: shown }
  const stepUp = await ask('POST', '/session/step-up', { as: anna.session, body })
  assert.equal(problemIn(stepUp).code, 'sign-in-failed')
})

void test('a recovery code opens a session once, and new ones end the old', async (t) => {
  const { ask, enrol, recorded } = await peopleWorld(t)
  const anna = await enrol('anna')
  const [one, two] = anna.recoveryCodes as [string, string]
  const signIn = async (code: string) => {
    const begun = await ask('POST', '/sign-in', {
      body: { name: 'anna', password: anna.password },
    })
    const step = begun.json<{ signIn: string }>().signIn
    return ask('POST', '/sign-in/second-factor', {
      body: { signIn: step, factor: 'recovery-code', code, carried: 'secret' },
    })
  }
  assert.equal((await signIn(one.toUpperCase().replaceAll('-', ' '))).statusCode, 200)
  assert.equal((await signIn(one)).statusCode, 401)
  const left = await ask('GET', '/factors', { as: anna.session })
  assert.equal(left.json<{ recoveryCodesLeft: number }>().recoveryCodesLeft, 9)
  const made = await ask('POST', '/factors/recovery-codes', { as: anna.session })
  assert.equal(made.statusCode, 201, made.body)
  assert.equal((await signIn(two)).statusCode, 401)
  assert.ok((await recorded()).some(({ event }) => event === 'recovery-codes.made'))
})

void test('nobody can tell from an answer whether a name is somebody’s', async (t) => {
  const { ask, enrol, compared, identity, recorded, db } = await peopleWorld(t)
  const [anna, locked] = [await enrol('anna'), await enrol('locked')]
  await ask('PATCH', `/people/${locked.id}`, {
    as: anna.session,
    body: { locked: { reason: 'left' } },
  })
  const tries = [
    { name: 'anna', password: 'wrong' },
    { name: 'nobody', password: 'wrong' },
    { name: 'my-typed-password!', password: 'x' },
    { name: 'locked', password: goodPassword },
  ]
  const bodies = []
  for (const body of tries) {
    const before = compared()
    const answer = await ask('POST', '/sign-in', { body })
    assert.equal(compared() - before, 1, 'the work is the same, so the time is')
    assert.equal(answer.statusCode, 401)
    const { instance, ...problem } = problemIn(answer)
    assert.ok(instance)
    bodies.push([problem, Object.keys(answer.headers).sort()])
  }
  for (const body of bodies) assert.deepEqual(body, bodies[0])
  const failed = (await recorded()).filter(({ event }) => event === 'sign-in.failed')
  assert.deepEqual(
    failed.map(({ actor, detail }) => [actor, 'person' in detail, 'account' in detail]),
    [
      ['nobody', true, false],
      ['nobody', false, true],
      ['nobody', false, true],
      ['nobody', true, false],
    ],
  )
  const { rows } = await db.sql<{ all: string }>(
    `select string_agg(e::text, ' ') || (select string_agg(f::text, ' ') from sign_in_failures f) as all
       from audit_entry e`,
  )
  assert.doesNotMatch(rows[0]!.all, /my-typed-password/)
  assert.equal((await identity.people.find({ name: 'locked' }))?.lockReason, 'left')
})

void test('whoever is locked loses their sessions at once, and may come back', async (t) => {
  const { ask, enrol, signIn } = await peopleWorld(t)
  const [anna, ben] = [await enrol('anna'), await enrol('ben')]
  const change = (body: object) => ask('PATCH', `/people/${ben.id}`, { as: anna.session, body })
  const locked = await change({ locked: { reason: 'lost laptop' }, displayName: 'Ben M.' })
  assert.equal(locked.json<{ locked: { reason: string } }>().locked.reason, 'lost laptop')
  assert.equal((await ask('GET', '/whoami', { as: ben.session })).statusCode, 401)
  await change({ locked: null })
  const { secret } = await signIn(ben)
  const who = await ask('GET', '/whoami', { as: secret })
  assert.equal(who.json<{ name: string }>().name, 'Ben M.')
  const asProduct = problemIn(await change({ displayName: 'OTA control' }))
  assert.deepEqual([asProduct.code, asProduct.field], ['invalid-input', 'displayName'])
})

void test('what is done to others needs a factor shown a short while ago; a robot has none to show', async (t) => {
  const { ask, enrol, clock, signIn } = await peopleWorld(t)
  const [anna, ben] = [await enrol('anna'), await enrol('ben')]
  const robot = await ask('POST', '/tokens', { as: anna.session, body: { name: 'staff' } })
  const deeds = [
    ['PATCH', `/people/${ben.id}`, { displayName: 'Ben B.' }],
    ['PATCH', `/people/${ben.id}`, { locked: { reason: 'left' } }],
    ['PATCH', `/people/${ben.id}`, { locked: null }],
    ['POST', '/invitations', {}],
    ['POST', '/tokens', { name: 'ci' }],
    ['DELETE', `/people/${ben.id}/sessions`, undefined],
  ] as const
  await clock.advance(5 * 60_000)
  for (const [method, url, body] of deeds) {
    const refused = await ask(method, url, { as: anna.session, body })
    assert.equal(problemIn(refused).code, 'step-up-needed', `${method} ${url}`)
  }
  assert.equal((await ask('GET', '/whoami', { as: ben.session })).statusCode, 200)
  const own = await ask('DELETE', `/people/${anna.id}/sessions`, { as: anna.session })
  assert.equal(own.statusCode, 200, own.body)
  const { secret } = await signIn(anna)
  for (const [method, url, body] of deeds)
    for (const as of [secret, robot.json<{ secret: string }>().secret]) {
      const done = await ask(method, url, { as, body })
      assert.ok(done.statusCode < 300, done.body)
    }
})

void test('nobody locks themself', async (t) => {
  const { ask, enrol } = await peopleWorld(t)
  const anna = await enrol('anna')
  const body = { locked: { reason: 'by mistake' } }
  const refused = await ask('PATCH', `/people/${anna.id}`, { as: anna.session, body })
  assert.deepEqual([problemIn(refused).code, problemIn(refused).field], ['denied', 'locked'])
  assert.equal((await ask('GET', '/whoami', { as: anna.session })).statusCode, 200)
})

void test('second factors are taken away by a deed on the record, and come back with password and link', async (t) => {
  const { ask, enrol, code, recorded, clock, identity, db } = await peopleWorld(t)
  const [anna, ben] = [await enrol('anna'), await enrol('ben')]
  await db.sql(
    `insert into single_sign_on_link (issuer, subject, person, linked_at) values ('https://id', 'b-1', $1, now())`,
    [ben.id],
  )
  const { secret: invitation } = await identity.people.resetFactors(
    { actor: { kind: 'person', id: anna.id, name: 'Anna' }, origin: { face: 'api' } },
    ben.id,
    { reason: 'phone lost, seen in person', approved: agreed },
  )
  assert.equal((await ask('GET', '/whoami', { as: ben.session })).statusCode, 401)
  const asBen = { name: 'ben', password: ben.password }
  const refused = await ask('POST', '/sign-in', { body: asBen })
  assert.equal(problemIn(refused).code, 'enrolment-needed')

  const wrong = { ...asBen, invitation, password: 'another password 17' }
  assert.equal((await ask('POST', '/enrolments', { body: wrong })).statusCode, 401)
  const begun = await ask('POST', '/enrolments', { body: { ...asBen, invitation } })
  assert.equal(begun.statusCode, 201, begun.body)
  const { enrolment, totp } = begun.json<{ enrolment: string; totp: { secret: string } }>()
  const body = { enrolment, code: code({ totp: totp.secret }), carried: 'secret' }
  const done = await ask('POST', '/enrolments/confirm', { body })
  assert.equal(done.statusCode, 201, done.body)
  assert.equal(done.json<{ person: { id: string } }>().person.id, ben.id)
  assert.equal(
    (await ask('POST', '/enrolments', { body: { ...asBen, invitation } })).statusCode,
    404,
  )

  await clock.advance(30_000)
  const { signIn } = (await ask('POST', '/sign-in', { body: asBen })).json<{ signIn: string }>()
  const old = { signIn, factor: 'totp', code: code(ben), carried: 'secret' }
  assert.equal((await ask('POST', '/sign-in/second-factor', { body: old })).statusCode, 401)
  const events = (await recorded()).map(({ event, actor }) => [event, actor])
  assert.ok(events.some(([event, by]) => event === 'person.factors-reset' && by === anna.id))
  const reset = (await recorded()).find(({ event }) => event === 'person.factors-reset')
  assert.deepEqual(reset?.detail.unlinked, { accounts: [{ issuer: 'https://id', subject: 'b-1' }] })
  assert.deepEqual((await db.sql('select 1 from single_sign_on_link')).rows, [])
  assert.ok(events.some(([event, by]) => event === 'person.factors-renewed' && by === ben.id))
})

void test('nothing secret is kept as it is, or told', async (t) => {
  const { ask, enrol, signIn, db, link } = await peopleWorld(t)
  const anna = await enrol('anna')
  const { secret, device } = await signIn(anna)
  const invitation = await link()
  await ask('POST', '/sign-in', { body: { name: 'anna', password: 'a wrong one 99' } })
  const { rows: tables } = await db.sql<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  )
  let all = ''
  for (const { name } of tables) {
    const { rows } = await db.sql<{ text: string | null }>(
      `select string_agg(t::text, ' ') as text from "${name}" t`,
    )
    all += rows[0]?.text ?? ''
  }
  assert.ok(all.includes('anna'))
  const secrets = [
    goodPassword,
    'a wrong one 99',
    secret,
    device,
    invitation,
    ...anna.recoveryCodes,
  ]
  for (const one of secrets) assert.ok(!all.includes(one), one)
})

void test('every route of people and signing in is exercised in this folder', async (t) => {
  const { apps } = await peopleWorld(t)
  const { paths } = apps[0]!.swagger() as unknown as {
    paths: Record<string, Record<string, { tags: string[] }>>
  }
  const here = Object.entries(paths).filter(([path]) => !elsewhere.test(path))
  const forgotten = here.flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => ['sign-in', 'people'].includes(tags[0] ?? ''))
      .filter(([method]) => {
        const matches = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
        return !succeeded.some(
          (one) => one.method.toLowerCase() === method && matches.test(one.path),
        )
      })
      .map(([method]) => `${method} ${path}`),
  )
  assert.deepEqual(forgotten.sort(), exercisedWithSessions)
})

/** With authenticators, providers and browsers of their own. */
const elsewhere = /passkey|single-sign-on|sign-in\/ways/

/** In `sessions.test.ts`. */
const exercisedWithSessions = [
  'delete /api/v1/factors/totp/{id}',
  'delete /api/v1/people/me/sessions',
  'delete /api/v1/people/me/sessions/{id}',
  'delete /api/v1/session',
  'get /api/v1/people/me/sessions',
  'get /api/v1/people/{id}',
  'get /api/v1/people/{id}/sessions',
  'post /api/v1/factors/totp',
  'post /api/v1/factors/totp/confirm',
  'post /api/v1/session/step-up',
  'put /api/v1/people/me/password',
]
