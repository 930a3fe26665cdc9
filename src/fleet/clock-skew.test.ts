import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { SkewRecord } from './clock-skew.ts'
import { corrected, noSkewKnown, observe, skewOf, skewUncertaintyOf } from './clock-skew.ts'

const start = Date.parse('2026-03-01T12:00:00Z')
const hour = 3_600_000

/** What is believed after messages told `[seconds after start, offset of their timestamps]`. */
function after(...told: [receivedSeconds: number, offsetMs: number][]): number | null {
  const record = told.reduce<SkewRecord>((known, [seconds, offset]) => {
    const receivedAt = start + seconds * 1000
    return observe(known, receivedAt + offset, receivedAt)
  }, noSkewKnown)
  return skewOf(record)
}

test('a clock that is right shows the way through the network and nothing else', () => {
  assert.equal(after([0, -300], [60, -280], [120, -500]), -300)
})

test('a clock ahead of ours is believed at once, because nothing is told before it happens', () => {
  assert.equal(after([0, 2 * hour]), 2 * hour)
})

test('a single message from the past says nothing of the clock', () => {
  assert.equal(after([0, -3 * hour]), null)
})

test('a clock that is behind is known once a second message is behind by the same amount', () => {
  assert.equal(after([0, -3 * hour], [60, -3 * hour + 40]), -3 * hour + 40)
})

test('messages that waited while the charger was offline do not make its clock wrong', () => {
  const replay = Array.from({ length: 40 }, (_, index): [number, number] => [
    index / 4,
    -48 * hour + index * 60_000,
  ])
  assert.equal(after([-90_000, -200], ...replay), -200)
  assert.equal(after(...replay), null)
})

test('a clock that is set takes its old offset with it', () => {
  assert.equal(after([0, 2 * hour], [60, 2 * hour], [120, -100]), -100)
})

test('a replay by a charger whose clock is known to be ahead does not move it', () => {
  const ahead = 2 * hour
  const replay = Array.from({ length: 12 }, (_, index): [number, number] => [
    180 + index,
    ahead - (90 - index) * 60_000,
  ])
  assert.equal(after([0, ahead], [60, ahead], [120, ahead], ...replay), ahead)
})

test('half the round trip is taken off', () => {
  const told = (record: SkewRecord, seconds: number): SkewRecord => {
    const receivedAt = start + seconds * 1000
    return observe(record, receivedAt - 1_200, receivedAt, 2_000)
  }
  const record = [0, 60, 120].reduce(told, noSkewKnown)
  assert.equal(skewOf(record), -200)
})

test('a timestamp of whole seconds and a way nobody measured make a clock less certain', () => {
  const certainty = (at: number, roundTripMs: number | null): number | null =>
    skewUncertaintyOf(observe(noSkewKnown, at, at + 10, roundTripMs))
  assert.equal(certainty(start + 7, 80), 41)
  assert.equal(certainty(start, 80), 1_040)
  assert.equal(certainty(start + 7, null), 1_001)
  assert.equal(skewUncertaintyOf(noSkewKnown), null)
})

test('a replay by a charger whose clock is known to be behind does not move it', () => {
  const behind = -hour
  assert.equal(
    after([0, behind], [60, behind], [120, behind], [180, behind - 5 * hour], [240, behind]),
    behind,
  )
})

test('a corrected time is never later than its arrival', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.option(fc.integer({ min: -1e9, max: 1e9 })),
      (offset, skew) => assert.ok(corrected(start + offset, skew, start) <= start),
    ),
    { seed: 3 },
  )
})

test('whatever a steady clock is off by, it is found within three messages a minute apart', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e10, max: 1e10 }),
      fc.array(fc.integer({ min: -1500, max: 0 }), { minLength: 3, maxLength: 3 }),
      (offset, latencies) => {
        const found = after(
          ...latencies.map((latency, i): [number, number] => [i * 60, offset + latency]),
        )
        assert.ok(found !== null && Math.abs(found - offset) <= 1500)
      },
    ),
    { seed: 4 },
  )
})

test('while every other message comes at once, late ones neither hide nor fake a wrong clock', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e10, max: 1e10 }),
      fc.integer({ min: 10, max: 3_000 }),
      fc.array(
        fc.record({
          way: fc.double({ min: 0, max: 1, noNaN: true }),
          lateMs: fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.integer({ min: 0, max: 1e10 })),
        }),
        { minLength: 12, maxLength: 30 },
      ),
      (skewMs, roundTripMs, messages) => {
        // The last one comes at once too: one that is late by exactly the skew looks like a clock set right.
        const told = messages.slice(0, messages.length - ((messages.length + 1) % 2))
        const record = told.reduce<SkewRecord>((known, { way, lateMs }, index) => {
          const sentAt = start + index * 30_000 + index
          const receivedAt = sentAt + Math.round(way * roundTripMs)
          const waited = index % 2 === 0 ? 0 : lateMs
          return observe(known, sentAt - waited + skewMs, receivedAt, roundTripMs)
        }, noSkewKnown)
        const found = skewOf(record)
        const within = skewUncertaintyOf(record)
        assert.ok(found !== null && within !== null)
        assert.ok(Math.abs(found - skewMs) <= within, `${found} is not ${skewMs} within ${within}`)
      },
    ),
    { seed: 6, numRuns: 300, endOnFailure: true },
  )
})

test('the record stays small however much is observed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 }), { maxLength: 100 }), (offsets) => {
      const record = offsets.reduce<SkewRecord>(
        (known, offset, index) => observe(known, start + offset, start + index * 1000),
        noSkewKnown,
      )
      assert.ok(record.believed.length <= 5 && record.doubtful.length <= 4)
    }),
    { seed: 5 },
  )
})
