import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Token } from './token.ts'
import { tokenKey } from './token.ts'
import { checkChanges, planChanges } from './token-changes.ts'

const text = fc.constantFrom('A', 'a', 'B', 'CARD-1', 'card-1', 'Card-2', 'X Y')
const moment = fc.constantFrom('2026-01-01T00:00:00Z', '2026-06-01T00:00:00+02:00')
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(fc.option(value), { nil: undefined })
const row = fc
  .record({
    token: text,
    type: optional(fc.constantFrom('ISO14443', 'Central')),
    parent: optional(fc.constantFrom('P', 'Q')),
    validUntil: optional(moment),
    status: fc.option(fc.constantFrom('accepted', 'blocked'), { nil: undefined }),
    label: optional(fc.constantFrom('Ann', 'Bob')),
  })
  .map((fields) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  )
const rows = fc.uniqueArray(row, {
  maxLength: 8,
  selector: (one) => tokenKey((one as { token: string }).token),
})
const step = fc.record({ put: rows, replace: fc.boolean(), remove: fc.subarray(['A', 'b', 'Z']) })

type List = ReadonlyMap<string, Token>

function apply(
  list: List,
  { put, replace, remove }: { put: object[]; replace: boolean; remove: string[] },
  revision: number,
) {
  const named = new Set(put.map((one) => tokenKey((one as { token: string }).token)))
  const checked = checkChanges({
    put,
    replace,
    remove: remove.filter((one) => !named.has(tokenKey(one))),
  })
  const planned = planChanges(list, checked, revision)
  const after = new Map(list)
  for (const { key, after: token } of planned.changes)
    if (token === null) after.delete(key)
    else after.set(key, token)
  return { planned, after }
}

test('a replaced list holds what its rows say and nothing else', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 5 }), rows, (before, put) => {
      let list: List = new Map()
      before.forEach((one, index) => (list = apply(list, one, index + 1).after))
      const { after } = apply(list, { put, replace: true, remove: [] }, 100)
      assert.deepEqual(
        [...after.keys()].sort(),
        put.map((one) => tokenKey((one as { token: string }).token)).sort(),
      )
    }),
    { seed: 71, numRuns: 300 },
  )
})

test('the counts add up, and what is asked again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
      let list: List = new Map()
      steps.forEach((one, index) => {
        const { planned, after } = apply(list, one, index + 1)
        assert.equal(after.size, list.size + planned.added - planned.removed)
        assert.equal(planned.changes.length, planned.added + planned.changed + planned.removed)
        const again = apply(after, one, index + 2)
        assert.deepEqual([again.planned.changes, again.planned.told], [[], false])
        list = after
      })
    }),
    { seed: 72, numRuns: 300 },
  )
})

test('a token carries the last revision in which chargers are told something else of it', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
      let list: List = new Map()
      steps.forEach((one, index) => {
        const revision = index + 1
        const { after } = apply(list, one, revision)
        for (const [key, token] of after) {
          const old = list.get(key)
          const told = ({ label: _label, revision: _revision, ...rest }: Token): object => rest
          const alike =
            old !== undefined && JSON.stringify(told(old)) === JSON.stringify(told(token))
          assert.equal(token.revision, alike ? old.revision : revision)
        }
        list = after
      })
    }),
    { seed: 73, numRuns: 300 },
  )
})

const bad: readonly (readonly [object, string])[] = [
  [{ put: [{}] }, 'put[0].token'],
  [{ put: [{ token: 'A' }, { token: 'a' }] }, 'put[1].token'],
  [{ put: [{ token: 'x'.repeat(37) }] }, 'put[0].token'],
  [{ put: [{ token: ' A' }] }, 'put[0].token'],
  [{ put: [{ token: 'Ä' }] }, 'put[0].token'],
  [{ put: [{ token: 'A', type: 'Magic' }] }, 'put[0].type'],
  [{ put: [{ token: 'A', status: 'maybe' }] }, 'put[0].status'],
  [{ put: [{ token: 'A', validUntil: '2026-01-01' }] }, 'put[0].validUntil'],
  [{ put: [{ token: 'A', validUntil: '2026-02-30T00:00:00Z' }] }, 'put[0].validUntil'],
  [{ put: [{ token: 'A', parent: '' }] }, 'put[0].parent'],
  [{ put: [{ token: 'A', colour: 'red' }] }, 'put[0].colour'],
  [{ put: ['A'] }, 'put[0]'],
  [{ put: [{ token: 'A' }], remove: ['a'] }, 'remove[0]'],
  [{ put: [{ token: 'A', status: 'maybe' }], imported: true }, 'rows[0].status'],
]
for (const [changes, field] of bad)
  test(`a row that cannot be taken is named: ${JSON.stringify(changes).slice(0, 60)}`, () =>
    assert.throws(
      () => checkChanges(changes),
      (error: { problem?: { field?: string } }) => error.problem?.field === field,
    ))

test('a token cannot expire before it becomes valid, also where only one of the two is changed', () => {
  const later = checkChanges({ put: [{ token: 'A', validFrom: '2026-05-01T00:00:00Z' }] })
  const list = new Map(
    planChanges(new Map(), later, 1).changes.map(({ key, after }) => [key, after!]),
  )
  const earlier = checkChanges({ put: [{ token: 'A', validUntil: '2026-04-01T00:00:00Z' }] })
  assert.throws(
    () => planChanges(list, earlier, 2),
    (error: { problem?: { field?: string } }) => error.problem?.field === 'put[0].validUntil',
  )
})
