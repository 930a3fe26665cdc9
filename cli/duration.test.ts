import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationMs, moment } from './duration.ts'

for (const [text, expected] of [
  ['90s', 90_000],
  ['10m', 600_000],
  ['10min', 600_000],
  ['1h30m', 5_400_000],
  ['1h 30m', 5_400_000],
  ['2d', 172_800_000],
  ['1.5h', 5_400_000],
  ['500ms', 500],
  ['1W', 604_800_000],
  ['', undefined],
  ['10', undefined],
  ['m', undefined],
  ['10 parsecs', undefined],
  ['10mx', undefined],
  ['-5m', undefined],
  ['99999999w', undefined],
] as const)
  test(`a length of time: ${JSON.stringify(text)}`, () => {
    assert.equal(durationMs(text), expected)
  })

const now = Date.parse('2026-05-01T12:00:00Z')
for (const [text, sign, expected] of [
  ['10m', 1, '2026-05-01T12:10:00.000Z'],
  ['10m', -1, '2026-05-01T11:50:00.000Z'],
  ['2026-05-02T00:00:00Z', 1, '2026-05-02T00:00:00.000Z'],
  ['2026-05-02T00:00+02:00', 1, '2026-05-01T22:00:00.000Z'],
  ['2026-05-02T00:00:00', 1, undefined],
  ['2026-13-02T00:00:00Z', 1, undefined],
  ['tomorrow', 1, undefined],
] as const)
  test(`a moment: ${text} ${sign > 0 ? 'ahead' : 'ago'}`, () => {
    assert.equal(moment(text, now, sign), expected)
  })
