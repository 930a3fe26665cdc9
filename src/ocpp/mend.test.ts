import type { MendingCase } from '../../test/kit/mending.ts'
import { received, testMending } from '../../test/kit/mending.ts'

const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' }
const stop = { transactionId: 7, meterStop: 1, timestamp: '2026-01-01T00:00:00Z' }
const event = {
  eventType: 'Updated',
  timestamp: '2026-01-01T00:00:00Z',
  triggerReason: 'Trigger',
  seqNo: 1,
  transactionInfo: { transactionId: 't' },
}

const cases: readonly MendingCase[] = [
  {
    what: 'space-padded digits where an integer belongs',
    of: ['1.6', 'StatusNotification'],
    payload: { ...status, connectorId: ' 1 ' },
    becomes: status,
    told: ['/connectorId: " 1 " taken as a number'],
  },
  {
    what: 'a fraction where an integer belongs',
    of: ['1.6', 'StopTransaction'],
    payload: { ...stop, meterStop: 1234.5 },
    becomes: { ...stop, meterStop: 1235 },
    told: ['/meterStop: 1234.5 rounded'],
  },
  {
    what: 'a text where true or false belongs',
    of: ['2.0.1', 'TransactionEvent'],
    payload: { ...event, offline: 'TRUE' },
    becomes: { ...event, offline: true },
    told: ['/offline: "TRUE" taken as true'],
  },
  {
    what: 'a value in another case and with a space',
    of: ['1.6', 'StatusNotification'],
    payload: { ...status, errorCode: 'no error', status: 'SUSPENDED_EV' },
    becomes: { ...status, status: 'SuspendedEV' },
    told: [
      '/errorCode: "no error" taken as NoError',
      '/status: "SUSPENDED_EV" taken as SuspendedEV',
    ],
  },
  {
    what: 'an unknown error code',
    of: ['1.6', 'StatusNotification'],
    payload: { ...status, errorCode: 'Error' },
    becomes: { ...status, errorCode: 'OtherError' },
    told: ['/errorCode: "Error" taken as OtherError'],
  },
  {
    what: 'no error code',
    of: ['1.6', 'StatusNotification'],
    payload: { connectorId: 1, status: 'Available' },
    becomes: status,
    told: ['/errorCode: missing, taken as "NoError"'],
  },
  {
    what: 'no error code in a fault',
    of: ['1.6', 'StatusNotification'],
    payload: { connectorId: 1, status: 'Faulted' },
    becomes: { connectorId: 1, status: 'Faulted', errorCode: 'OtherError' },
    told: ['/errorCode: missing, taken as "OtherError"'],
  },
  {
    what: 'an unknown stop reason, which is not the same as none',
    of: ['1.6', 'StopTransaction'],
    payload: { ...stop, reason: 'Sunset' },
    becomes: { ...stop, reason: 'Other' },
    told: ['/reason: "Sunset" taken as Other'],
  },
  {
    what: 'no transaction id in a stop',
    of: ['1.6', 'StopTransaction'],
    payload: { ...stop, transactionId: null },
    becomes: { ...stop, transactionId: -1 },
    told: ['/transactionId: null, taken as -1'],
  },
  {
    what: 'null in an optional member',
    of: ['1.6', 'StatusNotification'],
    payload: { ...status, info: null },
    becomes: status,
    told: ['/info: null, left out'],
  },
  {
    what: 'an empty text where a time may stand',
    of: ['1.6', 'StatusNotification'],
    payload: { ...status, timestamp: '' },
    becomes: status,
    told: ['/timestamp: empty, left out'],
  },
  {
    what: 'an unreadable time where one may stand',
    of: ['1.6', 'StatusNotification'],
    payload: { ...status, timestamp: 'N/A' },
    becomes: status,
    told: ['/timestamp: "N/A" is not a time, left out'],
  },
  {
    what: 'an unreadable time where one must stand',
    of: ['1.6', 'StopTransaction'],
    payload: { ...stop, timestamp: 'N/A' },
    becomes: { ...stop, timestamp: received },
    told: [`/timestamp: "N/A" is not a time, taken as "${received}"`],
  },
  {
    what: 'no time where one must stand',
    of: ['2.0.1', 'TransactionEvent'],
    payload: { ...event, timestamp: undefined },
    becomes: { ...event, timestamp: received },
    told: [`/timestamp: null, taken as "${received}"`],
  },
  {
    what: 'a time without zone',
    of: ['1.6', 'StopTransaction'],
    payload: { ...stop, timestamp: '2026-01-01 00:00:00' },
    becomes: { ...stop, timestamp: '2026-01-01T00:00:00.000Z' },
    told: ['/timestamp: the time "2026-01-01 00:00:00" taken as 2026-01-01T00:00:00.000Z'],
  },
  {
    what: 'seconds since the epoch for a time',
    of: ['1.6', 'StopTransaction'],
    payload: { ...stop, timestamp: 1767225600 },
    becomes: { ...stop, timestamp: '2026-01-01T00:00:00.000Z' },
    told: ['/timestamp: the time 1767225600 taken as 2026-01-01T00:00:00.000Z'],
  },
  {
    what: 'an unknown property',
    of: ['1.6', 'Authorize'],
    payload: { idTag: 'x', 'a/b': 2 },
    becomes: { idTag: 'x' },
    told: ['/a~1b: an unknown property, left out'],
  },
  {
    what: 'properties in another spelling',
    of: ['1.6', 'StatusNotification'],
    payload: { connectorid: 1, error_code: 'NoError', Status: 'Available' },
    becomes: status,
    told: [
      '/connectorid: taken as connectorId',
      '/error_code: taken as errorCode',
      '/Status: taken as status',
    ],
  },
  {
    what: 'a text too long',
    of: ['1.6', 'BootNotification'],
    payload: { chargePointVendor: 'V'.repeat(21), chargePointModel: 'M' },
    becomes: { chargePointVendor: 'V'.repeat(20), chargePointModel: 'M' },
    told: [`/chargePointVendor: 21 characters where 20 are allowed: "${'V'.repeat(21)}"`],
  },
  {
    what: 'a tag too long, which would be another tag if cut',
    of: ['1.6', 'Authorize'],
    payload: { idTag: '123456789012345678901' },
    becomes: { idTag: '123456789012345678901' },
    told: ['/idTag: 21 characters where 20 are allowed: "123456789012345678901"'],
  },
  {
    what: 'an empty vendor',
    of: ['1.6', 'BootNotification'],
    payload: { chargePointVendor: '', chargePointModel: 'M' },
    becomes: { chargePointVendor: '', chargePointModel: 'M' },
    told: ['/chargePointVendor: empty'],
  },
  {
    what: 'a negative connector',
    of: ['1.6', 'StatusNotification'],
    payload: { ...status, connectorId: -1 },
    becomes: { ...status, connectorId: -1 },
    told: ['/connectorId: -1 is out of range'],
  },
  {
    what: 'digits beyond 2^53 as text',
    of: ['1.6', 'StopTransaction'],
    payload: { ...stop, transactionId: '9223372036854775807' },
    becomes: { ...stop, transactionId: 9223372036854775807n },
    told: ['/transactionId: 9223372036854775807 is beyond the integers of OCPP'],
  },
  {
    what: 'an object wrapped in a list',
    of: ['2.0.1', 'TransactionEvent'],
    payload: { ...event, transactionInfo: [{ transactionId: 't' }] },
    becomes: event,
    told: ['/transactionInfo: an object wrapped in a list'],
  },
  {
    what: 'an unusable optional part',
    of: ['2.0.1', 'BootNotification'],
    payload: { reason: 'PowerUp', chargingStation: { model: 'M', vendorName: 'V', modem: 7 } },
    becomes: { reason: 'PowerUp', chargingStation: { model: 'M', vendorName: 'V' } },
    told: ['/chargingStation/modem: not an object but 7, left out'],
  },
  {
    what: 'an object where the data of 1.6 is text',
    of: ['1.6', 'DataTransfer'],
    payload: { vendorId: 'V', data: { a: 1 } },
    becomes: { vendorId: 'V', data: '{"a":1}' },
    told: ['/data: {"a":1} taken as text'],
  },
]
testMending(cases, true)

const hopeless: readonly MendingCase[] = [
  {
    what: 'a status that says nothing known',
    of: ['1.6', 'StatusNotification'],
    payload: { ...status, status: 'Dreaming', info: 5 },
    becomes: { ...status, status: 'Dreaming', info: '5' },
    told: ['/info: 5 taken as text', '/status: "Dreaming" is not a known value'],
  },
  {
    what: 'no meter reading',
    of: ['1.6', 'StartTransaction'],
    payload: { connectorId: 1, idTag: 'x', timestamp: received },
    becomes: { connectorId: 1, idTag: 'x', timestamp: received },
    told: ['/meterStart: missing'],
  },
  {
    what: 'an id that is no number',
    of: ['1.6', 'StopTransaction'],
    payload: { ...stop, transactionId: 'abc' },
    becomes: { ...stop, transactionId: 'abc' },
    told: ['/transactionId: not a number but "abc"'],
  },
  {
    what: 'no sequence number',
    of: ['2.0.1', 'TransactionEvent'],
    payload: { ...event, seqNo: null },
    becomes: { ...event, seqNo: null },
    told: ['/seqNo: null'],
  },
  {
    what: 'a text for a payload',
    of: ['1.6', 'Heartbeat'],
    payload: 'hello',
    becomes: 'hello',
    told: [': not an object but "hello"'],
  },
]
testMending(hopeless, false)
