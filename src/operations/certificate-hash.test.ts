import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { selfSigned } from '../../test/kit/self-signed.ts'
import { hashOf, isCalled, isSameHash, readCertificate } from './certificate-hash.ts'

/** Made with OpenSSL, whose OCSP request names it by the same hashes. */
const root = `-----BEGIN CERTIFICATE-----
MIIBkDCCATegAwIBAgIEAKGywzAKBggqhkjOPQQDAjAmMRMwEQYDVQQKDApUZXN0
IFJvb3RzMQ8wDQYDVQQDDAZSb290IDEwHhcNMjYxMTIyMTY1NTEzWhcNMzYxMTE5
MTY1NTEzWjAmMRMwEQYDVQQKDApUZXN0IFJvb3RzMQ8wDQYDVQQDDAZSb290IDEw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQEzomZ/wH+//eYVaXhIcIVrzWtTyv5
Qm73NW7oBb0NgoaFnvKYDulV6wsYf0MTAC7i3/UtsCQmw1zuhq9m4Zjvo1MwUTAd
BgNVHQ4EFgQUC+BxlZYURjK5v//h5IdKN5k8f8gwHwYDVR0jBBgwFoAUC+BxlZYU
RjK5v//h5IdKN5k8f8gwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBE
AiBfQyYvCuUlqiPwZ2libpi9YG/v9t7KgpUhWg14j8ZkcgIgZvwmWlHyxOl2tGX9
HmlKE6kSM64q95cgkxRQiT4aPwI=
-----END CERTIFICATE-----
`
const known = {
  hashAlgorithm: 'SHA256',
  issuerNameHash: '50d734b78589cae9d5d2769f9ec26928c2ccd4caea74ef93ab2b8fd39b165ccf',
  issuerKeyHash: '0119edc496d450630dab7d584218d0ce8bdb59110c36a65f88bf4278091f423c',
  serialNumber: 'a1b2c3',
} as const

describe('a certificate', () => {
  const read = readCertificate(root)
  assert.ok(read)

  test('has the hashes OpenSSL finds', () => {
    assert.deepEqual(hashOf(read), known)
    assert.match(hashOf(read, 'SHA512').issuerNameHash, /^50d221a387fe05f2d84ee53d4601419ac4/)
  })
  test('is known by them however they are spelled', () => {
    const shouted = {
      ...known,
      issuerNameHash: known.issuerNameHash.toUpperCase(),
      serialNumber: '00A1B2C3',
    }
    assert.ok(isCalled(read, shouted))
    assert.ok(isSameHash(known, shouted))
  })
  test('is not another with the same serial number', () => {
    assert.ok(!isCalled(read, { ...known, issuerKeyHash: known.issuerNameHash }))
    assert.ok(!isCalled(read, { ...known, serialNumber: 'a1b2c4' }))
  })
  test('that signed itself says so', () => assert.ok(read.selfSigned))
  test('of a long name and key is read too', () => {
    assert.equal(readCertificate(selfSigned().cert)?.serialNumber, '1')
  })
})

test('what is no certificate is none', () => {
  for (const text of ['', 'hello', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])
    assert.equal(readCertificate(text), undefined)
})
