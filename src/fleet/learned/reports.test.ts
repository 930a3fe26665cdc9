import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { withPart } from './reports.ts'
import type { Part, ReportRecord } from './reports.ts'

function part(seqNo: number | undefined, more: boolean): Part {
  const base = { report: 'device-model', requestId: 7, more, items: 2, bytes: 100 } as const
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

/** Tells one part after the other. */
function tellAll(parts: Iterable<Part>) {
  let records: readonly ReportRecord[] = []
  let stored = 0
  const forgotten: number[] = []
  let index = 0
  for (const one of parts) {
    index += 1
    const added = withPart(records, one, index, `d${index}`)
    if (added === undefined) continue
    records = added.records
    if (added.seqNo !== undefined) stored += 1
    forgotten.push(...added.forgotten.map(({ requestId }) => requestId))
  }
  return { records, stored, forgotten }
}

const many = (count: number, one: (index: number) => Part): Part[] =>
  Array.from({ length: count }, (_, index) => one(index))

test('of a report no more than 2,000 parts are kept, and it says so', () => {
  const { records, stored } = tellAll(many(2_500, (index) => part(index, index < 2_499)))
  assert.equal(stored, 2_000)
  assert.equal(records[0]?.complete, false)
  assert.match(records[0].incomplete ?? '', /2000 parts/)
})

test('of a report no more than 20 MB is kept', () => {
  const parts = many(10, (index) => ({ ...part(index, true), bytes: 3_000_000 }))
  const { records, stored } = tellAll(parts)
  assert.equal(stored, 6)
  assert.match(records[0]?.incomplete ?? '', /20 MB/)
})

test('a report with more than 200 gaps gets no more parts', () => {
  const { records, stored } = tellAll(many(1_000, (index) => part(index * 2, true)))
  assert.equal(stored, 200)
  assert.equal(records[0]?.seen.length, 200)
  assert.match(records[0].incomplete ?? '', /gaps/)
})

test('the oldest reports are forgotten where there is too much of all', () => {
  const of = (requestId: number, bytes: number): Part => ({ ...part(0, false), requestId, bytes })
  const heavy = tellAll([of(1, 9e6), of(2, 9e6), of(3, 9e6)])
  assert.deepEqual(heavy.forgotten, [1])
  assert.deepEqual(
    heavy.records.map(({ requestId }) => requestId),
    [2, 3],
  )
  assert.deepEqual(tellAll(many(14, (index) => of(index, 10))).forgotten, [0, 1])
})

test('whatever is told, what is kept of a charger is bounded', () => {
  const any = fc.record({
    report: fc.constantFrom('device-model' as const, 'monitoring' as const),
    requestId: fc.integer({ min: 0, max: 20 }),
    seqNo: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.maxSafeNat()),
    more: fc.boolean(),
    items: fc.constant(1),
    bytes: fc.integer({ min: 1, max: 8_000_000 }),
  })
  fc.assert(
    fc.property(fc.array(any, { maxLength: 60 }), (parts) => {
      const { records, stored, forgotten } = tellAll(parts)
      assert.ok(records.reduce((sum, one) => sum + one.bytes!, 0) <= 20_000_000)
      assert.ok(records.length <= 12)
      if (forgotten.length === 0)
        assert.equal(
          stored,
          records.reduce((sum, one) => sum + one.parts, 0),
        )
    }),
  )
})

test('a number too great for the store is as none', () => {
  assert.equal(withPart([], part(2 ** 31, true), 0, 'a')?.seqNo, 0)
  assert.equal(withPart([], part(2 ** 31 - 1, true), 0, 'a')?.seqNo, 2 ** 31 - 1)
})
