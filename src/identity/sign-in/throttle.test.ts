import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { counted, waitMs, type Failures } from './throttle.ts'

const figures = { firstWaitSeconds: 5, longestWaitMinutes: 15, forgetMinutes: 60 }
const some = fc.record({ count: fc.nat({ max: 200 }), lastAt: fc.nat({ max: 10_000_000 }) })
const free = fc.integer({ min: 1, max: 20 })

void test('the waits are none, then twice as long each time up to the longest', () => {
  let failures: Failures | undefined
  const waits: number[] = []
  for (let turn = 0; turn < 14; turn += 1) {
    failures = counted(failures, 0, figures)
    waits.push(waitMs(failures, 5, 0, figures) / 1000)
  }
  assert.deepEqual(waits, [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900])
})

void test('nobody waits longer than the longest wait, nor after it', () => {
  fc.assert(
    fc.property(some, free, fc.nat({ max: 10_000_000 }), (failures, least, later) => {
      const now = failures.lastAt + later
      const wait = waitMs(failures, least, now, figures)
      assert.ok(wait >= 0 && wait <= 15 * 60_000)
      assert.equal(waitMs(failures, least, now + wait, figures), 0)
    }),
  )
})

void test('a further failure never shortens the wait, and time never lengthens it', () => {
  fc.assert(
    fc.property(some, free, fc.nat({ max: 3_599_999 }), (failures, least, later) => {
      const now = failures.lastAt + later
      const wait = waitMs(failures, least, now, figures)
      assert.ok(waitMs(counted(failures, now, figures), least, now, figures) >= wait)
      assert.ok(waitMs(failures, least, now + 1_000, figures) <= wait)
    }),
  )
})

void test('after an hour without a failure everything is forgotten', () => {
  fc.assert(
    fc.property(some, free, (failures, least) => {
      const now = failures.lastAt + 3_600_000
      assert.equal(waitMs(failures, least, now, figures), 0)
      assert.deepEqual(counted(failures, now, figures), { count: 1, lastAt: now })
    }),
  )
})
