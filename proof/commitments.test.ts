import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import test from 'node:test'
import {
  checkOpenings,
  commitmentOf,
  commitmentsIn,
  isCommitment,
  withoutCommitments,
} from './commitments.ts'

const salt = Buffer.alloc(32, 7)
const value = '"Ann"'
const commitment = commitmentOf(salt, value)
const entry = { actor: { id: 'p', name: { commitment } }, detail: { 'a/b': [{ commitment }] } }
const opening = { path: '/actor/name', salt: salt.toString('base64url'), value }

test('a commitment is SHA-256 over the salt and the text of the value', () => {
  const expected = hash('sha256', Buffer.concat([salt, Buffer.from(value)]), 'base64url')
  assert.equal(commitment, expected)
})

test('commitments are found by their JSON Pointer', () => {
  assert.deepEqual([...commitmentsIn(entry)!.keys()], ['/actor/name', '/detail/a~1b/0'])
})

test('each commitment is replaced in its place', () => {
  const shown = withoutCommitments(entry, (path) => path)
  const detail = { 'a/b': ['/detail/a~1b/0'] }
  assert.deepEqual(shown, { actor: { id: 'p', name: '/actor/name' }, detail })
})

test('only the very form of a commitment is one', () => {
  assert.equal(isCommitment({ commitment }), true)
  assert.equal(isCommitment({ commitment, more: 1 }), false)
  assert.equal(isCommitment({ commitment: 'soon' }), false)
})

const moved = { ...opening, path: '/actor/id' }
const otherValue = { ...opening, value: '"Ben"' }
const otherSalt = { ...opening, salt: Buffer.alloc(32, 8).toString('base64url') }
const shortSalt = { ...opening, salt: salt.subarray(1).toString('base64url') }
for (const [what, openings, says] of [
  ['another value', [otherValue], /\/actor\/name is not what was committed to/],
  ['another salt', [otherSalt], /\/actor\/name is not what was committed to/],
  ['a short salt', [shortSalt], /\/actor\/name is not what was committed to/],
  ['one of a value that has none', [moved], /\/actor\/id is opened, and nothing is committed/],
  ['one twice', [opening, opening], /two openings of \/actor\/name/],
] as const)
  test(`an opening is wrong: ${what}`, () => {
    assert.match(checkOpenings(commitmentsIn(entry), openings).wrong.join('\n'), says)
  })

test('what is not opened is counted, not wrong', () => {
  assert.deepEqual(checkOpenings(commitmentsIn(entry), [opening]), {
    values: 2,
    open: 1,
    wrong: [],
  })
})

test('an entry of 256 levels is read, one more is nested too deep', () => {
  const nested = (levels: number) =>
    JSON.parse(`${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`) as unknown
  assert.deepEqual(checkOpenings(commitmentsIn(nested(256)), []).wrong, [])
  for (const levels of [257, 100_000])
    assert.match(
      checkOpenings(commitmentsIn(nested(levels)), []).wrong.join('\n'),
      /^it is nested too deep/,
    )
})
