import type { InboundRequest } from '../src/ocpp/versions.ts'
import type { Evse } from './state.ts'
import { energyWh, leastWatts } from './state.ts'

/** What the meter of an EVSE shows at one moment. A three-phase charger on 230 V. */
export interface Reading {
  readonly energyWh: number
  readonly watts: number
  readonly offeredWatts: number
  /** State of charge of the car, percent. */
  readonly percent: number
}

export const volts = 230
export const phases = 3

/** Measurands this meter can be asked for; `Temperature` exists in 1.6 only. */
export const measurands = [
  'Energy.Active.Import.Register',
  'Power.Active.Import',
  'Power.Offered',
  'Current.Import',
  'Current.Offered',
  'Voltage',
  'Frequency',
  'SoC',
] as const
export type Measurand = (typeof measurands)[number]

export type ReadingContext =
  'Transaction.Begin' | 'Transaction.End' | 'Sample.Periodic' | 'Sample.Clock' | 'Trigger'

const batteryWh = 60_000
const arrivesWithPercent = 20

export function readMeter(evse: Evse, now: number): Reading {
  const energy = energyWh(evse, now)
  const charged = evse.transaction === undefined ? 0 : energy - evse.transaction.startWh
  const offered = evse.limitWatts < leastWatts ? 0 : evse.limitWatts
  return {
    energyWh: energy,
    watts: evse.watts,
    offeredWatts: evse.transaction === undefined ? 0 : offered,
    percent: Math.min(100, arrivesWithPercent + (100 * charged) / batteryWh),
  }
}

interface Sample {
  readonly measurand: Measurand
  readonly value: number
  readonly unit: 'Wh' | 'W' | 'A' | 'V' | 'Percent' | 'Hz'
  readonly phase?: 'L1' | 'L2' | 'L3' | 'L1-N' | 'L2-N' | 'L3-N'
}

const lines = ['L1', 'L2', 'L3'] as const

function samplesOf(reading: Reading, measurand: Measurand): Sample[] {
  switch (measurand) {
    case 'Energy.Active.Import.Register':
      return [{ measurand, value: Math.round(reading.energyWh), unit: 'Wh' }]
    case 'Power.Active.Import':
      return [{ measurand, value: round(reading.watts), unit: 'W' }]
    case 'Power.Offered':
      return [{ measurand, value: round(reading.offeredWatts), unit: 'W' }]
    case 'Current.Import':
      return lines.map((phase) => ({
        measurand,
        value: round(reading.watts / volts / phases),
        unit: 'A',
        phase,
      }))
    case 'Current.Offered':
      return [{ measurand, value: round(reading.offeredWatts / volts / phases), unit: 'A' }]
    case 'Voltage':
      return lines.map((line) => ({
        measurand,
        value: volts,
        unit: 'V',
        phase: `${line}-N` as const,
      }))
    case 'Frequency':
      return [{ measurand, value: 50, unit: 'Hz' }]
    case 'SoC':
      return [{ measurand, value: Math.floor(reading.percent), unit: 'Percent' }]
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function isMeasurand(name: string): name is Measurand {
  return (measurands as readonly string[]).includes(name)
}

/** Whether every name of a comma-separated list is a measurand of this meter. */
export function areMeasurands(list: string): boolean {
  return namesIn(list).every(isMeasurand)
}

function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** Samples of the measurands in a comma-separated list; the energy register where it names none. */
function samples(reading: Reading, list: string): Sample[] {
  const wanted = namesIn(list).filter(isMeasurand)
  return (wanted.length === 0 ? (['Energy.Active.Import.Register'] as const) : wanted).flatMap(
    (measurand) => samplesOf(reading, measurand),
  )
}

export type MeterValue16 = InboundRequest<'1.6', 'MeterValues'>['meterValue'][number]
export type MeterValue2x = InboundRequest<'2.0.1', 'MeterValues'>['meterValue'][number]

export function meterValue16(
  reading: Reading,
  list: string,
  context: ReadingContext,
  timestamp: string,
): MeterValue16 {
  return {
    timestamp,
    sampledValue: samples(reading, list).map(({ measurand, value, unit, phase }) => ({
      value: String(value),
      context,
      measurand,
      // 1.6 has no unit for hertz.
      ...(unit === 'Hz' ? {} : { unit }),
      ...(phase === undefined ? {} : { phase }),
    })),
  }
}

export function meterValue2x(
  reading: Reading,
  list: string,
  context: ReadingContext,
  timestamp: string,
): MeterValue2x {
  return {
    timestamp,
    sampledValue: samples(reading, list).map(({ measurand, value, unit, phase }) => ({
      value,
      context,
      measurand,
      unitOfMeasure: { unit },
      ...(phase === undefined ? {} : { phase }),
    })),
  }
}
