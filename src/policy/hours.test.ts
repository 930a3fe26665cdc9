import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isWithin, nextBegin, nextEnd } from './hours.ts'
import type { WeeklyHours } from './hours.ts'
import { weekDays } from './rules/risk.ts'

const night: WeeklyHours = { days: ['fri'], from: '22:00', to: '04:00' }
const berlin = 'Europe/Berlin'

test('a night belongs to the day on which it begins', () => {
  const cases = [
    ['2026-03-06T20:59:00Z', false],
    ['2026-03-06T21:00:00Z', true],
    ['2026-03-07T02:59:00Z', true],
    ['2026-03-07T03:00:00Z', false],
    ['2026-03-07T21:30:00Z', false],
    ['2026-03-06T01:00:00Z', false],
  ] as const
  for (const [at, within] of cases)
    assert.equal(isWithin(night, berlin, Date.parse(at)), within, at)
})

test('the same time twice is the whole day', () => {
  const sunday: WeeklyHours = { days: ['sun'], from: '00:00', to: '00:00' }
  assert.ok(isWithin(sunday, 'UTC', Date.parse('2026-03-08T23:59:00Z')))
  assert.ok(!isWithin(sunday, 'UTC', Date.parse('2026-03-09T00:00:00Z')))
})

test('they begin and end by the clocks on the wall, also when those are put forward', () => {
  const saturday = { ...night, days: ['sat'] } as const
  const before = Date.parse('2026-03-28T12:00:00Z')
  const begins = nextBegin(saturday, berlin, before)
  assert.equal(new Date(begins!).toISOString(), '2026-03-28T21:00:00.000Z')
  assert.equal(
    new Date(nextEnd(saturday, berlin, begins!)!).toISOString(),
    '2026-03-29T02:00:00.000Z',
    '04:00 in summer',
  )
})

test('a time zone nobody knows counts as UTC, and hours that never end have no end', () => {
  const always: WeeklyHours = { days: [...weekDays], from: '00:00', to: '00:00' }
  assert.equal(isWithin(night, 'Mars/Olympus', Date.parse('2026-03-06T22:00:00Z')), true)
  assert.equal(nextEnd(always, 'UTC', 0), undefined)
  assert.equal(nextBegin(always, 'UTC', 0), undefined)
})

test('the next begin and end are the first minutes at which it is otherwise', () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`)
  const hours = fc.record({
    days: fc.uniqueArray(fc.constantFrom(...weekDays), { minLength: 1, maxLength: 6 }),
    from: time,
    to: time,
  })
  fc.assert(
    fc.property(hours, fc.integer({ min: 0, max: 400 * 24 * 60 }), (one, minutes) => {
      const at = minutes * 60_000
      const within = isWithin(one, 'UTC', at)
      const next = within ? nextEnd(one, 'UTC', at) : nextBegin(one, 'UTC', at)
      assert.ok(next !== undefined && next > at)
      assert.equal(isWithin(one, 'UTC', next), !within)
      assert.equal(isWithin(one, 'UTC', next - 60_000), within)
    }),
    { numRuns: 50 },
  )
})
