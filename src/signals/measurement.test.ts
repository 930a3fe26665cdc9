import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Reading, Sample } from './measurement.ts'
import { energyRegisterWh, readMeterValues, readSample, samplesOf } from './measurement.ts'

const power = 'Power.Active.Import'
const energy = 'Energy.Active.Import.Register'

const units: readonly [sample: Sample, value: number, unit: string][] = [
  [{ value: '1200', measurand: energy, unit: 'Wh' }, 1200, 'Wh'],
  [{ value: '0.505', measurand: energy, unit: 'kWh' }, 505, 'Wh'],
  [{ value: '0.505', unit: 'kWh' }, 505, 'Wh'],
  [{ value: 7.36, measurand: power, unit: 'kW' }, 7360, 'W'],
  [{ value: '3', measurand: 'Power.Reactive.Import', unit: 'kvar' }, 3000, 'var'],
  [{ value: 0.25, measurand: energy, unit: 'Wh', multiplier: 3 }, 250, 'Wh'],
  [{ value: 25, measurand: 'Temperature', unit: 'Celcius' }, 25, 'Celsius'],
  [{ value: 298.15, measurand: 'Temperature', unit: 'K' }, 25, 'Celsius'],
  [{ value: 77, measurand: 'Temperature', unit: 'Fahrenheit' }, 25, 'Celsius'],
  [{ value: '80', measurand: 'SoC', unit: 'Percent' }, 80, 'Percent'],
  [{ value: '80', measurand: 'SoC' }, 80, 'Percent'],
  [{ value: '16', measurand: 'Current.Import' }, 16, 'A'],
  [{ value: 16000, measurand: 'Current.Import', unit: 'mA' }, 16, 'A'],
  [{ value: '230 V', measurand: 'Voltage' }, 230, 'V'],
  [{ value: '1.2kWh', measurand: energy }, 1200, 'Wh'],
  [{ value: '  12,5 ', measurand: energy }, 12.5, 'Wh'],
  [{ value: 50, measurand: 'Frequency' }, 50, 'Hz'],
  [{ value: 0.98, measurand: 'Power.Factor' }, 0.98, ''],
]
for (const [sample, value, unit] of units)
  test(`${JSON.stringify(sample)} is ${value} ${unit}`, () => {
    const reading = readSample(sample)
    assert.deepEqual([reading?.value, reading?.unit], [value, unit])
  })

const unread: readonly Sample[] = [
  { value: 'OCMF|{"FV":"1.0"}', format: 'SignedData' },
  { value: 'abc', measurand: energy },
  { value: '', measurand: energy },
  { value: '1', measurand: 'Vendor.Own' },
  { value: Number.NaN },
  { value: '9'.repeat(100_000) },
]
for (const sample of unread)
  test(`${JSON.stringify(sample).slice(0, 60)} says nothing`, () => {
    assert.equal(readSample(sample), undefined)
  })

test('of a history sent at once the newest value of each measurand and phase counts', () => {
  const readings = readMeterValues([
    { timestamp: '2026-03-01T12:00:00Z', samples: [{ value: 1 }, { value: 10, measurand: power }] },
    { timestamp: '2026-03-01T12:02:00Z', samples: [{ value: 3 }] },
    { timestamp: '2026-03-01T12:01:00Z', samples: [{ value: 2 }] },
  ])
  assert.deepEqual(
    readings.map(({ measurand, value }) => [measurand, value]),
    [
      [energy, 3],
      [power, 10],
    ],
  )
})

test('phases are apart, and the outlet counts before the inlet', () => {
  const readings = readMeterValues([
    {
      timestamp: '2026-03-01T12:00:00Z',
      samples: [
        { value: 229, measurand: 'Voltage', phase: 'L1', location: 'Outlet' },
        { value: 233, measurand: 'Voltage', phase: 'L1', location: 'Inlet' },
        { value: 231, measurand: 'Voltage', phase: 'L2' },
      ],
    },
  ])
  assert.deepEqual(
    readings.map(({ phase, value }) => [phase, value]),
    [
      ['L1', 229],
      ['L2', 231],
    ],
  )
})

test('the energy register is that of the whole connector', () => {
  const reading: Reading = { measurand: energy, phase: null, value: 5, unit: 'Wh' }
  assert.equal(energyRegisterWh([{ ...reading, phase: 'L1', value: 1 }, reading]), 5)
  assert.equal(energyRegisterWh([{ ...reading, phase: 'L1' }]), undefined)
})

test('kilo and the multiplier say the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), (thousandths) => {
      const value = thousandths / 1000
      const kilo = readSample({ value: String(value), measurand: power, unit: 'kW' })
      const [flat] = samplesOf([
        {
          sampledValue: [{ value, measurand: power, unitOfMeasure: { unit: 'W', multiplier: 3 } }],
        },
      ])
      assert.equal(kilo?.value, thousandths)
      assert.deepEqual(readSample(flat!.samples[0]!), kilo)
    }),
    { seed: 8 },
  )
})

test('whatever a charger sends as meter values, reading them does not throw', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (value, whole) => {
      readSample({ value })
      readMeterValues(samplesOf([{ sampledValue: [whole as object] }]))
      readMeterValues(samplesOf(whole as []))
    }),
    { seed: 9, numRuns: 300 },
  )
})
