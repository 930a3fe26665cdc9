import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { covers, intersection, union } from './scope.ts'
import type { Scope } from './scope.ts'

/** Few names, some the beginning of others, so that paths meet often. */
const name = fc.constantFrom('A', 'AB', 'A B', 'B', '0')
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
const place = fc.option(path, { nil: null })
const scope: fc.Arbitrary<Scope> = fc.oneof(
  { weight: 1, arbitrary: fc.constant('everywhere' as const) },
  { weight: 6, arbitrary: fc.record({ groups: fc.array(path, { maxLength: 4 }) }) },
)

function holds<Given>(property: fc.IProperty<Given>): void {
  fc.assert(property, { seed: 4, numRuns: 2_000 })
}

void test('a group covers itself and what lies below, and no group whose name only begins the same', () => {
  const north: Scope = { groups: ['Org/North'] }
  assert.ok(covers(north, 'Org/North'))
  assert.ok(covers(north, 'Org/North/Depot/Hall'))
  for (const other of ['Org', 'Org/Northern', 'Org/North 2/Depot', 'North', null, ''])
    assert.ok(!covers(north, other), String(other))
  assert.ok(covers('everywhere', null))
  assert.ok(!covers({ groups: [] }, 'Org'))
})

void test('a union covers what either covers, and an intersection what both do', () => {
  holds(
    fc.property(scope, scope, place, (one, other, at) => {
      const [inOne, inOther] = [covers(one, at), covers(other, at)]
      assert.equal(covers(union(one, other), at), inOne || inOther)
      assert.equal(covers(intersection(one, other), at), inOne && inOther)
    }),
  )
})

void test('narrowing never widens: no part of an intersection lies outside, whatever it is narrowed by', () => {
  holds(
    fc.property(scope, fc.array(scope, { maxLength: 3 }), place, (wide, narrower, at) => {
      const narrow = narrower.reduce(intersection, wide)
      if (covers(narrow, at)) assert.ok(covers(wide, at))
    }),
  )
})

void test('a wider scope never loses anything: adding to it, or to what it is narrowed by', () => {
  holds(
    fc.property(scope, scope, scope, place, (one, more, other, at) => {
      if (covers(one, at)) assert.ok(covers(union(one, more), at))
      if (covers(intersection(one, other), at))
        assert.ok(covers(intersection(union(one, more), other), at))
    }),
  )
})

void test('what covers a group covers all below it', () => {
  holds(
    fc.property(scope, path, name, (one, at, below) => {
      if (covers(one, at)) assert.ok(covers(one, `${at}/${below}`))
    }),
  )
})

void test('order does not matter, once is as good as twice, and no group is named beside one above it', () => {
  holds(
    fc.property(scope, scope, (one, other) => {
      assert.deepEqual(union(one, other), union(other, one))
      assert.deepEqual(intersection(one, other), intersection(other, one))
      assert.deepEqual(union(union(one, other), other), union(one, other))
      assert.deepEqual(union(one, 'everywhere'), 'everywhere')
      const both = union(one, other)
      if (both === 'everywhere') return
      for (const group of both.groups)
        for (const above of both.groups)
          assert.ok(group === above || !covers({ groups: [above] }, group), `${above} and ${group}`)
    }),
  )
})
