import assert from 'node:assert/strict'
import test from 'node:test'
import { strictResponse } from '../../ocpp/validation.ts'
import { inboundActions, versions } from '../../ocpp/versions.ts'
import { readActions } from '../understand.ts'
import type { Given, TokenAnswer } from './answer.ts'
import { treatmentOf, treatments } from './answer-to.ts'

const bootStatuses: readonly Given['boot']['status'][] = ['Accepted', 'Pending', 'Rejected']
const tokens: readonly TokenAnswer[] = [
  { status: 'Accepted' },
  { status: 'Accepted', parent: 'FLEET', until: Date.parse('2026-04-01T00:00:00Z') },
  { status: 'Accepted', parent: 'P'.repeat(36) },
  { status: 'Blocked' },
  { status: 'Expired' },
  { status: 'Unknown' },
  { status: 'NotYetValid', until: Date.parse('2026-04-01T00:00:00Z') },
  { status: 'ConcurrentTx' },
]

/** Messages whose answer depends on them; any other is answered whatever it holds. */
const messages: Readonly<Record<string, readonly object[]>> = {
  StopTransaction: [{}, { idTag: 'T' }],
  TransactionEvent: [{}, { idToken: { idToken: 'T', type: 'Central' } }],
  VatNumberValidation: [{ vatNumber: 'NL123' }],
  GetCertificateChainStatus: [
    {
      certificateStatusRequests: [
        {
          source: 'OCSP',
          urls: ['http://ocsp.example'],
          certificateHashData: {
            hashAlgorithm: 'SHA256',
            issuerNameHash: 'a',
            issuerKeyHash: 'b',
            serialNumber: 'c',
          },
        },
      ],
    },
  ],
}

for (const version of versions) {
  test(`OCPP ${version}: every message a charger may send has a treatment`, () => {
    assert.deepEqual(Object.keys(treatments[version]).sort(), [...inboundActions(version)].sort())
  })

  test(`OCPP ${version}: a message is read by a signal exactly where its treatment says so`, () => {
    const said = Object.entries(treatments[version])
      .filter(([, treatment]) => treatment.read === true)
      .map(([action]) => action)
    assert.deepEqual(said.sort(), [...readActions(version)].sort())
  })

  test(`OCPP ${version}: a message that is not read has a reason`, () => {
    for (const [action, { read, noted, declined }] of Object.entries(treatments[version]))
      assert.ok(read ?? noted ?? declined, action)
  })

  for (const action of inboundActions(version))
    test(`OCPP ${version}: every answer to ${action} is what its schema asks for`, () => {
      // A SEND is not answered and so has no schema.
      if (action === 'NotifyPeriodicEventStream') return
      const treatment = treatmentOf(version, action)
      assert.ok(treatment)
      for (const status of bootStatuses)
        for (const token of tokens)
          for (const message of messages[action] ?? [{}]) {
            const given: Given = {
              now: '2026-03-01T12:00:00.000Z',
              boot: { status, intervalSeconds: 300 },
              transactionId: 1000,
              token,
              certificate: 'Accepted',
            }
            const answer = treatment.answer(given, message)
            assert.equal(strictResponse(version, action, answer), undefined)
          }
    })
}

test('an action from elsewhere has no treatment', () => {
  assert.equal(treatmentOf('1.6', 'TransactionEvent'), undefined)
  assert.equal(treatmentOf('2.1', 'constructor'), undefined)
})
