import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../kernel/clock.ts'
import { failureLimit } from './failure-limit.ts'

const limits = { failures: 2, windowMs: 10_000, addresses: 3 }

void test('an address waits until its window is over', async () => {
  const clock = new ManualClock()
  const limit = failureLimit(clock, limits)
  limit.failed('10.0.0.1')
  assert.equal(limit.waitSeconds('10.0.0.1'), 0)
  await clock.advance(4_000)
  limit.failed('10.0.0.1')
  assert.equal(limit.waitSeconds('10.0.0.1'), 6)
  assert.equal(limit.waitSeconds('10.0.0.2'), 0)
  await clock.advance(6_000)
  assert.equal(limit.waitSeconds('10.0.0.1'), 0)
})

void test('the table is bounded: the oldest address is forgotten', () => {
  const limit = failureLimit(new ManualClock(), limits)
  for (const address of ['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd']) limit.failed(address)
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((address) => limit.waitSeconds(address) > 0),
    [false, true, true, true],
  )
})

void test('the addresses of one IPv6 network count as one', () => {
  const limit = failureLimit(new ManualClock(), limits)
  limit.failed('2001:db8:1:2::1')
  limit.failed('2001:db8:1:2:aaaa:bbbb:cccc:dddd')
  assert.equal(limit.waitSeconds('2001:db8:1:2:3:4:5:6'), 10)
  assert.equal(limit.waitSeconds('2001:db8:1:3::1'), 0)
  assert.equal(limit.waitSeconds('::ffff:10.0.0.1'), 0)
})
