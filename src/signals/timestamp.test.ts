import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { readTimestamp } from './timestamp.ts'

const cases: readonly [string, unknown, string | undefined][] = [
  ['in UTC', '2024-04-26T14:35:02Z', '2024-04-26T14:35:02.000Z'],
  ['with an offset', '2024-04-26T14:35:02+02:00', '2024-04-26T12:35:02.000Z'],
  ['with an offset without minutes', '2024-04-26T14:35:02+02', '2024-04-26T12:35:02.000Z'],
  ['without a zone', '2023-10-19T15:28:07', '2023-10-19T15:28:07.000Z'],
  ['of a clock that was never set', '1970-01-01T00:00:00.740Z', undefined],
  ['of the year 1', '0001-01-01T00:00:00Z', undefined],
  ['of a far century', '2137-01-01T00:00:00Z', undefined],
  ['of a day that does not exist', '2024-13-45T00:00:00Z', undefined],
  ['in words', 'yesterday', undefined],
  ['that is missing', undefined, undefined],
]
for (const [what, written, expected] of cases)
  test(`a timestamp ${what} is ${expected === undefined ? 'not believed' : 'read'}`, () => {
    const at = readTimestamp(written)
    assert.equal(at === undefined ? undefined : new Date(at).toISOString(), expected)
  })

test('whatever comes, reading a timestamp does not throw', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      readTimestamp(value)
    }),
    { seed: 2 },
  )
})
