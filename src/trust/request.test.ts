import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keysOf, requestOf } from '../../test/kit/certificates.ts'
import { checkRequest } from './request.ts'

const named = (cn: string, o?: string) => [{ CN: [cn] }, ...(o === undefined ? [] : [{ O: [o] }])]

async function refusal(pem: string, organisation?: string): Promise<string | undefined> {
  const checked = await checkRequest(pem, 'CP-1', organisation)
  return 'refused' in checked ? checked.refused : undefined
}

test('a request for the charger’s own name, by a strong key and signed by it, is good', async () => {
  for (const [kind, key] of [
    ['ec', 'EC P-256'],
    ['rsa', 'RSA 2048'],
  ] as const) {
    const pem = await requestOf(await keysOf(kind), named('CP-1', 'Acme'))
    const checked = await checkRequest(pem, 'CP-1', 'Acme')
    assert.ok('key' in checked)
    assert.equal(checked.key, key)
  }
})

test('what is wrong with a request is said', async () => {
  const keys = await keysOf()
  const good = await requestOf(keys, named('CP-1', 'Acme'))
  const other = await requestOf(await keysOf(), named('CP-1', 'Acme'))
  // The key of the one in the request of the other.
  const der = (pem: string) => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  const forged = der(good)
  const point = (bytes: Buffer) => bytes.indexOf(Buffer.from([0x03, 0x42, 0x00, 0x04])) + 4
  der(other).copy(forged, point(forged), point(der(other)), point(der(other)) + 64)
  const cases: [string, RegExp][] = [
    ['nonsense', /cannot be read/],
    [`${good}${' '.repeat(6_000)}`, /cannot be read/],
    [forged.toString('base64'), /not signed by the key it contains/],
    [await requestOf(await keysOf('rsa-1024'), named('CP-1')), /1024 bits; 2048 are the least/],
    [await requestOf(keys, named('CP-2', 'Acme')), /common name is “CP-2”/],
    [await requestOf(keys, [{ O: ['Acme'] }]), /common name is missing/],
    [await requestOf(keys, [{ CN: ['CP-1'] }, { CN: ['CP-2'] }]), /“CP-1” and “CP-2”/],
    [await requestOf(keys, named('CP-1', 'Others')), /organisation is “Others”, not Acme/],
    [await requestOf(keys, named('CP-1')), /organisation is missing, not Acme/],
  ]
  for (const [pem, expected] of cases) assert.match((await refusal(pem, 'Acme')) ?? '', expected)
  assert.equal(await refusal(good), undefined)
})
