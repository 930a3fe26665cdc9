import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Moment, Rule } from './rules.ts'
import { ruleFor } from './rules.ts'

const deed = { do: 'refuse' } as const
const calm: Moment = { sinceOpenMs: 60_000, booted: true }

function fits(rule: Omit<Rule, 'on' | 'deed'>, payload: object, moment = calm): boolean {
  return (
    ruleFor({ rules: [{ on: 'all', deed, ...rule }] }, 'Any', payload, () => true, moment) !==
    undefined
  )
}

const cases: readonly [string, Omit<Rule, 'on' | 'deed'>, object, boolean][] = [
  ['a value that is it', { where: { field: 'a', is: 'x' } }, { a: 'x' }, true],
  ['a value that is another', { where: { field: 'a', is: 'x' } }, { a: 'y' }, false],
  ['a value inside', { where: { field: 'a.b', above: 0 } }, { a: { b: 1 } }, true],
  ['a number that is not above', { where: { field: 'a.b', above: 0 } }, { a: { b: 0 } }, false],
  ['a place in a list', { where: { field: 'a.0.b', below: 5 } }, { a: [{ b: 4 }] }, true],
  ['a list that holds it', { where: { field: 'key', has: 'K' } }, { key: ['J', 'K'] }, true],
  ['a list that does not', { where: { field: 'key', has: 'K' } }, { key: ['J'] }, false],
  ['a list that is longer', { where: { field: 'key', longerThan: 1 } }, { key: [1, 2] }, true],
  ['a list that is not longer', { where: { field: 'key', longerThan: 1 } }, { key: [1] }, false],
  ['a field that lacks', { withoutField: 'key' }, {}, true],
  ['a field that is there', { withoutField: 'key' }, { key: [] }, false],
]

for (const [what, rule, payload, expected] of cases)
  test(`a rule about ${what} ${expected ? 'fits' : 'does not fit'}`, () =>
    assert.equal(fits(rule, payload), expected))

test('a rule for the time before the boot, or just after connecting, fits only then', () => {
  assert.ok(fits({ whileUnbooted: true }, {}, { ...calm, booted: false }))
  assert.ok(!fits({ whileUnbooted: true }, {}))
  assert.ok(fits({ withinMs: 900 }, {}, { ...calm, sinceOpenMs: 899 }))
  assert.ok(!fits({ withinMs: 900 }, {}, { ...calm, sinceOpenMs: 900 }))
})
