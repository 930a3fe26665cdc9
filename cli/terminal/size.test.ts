import assert from 'node:assert/strict'
import { test } from 'node:test'
import { size } from './size.ts'

void test('a size is told in few digits', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [9_949, '9.9 kB'],
    [9_950, '10 kB'],
    [999_499, '999 kB'],
    [999_600, '1.0 MB'],
    [25_000_000, '25 MB'],
    [4_200_000_000, '4.2 GB'],
    [4_200_000_000_000, '4200 GB'],
  ]
  for (const [bytes, told] of cases) assert.equal(size(bytes), told)
})
