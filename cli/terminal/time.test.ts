import assert from 'node:assert/strict'
import { test } from 'node:test'
import { length, relative } from './time.ts'

for (const [ms, text] of [
  [0, '0 ms'],
  [850, '850 ms'],
  [4_620, '4.6 s'],
  [42_000, '42 s'],
  [180_000, '3 min'],
  [7_200_000, '2 h'],
  [5 * 86_400_000, '5 d'],
] as const)
  test(`a length of ${ms} ms`, () => assert.equal(length(ms), text))

const now = Date.parse('2026-05-01T12:00:00Z')
for (const [at, text] of [
  [null, '-'],
  ['2026-05-01T12:00:00.400Z', 'now'],
  ['2026-05-01T11:59:57Z', '3 s ago'],
  ['2026-05-01T11:57:00Z', '3 min ago'],
  ['2026-05-01T14:00:00Z', 'in 2 h'],
  ['2026-04-26T12:00:00Z', '5 d ago'],
  ['2025-04-26T12:00:00Z', '2025-04-26'],
  ['nonsense', 'nonsense'],
] as const)
  test(`relative to now: ${at}`, () => assert.equal(relative(at, now), text))
