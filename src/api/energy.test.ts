import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiWorld, problemIn } from '../../test/kit/api-world.ts'
import type { SiteLimit, SiteLimitStatus } from '../energy/energy.ts'
import { ProblemError } from '../kernel/problem.ts'

const limit: SiteLimit = {
  group: 'North/Depot',
  limit: { amperes: 63, weights: [{ tag: 'vip', weight: 2 }] },
  reason: 'grid connection',
  setBy: { kind: 'person', id: 'owner', name: 'owner' },
  setAt: '2026-01-01T00:00:00.000Z',
}
const status: SiteLimitStatus = {
  ...limit,
  unit: 'A',
  now: 63,
  bound: 63,
  measured: 40.5,
  waiting: 1,
  beyond: ['CP-3 EVSE 1 counts with 10 A per phase: it is not connected'],
  lastSplitAt: null,
  shares: [
    {
      charger: 'CP-1',
      evse: 1,
      doing: 'charging',
      target: 16,
      told: 16,
      state: 'kept',
      bound: 16,
      measured: null,
      command: null,
      detail: null,
    },
  ],
}
const path = '/api/v1/site-limits/North%2FDepot'

test('a site limit is set, shown, listed and cleared under the path of its group', async (t) => {
  const world = await apiWorld(t, {
    energy: {
      setSiteLimit: () => Promise.resolve(limit),
      siteLimit: () => Promise.resolve(status),
      siteLimits: () => Promise.resolve([limit]),
      clearSiteLimit: () => Promise.resolve(),
    },
  })
  const body = { ...limit.limit, reason: 'grid connection' }
  const set = await world.ask('PUT', path, body)
  assert.equal(set.statusCode, 200, set.body)
  assert.deepEqual(set.json(), limit)
  assert.deepEqual(world.reached.at(-1)?.args.slice(1), [
    'North/Depot',
    limit.limit,
    'grid connection',
  ])
  assert.deepEqual((await world.ask('GET', path)).json(), status)
  assert.deepEqual((await world.ask('GET', '/api/v1/site-limits')).json(), {
    items: [limit],
    nextCursor: null,
  })
  assert.equal((await world.ask('DELETE', `${path}?reason=over`)).statusCode, 204)
  assert.deepEqual(world.reached.at(-1)?.args.slice(1), ['North/Depot', 'over'])
})

for (const [body, field] of [
  [{ amperes: 63 }, 'reason'],
  [{ amperes: -1, reason: 'x' }, 'amperes'],
  [{ amperes: 63, weights: [{ tag: 'a', weight: 0 }], reason: 'x' }, 'weights[0].weight'],
  [{ amperes: 63, watts: 3, reason: 'x' }, 'watts'],
  [
    {
      amperes: 63,
      weekly: { timeZone: 'UTC', times: [{ days: ['may'], from: '1', to: '2' }] },
      reason: 'x',
    },
    'weekly.times[0]',
  ],
] as const)
  test(`a site limit with a bad ${field} is refused by name`, async (t) => {
    const world = await apiWorld(t)
    const answer = await world.ask('PUT', path, body)
    assert.equal(answer.statusCode, 422)
    assert.ok(problemIn(answer).field?.startsWith(field), answer.body)
  })

test('the charging profiles of a charger are shown, or it is said how to get them', async (t) => {
  const told = {
    requestId: 7,
    receivedAt: '2026-01-01T00:00:00.000Z',
    complete: true,
    profiles: [{ id: 1, evseId: 0, chargingSchedule: [{ id: 1 }] }],
  }
  const world = await apiWorld(t, {
    energy: {
      chargingProfiles: (_identity, requestId) => {
        if (requestId === 8) throw new ProblemError('not-found', 'ask for them')
        return Promise.resolve(told)
      },
    },
  })
  const at = '/api/v1/chargers/CP%201/charging-profiles'
  assert.deepEqual((await world.ask('GET', at)).json(), told)
  assert.equal((await world.ask('GET', `${at}?requestId=8`)).statusCode, 404)
})
