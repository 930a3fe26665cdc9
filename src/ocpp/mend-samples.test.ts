import type { MendingCase } from '../../test/kit/mending.ts'
import { received, testMending } from '../../test/kit/mending.ts'

const event = {
  eventType: 'Updated',
  timestamp: '2026-01-01T00:00:00Z',
  triggerReason: 'Trigger',
  seqNo: 1,
  transactionInfo: { transactionId: 't' },
}
function samples16(...sampledValue: unknown[]): object {
  return { connectorId: 1, meterValue: [{ timestamp: '2026-01-01T00:00:00Z', sampledValue }] }
}
function samples20(...sampledValue: unknown[]): object {
  return { evseId: 1, meterValue: [{ timestamp: '2026-01-01T00:00:00Z', sampledValue }] }
}
const volts = { value: '230', measurand: 'Voltage' }

const cases: readonly MendingCase[] = [
  {
    what: 'a number where a text belongs',
    of: ['1.6', 'MeterValues'],
    payload: samples16({ ...volts, value: 230.5 }),
    becomes: samples16({ ...volts, value: '230.5' }),
    told: ['/meterValue/0/sampledValue/0/value: 230.5 taken as text'],
  },
  {
    what: 'a single value where a list belongs',
    of: ['1.6', 'MeterValues'],
    payload: { connectorId: 1, meterValue: { timestamp: received, sampledValue: volts } },
    becomes: { connectorId: 1, meterValue: [{ timestamp: received, sampledValue: [volts] }] },
    told: [
      '/meterValue: a single value where a list belongs',
      '/meterValue/0/sampledValue: a single value where a list belongs',
    ],
  },
  {
    what: 'an entry without samples among others',
    of: ['1.6', 'MeterValues'],
    payload: {
      connectorId: 1,
      meterValue: [
        { timestamp: received, sampledValue: [] },
        { timestamp: received, sampledValue: [volts] },
      ],
    },
    becomes: { connectorId: 1, meterValue: [{ timestamp: received, sampledValue: [volts] }] },
    told: ['/meterValue/0: sampledValue: an empty list, left out'],
  },
  {
    what: 'no sample at all',
    of: ['2.1', 'MeterValues'],
    payload: samples20(),
    becomes: { evseId: 1, meterValue: [] },
    told: ['/meterValue/0: sampledValue: an empty list, left out', '/meterValue: an empty list'],
  },
  {
    what: 'an empty list where none need be',
    of: ['2.0.1', 'TransactionEvent'],
    payload: { ...event, meterValue: [] },
    becomes: event,
    told: ['/meterValue: an empty list, left out'],
  },
  {
    what: 'null and valueless samples among others',
    of: ['1.6', 'MeterValues'],
    payload: samples16(volts, null, { measurand: 'Frequency' }),
    becomes: samples16(volts),
    told: [
      '/meterValue/0/sampledValue/1: null, left out',
      '/meterValue/0/sampledValue/2: value: missing, left out',
    ],
  },
  {
    what: 'an unknown measurand, without which the sample would be the energy register',
    of: ['1.6', 'MeterValues'],
    payload: samples16(volts, { value: '1', measurand: 'Mood' }),
    becomes: samples16(volts),
    told: ['/meterValue/0/sampledValue/1: measurand: "Mood" is not a known value, left out'],
  },
  {
    what: 'an unknown unit of energy, without which the sample would be in Wh',
    of: ['1.6', 'MeterValues'],
    payload: samples16(volts, { value: '1', unit: 'MWh' }),
    becomes: samples16(volts),
    told: ['/meterValue/0/sampledValue/1: unit: "MWh" is not a known value, left out'],
  },
  {
    what: 'an unknown phase, without which the sample would be the total',
    of: ['1.6', 'MeterValues'],
    payload: samples16(volts, { ...volts, phase: 'L7' }),
    becomes: samples16(volts),
    told: ['/meterValue/0/sampledValue/1: phase: "L7" is not a known value, left out'],
  },
  {
    what: 'an empty phase',
    of: ['1.6', 'MeterValues'],
    payload: samples16({ ...volts, phase: '' }),
    becomes: samples16(volts),
    told: ['/meterValue/0/sampledValue/0/phase: empty, left out'],
  },
  {
    what: 'a unit that adds nothing',
    of: ['1.6', 'MeterValues'],
    payload: samples16({ value: '50', measurand: 'Frequency', unit: 'Hz' }),
    becomes: samples16({ value: '50', measurand: 'Frequency' }),
    told: ['/meterValue/0/sampledValue/0/unit: "Hz" is not a known value, left out'],
  },
  {
    what: 'a unit by another name',
    of: ['1.6', 'MeterValues'],
    payload: samples16({ value: '31', measurand: 'Temperature', unit: '°C' }),
    becomes: samples16({ value: '31', measurand: 'Temperature', unit: 'Celsius' }),
    told: ['/meterValue/0/sampledValue/0/unit: "°C" taken as Celsius'],
  },
  {
    what: 'an unknown context',
    of: ['1.6', 'MeterValues'],
    payload: samples16({ ...volts, context: 'Whenever' }),
    becomes: samples16({ ...volts, context: 'Other' }),
    told: ['/meterValue/0/sampledValue/0/context: "Whenever" taken as Other'],
  },
  {
    what: 'a phase inside the measurand',
    of: ['1.6', 'MeterValues'],
    payload: samples16({ value: '230', measurand: 'Voltage.L1-N' }),
    becomes: samples16({ ...volts, phase: 'L1-N' }),
    told: ['/meterValue/0/sampledValue/0: measurand, phase or unit named another way'],
  },
]
testMending(cases, true)
