import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { inTurn } from '../../../../test/kit/scripted-answers.ts'
import { selfSigned } from '../../../../test/kit/self-signed.ts'
import { hashOf, readCertificate } from '../../certificate-hash.ts'
import { sealedCredential, unsealed } from '../../sealed.ts'
import { certificateDelete } from './certificate-delete.ts'
import { certificateInstall } from './certificate-install.ts'
import { certificateList } from './certificate-list.ts'
import { certificateRequest } from './certificate-request.ts'
import { chargerRotateCredential } from './charger-rotate-credential.ts'
import { networkProfile } from './network-profile.ts'
import { securityReport } from './security-report.ts'

const { cert: certificate, key } = selfSigned()
const hash = hashOf(readCertificate(certificate)!)
const other = { ...hash, serialNumber: 'ff' }
const twoX = ['2.0.1', '2.1'] as const
const none = { status: 'NotFound' }

function listed(version: '1.6' | '2.0.1' | '2.1', ...hashes: object[]): object {
  if (hashes.length === 0) return none
  return version === '1.6'
    ? { status: 'Accepted', certificateHashData: hashes }
    : {
        status: 'Accepted',
        certificateHashDataChain: hashes.map((one) => {
          return { certificateType: 'CSMSRootCertificate', certificateHashData: one }
        }),
      }
}

describe('installing a root certificate', () => {
  for (const version of ['1.6', ...twoX] as const) {
    const install = (...answers: object[]) =>
      dialogue(
        certificateInstall,
        version,
        { use: 'csms', certificate },
        inTurn(version, ...answers),
      )

    test(`on ${version} worked when the charger lists it`, () => {
      const { calls, verdict } = install({ status: 'Accepted' }, listed(version, other, hash))
      assert.equal(verdict?.meaning, 'done')
      const type = version === '1.6' ? 'CentralSystemRootCertificate' : 'CSMSRootCertificate'
      assert.deepEqual(calls[0]?.payload, { certificateType: type, certificate })
    })
    test(`on ${version} failed when a charger that accepted it does not list it`, () => {
      assert.equal(
        install({ status: 'Accepted' }, listed(version, other)).verdict?.meaning,
        'failed',
      )
      assert.equal(install({ status: 'Accepted' }, none).verdict?.meaning, 'failed')
    })
    test(`on ${version} every other answer`, () => {
      assert.equal(install({ status: 'Rejected' }).verdict?.meaning, 'refused')
      assert.equal(install({ status: 'Failed' }).verdict?.meaning, 'failed')
    })
  }

  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['a private key', { use: 'csms', certificate: certificate + key }, /private key/],
    ['several', { use: 'csms', certificate: certificate + certificate }, /several/],
    ['none', { use: 'csms', certificate: 'hello' }, /no certificate/],
  ]
  for (const [name, params, why] of wrong)
    test(`${name} is refused before anything is stored`, () => {
      const { refused, calls } = dialogue(certificateInstall, '2.1', params, inTurn('2.1'))
      assert.match(refused?.refused ?? '', why)
      assert.deepEqual(calls, [])
    })
  test('one that has expired is refused', () => {
    const fresh = { now: Date.parse('2060-01-01') }
    const params = { use: 'csms', certificate }
    const { refused } = dialogue(certificateInstall, '2.1', params, inTurn('2.1'), { fresh })
    assert.match(refused?.refused ?? '', /expired/)
  })
  test('a use OCPP 1.6 does not know is refused', () => {
    const params = { use: 'v2g', certificate }
    assert.equal(dialogue(certificateInstall, '1.6', params, inTurn('1.6')).refused?.field, 'use')
  })
})

describe('deleting a certificate', () => {
  for (const params of [{ hash }, { certificate }])
    test(`by its ${Object.keys(params)[0]}`, () => {
      const { calls, verdict } = dialogue(
        certificateDelete,
        '2.1',
        params,
        inTurn('2.1', { status: 'Accepted' }, listed('2.1', other)),
      )
      assert.deepEqual(calls[0]?.payload, { certificateHashData: hash })
      assert.equal(verdict?.meaning, 'done')
    })
  test('on 1.6 looks at both kinds of roots', () => {
    const { calls, verdict } = dialogue(
      certificateDelete,
      '1.6',
      { hash },
      inTurn('1.6', { status: 'Accepted' }, none, listed('1.6', other)),
    )
    assert.deepEqual(
      calls.slice(1).map(({ payload }) => payload['certificateType']),
      ['CentralSystemRootCertificate', 'ManufacturerRootCertificate'],
    )
    assert.equal(verdict?.meaning, 'done')
  })
  test('failed where a charger that accepted it still lists it', () => {
    for (const version of ['1.6', '2.0.1'] as const) {
      const answers = inTurn(version, { status: 'Accepted' }, listed(version, hash))
      assert.equal(
        dialogue(certificateDelete, version, { hash }, answers).verdict?.meaning,
        'failed',
      )
    }
  })
  test('every other answer', () => {
    const ended = (status: string) =>
      dialogue(certificateDelete, '2.1', { hash }, inTurn('2.1', { status })).verdict?.meaning
    assert.equal(ended('NotFound'), 'refused')
    assert.equal(ended('Failed'), 'failed')
  })
  test('one that is named twice or not at all is refused', () => {
    for (const params of [{}, { hash, certificate }])
      assert.ok(dialogue(certificateDelete, '2.1', params, inTurn('2.1')).refused)
  })
})

describe('listing certificates', () => {
  test('on 1.6 asks for each kind', () => {
    const { calls, verdict } = dialogue(
      certificateList,
      '1.6',
      {},
      inTurn('1.6', listed('1.6', hash), listed('1.6', other)),
    )
    assert.equal(calls.length, 2)
    const { certificates } = verdict?.result as { certificates: object }
    assert.equal(Object.keys(certificates).length, 2)
    const one = dialogue(certificateList, '1.6', { use: 'manufacturer' }, inTurn('1.6', none))
    assert.equal(one.verdict?.meaning, 'done')
  })
  for (const version of twoX)
    test(`on ${version}`, () => {
      const { verdict } = dialogue(
        certificateList,
        version,
        {},
        inTurn(version, listed(version, hash)),
      )
      assert.equal(verdict?.meaning, 'done')
      assert.equal(
        dialogue(certificateList, version, {}, inTurn(version, none)).verdict?.meaning,
        'done',
      )
    })
})

describe('having a charger ask for a certificate', () => {
  const rows = [
    ['1.6', {}, 'ExtendedTriggerMessage', 'SignChargePointCertificate'],
    ['2.0.1', {}, 'TriggerMessage', 'SignChargingStationCertificate'],
    ['2.1', { for: 'v2g' }, 'TriggerMessage', 'SignV2GCertificate'],
  ] as const
  for (const [version, params, action, requestedMessage] of rows)
    test(`is ${requestedMessage} on ${version}`, () => {
      const { calls, look } = dialogue(
        certificateRequest,
        version,
        params,
        inTurn(version, { status: 'Accepted' }),
      )
      assert.deepEqual(calls, [{ action, payload: { requestedMessage } }])
      assert.equal(look({ asked: { 'certificate-request': 1_001 } }, 1_000).seen, 'yes')
      assert.equal(look({ asked: { 'certificate-request': 999 } }, 1_000).seen, 'not-yet')
    })
  test('every other answer', () => {
    const ended = (status: string) =>
      dialogue(certificateRequest, '2.1', {}, inTurn('2.1', { status })).verdict?.meaning
    assert.equal(ended('Rejected'), 'refused')
    assert.equal(ended('NotImplemented'), 'unsupported')
  })
})

test('a report of the security extension is an ExtendedTriggerMessage', () => {
  const { calls, look } = dialogue(
    securityReport,
    '1.6',
    { what: 'log-status' },
    inTurn('1.6', { status: 'Accepted' }),
  )
  assert.deepEqual(calls[0]?.payload, { requestedMessage: 'LogStatusNotification' })
  assert.equal(look({ asked: { 'log-status': 1_001 } }, 1_000).seen, 'yes')
  assert.equal(look({ asked: { 'firmware-status': 1_001 } }, 1_000).seen, 'not-yet')
})

describe('a new credential', () => {
  const set = (attributeStatus: string) => ({
    setVariableResult: [
      {
        component: { name: 'SecurityCtrlr' },
        variable: { name: 'BasicAuthPassword' },
        attributeStatus,
      },
    ],
  })
  const rotate = (version: '1.6' | '2.0.1' | '2.1', answer: object, facts = {}) =>
    dialogue(chargerRotateCredential, version, {}, inTurn(version, answer), { facts })

  test('is in no plan', () => {
    assert.deepEqual(rotate('1.6', { status: 'Accepted' }).calls[0]?.payload, {
      key: 'AuthorizationKey',
      value: sealedCredential,
    })
    assert.match(JSON.stringify(rotate('2.1', set('Accepted')).calls), /made when it is sent/)
  })
  test('is put in where it belongs, and nowhere else', () => {
    const [call] = rotate('2.0.1', set('Accepted')).calls
    const sent = JSON.stringify(unsealed(call!.payload, 'S3CRET'))
    assert.match(sent, /"attributeValue":"S3CRET"/)
    assert.ok(!sent.includes(sealedCredential))
    assert.deepEqual(unsealed({ a: ['x', null, 1, { b: true }] }, 'S3CRET'), {
      a: ['x', null, 1, { b: true }],
    })
  })
  test('has worked when the charger shows it', () => {
    for (const version of ['1.6', '2.1'] as const) {
      const { look } = rotate(version, version === '1.6' ? { status: 'Accepted' } : set('Accepted'))
      assert.equal(look({ credential: { offered: 0, provenAt: 1_001 } }, 1_000).seen, 'yes')
      assert.equal(look({ credential: { offered: 1, provenAt: 999 } }, 1_000).seen, 'not-yet')
      assert.equal(look({ credential: { offered: 1 } }, 1_000).seen, 'not-yet')
    }
  })
  test('every answer', () => {
    const rows = [
      ['Accepted', 'accepted'],
      ['RebootRequired', 'accepted'],
      ['Rejected', 'refused'],
      ['NotSupported', 'unsupported'],
    ] as const
    for (const [status, meaning] of rows)
      assert.equal(rotate('1.6', { status }).verdict?.meaning, meaning)
    for (const status of ['UnknownComponent', 'UnknownVariable', 'NotSupportedAttributeType'])
      assert.equal(rotate('2.0.1', set(status)).verdict?.meaning, 'unsupported')
    assert.equal(rotate('2.0.1', set('Rejected')).verdict?.meaning, 'refused')
    assert.equal(rotate('2.0.1', set('RebootRequired')).verdict?.meaning, 'accepted')
  })
  test('is not sent for ever to a charger that never shows one', () => {
    const { refused } = rotate('1.6', {}, { credential: { offered: 5 } })
    assert.match(refused?.refused ?? '', /5 credentials were sent/)
  })
})

describe('a network profile', () => {
  const params = {
    slot: 2,
    url: 'wss://csms.example.com/ocpp',
    securityProfile: 2,
    interface: 'Wired0',
    messageTimeoutSeconds: 30,
  }
  const variables: readonly (readonly [component: string, name: string])[] = [
    ['OCPPCommCtrlr', 'ActiveNetworkProfile'],
    ['OCPPCommCtrlr', 'NetworkConfigurationPriority'],
    ['SecurityCtrlr', 'SecurityProfile'],
  ]
  const now = (...values: (string | undefined)[]) => ({
    getVariableResult: variables.map(([component, name], index) => ({
      component: { name: component },
      variable: { name },
      ...(values[index] === undefined
        ? { attributeStatus: 'UnknownVariable' }
        : { attributeStatus: 'Accepted', attributeValue: values[index] }),
    })),
  })
  const shown = (url: string) => ({
    getVariableResult: [
      {
        component: { name: 'NetworkConfiguration', instance: '2' },
        variable: { name: 'OcppCsmsUrl' },
        attributeStatus: 'Accepted',
        attributeValue: url,
      },
    ],
  })

  test('is stored only after the charger said which slot and profile it uses', () => {
    const { calls, verdict } = dialogue(
      networkProfile,
      '2.0.1',
      params,
      inTurn('2.0.1', now('1', '1,2', '1'), { status: 'Accepted' }),
    )
    assert.deepEqual(calls[1], {
      action: 'SetNetworkProfile',
      payload: {
        configurationSlot: 2,
        connectionData: {
          ocppTransport: 'JSON',
          ocppVersion: 'OCPP20',
          ocppCsmsUrl: params.url,
          messageTimeout: 30,
          securityProfile: 2,
          ocppInterface: 'Wired0',
        },
      },
    })
    assert.equal(verdict?.meaning, 'unverifiable')
  })
  test('on 2.1 is read back', () => {
    const ended = (url: string) =>
      dialogue(
        networkProfile,
        '2.1',
        params,
        inTurn('2.1', now('1', '1,2', '1'), { status: 'Accepted' }, shown(url)),
      ).verdict?.meaning
    assert.equal(ended(params.url), 'done')
    assert.equal(ended('wss://old.example.com'), 'failed')
  })
  const refusals: readonly (readonly [string, object])[] = [
    ['the slot in use', now('2', '1,2', '1')],
    ['the first of the priorities where the slot in use is not told', now(undefined, '2,1', '1')],
    ['a slot where nobody knows which is used', now(undefined, undefined, '1')],
    ['a lower security profile', now('1', '1', '3')],
  ]
  for (const [name, answer] of refusals)
    test(`${name} is not written`, () => {
      const { calls, verdict } = dialogue(networkProfile, '2.1', params, inTurn('2.1', answer))
      assert.equal(verdict?.meaning, 'refused')
      assert.equal(calls.length, 1)
    })
  test('with a scheme that does not fit its security profile is refused', () => {
    const wrong = { ...params, url: 'ws://csms.example.com' }
    assert.equal(dialogue(networkProfile, '2.1', wrong, inTurn('2.1')).refused?.field, 'url')
  })
  test('asks whether its URL may be sent', () => {
    assert.deepEqual(networkProfile.supply?.(params as never), {
      kind: 'urls',
      urls: [{ url: params.url, field: 'url' }],
    })
  })
  test('that the charger refuses or cannot store fails', () => {
    for (const status of ['Rejected', 'Failed']) {
      const answers = inTurn('2.1', now('1', '1', '1'), { status })
      const { verdict } = dialogue(networkProfile, '2.1', params, answers)
      assert.ok(verdict?.meaning === 'refused' || verdict?.meaning === 'failed')
    }
  })
})
