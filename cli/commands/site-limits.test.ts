import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SiteLimit, SiteLimitStatus } from '../../src/energy/energy.ts'
import { apiWorld } from '../../test/kit/api-world.ts'
import { listening, run } from '../../test/kit/otactl.ts'

const limit: SiteLimit = {
  group: 'Org/Depot 1',
  limit: { amperes: 63 },
  reason: 'grid connection',
  setBy: { kind: 'person', id: 'owner', name: 'Pat' },
  setAt: '2026-01-01T00:00:00.000Z',
}
const share = {
  charger: 'CP-1',
  evse: 1,
  doing: 'charging',
  target: 16,
  told: 16,
  state: 'kept',
  bound: 16,
  measured: 15.8,
  command: null,
  detail: null,
} as const
const status: SiteLimitStatus = {
  ...limit,
  unit: 'A',
  now: 63,
  bound: 42,
  measured: 15.8,
  waiting: 1,
  beyond: ['CP-3 EVSE 1 counts with 10 A per phase: it is not connected'],
  lastSplitAt: '2026-01-01T00:00:00.000Z',
  shares: [share, { ...share, charger: 'CP-3', doing: 'offline', target: null, measured: null }],
}

test('a limit is set from the command line as the API takes it', async (t) => {
  const asked: unknown[] = []
  const world = await apiWorld(t, {
    energy: {
      setSiteLimit: (_context, ...given) => {
        asked.push(given)
        return Promise.resolve(limit)
      },
    },
  })
  const url = await listening(world)
  const { code, out } = await run(
    [
      ...['site-limits', 'set', 'Org/Depot 1', '--amperes', '63', '--idle', '6'],
      ...['--weight', 'vip=3', '--most', 'CP=1=16', '--turn', '20', '--reason', 'grid connection'],
    ],
    { url },
  )
  assert.equal(code, 0)
  assert.match(out, /Org\/Depot 1 may draw 63 A in all/)
  assert.deepEqual(asked, [
    [
      'Org/Depot 1',
      {
        amperes: 63,
        idleAmperes: 6,
        weights: [{ tag: 'vip', weight: 3 }],
        most: [{ charger: 'CP=1', amperes: 16 }],
        turnMinutes: 20,
      },
      'grid connection',
    ],
  ])
})

test('how it stands is told in words and a table of 100 columns', async (t) => {
  const world = await apiWorld(t, {
    energy: {
      siteLimit: () => Promise.resolve(status),
      siteLimits: () => Promise.resolve([limit]),
    },
  })
  const url = await listening(world)
  const shown = await run(['site-limits', 'show', 'Org/Depot 1'], { url })
  assert.match(shown.out, /63 A per phase now; 15\.8 A measured, at most 42 A/)
  assert.match(shown.out, /1 session waits for a turn/)
  assert.match(shown.out, /! CP-3 EVSE 1 counts with 10 A/)
  assert.match(shown.out, /CP-1 +1 +charging +16 A +16 A +kept +15\.8 A/)
  for (const line of shown.out.split('\n')) assert.ok(line.length <= 100, line)
  const json = await run(['site-limits', 'show', 'Org/Depot 1', '--json'], { url })
  assert.deepEqual(JSON.parse(json.out), status)
  const list = await run(['site-limits', 'list'], { url })
  assert.match(list.out, /Org\/Depot 1 +63 A .*Pat +grid connection/)
})

test('clearing asks why', async (t) => {
  const asked: unknown[] = []
  const world = await apiWorld(t, {
    energy: {
      clearSiteLimit: (_context, ...given) => Promise.resolve(void asked.push(given)),
    },
  })
  const url = await listening(world)
  assert.equal((await run(['site-limits', 'clear', 'Org/Depot 1'], { url })).code, 2)
  await run(['site-limits', 'clear', 'Org/Depot 1', '--reason', 'over'], { url })
  assert.deepEqual(asked, [['Org/Depot 1', 'over']])
})

test('what is no number is refused before anything is asked', async (t) => {
  const url = await listening(await apiWorld(t))
  for (const option of [
    ['--amperes', 'many'],
    ['--weight', 'vip'],
    ['--weekly', 'mondays'],
  ]) {
    const argv = ['site-limits', 'set', 'Org', '--reason', 'x', ...option]
    assert.equal((await run(argv, { url })).code, 2, option.join(' '))
  }
})

test('charging profiles come as a table', async (t) => {
  const profile = {
    id: 912_010_001,
    evseId: 1,
    stackLevel: 1,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Relative',
    chargingLimitSource: 'CSO',
    chargingSchedule: [{ chargingRateUnit: 'A', chargingSchedulePeriod: [{ limit: 16 }] }],
  }
  const told = { requestId: 7, receivedAt: limit.setAt, complete: true, profiles: [profile] }
  const world = await apiWorld(t, { energy: { chargingProfiles: () => Promise.resolve(told) } })
  const { out } = await run(['charging-profiles', 'CP 1'], { url: await listening(world) })
  assert.match(out, /912010001 +1 +TxDefaultProfile +1 +Relative +16 A +CSO/)
})
