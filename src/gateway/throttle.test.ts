import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Throttle } from './throttle.ts'

test('a key may be used in a burst, then once for each time regained', () => {
  const throttle = new Throttle({ burst: 3, regainMs: 100 }, 10)
  for (let use = 0; use < 3; use++) {
    assert.equal(throttle.waitMs('a', 0), 0)
    throttle.spend('a', 0)
  }
  assert.equal(throttle.waitMs('a', 0), 100)
  assert.equal(throttle.waitMs('a', 60), 40)
  assert.equal(throttle.waitMs('b', 60), 0)
  assert.equal(throttle.waitMs('a', 100), 0)
  throttle.spend('a', 100)
  assert.equal(throttle.waitMs('a', 100), 100)
  assert.equal(throttle.waitMs('a', 1_000), 0)
})

test('after a long quiet no more than the burst is free', () => {
  const throttle = new Throttle({ burst: 2, regainMs: 10 }, 10)
  throttle.spend('a', 0)
  throttle.spend('a', 1_000_000)
  throttle.spend('a', 1_000_000)
  assert.ok(throttle.waitMs('a', 1_000_000) > 0)
})

test('the table keeps its bound, and whoever is limited now is kept longest', () => {
  const throttle = new Throttle({ burst: 1, regainMs: 1_000 }, 100)
  for (let key = 0; key < 10_000; key++) throttle.spend(`k${key}`, key)
  assert.equal(throttle.size, 100)
  assert.ok(throttle.waitMs('k9999', 10_000) > 0)
})
