import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { dutiesWorld, type Member } from '../../test/kit/duties-world.ts'

/** Olga owns, and nobody else has a role. */
async function house(t: TestContext, options: Parameters<typeof dutiesWorld>[1] = {}) {
  const world = await dutiesWorld(t, options)
  const [olga, anna, ben] = [
    await world.enrol('olga'),
    await world.enrol('anna'),
    await world.enrol('ben'),
  ] as const
  const ask = (kind: string, content: object) =>
    world.request(olga, { kind, content, reason: 'a change' })
  const held = async (person: Pick<Member, 'id'>) =>
    (await world.policy.bindings({ limit: 10 }, { principal: person.id })).items
  return { ...world, olga, anna, ben, ask, held }
}

const bound = (person: Member, role: string) => ({
  ...{ principal: { kind: 'person', id: person.id }, role, group: null, until: null },
})

/** What decides on bindings, and how many of them. */
const binding = (count: number, roles: readonly string[]) => ({
  rules: { approvals: { kinds: { binding: { approvals: [{ count, roles }] } } } },
})

test('a rule that names only roles nobody else holds makes nobody alone again', async (t) => {
  const { ask, now, approve, must, held, clock, olga, anna, ben } = await house(t)
  assert.equal((await now(await ask('binding', bound(anna, 'approver')))).state, 'executed')
  const tightened = await ask('policy', binding(1, ['owner']))
  await approve(anna, tightened)
  assert.equal((await now(tightened)).state, 'executed')
  await clock.advance(1)

  const made = await ask('binding', bound(ben, 'engineer'))
  assert.deepEqual([made.state, made.needs.bootstrap], ['waiting', false])
  assert.equal((await now(made)).state, 'waiting')
  assert.deepEqual(await held(ben), [])
  const { stuck } = await must<{ stuck: string | null }>(
    ...([200, 'GET', `/approval-requests/${made.id}`, olga.session] as const),
  )
  assert.equal(
    stuck,
    'nobody can decide on it at present: 1 of owner is missing among those who may',
  )
})

test('a request that somebody can decide on is not stuck', async (t) => {
  const { ask, must, give, anna, ben } = await house(t)
  await give(anna, 'approver')
  const { id } = await ask('binding', bound(ben, 'engineer'))
  const shown = await must<{ stuck: string | null }>(
    ...([200, 'GET', `/approval-requests/${id}`, anna.session] as const),
  )
  assert.equal(shown.stuck, null)
})

test('who was not alone once is never alone again, though the others lose their roles and are locked', async (t) => {
  const { ask, now, approve, give, held, must, refusal, clock, olga, anna, ben } = await house(t)
  await give(anna, 'approver')
  await give(ben, 'approver')
  const [annas] = await held(anna)
  const taken = await ask('binding-end', { id: annas!.id })
  await approve(ben, taken)
  assert.equal((await now(taken)).state, 'executed')
  await clock.advance(1)
  const [bens] = await held(ben)
  const last = await ask('binding-end', { id: bens!.id })
  await approve(ben, last)
  assert.equal((await now(last)).state, 'executed')
  for (const { id } of [anna, ben])
    await must(200, 'PATCH', `/people/${id}`, olga.session, { locked: { reason: 'left' } })
  assert.deepEqual([await held(anna), await held(ben)], [[], []])
  assert.equal((await ask('binding', bound(anna, 'engineer'))).state, 'waiting')
  const wide = { name: 'all', grants: [{ role: 'owner', group: null }] }
  assert.equal(await refusal('POST', '/tokens', olga.session, wide), 'approval-needed')
})

test('who decided by a team or a role of our own, and left it, was there', async (t) => {
  const deciding = { description: 'decides', permissions: ['approvals.decide'], operations: [] }
  for (const role of ['approver', 'decider']) {
    const { ask, now, held, anna, ben } = await house(t)
    const made = async (kind: string, content: object) =>
      (await now(await ask(kind, content))).state
    const team = (members: readonly Member[]) => ({
      name: 'night',
      team: { description: 'at night', claims: [], members: members.map(({ id }) => id) },
    })
    assert.equal(await made('team', team([])), 'executed')
    if (role === 'decider')
      assert.equal(await made('role', { name: role, role: deciding }), 'executed')
    const toTeam = { ...bound(ben, role), principal: { kind: 'team', id: 'night' } }
    assert.equal(await made('binding', toTeam), 'executed')
    assert.equal(await made('binding', bound(ben, 'engineer')), 'executed', 'nobody is in it')
    assert.equal(await made('team', team([anna])), 'executed')
    assert.equal(await made('team', team([])), 'waiting', role)
    assert.equal((await held(anna)).length, 0)
  }
})

test('who decided by a group at the provider, and left it, was there', async (t) => {
  const signOn = [{ providerGroup: 'approvers', role: 'approver' }]
  const { ask, arrive, ben } = await house(t, { signOn })
  const visit = (groups: readonly string[]) =>
    arrive({ sub: 'ann', claims: { name: 'ann', groups }, acr: 'several-factors' })
  const before = await ask('binding', bound(ben, 'engineer'))
  assert.equal(before.needs.bootstrap, true)
  await visit(['approvers'])
  await visit([])
  assert.equal((await ask('binding', bound(ben, 'viewer'))).state, 'waiting')
})
