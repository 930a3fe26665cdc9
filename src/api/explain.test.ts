import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiWorld, problemIn } from '../../test/kit/api-world.ts'
import { dutiesWorld, type Member } from '../../test/kit/duties-world.ts'
import { willingPolicy, explanation } from '../../test/kit/policy-exchanges.ts'
import { systemContext } from '../kernel/actor.ts'
import type { Asked } from '../policy/gate.ts'
import type { Refusal } from '../policy/policy.ts'
import { rightsOf } from '../policy/rights.ts'
import { builtInRoles } from '../policy/roles.ts'

interface Explanation {
  allowed: boolean
  sentence: string
  roles: { role: string; group: string | null; allows: boolean }[]
}

void test('a command is explained with its reasons, its risk and the roles held', async (t) => {
  const asked: Asked[] = []
  const world = await apiWorld(t, {
    policy: {
      ...willingPolicy,
      explain: (_caller, one) => {
        asked.push(one)
        return willingPolicy.explain!(_caller, one)
      },
    },
  })
  const shown = await world.ask('GET', '/api/v1/explain?operation=charger.reset&charger=CP%201')
  assert.deepEqual(shown.json(), { ...explanation, missing: ['mode'] })
  const params = { mode: 'now' }
  const body = { operation: 'charger.reset', params, chargers: ['CP 1'] }
  const same = await world.ask('POST', '/api/v1/explain', body)
  assert.deepEqual(same.json(), explanation)
  assert.deepEqual(
    asked.map(({ intent, chargers }) => [intent.operation.name, intent.params, chargers]),
    [
      ['charger.reset', {}, ['CP 1']],
      ['charger.reset', params, ['CP 1']],
    ],
  )
})

void test('an action of the API is explained where it is allowed and where not', async (t) => {
  const inSouth = rightsOf([
    { role: builtInRoles.viewer, scope: 'everywhere' },
    { role: builtInRoles.engineer, scope: { groups: ['South'] } },
  ])
  const world = await apiWorld(t, { policy: { ...willingPolicy, rightsOf: () => inSouth } })
  const ask = async (query: string) =>
    (await world.ask('GET', `/api/v1/explain?${query}`)).json<Explanation>()
  assert.deepEqual(await ask('permission=fleet.write'), {
    actor: { kind: 'person', id: 'owner' },
    about: 'fleet.write',
    allowed: true,
    sentence: 'Yes: it is allowed in South.',
    roles: [
      { role: 'viewer', group: null, allows: false },
      { role: 'engineer', group: 'South', allows: true },
    ],
  })
  const there = await ask('permission=fleet.write&charger=CP%201')
  assert.equal(there.allowed, false)
  assert.match(there.sentence, /not there/)
  assert.match((await ask('permission=policy.write')).sentence, /none of the roles/)
})

void test('of others only those may ask who may see the policy; the attempt is noted', async (t) => {
  const refused: Refusal[] = []
  const viewer = rightsOf([{ role: builtInRoles.viewer, scope: 'everywhere' }])
  const world = await apiWorld(t, {
    policy: {
      ...willingPolicy,
      rightsOf: () => viewer,
      refused: (_context, refusal) => void refused.push(refusal),
    },
  })
  const query = 'operation=charger.reset&charger=CP%201'
  const other = await world.ask('GET', `/api/v1/explain?actor=person:p-2&${query}`)
  assert.deepEqual([other.statusCode, problemIn(other).code], [403, 'not-permitted'])
  assert.deepEqual(refused, [{ permission: 'policy.read', route: 'GET /api/v1/explain' }])
  const own = await world.ask('GET', `/api/v1/explain?actor=person:owner&${query}`)
  assert.equal(own.statusCode, 200, own.body)
})

void test('of others somebody is told the roles that reach where they see the policy, and no others', async (t) => {
  const world = await dutiesWorld(t)
  const olga = await world.enrol('olga')
  const [anna, ben] = [await world.enrol('anna'), await world.enrol('ben')]
  for (const path of ['North', 'North/Depot', 'South', 'West'])
    await world.fleet.addGroup(systemContext, { path })
  await world.fleet.register(systemContext, { identity: 'CP-N', group: 'North/Depot' })
  await world.give(anna, 'approver', 'North/Depot')
  const held = [
    ['viewer', null],
    ['operator', 'North'],
    ['engineer', 'South'],
    ['support', 'West'],
  ] as const
  for (const [role, group] of held) await world.give(ben, role, group)
  const explained = async (who: Member, query: string) => {
    const url = `/explain?actor=person:${ben.id}&${query}`
    const { body, json } = await world.ask('GET', url, who.session)
    const { roles, ...more } = json<Explanation>()
    return { body, ...more, held: roles.map(({ role }) => role).sort() }
  }
  for (const query of [
    'permission=maintenance.write',
    'permission=fleet.write',
    'operation=charger.reset',
    'operation=charger.reset&charger=CP-N',
  ]) {
    const told = await explained(anna, query)
    assert.doesNotMatch(told.body, /South|West/, query)
    assert.deepEqual(told.held, ['operator', 'viewer'], query)
  }
  assert.equal((await explained(anna, 'permission=fleet.write')).allowed, false)
  for (const who of [olga, ben]) {
    const whole = await explained(who, 'permission=fleet.write')
    assert.equal(whole.held.length, held.length)
    assert.match(whole.sentence, /allowed in South/)
  }
})

void test('about somebody who is not there nothing is said', async (t) => {
  const world = await dutiesWorld(t)
  const olga = await world.enrol('olga')
  const unknown = '0199c0de-0000-7000-8000-000000000000'
  for (const actor of ['person:ben', `person:${unknown}`, `robot:${unknown}`, 'robot:bot']) {
    const url = `/explain?actor=${actor}&permission=fleet.write`
    const { status, json } = await world.ask('GET', url, olga.session)
    assert.deepEqual([status, json<{ field: string }>().field], [404, 'actor'], actor)
  }
  const local = '/explain?actor=robot:local&permission=fleet.write'
  assert.equal((await world.ask('GET', local, olga.session)).status, 200)
})

void test('parameters are checked as those of a command', async (t) => {
  const world = await apiWorld(t, { policy: willingPolicy })
  const cases: [unknown, string][] = [
    [{}, 'params.mode'],
    [{ mode: 'sideways' }, 'params.mode'],
    [{ mode: 'now', colour: 'red' }, 'params.colour'],
  ]
  for (const [params, field] of cases) {
    const body = { operation: 'charger.reset', params, chargers: ['CP 1'] }
    const problem = problemIn(await world.ask('POST', '/api/v1/explain', body))
    assert.deepEqual([problem.code, problem.field], ['invalid-input', field])
  }
})

void test('what is asked wrongly is named', async (t) => {
  const world = await apiWorld(t, { policy: willingPolicy })
  const cases: [string, string, string | undefined][] = [
    ['charger=CP%201', 'invalid-input', 'operation'],
    ['operation=charger.reset&permission=fleet.read', 'invalid-input', 'operation'],
    ['operation=charger.dance', 'invalid-input', 'operation'],
    ['permission=fleet.dance', 'invalid-input', 'permission'],
    ['operation=charger.reset&charger=CP%209', 'not-found', 'charger'],
  ]
  for (const [query, code, field] of cases) {
    const problem = problemIn(await world.ask('GET', `/api/v1/explain?${query}`))
    assert.deepEqual([problem.code, problem.field], [code, field], query)
  }
})
