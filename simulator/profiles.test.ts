import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Profile } from './profiles.ts'
import { compositeSchedule, limitWattsAt, withProfile } from './profiles.ts'

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
