import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatTimestamp, isRfc3339, parseTimestamp } from './time.ts'

const noon = Date.UTC(2024, 3, 26, 12, 0, 0)

const strict: readonly [text: string, ms: number][] = [
  ['2024-04-26T12:00:00Z', noon],
  ['2024-04-26t12:00:00z', noon],
  ['2024-04-26T12:00:00.000Z', noon],
  ['2024-04-26T12:00:00.123456789Z', noon + 123],
  ['2024-04-26T14:00:00+02:00', noon],
  ['2024-04-26T06:30:00-05:30', noon],
  ['1970-01-01T00:00:00.740Z', 740],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
]
for (const [text, ms] of strict)
  test(`${text} is a time as OCPP asks for it`, () => {
    assert.ok(isRfc3339(text))
    assert.deepEqual(parseTimestamp(text), { ms, lenient: false })
  })

const lenient: readonly [text: string | number, ms: number][] = [
  ['2024-04-26T12:00:00', noon],
  ['2024-04-26T12:00:00.5', noon + 500],
  ['2024-04-26T12:00', noon],
  ['2024-04-26T14:00:00+02', noon],
  ['2024-04-26T14:00:00+0200', noon],
  ['2024-04-26T14:00:00 +02:00', noon],
  ['2024-04-26 12:00:00Z', noon],
  ['2024-04-26 12:00:00 UTC', noon],
  ['2024/04/26 12:00:00', noon],
  [' 2024-04-26T12:00:00Z ', noon],
  ['20240426T120000Z', noon],
  ['20240426120000', noon],
  ['2024-04-26', Date.UTC(2024, 3, 26)],
  ['2024-04-26T11:59:60Z', noon],
  ['2024-04-25T24:00:00Z', Date.UTC(2024, 3, 26)],
  ['2024-04-26T12:00:00,250Z', noon + 250],
  [noon / 1000, noon],
  [noon, noon],
  [String(noon / 1000), noon],
  [String(noon), noon],
]
for (const [text, ms] of lenient)
  test(`${JSON.stringify(text)} is understood, though no OCPP time`, () => {
    assert.ok(typeof text === 'number' || !isRfc3339(text))
    assert.deepEqual(parseTimestamp(text), { ms, lenient: true })
  })

const meaningless = [
  '',
  'N/A',
  'now',
  '2024-02-30T00:00:00Z',
  '2023-02-29T00:00:00Z',
  '2024-13-01T00:00:00Z',
  '2024-04-26T25:00:00Z',
  '26.04.2024 12:00',
  '04/26/2024',
  '12',
  'Fri Apr 26 12:00:00 2024',
  '9'.repeat(100),
]
for (const text of meaningless)
  test(`${JSON.stringify(text.slice(0, 30))} is no time`, () => {
    assert.equal(isRfc3339(text), false)
    assert.equal(parseTimestamp(text), undefined)
  })

test('numbers that are no time since the epoch are no time', () => {
  for (const value of [0, -1, 12, 1e11, 1e15, NaN, Infinity])
    assert.equal(parseTimestamp(value), undefined)
})

test('any time survives being written and read', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }), (date) => {
      const text = formatTimestamp(date.getTime())
      assert.ok(isRfc3339(text))
      assert.deepEqual(parseTimestamp(text), { ms: date.getTime(), lenient: false })
    }),
    { seed: 1 },
  )
})
