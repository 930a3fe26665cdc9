import type { MendingCase } from '../../test/kit/mending.ts'
import { received, testMending } from '../../test/kit/mending.ts'

function samples20(...sampledValue: unknown[]): object {
  return { evseId: 1, meterValue: [{ timestamp: '2026-01-01T00:00:00Z', sampledValue }] }
}
const volts20 = { value: 230, measurand: 'Voltage' }

const cases: readonly MendingCase[] = [
  {
    what: 'the unit and value of 1.6 in a 2.x sample',
    of: ['2.0.1', 'MeterValues'],
    payload: samples20({ value: '1.5', unit: 'kWh' }),
    becomes: samples20({ value: 1.5, unitOfMeasure: { unit: 'kWh' } }),
    told: [
      '/meterValue/0/sampledValue/0: measurand, phase or unit named another way',
      '/meterValue/0/sampledValue/0/value: "1.5" taken as a number',
    ],
  },
  {
    what: 'the status of 1.6 on 2.0.1',
    of: ['2.0.1', 'StatusNotification'],
    payload: {
      connectorId: 2,
      errorCode: 'GroundFailure',
      status: 'SuspendedEV',
      timestamp: received,
    },
    becomes: { evseId: 2, connectorId: 1, connectorStatus: 'Occupied', timestamp: received },
    told: [': a payload shaped by OCPP 1.6 with errorCode GroundFailure'],
  },
  {
    what: 'the status of the whole station on 2.1',
    of: ['2.1', 'StatusNotification'],
    payload: { connectorId: 0, status: 'faulted' },
    becomes: { evseId: 0, connectorId: 0, connectorStatus: 'Faulted', timestamp: received },
    told: [
      ': a payload shaped by OCPP 1.6',
      '/connectorStatus: "faulted" taken as Faulted',
      `/timestamp: missing, taken as "${received}"`,
    ],
  },
  {
    what: 'a status without its EVSE',
    of: ['2.0.1', 'StatusNotification'],
    payload: { connectorId: 1, connectorStatus: 'Available', timestamp: received },
    becomes: { evseId: 1, connectorId: 1, connectorStatus: 'Available', timestamp: received },
    told: [': a payload shaped by OCPP 1.6'],
  },
  {
    what: 'the boot of 1.6 on 2.0.1',
    of: ['2.0.1', 'BootNotification'],
    payload: { chargePointVendor: 'V', chargePointModel: 'M', iccid: '', imsi: '1' },
    becomes: {
      reason: 'Unknown',
      chargingStation: { vendorName: 'V', model: 'M', modem: { imsi: '1' } },
    },
    told: [': a payload shaped by OCPP 1.6', '/reason: missing, taken as "Unknown"'],
  },
  {
    what: 'the meter values of 1.6 on 2.0.1',
    of: ['2.0.1', 'MeterValues'],
    payload: {
      connectorId: 1,
      transactionId: 4,
      meterValue: [{ timestamp: received, sampledValue: [volts20] }],
    },
    becomes: { evseId: 1, meterValue: [{ timestamp: received, sampledValue: [volts20] }] },
    told: [': a payload shaped by OCPP 1.6'],
  },
  {
    what: 'the tag of 1.6 on 2.0.1',
    of: ['2.0.1', 'Authorize'],
    payload: { idTag: 'x' },
    becomes: { idToken: { idToken: 'x', type: 'ISO14443' } },
    told: [': a payload shaped by OCPP 1.6'],
  },
]
testMending(cases, true)
