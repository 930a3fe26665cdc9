import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chargerFacts, freshFor } from '../../../../test/kit/facts.ts'
import type { CertificateSupply } from '../../supply.ts'
import { certificateIssue } from './certificate-issue.ts'

const supply: CertificateSupply = {
  charger: 'CP-1',
  chain: '-----BEGIN CERTIFICATE-----',
  fingerprint: 'ab',
  serial: '4a01',
  requestId: 7,
}
const params = { certificate: 'c1' }

function payload(version: '1.6' | '2.0.1' | '2.1', over: Partial<CertificateSupply> = {}): object {
  const plan = certificateIssue.versions[version]
  assert.ok(!('absent' in plan))
  const fresh = freshFor({ supply: { ...supply, ...over } as never })
  return plan.request(params, chargerFacts({ version }), fresh)
}

test('the certificate goes to its charger in the words of each version', () => {
  const { chain: certificateChain } = supply
  const certificateType = 'ChargingStationCertificate'
  assert.deepEqual(payload('1.6'), { certificateChain })
  assert.deepEqual(payload('2.0.1'), { certificateChain, certificateType })
  assert.deepEqual(payload('2.1'), { certificateChain, certificateType, requestId: 7 })
})

test('another charger’s certificate, or a chain too long for the message, is not sent', () => {
  assert.match(JSON.stringify(payload('2.1', { charger: 'CP-2' })), /"refused":.*CP-2/)
  assert.match(JSON.stringify(payload('1.6', { chain: 'x'.repeat(10_001) })), /"refused"/)
})

const { effect } = certificateIssue
const cases: readonly (readonly [what: string, facts: object, lastLook: boolean, seen: string])[] =
  [
    ['it shows the new one', { certificate: { fingerprint: 'ab', at: 20 } }, false, 'yes'],
    [
      'it shows the old one so far',
      { certificate: { fingerprint: 'cd', at: 1 } },
      false,
      'not-yet',
    ],
    ['it came back with the old one', { certificate: { fingerprint: 'cd', at: 1 } }, true, 'no'],
    ['it never showed any', { profile: 2 }, true, 'unclear'],
  ]
for (const [what, security, lastLook, seen] of cases)
  test(`${what}: ${seen}`, () => {
    assert.ok(effect.seenIn === 'behaviour')
    const facts = chargerFacts({ connectedAt: 20, security: { profile: 3, ...security } })
    const context = { expects: { fingerprint: 'ab', serial: '4a01' }, lastLook } as never
    const sighting = effect.seen(facts, 10, params, context)
    assert.equal(sighting.seen, seen)
  })
