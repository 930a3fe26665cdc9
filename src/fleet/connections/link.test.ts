import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { explainEnd } from './explain.ts'
import type { LinkRecord } from './link.ts'
import {
  afterBoot,
  afterCalls,
  afterClosed,
  afterOpened,
  afterRoundTrips,
  awayMs,
  nothingObserved,
  roundTripSummary,
} from './link.ts'

const opened = (epoch: number, at = epoch * 1000) => ({ epoch, at, remoteAddress: '192.0.2.7' })

test('a connection knows why the one before it ended, told before it or after', () => {
  const ended = { epoch: 1, at: 1500, reason: 'network-lost' }
  const first = afterOpened(nothingObserved, opened(1), null)
  const before = afterOpened(afterClosed(first, ended), opened(2), 1000)
  const after = afterClosed(afterOpened(first, opened(2), 1000), ended)
  for (const { openings } of [before, after])
    assert.deepEqual(
      openings.map((one) => one.after),
      [null, 'network-lost'],
    )
})

test('a report that is repeated changes nothing', () => {
  const contested = { epoch: 1, at: 3000, reason: 'displaced', contested: true }
  const boot = { source: 'd', at: 1, reason: null }
  const steps: ((link: LinkRecord) => LinkRecord)[] = [
    (link) => afterOpened(link, opened(1), 0),
    (link) => afterOpened(link, opened(2), 0),
    (link) => afterClosed(link, contested),
    (link) => afterBoot(link, boot),
    (link) => afterCalls(link, 2, { unanswered: 2, answered: false, since: 5, actions: ['Reset'] }),
  ]
  const once = steps.reduce((link, step) => step(link), nothingObserved)
  const twice = steps.reduce((link, step) => step(step(link)), nothingObserved)
  assert.deepEqual(twice, once)
  assert.deepEqual(once.contests, [{ epoch: 1, at: 3000 }])
})

test('CALLs without answer are counted across connections until one is answered', () => {
  const first = afterCalls(nothingObserved, 1, {
    unanswered: 1,
    answered: false,
    since: 10,
    actions: ['Reset'],
  })
  const second = afterCalls(first, 2, {
    unanswered: 1,
    answered: false,
    since: 90,
    actions: ['GetLog'],
  })
  assert.deepEqual(second.unanswered, {
    epoch: 2,
    count: 2,
    before: 1,
    since: 10,
    actions: ['Reset', 'GetLog'],
  })
  assert.equal(afterCalls(second, 2, { unanswered: 0, answered: true }).unanswered, null)
  const again = afterCalls(second, 2, {
    unanswered: 1,
    answered: true,
    since: 200,
    actions: ['Reset'],
  })
  assert.deepEqual([again.unanswered?.count, again.unanswered?.since], [1, 200])
})

test('a charger that was away for long begins anew', () => {
  const tally = { unanswered: 3, answered: false, since: 10, actions: ['Reset'] }
  const known = afterCalls(nothingObserved, 1, tally)
  assert.equal(afterOpened(known, opened(2, awayMs + 11), 10).unanswered, null)
  assert.equal(afterOpened(known, opened(2, awayMs), 10).unanswered?.count, 3)
})

test('median and 95th percentile of round trips are values that were measured', () => {
  assert.equal(roundTripSummary([]), null)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1 }), (measured) => {
      const { medianMs, p95Ms, samples } = roundTripSummary(measured)!
      const notAbove = (limit: number): number => measured.filter((ms) => ms <= limit).length
      assert.equal(samples, measured.length)
      assert.ok(measured.includes(medianMs) && measured.includes(p95Ms) && medianMs <= p95Ms)
      assert.ok(notAbove(medianMs) >= samples / 2 && notAbove(p95Ms) >= samples * 0.95)
    }),
    { seed: 21 },
  )
})

test('what is observed stays small', () => {
  let link = nothingObserved
  for (let turn = 1; turn <= 200; turn += 1) {
    link = afterOpened(link, opened(turn), 0)
    link = afterClosed(link, { epoch: turn, at: turn, reason: 'displaced', contested: true })
    link = afterBoot(link, { source: String(turn), at: turn, reason: null })
    link = afterRoundTrips(link, [turn, turn])
  }
  assert.ok(JSON.stringify(link).length < 8_000)
  assert.deepEqual(link.roundTrips.at(-1), 200)
})

test('every end of a connection is explained in a sentence', () => {
  const reasons = [
    'charger-closed',
    'network-lost',
    'silent',
    'displaced',
    'protocol-error',
    'frame-too-large',
    'invalid-utf8',
    'no-common-protocol',
    'flooding',
    'not-reading',
    'operator',
    'shutdown',
    'something-new',
  ]
  for (const reason of reasons)
    for (const detail of [null, '', 'a detail'])
      assert.match(explainEnd(reason, detail)!, /^[A-Z][^]*\.$/, reason)
  assert.equal(explainEnd(null, null), null)
  assert.equal(
    explainEnd('silent', 'nothing heard for 900 s'),
    'We gave it up, because the charger was silent for too long: nothing heard for 900 s.',
  )
  assert.match(
    explainEnd('displaced', 'displaced by a newer connection, and still answering')!,
    /two devices/,
  )
})
