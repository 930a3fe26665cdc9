import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dutiesWorld, type DutiesWorld, type Member } from '../../test/kit/duties-world.ts'
import { systemContext } from '../kernel/actor.ts'
import { goodPassword } from '../../test/kit/people-world.ts'

/** Olga owns, Sam sees to people and robots, Anna approves, Ben works. */
async function house(world: DutiesWorld) {
  const [olga, sam, anna, ben] = [
    await world.enrol('olga'),
    await world.enrol('sam'),
    await world.enrol('anna'),
    await world.enrol('ben'),
  ] as const
  await world.give(sam, 'security-admin')
  await world.give(anna, 'approver')
  await world.give(ben, 'operator')
  await world.fleet.addGroup(systemContext, { path: 'North' })
  return { olga, sam, anna, ben }
}

const reset = (person: Member) => ({
  ...{ kind: 'factor-reset', content: { person: person.id } },
  reason: 'phone lost, seen in person',
})

test('second factors are taken away by a request that somebody else approves, once', async (t) => {
  const world = await dutiesWorld(t)
  const { ask, must, refusal, request, approve } = world
  const { sam, anna, ben } = await house(world)
  assert.equal(
    await refusal('POST', `/people/${ben.id}/reset-factors`, sam.session, {}),
    'not-found',
  )
  const made = await request(sam, reset(ben))
  assert.deepEqual([made.state, made.execute, made.needs.bootstrap], ['waiting', 'by-hand', false])
  const detail = await must<{ document: { about: string[] }; now: { secondFactors: string[] } }>(
    200,
    'GET',
    `/approval-requests/${made.id}`,
    anna.session,
  )
  assert.deepEqual(detail.document.about, [ben.id])
  assert.deepEqual(detail.now.secondFactors, ['totp', 'recovery-code'])

  // Approved, nothing has happened yet: the link is for Sam's eyes only.
  assert.equal((await approve(anna, made)).state, 'approved')
  assert.equal((await world.now(made)).state, 'approved')
  assert.equal((await ask('GET', '/whoami', ben.session)).status, 200)
  const carry = (who: Member) =>
    refusal('POST', `/approval-requests/${made.id}/execute`, who.session)
  assert.equal(await carry(anna), 'not-permitted', 'an approver asks for nothing')
  await world.clock.advance(6 * 60_000)
  assert.equal(await carry(sam), 'step-up-needed')
  assert.equal((await world.now(made)).state, 'approved')
  await world.freshen(sam)
  // Twice at the same moment, as from two windows: one of them gets the link.
  const path = `/approval-requests/${made.id}/execute`
  const both = await Promise.all([1, 2].map(() => ask('POST', path, sam.session)))
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409])
  const done = both
    .find(({ status }) => status === 200)!
    .json<{ state: string; handedOver: { link: string } }>()
  assert.equal(done.state, 'executed')
  assert.equal((await ask('GET', '/whoami', ben.session)).status, 401)
  assert.equal(await carry(sam), 'too-late')
  const shown = await ask('GET', `/approval-requests/${made.id}`, sam.session)
  assert.doesNotMatch(shown.body, /oti_/, 'the link is shown once')

  const invitation = done.handedOver.link.split('#')[1]!
  assert.match(invitation, /^oti_/)
  const wish = { invitation, name: 'ben', password: goodPassword }
  const { enrolment, totp } = await must<{ enrolment: string; totp: { secret: string } }>(
    201,
    'POST',
    '/enrolments',
    undefined,
    wish,
  )
  const proof = { enrolment, code: world.code({ totp: totp.secret }), carried: 'secret' }
  await must(201, 'POST', '/enrolments/confirm', undefined, proof)
  const [entry, ...others] = await world.events('person.factors-reset')
  assert.deepEqual(others, [])
  assert.deepEqual(
    [entry?.actor.id, entry?.reason, entry?.detail.person, entry?.detail.approval],
    [sam.id, 'phone lost, seen in person', ben.id, made.id],
  )
  const events = (await world.audit.list({ limit: 1_000 })).map(({ event }) => event)
  for (const event of ['approval.requested', 'approval.approved', 'approval.executed'])
    assert.equal(events.filter((one) => one === event).length, 1, event)
  const { rows } = await world.sql<{ text: string }>(
    `select string_agg(r::text, ' ') || (select string_agg(e::text, ' ') from audit_entry e) as text
       from approval_request r`,
  )
  assert.ok(!rows[0]!.text.includes(invitation))
})

test('a reset is not for oneself, not by oneself, not for robots, and not without approval', async (t) => {
  const world = await dutiesWorld(t)
  const { refusal, request } = world
  const { olga, sam, anna, ben } = await house(world)
  const asks = (who: string, asked: object) => refusal('POST', '/approval-requests', who, asked)
  assert.equal(await asks(sam.session, reset(sam)), 'invalid-input', 'one’s own')
  assert.equal(await asks(ben.session, reset(anna)), 'not-permitted', 'without people.write')
  const robot = await world.identity.tokens.create(
    { actor: { kind: 'system', id: 'system', name: 'system' }, origin: { face: 'system' } },
    { name: 'admin', grants: [] },
  )
  await world.policy.apply(
    { actor: { kind: 'system', id: 'system', name: 'system' }, origin: { face: 'system' } },
    {
      ...{ kind: 'binding', principal: { kind: 'robot', id: robot.token.id } },
      ...{ role: 'security-admin', group: null, until: null },
    },
    { reason: 'a test' },
  )
  assert.equal(await asks(robot.secret, reset(ben)), 'denied')
  assert.equal(await asks(sam.session, { ...reset(ben), execute: 'automatic' }), 'invalid-input')
  assert.equal(await asks(sam.session, { ...reset(ben), content: { person: 'x' } }), 'not-found')

  // Anna approves, and is the one it is about: somebody else has to.
  const made = await request(sam, reset(anna))
  const approves = (who: Member) =>
    refusal('POST', `/approval-requests/${made.id}/approve`, who.session, { digest: made.digest })
  assert.equal(await approves(anna), 'denied')
  assert.equal(await approves(sam), 'not-permitted')
  const early = refusal('POST', `/approval-requests/${made.id}/execute`, sam.session)
  assert.equal(await early, 'too-late')
  assert.equal(await approves(olga), undefined)
  assert.equal((await world.events('person.factors-reset')).length, 0)
})

test('who lost the role by which they asked is handed nothing', async (t) => {
  const world = await dutiesWorld(t)
  const { request, approve, refusal, must, now } = world
  const { olga, sam, anna, ben } = await house(world)
  await world.give(sam, 'operator')
  await world.give(sam, 'owner')
  const grants = [{ role: 'operator', group: null }]
  const night = { name: 'night', grants, minutes: 20, chargers: 2 }
  const made = [
    await request(sam, reset(ben)),
    await request(sam, asToken(wide)),
    await request(sam, { kind: 'break-glass', content: night, reason: 'for the nights' }),
  ]
  for (const one of made) await approve(anna, one)
  const { items } = await must<{ items: { id: string; role: string }[] }>(
    200,
    'GET',
    `/bindings?principal=${sam.id}`,
    olga.session,
  )
  for (const { id, role } of items) {
    if (role === 'operator') continue
    const content = { kind: 'binding-end', content: { id }, reason: 'other duties' }
    await approve(anna, await request(olga, content))
    await world.approvals.idle()
  }
  for (const one of made) {
    const path = `/approval-requests/${one.id}/execute`
    assert.equal(await refusal('POST', path, sam.session), 'too-late', one.kind)
    const { state, detail } = await now(one)
    assert.equal(state, 'void')
    assert.match(detail ?? '', /^sam may not ask for it any more: \S+ is needed everywhere/)
  }
})

test('what a robot asked for is not done once its token is revoked, whatever roles it was given', async (t) => {
  const world = await dutiesWorld(t, { chargers: ['CP-1'] })
  const { approve, refusal, request, must } = world
  const { sam, anna } = await house(world)
  const { id: robot, secret } = await must<{ id: string; secret: string }>(
    201,
    'POST',
    '/tokens',
    sam.session,
    { name: 'nightly', budgets: { perHour: [{ operations: ['charger.reset'], limit: 5 }] } },
  )
  const principal = { kind: 'robot', id: robot }
  const content = { principal, role: 'operator', group: null, until: null }
  await approve(anna, await request(sam, { kind: 'binding', content, reason: 'it resets' }))
  await world.approvals.idle()
  const made = await request(
    { session: secret },
    {
      ...{ operation: 'charger.reset', params: { mode: 'now' } },
      ...{ target: { chargers: ['CP-1'] }, reason: 'frozen' },
    },
  )
  await must(204, 'DELETE', `/tokens/${robot}`, sam.session)
  const path = `/approval-requests/${made.id}/approve`
  const digest = { digest: made.digest }
  assert.equal(await refusal('POST', path, anna.session, digest), 'too-late')
  const { state, detail } = await world.now(made)
  assert.deepEqual(
    [state, detail],
    ['void', 'nightly asked for it, whose account is not in use any more'],
  )
})

test('whoever made a robot does not agree to what it asks for, nor to what it is given', async (t) => {
  const world = await dutiesWorld(t, { chargers: ['CP-1'] })
  const { approve, ask, must, request } = world
  const { olga, sam, anna } = await house(world)
  const { id, secret } = await must<{ id: string; secret: string }>(
    201,
    'POST',
    '/tokens',
    olga.session,
    {
      ...{ name: 'nightly', grants: [{ role: 'operator', group: null }] },
      budgets: { perHour: [{ operations: ['charger.reset'], limit: 5 }] },
    },
  )
  const asked = {
    ...{ operation: 'charger.reset', params: { mode: 'now' } },
    ...{ target: { chargers: ['CP-1'] }, reason: 'frozen' },
  }
  const ofRobot = await request({ session: secret }, asked)
  const principal = { kind: 'robot', id }
  const content = { principal, role: 'support', group: null, until: null }
  const toRobot = await request(sam, { kind: 'binding', content, reason: 'it helps' })
  for (const [made, why] of [
    [ofRobot, /a robot whose token they made asked for/],
    [toRobot, /about themselves/],
  ] as const) {
    const digest = { digest: made.digest }
    const own = await ask('POST', `/approval-requests/${made.id}/approve`, olga.session, digest)
    assert.equal(own.status, 403, own.body)
    assert.match(own.body, why)
    assert.notEqual((await approve(anna, made)).state, 'waiting')
  }
})

test('the only owner resets the factors of others alone, with a fresh factor, until somebody else decides', async (t) => {
  const world = await dutiesWorld(t)
  const olga = await world.enrol('olga')
  const ben = await world.enrol('ben')
  const made = await world.request(olga, reset(ben))
  assert.deepEqual([made.state, made.needs.bootstrap], ['approved', true])
  await world.give(ben, 'approver')
  const carry = () => world.refusal('POST', `/approval-requests/${made.id}/execute`, olga.session)
  assert.equal(await carry(), 'too-late')
  assert.match((await world.now(made)).detail ?? '', /there are others now/)
  assert.equal((await world.request(olga, reset(ben))).state, 'waiting')
})

test('somebody who owns everything is always left: the last cannot be locked, nor two each other', async (t) => {
  const world = await dutiesWorld(t)
  const { ask } = world
  const { olga, sam, anna } = await house(world)
  const locks = (who: Member, whom: Member) =>
    ask('PATCH', `/people/${whom.id}`, who.session, { locked: { reason: 'left' } })
  const last = await locks(sam, olga)
  assert.equal(last.status, 403, last.body)
  assert.match(last.body, /the last person who is owner everywhere[^]*make somebody else owner/)
  await world.give(anna, 'owner', null)
  const both = await Promise.all([locks(olga, anna), locks(anna, olga)])
  assert.deepEqual(both.map(({ status }) => status < 300).sort(), [false, true])
})

const wide = { name: 'deploys', grants: [{ role: 'engineer', group: null }] }
const asToken = (content: object) => ({ kind: 'token', content, reason: 'nightly updates' })

test('a token that gives much is made with the approval of somebody else; an ordinary one at once', async (t) => {
  const world = await dutiesWorld(t)
  const { ask, must, refusal, request, approve, execute } = world
  const { olga, sam, anna } = await house(world)
  const make = (body: object) => ask('POST', '/tokens', sam.session, body)
  const budgets = { perHour: [{ operations: ['*'], limit: 20 }] }
  const cases: [grants: object[], budgets: object | undefined, why: RegExp | undefined][] = [
    [[], undefined, undefined],
    [
      [{ role: 'operator', group: null }],
      undefined,
      /allows \S+ everywhere, which its maker may not/,
    ],
    [[{ role: 'auditor', group: null }], undefined, /audit\.export everywhere, which its maker/],
    [[{ role: 'owner', group: 'North' }], budgets, /owner allows people\.write/],
    [[{ role: 'engineer', group: 'North' }], budgets, /engineer allows fleet\.credentials/],
    [[{ role: 'security-admin', group: null }], undefined, /people\.write/],
  ]
  for (const [grants, budget, why] of cases) {
    const made = await make({
      name: 'r',
      grants,
      ...(budget === undefined ? {} : { budgets: budget }),
    })
    if (why === undefined) assert.equal(made.status, 201, made.body)
    else {
      assert.equal(made.status, 403, made.body)
      const { code, detail } = made.json<{ code: string; detail: string }>()
      assert.equal(code, 'approval-needed')
      assert.match(detail, why)
    }
  }
  assert.equal((await make({ name: 'r', grants: [{ role: 'nobody', group: null }] })).status, 422)
  const nowhere = await make({ name: 'r', grants: [{ role: 'viewer', group: 'South' }] })
  const { field, detail } = nowhere.json<{ field: string; detail: string }>()
  assert.deepEqual([field, detail], ['grants[0].group', 'grants[0].group: there is no group South'])

  const made = await request(sam, asToken(wide))
  assert.equal(made.state, 'waiting')
  const approveAs = { digest: made.digest }
  const own = refusal('POST', `/approval-requests/${made.id}/approve`, sam.session, approveAs)
  assert.equal(await own, 'not-permitted')
  await approve(anna, made)
  const before = (await must<{ items: object[] }>(200, 'GET', '/tokens', sam.session)).items.length
  const done = await execute(sam, made)
  const secret = done.handedOver!['secret']!
  assert.match(secret, /^ota_/)
  const after = (await must<{ items: { name: string }[] }>(200, 'GET', '/tokens', sam.session))
    .items
  assert.equal(after.length, before + 1)
  assert.equal(
    await refusal('POST', `/approval-requests/${made.id}/execute`, sam.session),
    'too-late',
  )
  const who = await must<{ kind: string; name: string }>(200, 'GET', '/whoami', secret)
  assert.deepEqual([who.kind, who.name], ['robot', 'deploys'])
  const created = (await world.events('token.created')).at(-1)
  assert.deepEqual([created?.actor.id, created?.detail.approval], [sam.id, made.id])
  // Who holds what it gives makes it at once; who owns asks like everybody else.
  const works = { name: 'poller', grants: [{ role: 'operator', group: null }] }
  assert.equal(await refusal('POST', '/tokens', olga.session, works), undefined)
  assert.equal(await refusal('POST', '/tokens', olga.session, wide), 'approval-needed')
})

test('what makes a token wide is a rule like others', async (t) => {
  const world = await dutiesWorld(t)
  const { request, approve, refusal } = world
  const { olga, sam, anna } = await house(world)
  const token = { name: 'ci', grants: [{ role: 'support', group: null }] }
  assert.equal(await refusal('POST', '/tokens', olga.session, token), undefined)
  const rules = {
    approvals: { wideTokens: { everywhere: ['risk:routine'], withoutBudget: [], permissions: [] } },
  }
  const made = await request(sam, { kind: 'policy', content: { rules }, reason: 'more care' })
  await approve(anna, made)
  assert.equal((await world.now(made)).state, 'executed')
  assert.equal(await refusal('POST', '/tokens', olga.session, token), 'approval-needed')
  const near = { ...token, grants: [{ role: 'engineer', group: 'North' }] }
  assert.equal(await refusal('POST', '/tokens', olga.session, near), undefined)
  assert.equal(await refusal('POST', '/tokens', sam.session, near), 'approval-needed')
})

test('who signs in by single sign-on approves by the roles of their groups, as one human, and no longer than they have them', async (t) => {
  const signOn = [
    { providerGroup: 'approvers', role: 'approver' },
    { providerGroup: 'north', role: 'approver', group: 'North' },
    { providerGroup: 'admins', role: 'security-admin' },
  ]
  const world = await dutiesWorld(t, { signOn })
  const { refusal, request, must } = world
  const olga = await world.enrol('olga')
  const ben = await world.enrol('ben')
  const visit = (sub: string, groups: readonly string[], acr?: string) =>
    world.arrive({ sub, claims: { name: sub, groups }, ...(acr === undefined ? {} : { acr }) })
  const mfa = 'several-factors'

  // An approver at the provider is somebody who decides: the owner is not alone any more.
  assert.equal((await request(olga, reset(ben))).needs.bootstrap, true)
  const ann = await visit('ann', ['approvers'], mfa)
  const made = await request(olga, reset(ben))
  assert.deepEqual([made.state, made.needs.bootstrap], ['waiting', false])
  const { items } = await must<{ items: { id: string }[] }>(
    200,
    'GET',
    '/approval-requests?which=for-me',
    ann.session,
  )
  assert.deepEqual(
    items.map(({ id }) => id),
    [made.id],
  )
  const approves = (who: { session: string }, { id, digest } = made) =>
    refusal('POST', `/approval-requests/${id}/approve`, who.session, { digest })
  const nora = await visit('nora', ['north'], mfa)
  assert.equal(await approves(nora), 'denied', 'a role in a part does not count')
  const weak = await visit('ann', ['approvers'])
  assert.equal(weak.id, ann.id)
  assert.equal(await approves(weak), 'step-up-needed', 'the provider asked for one factor')
  assert.equal(await approves(ann), undefined)
  assert.equal((await world.now(made)).state, 'approved')

  // Their group is taken from them at the provider: with the next sign-in their approval counts no more.
  await visit('ann', ['admins'], mfa)
  assert.equal(
    await refusal('POST', `/approval-requests/${made.id}/execute`, olga.session),
    'too-late',
  )
  assert.match((await world.now(made)).detail ?? '', /approvals no longer count/)

  // Who asks does not approve, whatever their groups.
  const both = await visit('mia', ['admins', 'approvers'], mfa)
  const own = await request(both, reset(ben))
  assert.equal(await approves(both, own), 'denied')
})
