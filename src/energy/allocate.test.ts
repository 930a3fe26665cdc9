import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { allocate } from './allocate.ts'
import type { Place } from './allocate.ts'

function session(key: string, over: Partial<Place> = {}): Place {
  return {
    key,
    kind: 'session',
    bound: 0,
    least: 60,
    most: 320,
    weight: 1,
    since: 0,
    unpausable: false,
    ...over,
  }
}

const place: fc.Arbitrary<Place> = fc.record({
  key: fc.string({ minLength: 1, maxLength: 6 }),
  kind: fc.constantFrom('session', 'session', 'idle', 'fixed'),
  bound: fc.integer({ min: 0, max: 320 }),
  least: fc.constantFrom(60, 60, 80),
  most: fc.integer({ min: 40, max: 400 }),
  weight: fc.integer({ min: 1, max: 10 }),
  since: fc.integer({ min: 0, max: 5 }),
  unpausable: fc.boolean(),
})
const places = fc.uniqueArray(place, { selector: ({ key }) => key, maxLength: 14 })
const limit = fc.integer({ min: 0, max: 2_000 })
const turn = fc.integer({ min: 0, max: 1_000 })

/** What nothing can be done about. */
function untouchable(all: readonly Place[]): number {
  return all.reduce((sum, { kind, bound, unpausable, least, most }) => {
    if (kind === 'fixed') return sum + bound
    return unpausable ? sum + Math.min(least, most) : sum
  }, 0)
}

function total(all: readonly Place[], given: ReadonlyMap<string, number>): number {
  return all.reduce(
    (sum, { key, kind, bound }) => sum + (kind === 'fixed' ? bound : (given.get(key) ?? 0)),
    0,
  )
}

test('all together never draw more than the limit, unless what cannot be told does', () => {
  fc.assert(
    fc.property(limit, places, turn, (most, all, now) => {
      const drawn = total(all, allocate(most, all, now))
      assert.ok(drawn <= Math.max(most, untouchable(all)))
    }),
  )
})

test('nobody gets less than its least, unless paused, and nobody more than its most', () => {
  fc.assert(
    fc.property(limit, places, turn, (most, all, now) => {
      const given = allocate(most, all, now)
      for (const one of all) {
        if (one.kind === 'fixed') continue
        const amount = given.get(one.key)!
        const least = Math.min(one.least, one.most)
        assert.ok(amount === 0 ? !one.unpausable : amount >= least)
        assert.ok(amount <= Math.max(one.most, one.kind === 'idle' ? one.least : 0))
      }
    }),
  )
})

test('a higher limit never gives less in all, and never pauses who charged', () => {
  fc.assert(
    fc.property(limit, fc.integer({ min: 0, max: 500 }), places, turn, (low, more, all, now) => {
      const before = allocate(low, all, now)
      const after = allocate(low + more, all, now)
      assert.ok(total(all, after) >= total(all, before))
      for (const { key } of all)
        if ((before.get(key) ?? 0) > 0) assert.ok((after.get(key) ?? 0) > 0, key)
    }),
  )
})

test('the same places in another order get the same', () => {
  fc.assert(
    fc.property(limit, places, turn, (most, all, now) => {
      const one = [...allocate(most, all, now)].sort()
      const other = [...allocate(most, all.toReversed(), now)].sort()
      assert.deepEqual(other, one)
    }),
  )
})

test('nothing is left over while somebody who charges could take it', () => {
  fc.assert(
    fc.property(limit, places, turn, (most, all, now) => {
      const given = allocate(most, all, now)
      const left = most - total(all, given)
      const takers = all.filter(
        ({ key, kind, most: top }) =>
          kind === 'session' && given.get(key)! > 0 && given.get(key)! < top,
      )
      assert.ok(left <= 0 || takers.length === 0)
    }),
  )
})

describe('a limit is shared', () => {
  const shares = (most: number, all: readonly Place[], now = 0): unknown =>
    Object.fromEntries(allocate(most, all, now))

  test('evenly among equals', () => {
    assert.deepEqual(shares(630, [session('A'), session('B'), session('C')]), {
      A: 210,
      B: 210,
      C: 210,
    })
  })

  test('by weight above the least', () => {
    assert.deepEqual(shares(420, [session('A', { weight: 2 }), session('B')]), { A: 260, B: 160 })
  })

  test('what one does not take goes to the others', () => {
    assert.deepEqual(shares(400, [session('A', { most: 100 }), session('B')]), { A: 100, B: 300 })
  })

  test('idle EVSEs keep what a session may begin with, once every session has its least', () => {
    const idle = session('I', { kind: 'idle' })
    assert.deepEqual(shares(200, [session('A'), idle]), { A: 140, I: 60 })
    assert.deepEqual(shares(119, [session('A'), idle]), { A: 119, I: 0 })
  })

  test('offline chargers count with what they may draw', () => {
    const offline = session('O', { kind: 'fixed', bound: 320 })
    assert.deepEqual(shares(400, [offline, session('A')]), { A: 80 })
    assert.deepEqual(shares(300, [offline, session('A')]), { A: 0 })
  })

  test('who does not fit waits for its turn, and everybody gets as many turns', () => {
    const all = ['A', 'B', 'C'].map((key) => session(key))
    const turns = [0, 1, 2].map((now) => shares(130, all, now))
    assert.deepEqual(turns, [
      { A: 65, B: 65, C: 0 },
      { A: 0, B: 65, C: 65 },
      { A: 65, B: 0, C: 65 },
    ])
  })

  test('who weighs more never waits for who weighs less', () => {
    const all = [session('A'), session('B'), session('V', { weight: 5 })]
    for (const now of [0, 1, 2, 3]) assert.ok(allocate(100, all, now).get('V')! >= 60)
  })

  test('what must not be paused comes first', () => {
    const all = [session('A', { weight: 9 }), session('U', { unpausable: true })]
    assert.deepEqual(shares(60, all), { U: 60, A: 0 })
  })
})
