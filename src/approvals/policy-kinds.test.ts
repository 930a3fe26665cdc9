import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemContext, type Context } from '../kernel/actor.ts'
import { dutiesWorld, type Member, type Request } from '../../test/kit/duties-world.ts'

/** Olga owns, Sam sees to the policy, Anna and Ida approve, Ben works. */
async function house(t: TestContext, options: Parameters<typeof dutiesWorld>[1] = {}) {
  const world = await dutiesWorld(t, options)
  const olga = await world.enrol('olga')
  const [sam, anna, ida, ben] = [
    await world.enrol('sam'),
    await world.enrol('anna'),
    await world.enrol('ida'),
    await world.enrol('ben'),
  ] as const
  await world.give(sam, 'security-admin')
  for (const who of [anna, ida]) await world.give(who, 'approver')
  const asked = (kind: string, content: object) => ({ kind, content, reason: 'a change' })
  const ask = (kind: string, content: object, who = sam) => world.request(who, asked(kind, content))
  const refused = (kind: string, content: object, who = sam) =>
    world.refusal('POST', '/approval-requests', who.session, asked(kind, content))
  /** The field a request of Sam's is refused for, and what is said of it. */
  const complaint = async (kind: string, content: object) => {
    const answer = await world.ask('POST', '/approval-requests', sam.session, asked(kind, content))
    assert.ok(answer.status >= 400, answer.body)
    return answer.json<{ field: string; detail: string }>()
  }
  const approves = (who: Pick<Member, 'session'>, { id, digest }: Request) =>
    world.refusal('POST', `/approval-requests/${id}/approve`, who.session, { digest })
  /** Asked for by Sam, approved by Anna, and done. */
  async function agreed(kind: string, content: object): Promise<Request> {
    const made = await ask(kind, content)
    assert.equal(made.state, 'waiting')
    await world.approve(anna, made)
    const done = await world.now(made)
    assert.equal(done.state, 'executed', done.detail ?? '')
    // What is asked for in the same moment counts as asked for before.
    await world.clock.advance(1)
    return made
  }
  const list = async <T>(url: string) =>
    (await world.must<{ items: T[] }>(200, 'GET', url, sam.session)).items
  return { ...world, olga, sam, anna, ida, ben, ask, refused, complaint, approves, agreed, list }
}

const role = {
  description: 'helps with cables',
  permissions: ['commands.submit', 'fleet.read'],
  operations: ['connector.unlock'],
}
const bound = (person: Member, name: string) => ({
  ...{ principal: { kind: 'person', id: person.id }, role: name, group: null, until: null },
})

test('a role is made, changed, given, taken and removed, each by a request that somebody else approves', async (t) => {
  const { agreed, list, ben, anna, sam, policy, events } = await house(t)
  const may = async () => {
    const actor = { kind: 'person', id: ben.id, name: 'ben' } as const
    return (await policy.rightsOf({ actor })).scopeOf('commands.submit')
  }
  const made = await agreed('role', { name: 'cables', role })
  const roles = await list<{ name: string; operations: string[] }>('/roles')
  assert.deepEqual(roles.find(({ name }) => name === 'cables')?.operations, ['connector.unlock'])
  assert.deepEqual(await may(), { groups: [] })
  const given = await agreed('binding', bound(ben, 'cables'))
  assert.equal(await may(), 'everywhere')
  const [binding] = await list<{ id: string; approval: string; givenBy: { id: string } }>(
    `/bindings?principal=${ben.id}`,
  )
  assert.deepEqual([binding?.approval, binding?.givenBy.id], [given.id, sam.id])
  await agreed('role', { name: 'cables', role: { ...role, permissions: ['fleet.read'] } })
  assert.deepEqual(await may(), { groups: [] })
  await agreed('binding-end', { id: binding!.id })
  assert.deepEqual(await list(`/bindings?principal=${ben.id}`), [])
  await agreed('role', { name: 'cables', role: null })
  assert.ok(!(await list<{ name: string }>('/roles')).some(({ name }) => name === 'cables'))

  const [changed] = await events('role.changed')
  assert.deepEqual([changed?.actor.id, changed?.detail.approval], [sam.id, made.id])
  const [approved] = await events('approval.approved')
  assert.deepEqual([approved?.actor.id, approved?.detail.requestedBy], [anna.id, sam.id])
  for (const event of ['role.given', 'role.taken', 'role.removed'])
    assert.equal((await events(event)).filter(({ detail }) => detail.approval).length, 1, event)
})

test('a team is made and given a role; whoever joins it does not approve that', async (t) => {
  const { ask, agreed, approves, now, list, anna, ida, olga } = await house(t)
  const team = (members: readonly Member[]) => ({
    name: 'night',
    team: { description: 'at night', claims: [], members: members.map(({ id }) => id) },
  })
  const made = await ask('team', team([ida]))
  assert.equal(await approves(ida, made), 'denied')
  assert.equal(await approves(anna, made), undefined)
  assert.equal((await now(made)).state, 'executed')
  const teams = await list<{ name: string; members: string[] }>('/teams')
  assert.deepEqual(
    teams.map(({ name, members }) => [name, members]),
    [['night', [ida.id]]],
  )
  await agreed('binding', {
    ...{ principal: { kind: 'team', id: 'night' }, role: 'operator', group: null, until: null },
  })
  // It holds a role still: approved, it cannot be done.
  const removal = await ask('team', { name: 'night', team: null })
  assert.equal(await approves(olga, removal), undefined)
  const after = await now(removal)
  assert.deepEqual([after.state, after.detail], ['void', 'night holds roles; end those first'])
})

test('who a role is given to, who asks, and who has no role do not approve it', async (t) => {
  const { ask, refused, approves, now, anna, ida, sam, ben, give } = await house(t)
  const made = await ask('binding', bound(ida, 'engineer'))
  assert.equal(await approves(ida, made), 'denied', 'it is about her')
  await give(sam, 'approver')
  assert.equal(await approves(sam, made), 'denied', 'he asked')
  assert.equal(await approves(ben, made), 'not-permitted', 'he decides on nothing')
  assert.equal(await approves(anna, made), undefined)
  assert.equal((await now(made)).state, 'executed')
  assert.equal(await refused('binding', bound(ben, 'viewer'), ben), 'not-permitted')
  assert.equal(await refused('binding', { ...bound(ben, 'viewer'), more: 1 }), 'invalid-input')
  assert.equal(await refused('nonsense', {}), 'invalid-input')
})

test('nobody approves what is about themselves by way of a team, whoever put them there and whenever', async (t) => {
  const signOn = [{ providerGroup: 'approvers', role: 'approver' }]
  const { ask, agreed, approves, arrive, must, now, anna, ida } = await house(t, { signOn })
  const team = (members: readonly Member[]) => ({
    name: 'night',
    team: { description: 'at night', claims: ['night'], members: members.map(({ id }) => id) },
  })
  await agreed('team', team([ida]))
  const claims = { name: 'nora', groups: ['approvers', 'night'] }
  const nora = await arrive({ sub: 'nora', claims, acr: 'several-factors' })
  const made = await ask('binding', {
    ...{ principal: { kind: 'team', id: 'night' }, role: 'engineer', group: null, until: null },
  })
  const { document } = await must<{ document: { about: string[] } }>(
    200,
    'GET',
    `/approval-requests/${made.id}`,
    anna.session,
  )
  assert.deepEqual(document.about.toSorted(), [ida.id, nora.id].toSorted())
  for (const who of [ida, nora]) assert.equal(await approves(who, made), 'denied')

  // Anna joins when it was asked for already.
  const joining = await ask('team', team([ida, anna]))
  assert.equal(await approves(nora, joining), undefined)
  assert.equal((await now(joining)).state, 'executed')
  assert.equal(await approves(anna, made), 'denied')
})

test('nobody approves a change of a role they hold, be it by a team', async (t) => {
  const { ask, agreed, approves, give, now, anna, ida, olga } = await house(t)
  await agreed('role', { name: 'cables', role })
  await give(anna, 'cables')
  const night = { description: 'at night', claims: [], members: [ida.id] }
  await agreed('team', { name: 'night', team: night })
  const changed = await ask('role', { name: 'cables', role: { ...role, operations: ['*'] } })
  assert.equal(await approves(anna, changed), 'denied', 'she holds it')
  const binding = await ask('binding', {
    ...{ principal: { kind: 'team', id: 'night' }, role: 'cables', group: null, until: null },
  })
  assert.equal(await approves(anna, binding), undefined)
  assert.equal((await now(binding)).state, 'executed')
  assert.equal(await approves(ida, changed), 'denied', 'her team holds it since')
  assert.equal(await approves(olga, changed), undefined)
  assert.equal((await now(changed)).state, 'executed')
})

test('a role somebody asked for themselves does not let them decide, though others agreed to it', async (t) => {
  const { ask, agreed, approves, sam, anna, olga, ben } = await house(t)
  await agreed('binding', bound(sam, 'approver'))
  const made = await ask('binding', bound(ben, 'viewer'), olga)
  assert.equal(await approves(sam, made), 'denied')
  assert.equal(await approves(anna, made), undefined)
})

test('who had the rules changed decides on nothing asked for before, and has nothing decided that they asked for', async (t) => {
  const { ask, agreed, approves, give, sam, anna, olga, ben, clock } = await house(t)
  await give(sam, 'approver')
  const [others, own] = [
    await ask('binding', bound(ben, 'viewer'), olga),
    await ask('binding', bound(ben, 'support')),
  ]
  await clock.advance(1)
  await agreed('policy', { rules: { approvals: { executeHours: 5 } } })
  assert.equal(await approves(sam, others), 'denied')
  assert.equal(await approves(anna, own), 'denied')
  assert.equal(await approves(anna, others), undefined)
  await clock.advance(1)
  assert.equal(await approves(anna, await ask('binding', bound(ben, 'support'))), undefined)
})

test('rules change by a request, once, and a change that was based on older rules is void', async (t) => {
  const { ask, refused, approve, approves, now, policy, anna, ida, events, approvals } =
    await house(t)
  const rules = (perDay: number) => ({ rules: { guards: { resets: { perDay } } } })
  const [first, second] = [await ask('policy', rules(7)), await ask('policy', rules(9))]
  await approve(anna, first)
  // Two look at the same moment.
  await Promise.all([approvals.sweep(), approvals.sweep(), now(first)])
  assert.equal((await now(first)).state, 'executed')
  assert.deepEqual([policy.rules().guards.resets.perDay, policy.version().version], [7, 2])
  assert.equal(policy.version().approval, first.id)
  assert.equal(await approves(ida, second), 'too-late')
  const after = await now(second)
  assert.equal(after.state, 'void')
  assert.match(after.detail ?? '', /the rules have changed since: version 2 in place of 1/)
  assert.equal(await refused('policy', rules(7)), 'invalid-input', 'nothing would change')
  assert.equal(await refused('policy', { rules: { guards: { reset: {} } } }), 'invalid-input')
  const changes = await events('policy.changed')
  assert.deepEqual(
    changes.map(({ detail }) => detail.approval ?? null),
    [null, first.id],
  )
})

test('what somebody asked for is not done once they could not ask for it any more, or are locked', async (t) => {
  const { ask, agreed, approve, freshen, give, must, now, list, policy, ...people } = await house(t)
  const { sam, anna, olga, ben, clock } = people
  await agreed('policy', { rules: { approvals: { kinds: { binding: { waitMinutes: 5 } } } } })
  const approved = async (who: Member, name: string) => {
    const made = await ask('binding', bound(ben, name), who)
    assert.equal((await approve(anna, made)).state, 'approved')
    return made
  }
  const first = await approved(sam, 'support')
  const [own] = await list<{ id: string }>(`/bindings?principal=${sam.id}`)
  await approve(anna, await ask('binding-end', { id: own!.id }, olga))
  await clock.advance(5 * 60_000)
  const without = await now(first)
  assert.deepEqual(
    [without.state, without.detail],
    ['void', 'sam may not ask for it any more: policy.write is needed everywhere to ask for this'],
  )

  await give(sam, 'security-admin')
  for (const who of [anna, olga]) await freshen(who)
  const late = await approved(sam, 'viewer')
  await must(200, 'PATCH', `/people/${sam.id}`, olga.session, { locked: { reason: 'left' } })
  await clock.advance(5 * 60_000)
  const locked = await now(late)
  assert.equal(locked.state, 'void')
  assert.match(locked.detail ?? '', /^sam asked for it, whose account is not in use/)
  const given = await policy.bindings({ limit: 10 }, { principal: ben.id })
  assert.deepEqual(given.items, [])
})

test('a node that has not heard of a change does not undo it by another that was based on older rules', async (t) => {
  const { ask, approve, deafNode, now, policy, events, approvals, anna, ida, clock } =
    await house(t)
  const rules = (perDay: number) => ({ rules: { guards: { resets: { perDay } } } })
  const [first, second] = [await ask('policy', rules(7)), await ask('policy', rules(9))]
  const deaf = await deafNode()
  await approve(anna, first)
  await approvals.idle()
  const { digest } = second
  const idaInSession: Context = {
    actor: { kind: 'person', id: ida.id, name: 'ida' },
    origin: { face: 'api' },
    authentication: { by: 'session', id: '', factors: { totp: clock.now() } },
  }
  await deaf.approve(idaInSession, second.id, { digest })
  await deaf.idle()
  const ended = await now(second)
  assert.deepEqual([ended.state, ended.detail], ['void', 'the rules a change was based on changed'])
  assert.deepEqual([policy.rules().guards.resets.perDay, policy.version().version], [7, 2])
  const executed = await events('approval.executed')
  assert.deepEqual(
    executed.map(({ detail }) => detail.approval),
    [first.id],
  )
})

test('a change of a role or team is void where another has changed it since', async (t) => {
  const { ask, agreed, approves, now, list, ida } = await house(t)
  const team = { description: 'at night', claims: [], members: [] }
  const changes = [
    ['role', { name: 'cables', role }, { name: 'cables', role: { ...role, permissions: [] } }],
    ['team', { name: 'night', team }, { name: 'night', team: { ...team, claims: ['ops'] } }],
  ] as const
  for (const [kind, made, changed] of changes) {
    await agreed(kind, made)
    const removal = await ask(kind, { name: made.name, [kind]: null })
    await agreed(kind, changed)
    assert.equal(await approves(ida, removal), 'too-late')
    const { state, detail } = await now(removal)
    assert.deepEqual([state, detail], ['void', `the ${kind} was changed since`])
  }
  const [night] = await list<{ claims: string[] }>('/teams')
  assert.deepEqual(night?.claims, ['ops'])
})

test('a change of the policy that ends vetoed, withdrawn or too late changes nothing', async (t) => {
  const { ask, agreed, refusal, now, list, sam, anna, clock } = await house(t)
  const made = await ask('role', { name: 'x', role })
  const deed = (who: Member, name: string, body?: object) =>
    refusal('POST', `/approval-requests/${made.id}/${name}`, who.session, body)
  assert.equal(await deed(anna, 'veto', { comment: 'no' }), undefined)
  assert.equal(await deed(anna, 'approve', { digest: made.digest }), 'too-late')
  const withdrawn = await ask('role', { name: 'y', role })
  const own = `/approval-requests/${withdrawn.id}/withdraw`
  assert.equal(await refusal('POST', own, anna.session), 'not-permitted')
  assert.equal(await refusal('POST', own, sam.session), undefined)
  const names = async () => (await list<{ name: string }>('/roles')).map(({ name }) => name)
  for (const name of ['x', 'y']) assert.ok(!(await names()).includes(name))
  await agreed('role', { name: 'x', role })
  assert.ok((await names()).includes('x'))
  assert.equal((await now(made)).state, 'vetoed')
  const late = await ask('role', { name: 'y', role })
  await clock.advance(24 * 3_600_000)
  assert.equal((await now(late)).state, 'expired')
})

const aRobot = { name: 'nightly', grants: [] }

test('what names somebody or something that is not there is refused when it is asked for, with the field', async (t) => {
  const { complaint, agreed, identity, ben, clock } = await house(t)
  const to = (over: object) => ({ ...bound(ben, 'viewer'), ...over })
  const principal = (kind: string, id: string) => to({ principal: { kind, id } })
  const team = (members: readonly string[]) => ({
    name: 'night',
    team: { description: 'at night', claims: [], members },
  })
  const { token } = await identity.tokens.create(systemContext, {
    ...aRobot,
    expiresAt: new Date(clock.now() + 600_000).toISOString(),
  })
  const nobody = '01a206d0-0000-7000-8000-000000000000'
  const past = new Date(clock.now() - 1).toISOString()
  const cases: [kind: string, content: object, field: string, why: RegExp][] = [
    ['binding', principal('person', 'ben'), 'content.principal.id', /no person with the id ben/],
    ['binding', principal('person', nobody), 'content.principal.id', /no person/],
    ['binding', principal('robot', nobody), 'content.principal.id', /no robot/],
    ['binding', principal('team', 'day'), 'content.principal.id', /no team day/],
    ['binding', to({ role: 'viewr' }), 'content.role', /no role viewr/],
    ['binding', to({ group: 'East' }), 'content.group', /no group East/],
    ['binding', to({ until: past }), 'content.until', /in the past/],
    ['binding-end', { id: nobody }, 'content.id', /no binding/],
    ['team', team([ben.id, 'anna']), 'content.team.members[1]', /no person with the id anna/],
  ]
  for (const [kind, content, field, why] of cases) {
    const said = await complaint(kind, content)
    assert.equal(said.field, field, said.detail)
    assert.match(said.detail, why)
  }
  await agreed('binding', principal('robot', token.id))
  await clock.advance(600_000)
  assert.match((await complaint('binding', principal('robot', token.id))).detail, /no robot/)
})

test('whoever a role is given to is looked for again when it is carried out', async (t) => {
  const { ask, approve, approves, agreed, now, identity, anna, ben, clock, give } = await house(t)
  const { token } = await identity.tokens.create(systemContext, aRobot)
  const toRobot = await ask('binding', {
    ...bound(ben, 'viewer'),
    principal: { kind: 'robot', id: token.id },
  })
  await agreed('policy', { rules: { approvals: { kinds: { binding: { waitMinutes: 5 } } } } })
  const until = new Date(clock.now() + 60_000).toISOString()
  const briefly = await ask('binding', { ...bound(ben, 'viewer'), until })
  assert.equal((await approve(anna, briefly)).state, 'approved')
  await clock.advance(5 * 60_000)
  const late = await now(briefly)
  assert.deepEqual([late.state, late.detail], ['void', `${until} lies in the past`])
  await identity.tokens.revoke(systemContext, token.id)
  await give(ben, 'approver')
  assert.equal(await approves(ben, toRobot), 'too-late')
  assert.match((await now(toRobot)).detail ?? '', /no robot with the id .* whose token works/)
})

test('a request says by name who gets or loses which power, and what they hold', async (t) => {
  const { agreed, give, must, ask, identity, sam, anna, ida, ben } = await house(t)
  const said = async (kind: string, content: object) => {
    const { id } = await ask(kind, content)
    const { summary, now } = await must<{ summary: string; now: object }>(
      ...([200, 'GET', `/approval-requests/${id}`, sam.session] as const),
    )
    return [summary, now]
  }
  const holds = (what: string) => ({ holds: what })
  assert.deepEqual(await said('binding', bound(ben, 'approver')), [
    'Give ben (ben) the role approver everywhere',
    holds('nothing'),
  ])
  const { token } = await identity.tokens.create(systemContext, aRobot)
  const principal = { kind: 'robot', id: token.id }
  assert.deepEqual(await said('binding', { ...bound(ben, 'viewer'), principal }), [
    'Give the robot nightly the role viewer everywhere',
    holds('nothing'),
  ])
  await give(ben, 'support')
  const [binding] = (
    await must<{ items: { id: string }[] }>(
      ...([200, 'GET', `/bindings?principal=${ben.id}`, sam.session] as const),
    )
  ).items
  assert.deepEqual(await said('binding-end', { id: binding!.id }), [
    'Take the role support everywhere from ben (ben)',
    holds('support everywhere'),
  ])
  const team = (members: readonly Member[], claims: readonly string[] = []) => ({
    name: 'night',
    team: { description: 'at night', claims, members: members.map(({ id }) => id) },
  })
  assert.deepEqual(await said('team', team([ida], ['ops'])), [
    'Make the team night of ida (ida), and whoever is in ops at the provider',
    holds('nothing'),
  ])
  await agreed('team', team([ida]))
  await agreed('binding', { ...bound(ben, 'viewer'), principal: { kind: 'team', id: 'night' } })
  assert.deepEqual(await said('team', team([anna, ben], ['ops'])), [
    'Change the team night: joined by anna (anna), ben (ben); left by ida (ida); its groups at the provider become ops',
    holds('viewer everywhere'),
  ])
})

const window = {
  ...{ operations: ['charger.reset'], days: ['mon'], from: '01:00', to: '05:00', timeZone: 'UTC' },
}
const needing = (count: number, ...roles: readonly string[]) => ({
  approvals: { kinds: { binding: { approvals: [{ count, roles }] } } },
})

test('rules that name what is not there, or ask for more people than there are, are refused with the field', async (t) => {
  const { complaint, agreed, fleet, must, olga, ida } = await house(t)
  await fleet.addGroup(systemContext, { path: 'North' })
  const windows = (over: object) => ({
    guards: { windows: { windows: [window, { ...window, ...over }] } },
  })
  const [needs, others] = ['approvals.kinds.binding.approvals', 'approvals.others.approvals']
  const cases: [rules: object, field: string, why: RegExp][] = [
    [needing(1, 'owner', 'aprover'), `${needs}[0].roles[1]`, /no role aprover/],
    [{ guards: { resets: { approverRoles: ['boss'] } } }, 'guards.resets.approverRoles[0]', /boss/],
    [
      windows({ groups: ['North', 'Nort'] }),
      'guards.windows.windows[1].groups[1]',
      /no group Nort/,
    ],
    [
      windows({ operations: ['charger.rest'] }),
      'guards.windows.windows[1].operations[0]',
      /no operation is meant by charger\.rest/,
    ],
    [
      { guards: { disturbance: { operations: ['risk:disruptiv'] } } },
      'guards.disturbance.operations[0]',
      /no operation is meant/,
    ],
    [needing(2, 'owner'), needs, /too few people could decide by it: 1 of owner is missing/],
    [
      { approvals: { others: { approvals: [{ count: 4, roles: ['approver', 'owner'] }] } } },
      others,
      /1 of approver or owner is missing/,
    ],
  ]
  for (const [rules, field, why] of cases) {
    const said = await complaint('policy', { rules })
    assert.equal(said.field, field, said.detail)
    assert.match(said.detail, why)
  }
  await agreed('policy', { rules: windows({ groups: ['North'] }) })
  await must(200, 'PATCH', `/people/${ida.id}`, olga.session, { locked: { reason: 'left' } })
  assert.match(
    (await complaint('policy', { rules: needing(2, 'approver') })).detail,
    /1 of approver/,
  )
})

test('what new rules name, and how many could decide by them, is looked at again when they are carried out', async (t) => {
  const { ask, approve, approves, agreed, now, must, fleet, olga, anna, ida, clock } =
    await house(t)
  await fleet.addGroup(systemContext, { path: 'North' })
  const windows = [{ ...window, groups: ['North'] }]
  const made = await ask('policy', { rules: { guards: { windows: { windows } } } })
  await fleet.removeGroup(systemContext, 'North')
  assert.equal(await approves(anna, made), 'too-late')
  assert.equal((await now(made)).detail, 'there is no group North')

  await agreed('policy', { rules: { approvals: { kinds: { policy: { waitMinutes: 5 } } } } })
  const two = await ask('policy', { rules: needing(2, 'approver') })
  assert.equal((await approve(anna, two)).state, 'approved')
  await must(200, 'PATCH', `/people/${ida.id}`, olga.session, { locked: { reason: 'left' } })
  await clock.advance(5 * 60_000)
  const { state, detail } = await now(two)
  assert.deepEqual(
    [state, detail],
    ['void', 'too few people could decide by it: 1 of approver is missing'],
  )
})

test('bindings show by which name people know who holds them', async (t) => {
  const { list, give, identity, policy, ben } = await house(t)
  await give(ben, 'support')
  const { token } = await identity.tokens.create(systemContext, aRobot)
  for (const id of [token.id, 'gone'])
    await policy.apply(
      systemContext,
      {
        ...{ kind: 'binding', principal: { kind: 'robot', id } },
        ...{ role: 'viewer', group: null, until: null },
      },
      { reason: 'as agreed' },
    )
  const names = async (id: string) =>
    (await list<{ principal: { name: string | null } }>(`/bindings?principal=${id}`)).map(
      ({ principal }) => principal.name,
    )
  assert.deepEqual(await names(ben.id), ['ben (ben)'])
  assert.deepEqual(await names(token.id), ['nightly'])
  assert.deepEqual(await names('gone'), [null])
})
