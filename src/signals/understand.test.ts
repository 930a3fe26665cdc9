import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Version } from '../ocpp/versions.ts'
import { inboundActions, versions } from '../ocpp/versions.ts'
import type { Signal } from './catalog.ts'
import { understand } from './understand.ts'

function read(version: Version, action: string, payload: unknown): readonly Signal[] {
  const { signals, clear } = understand({ version, action, payload, valid: true })
  assert.equal(clear, true)
  return signals
}

const at = Date.parse('2026-03-01T12:00:00Z')
const timestamp = '2026-03-01T12:00:00Z'

test('every version says that a charger booted', () => {
  assert.deepEqual(
    read('1.6', 'BootNotification', {
      chargePointVendor: 'V',
      chargePointModel: 'M',
      chargeBoxSerialNumber: 'S',
      firmwareVersion: '1.0',
    }),
    [{ kind: 'charger.booted', vendor: 'V', model: 'M', serialNumber: 'S', firmware: '1.0' }],
  )
  for (const version of ['2.0.1', '2.1'] as const)
    assert.deepEqual(
      read(version, 'BootNotification', {
        chargingStation: { vendorName: 'V', model: 'M', firmwareVersion: '1.0\u0000' },
        reason: 'RemoteReset',
      }),
      [{ kind: 'charger.booted', vendor: 'V', model: 'M', firmware: '1.0', reason: 'RemoteReset' }],
    )
})

test('a 1.6 connector is an EVSE with one connector, and connector 0 the charger itself', () => {
  const status = { errorCode: 'NoError', status: 'Charging', timestamp }
  const [first] = read('1.6', 'StatusNotification', { connectorId: 2, ...status })
  assert.deepEqual(first, {
    kind: 'connector.status',
    evse: 2,
    connector: 1,
    status: 'Charging',
    at,
  })
  const [zero] = read('1.6', 'StatusNotification', { connectorId: 0, ...status })
  assert.ok(zero?.kind === 'connector.status' && zero.evse === 0 && zero.connector === 0)
})

test('a 1.6 status carries its fault, and a status without one says that there is none', () => {
  const status = { connectorId: 1, status: 'Faulted', timestamp }
  assert.deepEqual(
    read('1.6', 'StatusNotification', {
      ...status,
      errorCode: 'OtherError',
      info: 'Modbus lost',
      vendorErrorCode: '210',
    })[1],
    {
      kind: 'fault.reported',
      source: 'status',
      evse: 1,
      connector: 1,
      blocking: true,
      code: 'OtherError',
      info: 'Modbus lost',
      vendorCode: '210',
      at,
    },
  )
  const [, none] = read('1.6', 'StatusNotification', {
    ...status,
    status: 'Available',
    errorCode: 'NoError',
  })
  assert.ok(none?.kind === 'fault.reported' && none.code === undefined)
})

test('a connector that is Faulted has a fault also where the charger names none', () => {
  for (const [version, payload] of [
    ['1.6', { connectorId: 1, errorCode: 'NoError', status: 'Faulted' }],
    ['2.0.1', { evseId: 1, connectorId: 1, connectorStatus: 'Faulted', timestamp }],
  ] as const) {
    const fault = read(version, 'StatusNotification', payload)[1]
    assert.ok(fault?.kind === 'fault.reported' && fault.code === 'Faulted')
  }
})

test('an OCPP 2.x event tells of availability, of problems, and of whatever else is watched over', () => {
  const event = (component: object, variable: string, actualValue: string, more = {}): object => ({
    eventId: 1,
    timestamp,
    trigger: 'Delta',
    eventNotificationType: 'HardWiredNotification',
    component,
    variable: { name: variable },
    actualValue,
    ...more,
  })
  const place = { evse: { id: 1, connectorId: 2 } }
  const signals = read('2.0.1', 'NotifyEvent', {
    generatedAt: timestamp,
    seqNo: 0,
    eventData: [
      event({ name: 'Connector', ...place }, 'AvailabilityState', 'Occupied'),
      event({ name: 'ConnectorPlugRetentionLock', ...place }, 'Problem', 'true', {
        techCode: 'E7',
      }),
      event({ name: 'ChargingStation' }, 'Problem', 'true', { cleared: true }),
      event({ name: 'Controller', instance: 'A', ...place }, 'Temperature', '41', {
        trigger: 'Alerting',
        variableMonitoringId: 7,
        severity: 3,
        cause: 4,
        techInfo: 'fan stuck',
      }),
      event({ name: 'ChargingStation' }, 'Power', '', { cleared: true }),
    ],
  })
  assert.deepEqual(
    signals.map((signal) => ({ ...signal, at: undefined })),
    [
      { kind: 'connector.status', evse: 1, connector: 2, status: 'Occupied' },
      {
        kind: 'fault.reported',
        source: 'event',
        evse: 1,
        connector: 2,
        code: 'ConnectorPlugRetentionLock',
        present: true,
        vendorCode: 'E7',
      },
      {
        kind: 'fault.reported',
        source: 'event',
        evse: 0,
        connector: 0,
        code: 'ChargingStation',
        present: false,
      },
      {
        kind: 'monitor.event',
        evse: 1,
        connector: 2,
        component: 'Controller/A',
        variable: 'Temperature',
        cleared: false,
        value: '41',
        trigger: 'Alerting',
        severity: 3,
        eventId: 1,
        cause: 4,
        monitorId: 7,
        info: 'fan stuck',
      },
      {
        kind: 'monitor.event',
        evse: 0,
        connector: 0,
        component: 'ChargingStation',
        variable: 'Power',
        cleared: true,
        trigger: 'Delta',
        eventId: 1,
      },
    ].map((signal) => ({ ...signal, at: undefined })),
  )
})

test('a stop is read whatever its transaction id, bigger than any number included', () => {
  for (const transactionId of [-1, 0, 57, 2n ** 63n - 1n]) {
    const payload = { transactionId, meterStop: 5, timestamp }
    const [stop] = read('1.6', 'StopTransaction', payload)
    assert.ok(stop?.kind === 'transaction.ended')
    assert.equal(stop.transactionId, String(transactionId))
    assert.equal(stop.stopReason, 'Local')
  }
})

test('a TransactionEvent tells of the transaction and of its meter', () => {
  const signals = read('2.1', 'TransactionEvent', {
    eventType: 'Started',
    timestamp,
    triggerReason: 'RemoteStart',
    seqNo: 4,
    transactionInfo: { transactionId: 'tx', remoteStartId: 9 },
    evse: { id: 2 },
    idToken: { idToken: 'T', type: 'Central' },
    meterValue: [{ timestamp, sampledValue: [{ value: 1.5, unitOfMeasure: { unit: 'kWh' } }] }],
  })
  assert.deepEqual(signals, [
    {
      kind: 'transaction.started',
      numbering: 'theirs',
      transactionId: 'tx',
      seqNo: 4,
      evse: 2,
      connector: 1,
      token: 'T',
      tokenType: 'Central',
      remoteStartId: 9,
      at,
      meterWh: 1500,
    },
    {
      kind: 'meter.sampled',
      evse: 2,
      connector: 1,
      transactionId: 'tx',
      inTransaction: true,
      readings: [
        { measurand: 'Energy.Active.Import.Register', phase: null, value: 1500, unit: 'Wh', at },
      ],
    },
  ])
})

test('a message that breaks its schema is understood where what matters is there', () => {
  const understood = understand({
    version: '1.6',
    action: 'StatusNotification',
    payload: { connectorId: '1', status: 'charging', errorCode: 7, timestamp: 'noon' },
    valid: false,
  })
  assert.equal(understood.clear, true)
  assert.ok(understood.signals.some(({ kind }) => kind === 'connector.status'))
})

test('a message without what matters is not understood', () => {
  for (const payload of [{}, { connectorId: 1 }, { connectorId: -1, status: 'Available' }, null])
    assert.deepEqual(
      understand({ version: '1.6', action: 'StatusNotification', payload, valid: false }),
      { signals: [], clear: false },
    )
})

test('a start that cannot be read is still a start', () => {
  const { signals, clear } = understand({
    version: '1.6',
    action: 'StartTransaction',
    payload: {},
    valid: false,
  })
  assert.equal(clear, true)
  assert.deepEqual(
    signals.map(({ kind }) => kind),
    ['transaction.started'],
  )
})

test('whatever a payload holds, understanding it does not throw', () => {
  const messages = fc.constantFrom(
    ...versions.flatMap((version) =>
      inboundActions(version).map((action) => ({ version, action })),
    ),
  )
  const names = fc.constantFrom(
    'connectorId',
    'transactionId',
    'meterValue',
    'sampledValue',
    'chargingStation',
    'eventData',
    'component',
    'evse',
    'transactionInfo',
    'idToken',
    'timestamp',
    'eventType',
  )
  const payloads = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.anything(),
      fc.dictionary(names, tie('value')),
      fc.array(tie('value'), { maxLength: 3 }),
    ),
  })).value
  fc.assert(
    fc.property(messages, payloads, fc.boolean(), (message, payload, valid) => {
      understand({ ...message, payload, valid })
    }),
    { seed: 10, numRuns: 1_500 },
  )
})
