import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { afterBegin, beatOf, isOpenAt, roomAt, shareOf } from './pace.ts'
import type { Used } from './pace.ts'

const minute = 60_000

/** When targets begin, if as many do at each of these moments as there is room for. */
function begins(
  perMinute: number,
  moments: readonly number[],
  later: () => number = () => 0,
): number[] {
  let used: Used = { places: Number.MAX_SAFE_INTEGER, from: 0, beat: beatOf(perMinute) }
  const begun: number[] = []
  for (const now of moments) {
    for (; isOpenAt(used, now); begun.push(now)) used = afterBegin(used, now, later())
    used = { ...used, from: Math.ceil(used.from) }
  }
  return begun
}

test('no minute sees more begin than the pace allows, whenever there is a chance to begin', () => {
  const pauses = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000 }), pauses, (perMinute, gaps) => {
      let now = minute
      const begun = begins(
        perMinute,
        gaps.map((gap) => (now += gap)),
      )
      for (const [index, at] of begun.entries()) {
        const after = begun[index + perMinute]
        assert.ok(after === undefined || after - at >= minute, `${perMinute}: ${at}, ${after}`)
      }
    }),
    { seed: 1, numRuns: 300 },
  )
})

test('with jitter no minute sees more either, the waits are uneven, and it is slower by half of it', () => {
  const id = (index: number): string =>
    `0198c000-0000-7000-8000-0000${((index * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')}`
  const moments = Array.from({ length: 60_000 }, (_, index) => minute + index * 20)
  let target = 0
  const begun = begins(30, moments, () => 0.5 * shareOf(id((target += 1))))
  for (const [index, at] of begun.entries()) {
    const after = begun[index + 30]
    assert.ok(after === undefined || after - at >= minute, `${at}, ${after}`)
  }
  const waits = new Set(begun.map((at, index) => at - (begun[index - 1] ?? 0)))
  assert.ok(waits.size > 20, `${waits.size} different waits`)
  const expected = (30 * 20) / 1.25
  assert.ok(Math.abs(begun.length - expected) < 0.05 * expected, `${begun.length} begun`)
})

test('with a chance every 20 ms a pace is used to at least 95 %', () => {
  for (const perMinute of [1, 7, 60, 600, 6_000, 60_000]) {
    const moments = Array.from({ length: 30_000 }, (_, index) => minute + index * 20)
    const minutes = (moments.length * 20) / minute
    const count = begins(perMinute, moments).length
    assert.ok(count >= 0.95 * perMinute * minutes, `${perMinute}: ${count}`)
  }
})

test('room is told as it is: how many now, or one from when', () => {
  const beat = beatOf(600)
  assert.deepEqual(roomAt({ places: 100, from: 0, beat }, minute), { places: 11, from: 0 })
  assert.deepEqual(roomAt({ places: 3, from: 0, beat }, minute), { places: 3, from: 0 })
  assert.deepEqual(roomAt({ places: 3, from: minute + 50, beat }, minute), {
    places: 1,
    from: minute + 50,
  })
  assert.deepEqual(roomAt({ places: -1, from: 0, beat: null }, minute), { places: 0, from: 0 })
  assert.deepEqual(roomAt({ places: 5, from: 0, beat: null }, minute), { places: 5, from: 0 })
})
