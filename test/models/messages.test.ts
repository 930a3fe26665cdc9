import assert from 'node:assert/strict'
import type { Unreadable } from '../../src/ocpp/frame.ts'
import { parseFrame } from '../../src/ocpp/frame.ts'
import type { Checked } from '../../src/ocpp/validation.ts'
import { checkRequest, checkResponse } from '../../src/ocpp/validation.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import type { ViolationKind } from '../../src/ocpp/violation.ts'
import { understand } from '../../src/signals/understand.ts'
import { realFrames } from '../kit/real-frames.ts'
import { replay } from '../kit/replay.ts'

/** What is wrong with messages is coped with for every charger alike, and recorded. */

const receivedAt = Date.UTC(2026, 0, 2, 3, 4, 5)

interface Read {
  readonly payload: Record<string, unknown>
  readonly valid: boolean
  readonly kinds: readonly ViolationKind[]
}

/** Reads a frame as the gateway does. `answering`: the action of ours that it answers. */
function read(text: string, version: Version = '1.6', answering?: string): Read {
  const parsed = parseFrame(text, version)
  assert.ok(parsed.ok, text)
  const { frame } = parsed
  assert.ok(frame.type === 'call' || frame.type === 'result')
  const checked: Checked =
    frame.type === 'call'
      ? checkRequest('from-charger', version, frame.action, frame.payload, receivedAt)
      : checkResponse('to-charger', version, answering ?? '', frame.payload)
  const violations = [...parsed.violations, ...checked.violations]
  return {
    payload: checked.payload as Record<string, unknown>,
    valid: checked.valid,
    kinds: violations.map(({ kind }) => kind),
  }
}

function frame(id: string): string {
  const found = realFrames().find((one) => one.id === id)
  assert.ok(found !== undefined, id)
  return found.text
}

function call(action: string, payload: string): string {
  return `[2,"1","${action}",${payload}]`
}

const at = '"timestamp":"2026-01-02T03:04:05Z"'

replay('alfen/eve', 'integer-beyond-range', 'the transaction 2^63-1 is kept digit by digit', () => {
  const { payload, valid, kinds } = read(frame('F023'))
  assert.ok(valid)
  assert.equal(payload['transactionId'], 9223372036854775807n)
  assert.deepEqual(kinds, ['integer-range'])
})

function longSerialNumber(): void {
  const { payload, valid, kinds } = read(frame('F005'))
  assert.ok(valid)
  assert.equal(String(payload['chargeBoxSerialNumber']).length, 25)
  assert.ok(kinds.length > 0 && kinds.every((kind) => kind === 'payload-invalid'))
}

replay('siemens/serial-number', 'oversized-field', 'its boot is a boot', longSerialNumber)
replay('schneider/evlink', 'oversized-field', 'its boot is a boot', longSerialNumber)

replay('etrel/inch', 'oversized-field', 'a status with a long info is a status', () => {
  const { payload, valid, kinds } = read(frame('F047'))
  assert.ok(valid)
  assert.equal(String(payload['info']).length, 80)
  assert.deepEqual(kinds, ['payload-invalid'])
})

replay(
  'wallbox/copper-sb',
  'oversized-field',
  'a setting of more than 500 characters is read',
  () => {
    const { valid, kinds } = read(frame('F048'), '1.6', 'GetConfiguration')
    assert.ok(valid)
    assert.deepEqual(kinds, ['answer-invalid'])
  },
)

replay('huawei/scharger', 'empty-field', 'a boot without a vendor is a boot', () => {
  const boot = '{"chargePointModel":"ACChargePoint","chargePointVendor":""}'
  const { valid, kinds } = read(call('BootNotification', boot))
  assert.ok(valid)
  assert.deepEqual(kinds, ['payload-invalid'])
})

replay(
  'vestel/evc04',
  'empty-field',
  'meter values without samples say nothing and harm nothing',
  () => {
    const values = `{"connectorId":1,"meterValue":[{${at},"sampledValue":[]}]}`
    const { payload, valid, kinds } = read(call('MeterValues', values))
    assert.ok(valid)
    const [booted] = understand({ version: '1.6', action: 'MeterValues', payload, valid }).signals
    assert.ok(booted?.kind !== 'meter.sampled' || booted.readings.length === 0)
    assert.ok(kinds.length > 0 && kinds.every((kind) => kind === 'payload-invalid'))
  },
)

replay('legrand/greenup', 'invalid-value', 'the errorCode Error is taken as OtherError', () => {
  const status = `{"connectorId":0,"errorCode":"Error","status":"Faulted",${at}}`
  const { payload, valid, kinds } = read(call('StatusNotification', status))
  assert.ok(valid)
  assert.equal(payload['errorCode'], 'OtherError')
  assert.deepEqual(kinds, ['payload-invalid'])
})

replay('openevse/esp32', 'invalid-value', 'the unit C is taken as Celsius', () => {
  const { payload, valid } = read(frame('F045'))
  assert.ok(valid)
  assert.match(JSON.stringify(payload), /"unit":"Celsius"/)
})

replay('openevse/esp32', 'wrong-types', 'a number is taken as the text it stands for', () => {
  const { payload, valid, kinds } = read(frame('F020'))
  assert.ok(valid)
  assert.match(JSON.stringify(payload), /"value":"[\d.]+"/)
  assert.ok(kinds.every((kind) => kind === 'payload-invalid'))
})

replay('scame/ac', 'wrong-types', 'settings that are no text are read as text', () => {
  const { payload, valid } = read(frame('F022'), '1.6', 'GetConfiguration')
  assert.ok(valid)
  assert.match(JSON.stringify(payload), /"value":"300"/)
  assert.match(JSON.stringify(payload), /"value":"true"/)
})

replay('enercab/all', 'padded-numbers', 'numbers padded with spaces are numbers', () => {
  const start = `{"connectorId":1,"idTag":"A","meterStart":"   1200",${at}}`
  const { payload, valid, kinds } = read(call('StartTransaction', start))
  assert.ok(valid)
  assert.equal(payload['meterStart'], 1200)
  assert.deepEqual(kinds, ['payload-invalid'])
})

replay('zj-beny/wallbox', 'broken-json', 'a comma too many in a list is skipped', () => {
  const values = `{"connectorId":1,"meterValue":[{${at},"sampledValue":[,{"value":"7"}]}]}`
  const text = call('MeterValues', values)
  const parsed = parseFrame(text, '1.6')
  assert.ok(parsed.violations.some(({ kind }) => kind === 'malformed-json'))
  if (!parsed.ok) return assertAnswerable(parsed, 'MeterValues')
  assert.match(JSON.stringify(read(text).payload), /"value":"7"/)
})

replay('aefa/home', 'broken-json', 'a transactionId without a value is left out', () => {
  const { payload, valid, kinds } = read(frame('F016'))
  assert.ok(valid)
  assert.ok(!('transactionId' in payload))
  assert.ok(kinds.includes('malformed-json'))
})

replay('wallbe/pro', 'broken-json', 'NUL bytes in texts do not spoil an answer', () => {
  const { payload, valid, kinds } = read(frame('F018'), '1.6', 'GetConfiguration')
  assert.ok(valid)
  assert.match(JSON.stringify(payload), /AuthorizeRemoteTxRequests/)
  assert.ok(kinds.includes('malformed-json'))
})

replay('grizzl-e/smart-5', 'cuts-off-unknown-keys', 'the cut answer is known by its id', () => {
  for (const id of ['F014', 'F015']) {
    const text = frame(id)
    const parsed = parseFrame(text, '1.6')
    assert.ok(parsed.violations.some(({ kind }) => kind === 'malformed-json'))
    if (!parsed.ok) assert.equal(parsed.type, 'result')
    const known = parsed.ok ? parsed.frame : parsed
    assert.ok('id' in known && typeof known.id === 'string')
  }
})

replay('growatt/thor', 'loose-timestamps', 'a time without a zone is a time', () => {
  const { payload, valid, kinds } = read(frame('F029'))
  assert.ok(valid)
  assert.equal(payload['timestamp'], '2023-10-19T15:28:07.000Z')
  assert.deepEqual(kinds, ['payload-invalid'])
})

replay(
  'foxess/a-series-2.0.1',
  'shapes-of-another-version',
  'a 1.6 status on a 2.0.1 connection is a status',
  () => {
    const { payload, valid, kinds } = read(frame('F090'), '2.0.1')
    assert.ok(valid)
    assert.ok('connectorStatus' in payload && 'evseId' in payload)
    assert.deepEqual(kinds, ['payload-invalid'])
  },
)

function assertAnswerable({ id, action }: Unreadable, expected: string): void {
  assert.equal(action, expected)
  assert.equal(typeof id, 'string')
}
