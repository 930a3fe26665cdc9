import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { makeCredential, openCredentialCheck, storeCredential } from './credential.ts'

const check = openCredentialCheck()

test('a made credential has 40 hex digits and a fast scheme', async () => {
  const credential = makeCredential()
  assert.match(credential, /^[0-9a-f]{40}$/)
  assert.equal((await storeCredential(credential)).scheme, 'sha256')
})

test('a credential somebody chose has a slow scheme, also one in hex digits', async () => {
  assert.equal((await storeCredential('correct horse battery')).scheme, 'scrypt')
  assert.equal((await storeCredential('deadbeef'.repeat(5))).scheme, 'scrypt')
})

test('a hex key is taken as its digits, in either case, and as its bytes', async () => {
  const stored = await storeCredential('0123456789ABCDEF0123456789abcdef01234567')
  for (const presented of [
    Buffer.from('0123456789ABCDEF0123456789abcdef01234567'),
    Buffer.from('0123456789abcdef0123456789ABCDEF01234567'),
    Buffer.from('0123456789ABCDEF0123456789abcdef01234567', 'hex'),
  ])
    assert.equal(await check.matches(stored, presented), true)
})

test('a hex key whose bytes look like text is taken as its bytes too', async () => {
  const bytes = Buffer.from('0123456789abcdefgh~!')
  const stored = await storeCredential(bytes.toString('hex'))
  assert.equal(await check.matches(stored, bytes), true)
})

test('a chosen credential is taken as its UTF-8 bytes and nothing else', async () => {
  const stored = await storeCredential('Schlüssel für Säule 7')
  assert.equal(await check.matches(stored, Buffer.from('Schlüssel für Säule 7')), true)
  assert.equal(await check.matches(stored, Buffer.from('Schlüssel für Säule 7', 'latin1')), false)
  assert.equal(await check.matches(stored, Buffer.from('schlüssel für säule 7')), false)
  assert.equal(await check.matches(stored, Buffer.alloc(0)), false)
})

test('a verified credential stays right, and a wrong one stays wrong, when asked again', async () => {
  const stored = await storeCredential('correct horse battery')
  for (let round = 0; round < 2; round += 1) {
    assert.equal(await check.matches(stored, Buffer.from('correct horse battery')), true)
    assert.equal(await check.matches(stored, Buffer.from('correct horse batterz')), false)
  }
})

test('no key is taken for another', async () => {
  const key = fc.uint8Array({ minLength: 16, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(key, key, async (one, other) => {
      const same = Buffer.compare(one, other) === 0
      const stored = await storeCredential(Buffer.from(one).toString('hex'))
      if (stored.scheme === 'scrypt') return
      assert.equal(await check.matches(stored, one), true)
      assert.equal(await check.matches(stored, other), same)
      assert.equal(
        await check.matches(stored, Buffer.from(Buffer.from(other).toString('hex'))),
        same,
      )
    }),
    { seed: 31, numRuns: 200 },
  )
})

test('thousands of machine-made credentials can be checked at once', async () => {
  const credentials = Array.from({ length: 2_000 }, () => makeCredential())
  const stored = await Promise.all(credentials.map((one) => storeCredential(one)))
  const results = await Promise.all(
    credentials.map((one, index) => check.matches(stored[index]!, Buffer.from(one))),
  )
  assert.ok(results.every(Boolean))
})
