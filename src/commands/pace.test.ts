import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { afterBegin, beatOf, isOpenAt, roomAt } from './pace.ts'
import type { Used } from './pace.ts'

const minute = 60_000

/** When targets begin, if as many do at each of these moments as there is room for. */
function begins(perMinute: number, moments: readonly number[]): number[] {
  let used: Used = { places: Number.MAX_SAFE_INTEGER, from: 0, beat: beatOf(perMinute) }
  const begun: number[] = []
  for (const now of moments) {
    for (; isOpenAt(used, now); begun.push(now)) used = afterBegin(used, now)
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
