import assert from 'node:assert/strict'
import { test } from 'node:test'
import { painter, wantsColours } from './paint.ts'

for (const [isTerminal, env, option, expected, why] of [
  [true, {}, true, true, 'a terminal'],
  [false, {}, true, false, 'a pipe'],
  [true, { NO_COLOR: '1' }, true, false, 'NO_COLOR'],
  [true, { NO_COLOR: '' }, true, true, 'an empty NO_COLOR'],
  [true, { TERM: 'dumb' }, true, false, 'a dumb terminal'],
  [true, {}, false, false, '--no-color'],
] as const)
  test(`colours: ${why}`, () => assert.equal(wantsColours(isTerminal, env, option), expected))

test('without colours text stays as it is', () => {
  assert.equal(painter(false)('bad', 'failed'), 'failed')
  assert.equal(painter(true)('plain', 'sent'), 'sent')
  assert.notEqual(painter(true)('bad', 'failed'), 'failed')
})
