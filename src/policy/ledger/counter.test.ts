import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { counting, roomFrom, sumOf, withMore } from './counter.ts'
import type { Taken } from './counter.ts'

const hour = 3_600_000

test('what was taken counts until the window is over, to the millisecond', () => {
  const budget = { limit: 2, windowMs: hour }
  let taken: readonly Taken[] = []
  taken = withMore(taken, 1, hour, 0)
  taken = withMore(taken, 1, hour, 10 * 60_000)
  assert.equal(roomFrom(taken, 1, budget, 20 * 60_000), hour)
  assert.equal(roomFrom(taken, 2, budget, 20 * 60_000), hour + 10 * 60_000)
  assert.equal(roomFrom(taken, 1, budget, hour), hour)
  assert.equal(roomFrom(taken, 3, budget, 20 * 60_000), undefined, 'more than the limit never fits')
})

test('in constant use no more than some seventy takings are kept', () => {
  let taken: readonly Taken[] = []
  for (let at = 0; at < 3 * hour; at += 1_000) taken = withMore(taken, 1, hour, at)
  assert.ok(taken.length <= 70, `${taken.length} are kept`)
  const used = sumOf(counting(taken, hour, 3 * hour))
  assert.ok(used >= 3_599 && used <= 3_599 + 60, `${used} count, 3599 were taken within the hour`)
})

const steps = fc.array(
  fc.record({ after: fc.integer({ min: 0, max: 40 }), amount: fc.integer({ min: 1, max: 5 }) }),
  { maxLength: 200 },
)

test('never is more than the limit taken in any window, and what is refused has room when it is said', () => {
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 300 }),
      (asked, limit, windowMs) => {
        const budget = { limit, windowMs }
        const got: { at: number; amount: number }[] = []
        let taken: readonly Taken[] = []
        let now = 0
        for (const { after, amount } of asked) {
          now += after
          const from = roomFrom(taken, amount, budget, now)
          if (from !== now) {
            if (from === undefined) assert.ok(amount > limit)
            else {
              assert.ok(from > now)
              assert.equal(roomFrom(taken, amount, budget, from), from)
            }
            continue
          }
          taken = withMore(taken, amount, windowMs, now)
          got.push({ at: now, amount })
          const inWindow = got.filter(({ at }) => at > now - windowMs)
          assert.ok(inWindow.reduce((sum, one) => sum + one.amount, 0) <= limit)
        }
      },
    ),
  )
})
