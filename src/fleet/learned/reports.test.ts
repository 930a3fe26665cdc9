import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { withPart } from './reports.ts'
import type { Part, ReportRecord } from './reports.ts'

function part(seqNo: number | undefined, more: boolean): Part {
  const base = { report: 'device-model', requestId: 7, more, items: 2 } as const
  return seqNo === undefined ? base : { ...base, seqNo }
}

function told(parts: readonly Part[]): ReportRecord {
  const records = parts.reduce<readonly ReportRecord[]>(
    (before, one, index) => withPart(before, one, index, `d${index}`)?.records ?? before,
    [],
  )
  return records.at(-1)!
}

test('a report is complete when every part up to the last has come, in whatever order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }).chain((size) =>
        fc.tuple(
          fc.constant(size),
          fc.shuffledSubarray(
            Array.from({ length: size }, (_, index) => index),
            { minLength: 1 },
          ),
        ),
      ),
      ([size, order]) => {
        const record = told(order.map((seqNo) => part(seqNo, seqNo < size - 1)))
        assert.equal(record.complete, order.length === size)
        assert.equal(record.parts, order.length)
        assert.equal(record.items, order.length * 2)
      },
    ),
  )
})

test('a part that is missing is named', () => {
  assert.deepEqual(told([part(0, true), part(3, false)]).missing, [1, 2])
})

test('a part that comes again changes nothing', () => {
  const { records } = withPart([], part(0, true), 0, 'a')!
  assert.equal(withPart(records, part(0, true), 1, 'b'), undefined)
})

test('parts without numbers count in the order they come, and a repeated delivery is the same part', () => {
  const first = withPart([], part(undefined, true), 0, 'a')!
  assert.equal(first.seqNo, 0)
  assert.equal(withPart(first.records, part(undefined, true), 1, 'a'), undefined)
  const second = withPart(first.records, part(undefined, false), 2, 'b')!
  assert.equal(second.seqNo, 1)
  assert.equal(second.records[0]?.complete, true)
})
