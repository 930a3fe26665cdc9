import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { isOlderReplay } from './status-order.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const hour = 3_600_000

test('a status from before the one known, told hours late, is an older replay', () => {
  assert.equal(isOlderReplay({ at: now - 2 * hour, receivedAt: now }, now - hour, 0), true)
})

test('a replayed status that is newer than the one known counts', () => {
  assert.equal(isOlderReplay({ at: now - hour, receivedAt: now }, now - 2 * hour, 0), false)
})

test('a status without a believable time counts', () => {
  assert.equal(isOlderReplay({ at: undefined, receivedAt: now }, now, 0), false)
  assert.equal(isOlderReplay({ at: now - hour, receivedAt: now }, null, 0), false)
})

test('a status told just now counts, though the clock was far ahead before', () => {
  assert.equal(isOlderReplay({ at: now - 500, receivedAt: now }, now + 1000 * hour, null), false)
})

test('a charger whose clock is known to be behind is not taken for one that replays', () => {
  const at = now - 3 * hour
  assert.equal(isOlderReplay({ at, receivedAt: now }, at + hour, -3 * hour), false)
})

test('with a clock that is right, the newest status always wins whatever the order of arrival', () => {
  const statuses = fc.uniqueArray(fc.integer({ min: 0, max: 10_000 }), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(statuses, (minutes) => {
      let known: number | null = null
      for (const minute of minutes) {
        const at = now - hour * 1000 + minute * 60_000
        if (!isOlderReplay({ at, receivedAt: now }, known, 0)) known = at
      }
      assert.equal(known, now - hour * 1000 + Math.max(...minutes) * 60_000)
    }),
    { seed: 6 },
  )
})
