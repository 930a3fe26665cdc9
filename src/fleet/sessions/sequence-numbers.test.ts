import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { covers, withNumber } from './sequence-numbers.ts'
import type { SequenceNumbers } from './sequence-numbers.ts'

const numbers = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 80 })

function gather(list: readonly number[]): SequenceNumbers {
  return list.reduce<SequenceNumbers>(withNumber, [])
}

test('a transaction is complete when every seqNo from the first to the last has come, in any order', () => {
  assert.deepEqual(gather([3, 0, 2, 1]), [0, 3])
  assert.equal(covers(gather([3, 0, 2, 1]), 0, 3), true)
  assert.equal(covers(gather([3, 0, 1]), 0, 3), false)
})

test('gathered seqNos are the set of those that came', () => {
  fc.assert(
    fc.property(numbers, fc.nat(60), fc.nat(60), (list, first, last) => {
      const set = new Set(list)
      const wanted = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)
      const expected = wanted.length > 0 && wanted.every((number) => set.has(number))
      assert.equal(covers(gather(list), first, last), expected)
    }),
    { seed: 11, numRuns: 500 },
  )
})

test('ranges stay sorted, apart and free of repetition', () => {
  fc.assert(
    fc.property(numbers, (list) => {
      const seen = gather(list)
      for (let index = 0; index < seen.length; index += 2) {
        assert.ok(seen[index]! <= seen[index + 1]!)
        if (index > 0) assert.ok(seen[index - 1]! + 1 < seen[index]!)
      }
      assert.deepEqual(seen, gather([...list].reverse()))
    }),
    { seed: 12, numRuns: 500 },
  )
})

test('a charger that numbers at random does not grow the record without bound', () => {
  const odd = Array.from({ length: 1000 }, (_, index) => index * 2)
  assert.ok(gather(odd).length <= 400)
})
