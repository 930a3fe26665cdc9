import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  checkedAnswer as answer,
  checkedRequest as request,
  received,
  told,
} from '../../test/kit/mending.ts'
import { allMessages, samplePayload } from '../../test/kit/sample-payloads.ts'
import { checkRequest, checkResponse, strictRequest, strictResponse } from './validation.ts'

const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' }
function samples16(...sampledValue: unknown[]): object {
  return { connectorId: 1, meterValue: [{ timestamp: '2026-01-01T00:00:00Z', sampledValue }] }
}
function samples20(...sampledValue: unknown[]): object {
  return { evseId: 1, meterValue: [{ timestamp: '2026-01-01T00:00:00Z', sampledValue }] }
}
const volts = { value: '230', measurand: 'Voltage' }

test('every message of every version is accepted as it is, minimal and full', () => {
  const messages = allMessages()
  assert.ok(messages.length > 380)
  for (const message of messages)
    for (const extent of ['minimal', 'full'] as const) {
      const payload = samplePayload(message, extent)
      const { version, kind, action } = message
      const checked =
        kind === 'request' ? request(version, action, payload) : answer(version, action, payload)
      assert.deepEqual(told(checked), [], `${version} ${action} ${kind}`)
      assert.equal(checked.payload, payload)
      assert.equal(checked.valid, true)
      const strict = kind === 'request' ? strictRequest : strictResponse
      assert.equal(strict(version, action, payload), undefined)
    }
})

test('the periodic event stream of 2.1, which comes as SEND, is covered', () => {
  const payload = { id: 1, pending: 0, basetime: received, data: [{ t: 1.5, v: '7' }] }
  assert.equal(request('2.1', 'NotifyPeriodicEventStream', payload).valid, true)
  assert.equal(request('2.1', 'NotifyPeriodicEventStream', { ...payload, data: 'x' }).valid, false)
  assert.equal(answer('2.1', 'NotifyPeriodicEventStream', {}).valid, false)
})

test('without the time of receipt a missing time stays missing', () => {
  const checked = checkRequest('from-charger', '1.6', 'StopTransaction', {
    transactionId: 7,
    meterStop: 1,
  })
  assert.equal(checked.valid, false)
  assert.deepEqual(told(checked), ['/timestamp: missing'])
})

test('an integer beyond 2^53 is kept, valid, and recorded as what it is', () => {
  const payload = { ...samples16(volts), transactionId: 9223372036854775807n }
  const checked = request('1.6', 'MeterValues', payload)
  assert.equal(checked.valid, true)
  assert.equal(checked.payload, payload)
  assert.deepEqual(
    checked.violations.map(({ kind, path, action }) => ({ kind, path, action })),
    [{ kind: 'integer-range', path: '/transactionId', action: 'MeterValues' }],
  )
})

test('a measured value beyond 2^53 is a plain number', () => {
  const checked = request('2.0.1', 'MeterValues', samples20({ value: 2n ** 60n }))
  assert.deepEqual(checked, { valid: true, payload: samples20({ value: 2 ** 60 }), violations: [] })
})

test('an answer to unlock that is no unlock answer is not taken for one', () => {
  const checked = answer('1.6', 'UnlockConnector', { status: 'Accepted' })
  assert.equal(checked.valid, false)
  assert.deepEqual(
    checked.violations.map(({ kind, path }) => ({ kind, path })),
    [{ kind: 'answer-invalid', path: '/status' }],
  )
})

test('configuration values of the wrong type are read as text, a missing readonly as false', () => {
  const configurationKey = [
    { key: 'A', readonly: 'false', value: 300 },
    { key: 'B', value: true },
    { value: 'x' },
  ]
  const checked = answer('1.6', 'GetConfiguration', { configurationKey })
  assert.deepEqual(checked.payload, {
    configurationKey: [
      { key: 'A', readonly: false, value: '300' },
      { key: 'B', readonly: false, value: 'true' },
    ],
  })
  assert.equal(checked.valid, true)
  assert.equal(checked.violations.at(-1)?.detail, 'key: missing, left out')
})

test('the value of a secret setting shows in no violation', () => {
  const configurationKey = [{ key: 'AuthorizationKey', readonly: false, value: 12345678 }]
  const checked = answer('1.6', 'GetConfiguration', { configurationKey })
  assert.deepEqual(told(checked), ['/configurationKey/0/value: [hidden] taken as text'])
})

test('a charging schedule with one unreadable period is not read as one without it', () => {
  const chargingSchedulePeriod = [{ startPeriod: 0, limit: 6 }, { startPeriod: 60 }]
  const checked = answer('1.6', 'GetCompositeSchedule', {
    status: 'Accepted',
    chargingSchedule: { chargingRateUnit: 'Power', chargingSchedulePeriod },
  })
  assert.deepEqual(checked.payload, { status: 'Accepted' })
  assert.equal(checked.valid, true)
})

test('a rate unit by another name and a limit between the tenths are understood', () => {
  const chargingSchedulePeriod = [
    { startPeriod: 0, limit: 6.04 },
    { startPeriod: 60, limit: 16.3 },
  ]
  const checked = answer('1.6', 'GetCompositeSchedule', {
    status: 'Accepted',
    chargingSchedule: { chargingRateUnit: 'Watts', chargingSchedulePeriod },
  })
  assert.deepEqual(checked.payload, {
    status: 'Accepted',
    chargingSchedule: {
      chargingRateUnit: 'W',
      chargingSchedulePeriod: [
        { startPeriod: 0, limit: 6 },
        { startPeriod: 60, limit: 16.3 },
      ],
    },
  })
  assert.equal(checked.violations.length, 2)
})

test('a boot answer that calls its interval heartbeatInterval is understood', () => {
  const boot = { currentTime: received, status: 'Accepted' }
  const checked = checkResponse('from-charger', '1.6', 'BootNotification', {
    ...boot,
    heartbeatInterval: 300,
  })
  assert.deepEqual(checked.payload, { ...boot, interval: 300 })
})

test('custom data may hold anything, but nothing that reaches a prototype', () => {
  const customData = JSON.parse('{"vendorId":"v","toString":1,"more":{"a":[1]}}') as object
  assert.equal(request('2.0.1', 'Heartbeat', { customData }).violations.length, 0)
  const hostile = JSON.parse('{"vendorId":5,"__proto__":{"admin":true},"toString":1}') as object
  const checked = request('2.0.1', 'Heartbeat', { customData: hostile })
  assert.deepEqual(checked.payload, { customData: { vendorId: '5', toString: 1 } })
})

test('one frame makes at most twenty violations, the last of which counts the rest', () => {
  const wrong = Array.from({ length: 5000 }, () => ({ ...volts, value: 1 }))
  const checked = request('1.6', 'MeterValues', samples16(...wrong))
  assert.equal(checked.valid, true)
  assert.equal(checked.violations.length, 20)
  assert.match(checked.violations.at(-1)?.detail ?? '', /and 4980 more violations/)
})

test('a violation quotes no more than a line', () => {
  const checked = request('1.6', 'BootNotification', {
    chargePointVendor: 'V'.repeat(100_000),
    chargePointModel: ['x'.repeat(100_000)],
  })
  for (const { detail } of checked.violations) assert.ok(detail.length <= 300)
})

test(
  'a payload full of unknown properties costs no more than reading it',
  { timeout: 10_000 },
  () => {
    const entries = Array.from({ length: 100_000 }, (_, index): [string, unknown] => [
      `x${index}`,
      index,
    ])
    const checked = request('1.6', 'StatusNotification', {
      ...status,
      ...Object.fromEntries(entries),
    })
    assert.deepEqual(checked.payload, status)
  },
)

test('an action the version does not have is said to be unknown', () => {
  for (const action of ['StartTransaction', 'constructor', 'toString', '']) {
    const checked = request('2.0.1', action, {})
    assert.equal(checked.valid, false)
    assert.deepEqual(
      checked.violations.map((violation) => violation.kind),
      ['unknown-action'],
    )
    assert.match(strictRequest('2.0.1', action, {}) ?? '', /has no request/)
  }
})

test('what we send is refused with its place named, and never mended', () => {
  assert.equal(strictRequest('1.6', 'Reset', { type: 'Soft' }), undefined)
  assert.equal(strictRequest('1.6', 'Reset', {}), "the payload must have required property 'type'")
  assert.match(
    strictRequest('1.6', 'Reset', { type: 'soft' }) ?? '',
    /^\/type must be equal to one of/,
  )
  assert.match(strictRequest('1.6', 'Reset', { type: 'Soft', x: 1 }) ?? '', /\(x\)$/)
  assert.match(
    strictRequest('1.6', 'ReserveNow', {
      connectorId: 1,
      expiryDate: '2026-01-01T00:00:00',
      idTag: 'x',
      reservationId: 1,
    }) ?? '',
    /^\/expiryDate must match format/,
  )
  assert.match(strictResponse('1.6', 'Heartbeat', { currentTime: 'now' }) ?? '', /^\/currentTime/)
})

test('a transaction id beyond 2^53 may be sent back as it came', () => {
  assert.equal(
    strictRequest('1.6', 'RemoteStopTransaction', { transactionId: 2n ** 63n - 1n }),
    undefined,
  )
})
