import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Profile } from './profiles.ts'
import { compositeSchedule, limitWattsAt, withProfile } from './profiles.ts'
import { charge, scene } from './scene.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const minute = 60_000
const occupancy = { evse: 1, transactionKey: '1', startedAt: noon }

function profile(given: Partial<Profile>): Profile {
  return {
    id: 1,
    evse: 0,
    stackLevel: 0,
    purpose: 'default',
    kind: 'Relative',
    recurrency: undefined,
    validFrom: undefined,
    validTo: undefined,
    transactionKey: undefined,
    startsAt: undefined,
    durationMs: undefined,
    unit: 'W',
    periods: [{ startMs: 0, limit: 5000, phases: 3 }],
    original: {},
    ...given,
  }
}

function limit(list: Profile[], at = noon): number {
  return limitWattsAt(list, at, occupancy, 11_000)
}

const flat = (limit: number): Pick<Profile, 'periods'> => ({
  periods: [{ startMs: 0, limit, phases: 3 }],
})

test('without a profile the charger gives what it can', () => {
  assert.equal(limit([]), 11_000)
})

test('the highest stack level of a purpose wins, and the least of the purposes holds', () => {
  const low = profile({ id: 1, stackLevel: 0, ...flat(3000) })
  const high = profile({ id: 2, stackLevel: 5, ...flat(8000) })
  assert.equal(limit([high, low]), 8000)
  assert.equal(limit([high, low, profile({ id: 3, purpose: 'charger-max', ...flat(7000) })]), 7000)
})

test('a profile of the session overrules the default, and only in its own session', () => {
  const normal = profile({ id: 1, ...flat(3000) })
  const own = profile({ id: 2, evse: 1, purpose: 'session', transactionKey: '1', ...flat(9000) })
  assert.equal(limit([normal, own]), 9000)
  assert.equal(limit([normal, { ...own, transactionKey: '2' }]), 3000)
})

test('amperes count per phase at 230 V', () => {
  const amps = profile({ unit: 'A', periods: [{ startMs: 0, limit: 10, phases: 1 }] })
  assert.equal(limit([amps]), 2300)
})

test('a profile says nothing outside its validity and duration', () => {
  const short = profile({ kind: 'Absolute', startsAt: noon, durationMs: 10 * minute })
  assert.equal(limit([short], noon - 1), 11_000)
  assert.equal(limit([short], noon), 5000)
  assert.equal(limit([short], noon + 10 * minute), 11_000)
  const valid = profile({ validFrom: noon + minute, validTo: noon + 2 * minute })
  assert.deepEqual(
    [0, 1, 2].map((minutes) => limit([valid], noon + minutes * minute)),
    [11_000, 5000, 11_000],
  )
})

test('a daily profile comes round again every day', () => {
  const daily = profile({
    kind: 'Recurring',
    recurrency: 'Daily',
    startsAt: noon - 30 * 86_400_000,
    durationMs: 60 * minute,
  })
  assert.equal(limit([daily], noon + 30 * minute), 5000)
  assert.equal(limit([daily], noon + 90 * minute), 11_000)
})

test('a composite schedule turns exactly where its profiles do', () => {
  const steps = profile({
    id: 1,
    periods: [
      { startMs: 0, limit: 8000, phases: 3 },
      { startMs: 10 * minute, limit: 4000, phases: 3 },
      { startMs: 20 * minute, limit: 8000, phases: 3 },
    ],
  })
  const cap = profile({
    id: 2,
    purpose: 'charger-max',
    kind: 'Absolute',
    startsAt: noon + 15 * minute,
    ...flat(6000),
  })
  assert.deepEqual(compositeSchedule([steps, cap], noon, 30 * minute, occupancy, 11_000), [
    { startMs: 0, watts: 8000 },
    { startMs: 10 * minute, watts: 4000 },
    { startMs: 20 * minute, watts: 6000 },
  ])
})

test('a profile replaces the one with its id, or with its place', () => {
  const first = profile({ id: 1, stackLevel: 1 })
  assert.equal(withProfile([first], profile({ id: 1, stackLevel: 2 })).length, 1)
  assert.equal(withProfile([first], profile({ id: 2, stackLevel: 1 })).length, 1)
  assert.equal(withProfile([first], profile({ id: 2, stackLevel: 2 })).length, 2)
})

test('what the charger may draw as a whole is shared among the EVSEs that charge', async (t) => {
  const world = await scene(t, { version: '2.0.1' })
  await charge(world, 1, 'A')
  await charge(world, 2, 'B')
  const chargingSchedule = [{ id: 1, startSchedule: '2020-01-01T00:00:00Z', ...watts(8000) }]
  await world.answers(
    'SetChargingProfile',
    {
      evseId: 0,
      chargingProfile: {
        id: 1,
        stackLevel: 0,
        chargingProfilePurpose: 'ChargingStationMaxProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule,
      },
    },
    'Accepted',
  )
  const drawn = (): number[] => world.charger.state.evses.map((evse) => evse.watts)
  assert.deepEqual(drawn(), [4000, 4000])
  world.charger.unplug(1)
  assert.deepEqual(drawn(), [0, 8000])
})

test('a charger that ignores limits plans with them all the same', async (t) => {
  const world = await scene(t, { version: '2.1', persona: 'ignores-limits' })
  await charge(world)
  const set = { id: 1, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile' }
  const chargingProfile = {
    ...set,
    chargingProfileKind: 'Relative',
    chargingSchedule: [{ id: 1, ...watts(3000) }],
  }
  await world.answers('SetChargingProfile', { evseId: 1, chargingProfile }, 'Accepted')
  const answer = await world.call('GetCompositeSchedule', { evseId: 1, duration: 60 })
  assert.match(JSON.stringify(answer), /"limit":3000/)
  assert.equal(world.charger.state.evses[0]?.watts, 11_000)
})

test('on 2.1 a dynamic profile takes new values, and priority overrules the session', async (t) => {
  const world = await scene(t, { version: '2.1' })
  await charge(world)
  const profile = (id: number, purpose: string, kind: string, limit: number) => ({
    evseId: 1,
    chargingProfile: {
      id,
      stackLevel: 0,
      chargingProfilePurpose: purpose,
      chargingProfileKind: kind,
      chargingSchedule: [{ id: 1, ...watts(limit) }],
    },
  })
  const drawn = (): number | undefined => world.charger.state.evses[0]?.watts
  const transactionId = String(world.charger.state.evses[0]?.transaction?.id)
  const priority = { transactionId, activate: true }
  await world.answers('UsePriorityCharging', priority, 'NoProfile')
  await world.answers(
    'SetChargingProfile',
    profile(1, 'TxDefaultProfile', 'Dynamic', 3000),
    'Accepted',
  )
  await world.answers(
    'UpdateDynamicSchedule',
    { chargingProfileId: 1, scheduleUpdate: { limit: 5000 } },
    'Accepted',
  )
  assert.equal(drawn(), 5000)
  await world.answers(
    'SetChargingProfile',
    profile(2, 'PriorityCharging', 'Relative', 9000),
    'Accepted',
  )
  assert.equal(drawn(), 5000)
  await world.answers('UsePriorityCharging', priority, 'Accepted')
  assert.equal(drawn(), 9000)
  await world.answers('UsePriorityCharging', { transactionId, activate: false }, 'Accepted')
  assert.equal(drawn(), 5000)
})

function watts(limit: number) {
  return { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit }] }
}
