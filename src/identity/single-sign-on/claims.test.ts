import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountNames } from './account-name.ts'
import { displayNameOf, factorsOf, groupsOf } from './claims.ts'
import { grantsOf, parseRoleMapping } from './role-mapping.ts'

const now = 1_800_000_000_000
const who = { iss: 'https://login.example', sub: 's-1' }
const words = { acr: ['gold'], amr: ['mfa'] }

void test('several factors are believed only by configured words, at the time they were asked for', () => {
  const at = now / 1000 - 600
  const cases: [object, object][] = [
    [{}, { 'single-sign-on': now }],
    [{ auth_time: at }, { 'single-sign-on': at * 1000 }],
    [{ auth_time: at, acr: 'silver' }, { 'single-sign-on': at * 1000 }],
    [{ auth_time: at, amr: ['pwd'] }, { 'single-sign-on': at * 1000 }],
    [{ acr: 'gold' }, { 'single-sign-on': now }],
    [{ acr: 'gold', auth_time: now / 1000 + 3600 }, { 'single-sign-on': now }],
    [{ acr: 'gold', auth_time: 'yesterday' }, { 'single-sign-on': now }],
    [
      { acr: 'gold', auth_time: now / 1000 + 30 },
      { 'single-sign-on': now, 'single-sign-on-mfa': now },
    ],
    [
      { amr: ['pwd', 'mfa'], auth_time: at },
      { 'single-sign-on': at * 1000, 'single-sign-on-mfa': at * 1000 },
    ],
  ]
  for (const [said, factors] of cases)
    assert.deepEqual(factorsOf({ ...who, ...said }, words, now), factors, JSON.stringify(said))
  assert.deepEqual(factorsOf({ ...who, acr: 'gold', auth_time: at }, { acr: [], amr: [] }, now), {
    'single-sign-on': at * 1000,
  })
})

void test('groups are texts, however the provider wraps them', () => {
  assert.deepEqual(groupsOf({ ...who, groups: ['a', 1, 'b'] }, 'groups'), ['a', 'b'])
  assert.deepEqual(groupsOf({ ...who, groups: 'a' }, 'groups'), ['a'])
  assert.deepEqual(groupsOf({ ...who, groups: { a: true } }, 'groups'), [])
  assert.equal(groupsOf(who, 'groups'), undefined)
})

void test('a mapping gives each role once, and a file that is none is refused with what is wrong', () => {
  const text = JSON.stringify([
    { providerGroup: 'a', role: 'viewer' },
    { providerGroup: 'b', role: 'viewer' },
    { providerGroup: 'b', role: 'operator', group: 'North/Depot' },
  ])
  assert.deepEqual(grantsOf(['a', 'b', 'c'], parseRoleMapping(text)), [
    { role: 'viewer', group: null },
    { role: 'operator', group: 'North/Depot' },
  ])
  assert.throws(() => parseRoleMapping('{'), /not JSON/)
  assert.throws(() => parseRoleMapping('{}'), /must be array/)
  assert.throws(() => parseRoleMapping('[{"providerGroup":"a"}]'), /\/0 .*role/)
  assert.throws(() => parseRoleMapping('[{"providerGroup":"a","role":"r","at":"x"}]'), /\/0\/at /)
})

void test('accounts are named after what the provider calls somebody, in the letters accounts have', () => {
  const names = (said: object) => accountNames({ ...who, ...said })
  assert.match(names({ preferred_username: 'Ann.Ops' }).join(), /^ann\.ops,ann\.ops-[0-9a-f]{8}$/)
  assert.equal(names({ email: 'Ann@Example.com' })[0], 'ann@example.com')
  assert.equal(names({ preferred_username: '__ Jörg Ä' })[0], 'j-rg-')
  assert.equal(names({ preferred_username: '日本' })[0], 's-1')
  assert.equal(
    names({ preferred_username: 'x'.repeat(200) }).every(({ length }) => length <= 64),
    true,
  )
  assert.equal(displayNameOf({ ...who, name: ' ', email: 'a@b' }), 'a@b')
})
