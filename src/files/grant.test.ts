import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Grant } from './grant.ts'
import { grantOf, tokenOf } from './grant.ts'

const secret = randomBytes(32)
const until = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000)
const grants: fc.Arbitrary<Grant> = fc.oneof(
  fc
    .tuple(fc.uuid(), until)
    .map(([dispatch, until]) => ({ kind: 'upload' as const, dispatch, until })),
  fc
    .tuple(fc.uuid(), fc.uuid(), until)
    .map(([dispatch, file, until]) => ({ kind: 'download' as const, dispatch, file, until })),
)

void test('a token says what was granted, and the same grant gives the same token', () => {
  fc.assert(
    fc.property(grants, (grant) => {
      const token = tokenOf(grant, secret)
      assert.deepEqual(grantOf(token, secret), grant)
      assert.equal(tokenOf(grant, secret), token)
      assert.match(token, /^ota[ud]\.[A-Za-z0-9_-]+$/)
      assert.ok(token.length <= 75, 'it fits where user names are')
    }),
  )
})

void test('no other text is a token: not one letter may be changed, added or removed', () => {
  const letters = 'ABCxyz019_-.'
  fc.assert(
    fc.property(grants, fc.nat(), fc.nat(11), (grant, place, letter) => {
      const token = tokenOf(grant, secret)
      const at = place % token.length
      const changed = token.slice(0, at) + letters[letter] + token.slice(at + 1)
      if (changed !== token) assert.equal(grantOf(changed, secret), undefined)
      for (const other of [`${token}A`, token.slice(0, -1), `${token}=`, ` ${token}`, ''])
        assert.equal(grantOf(other, secret), undefined)
    }),
  )
})

void test('a token of another secret, or of an upload passed off as a download, is none', () => {
  const dispatch = '01890000-0000-7000-8000-000000000001'
  const token = tokenOf({ kind: 'upload', dispatch, until: 1000 }, secret)
  assert.equal(grantOf(token, randomBytes(32)), undefined)
  assert.equal(grantOf(token.replace('otau', 'otad'), secret), undefined)
})

void test('only whole seconds count, in favour of the charger', () => {
  const dispatch = '01890000-0000-7000-8000-000000000001'
  const token = tokenOf({ kind: 'upload', dispatch, until: 1001 }, secret)
  assert.equal(grantOf(token, secret)!.until, 2000)
})
