import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { inTurn } from '../../../../test/kit/scripted-answers.ts'
import type { ReportFacts } from '../../facts.ts'
import { informationCustomer } from './information-customer.ts'

const report: ReportFacts = {
  kind: 'customer-information',
  requestId: 4711,
  receivedAt: 2_000,
  parts: 2,
  items: 2,
  complete: true,
  missing: [],
  ids: [],
}
const ask = (params: object, status = 'Accepted') =>
  dialogue(informationCustomer, '2.0.1', params, inTurn('2.0.1', { status }))

describe('what a charger knows of a customer', () => {
  test('is asked for, deleted, or both', () => {
    const payload = (params: object) => ask({ customer: 'C', ...params }).calls[0]?.payload
    const base = { requestId: 4711, customerIdentifier: 'C' }
    assert.deepEqual(payload({}), { ...base, report: true, clear: false })
    assert.deepEqual(payload({ clear: true }), { ...base, report: false, clear: true })
    assert.deepEqual(payload({ clear: true, report: true }), { ...base, report: true, clear: true })
  })
  test('is found by token or certificate too', () => {
    assert.deepEqual(ask({ token: 'T' }).calls[0]?.payload['idToken'], {
      idToken: 'T',
      type: 'Central',
    })
    const certificate = {
      hashAlgorithm: 'SHA256',
      issuerNameHash: 'a',
      issuerKeyHash: 'b',
      serialNumber: 'c',
    }
    assert.deepEqual(ask({ certificate }).calls[0]?.payload['customerCertificate'], certificate)
  })
  test('has come when its report is whole', () => {
    const { look } = ask({ token: 'T' })
    assert.equal(look({ reports: [report] }, 1_000).seen, 'yes')
    const cut = { ...report, complete: false, missing: [0] }
    const sighting = look({ reports: [cut] }, 1_000, true)
    assert.ok(sighting.seen === 'no' && /part 0/.test(sighting.because))
    assert.equal(look({ reports: [] }, 1_000, true).seen, 'no')
  })
  test('that was deleted without a report owes none', () => {
    assert.equal(
      ask({ token: 'T', clear: true }).look({ reports: [] }, 1_000, true).seen,
      'not-yet',
    )
  })
  test('every other answer', () => {
    assert.equal(ask({ token: 'T' }, 'Rejected').verdict?.meaning, 'refused')
    assert.equal(ask({ token: 'T' }, 'Invalid').verdict?.meaning, 'refused')
  })
  test('of nobody, of two, or about nothing is refused', () => {
    const field = (params: object) =>
      dialogue(informationCustomer, '2.1', params, inTurn('2.1')).refused?.field
    assert.equal(field({}), 'customer')
    assert.equal(field({ token: 'T', customer: 'C' }), 'customer')
    assert.equal(field({ token: 'T', report: false }), 'report')
  })
})
