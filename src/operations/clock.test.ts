import assert from 'node:assert/strict'
import test from 'node:test'
import { clockTrouble, clockWords, durationWords, zoneOffsetMinutes } from './clock.ts'

const minute = 60_000
const hour = 60 * minute

test('a clock off by a zone is known as local time sent as UTC', () => {
  const cases: [skewMs: number, zone: number | undefined][] = [
    [2 * hour, 120],
    [2 * hour - 40_000, 120],
    [-5 * hour + 20_000, -300],
    [5.5 * hour, 330],
    [14 * hour, 840],
    [0, undefined],
    [3 * minute, undefined],
    [2 * hour + 5 * minute, undefined],
    [-13 * hour, undefined],
    [2.5 * hour, undefined],
  ]
  for (const [skewMs, zone] of cases) assert.equal(zoneOffsetMinutes(skewMs), zone, `${skewMs}`)
})

test('how wrong a clock is stands in words', () => {
  assert.equal(clockWords(90_000), '1 min 30 s ahead')
  assert.equal(clockWords(-3 * 24 * hour), '3 d behind')
  assert.equal(clockWords(5.5 * hour), '5 h 30 min ahead (local time of UTC+05:30 sent as UTC)')
  assert.equal(clockWords(-4 * hour), '4 h behind (local time of UTC-04:00 sent as UTC)')
})

test('lengths of time are told in two units at most', () => {
  const cases: [ms: number, words: string][] = [
    [400, '400 ms'],
    [1_000, '1 s'],
    [59_600, '1 min'],
    [200_000, '3 min 20 s'],
    [2 * hour + 5_000, '2 h'],
    [27 * hour, '1 d 3 h'],
  ]
  for (const [ms, words] of cases) assert.equal(durationWords(ms), words)
})

test('times given to a charger are in trouble when its clock is off by more than is tolerated', () => {
  assert.equal(clockTrouble({}, minute), undefined)
  assert.equal(clockTrouble({ clockSkewMs: minute }, minute), undefined)
  assert.equal(clockTrouble({ clockSkewMs: -minute }, minute), undefined)
  assert.equal(
    clockTrouble({ clockSkewMs: 2 * minute }, minute),
    'its clock is 2 min ahead, so times given to it come 2 min too early',
  )
  assert.equal(
    clockTrouble({ clockSkewMs: -hour }, minute),
    'its clock is 1 h behind (local time of UTC-01:00 sent as UTC), so times given to it come 1 h too late',
  )
})
