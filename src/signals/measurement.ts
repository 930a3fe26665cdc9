import { Type } from 'typebox'
import { list, oneOf } from './read.ts'
import { readTimestamp } from './timestamp.ts'

export const readingSchema = Type.Object({
  measurand: Type.String(),
  phase: Type.Union([Type.String(), Type.Null()]),
  /** In `unit`. */
  value: Type.Number(),
  /** Wh, varh, VAh, W, var, VA, A, V, Hz, RPM, Celsius, Percent, s, or empty for a plain number. */
  unit: Type.String(),
  /** The charger's own time, ms since the epoch. */
  at: Type.Optional(Type.Integer()),
})

export interface Reading {
  readonly measurand: string
  readonly phase: string | null
  readonly value: number
  readonly unit: string
  readonly at?: number
}

/** A sampled value of any version: text values and flat units on 1.6, numbers and multipliers on 2.x. */
export interface Sample {
  readonly value?: unknown
  readonly measurand?: unknown
  readonly phase?: unknown
  readonly unit?: unknown
  /** Power of ten (OCPP 2.x). */
  readonly multiplier?: unknown
  readonly format?: unknown
  readonly location?: unknown
}

/** The measurands of OCPP 1.6 and 2.x. A value under any other name is not kept: nothing could be done with it. */
const measurands = [
  'Current.Export',
  'Current.Export.Minimum',
  'Current.Export.Offered',
  'Current.Import',
  'Current.Import.Minimum',
  'Current.Import.Offered',
  'Current.Offered',
  'Display.BatteryEnergyCapacity',
  'Display.ChargingComplete',
  'Display.InletHot',
  'Display.MaximumSOC',
  'Display.MinimumSOC',
  'Display.PresentSOC',
  'Display.RemainingTimeToMaximumSOC',
  'Display.RemainingTimeToMinimumSOC',
  'Display.RemainingTimeToTargetSOC',
  'Display.TargetSOC',
  'Energy.Active.Export.Interval',
  'Energy.Active.Export.Register',
  'Energy.Active.Import.CableLoss',
  'Energy.Active.Import.Interval',
  'Energy.Active.Import.LocalGeneration.Register',
  'Energy.Active.Import.Register',
  'Energy.Active.Net',
  'Energy.Active.Setpoint.Interval',
  'Energy.Apparent.Export',
  'Energy.Apparent.Import',
  'Energy.Apparent.Net',
  'Energy.Reactive.Export.Interval',
  'Energy.Reactive.Export.Register',
  'Energy.Reactive.Import.Interval',
  'Energy.Reactive.Import.Register',
  'Energy.Reactive.Net',
  'EnergyRequest.Bulk',
  'EnergyRequest.Maximum',
  'EnergyRequest.Maximum.V2X',
  'EnergyRequest.Minimum',
  'EnergyRequest.Minimum.V2X',
  'EnergyRequest.Target',
  'Frequency',
  'Power.Active.Export',
  'Power.Active.Import',
  'Power.Active.Residual',
  'Power.Active.Setpoint',
  'Power.Export.Minimum',
  'Power.Export.Offered',
  'Power.Factor',
  'Power.Import.Minimum',
  'Power.Import.Offered',
  'Power.Offered',
  'Power.Reactive.Export',
  'Power.Reactive.Import',
  'RPM',
  'SoC',
  'Temperature',
  'Voltage',
  'Voltage.Maximum',
  'Voltage.Minimum',
] as const

const phases = ['L1', 'L2', 'L3', 'N', 'L1-N', 'L2-N', 'L3-N', 'L1-L2', 'L2-L3', 'L3-L1'] as const

/** How a unit as written, in lower case, becomes one of ours. */
const units: Readonly<Record<string, readonly [unit: string, convert: (value: number) => number]>> =
  {
    wh: ['Wh', same],
    kwh: ['Wh', thousandfold],
    varh: ['varh', same],
    kvarh: ['varh', thousandfold],
    vah: ['VAh', same],
    kvah: ['VAh', thousandfold],
    w: ['W', same],
    kw: ['W', thousandfold],
    var: ['var', same],
    kvar: ['var', thousandfold],
    va: ['VA', same],
    kva: ['VA', thousandfold],
    a: ['A', same],
    ma: ['A', (value) => tidy(value / 1000)],
    v: ['V', same],
    kv: ['V', thousandfold],
    hz: ['Hz', same],
    rpm: ['RPM', same],
    s: ['s', same],
    '%': ['Percent', same],
    percent: ['Percent', same],
    c: ['Celsius', same],
    '°c': ['Celsius', same],
    celsius: ['Celsius', same],
    celcius: ['Celsius', same],
    k: ['Celsius', (value) => tidy(value - 273.15)],
    fahrenheit: ['Celsius', (value) => tidy(((value - 32) * 5) / 9)],
  }

function same(value: number): number {
  return value
}

function thousandfold(value: number): number {
  return tidy(value * 1000)
}

/** Takes off the noise of binary fractions: 0.505 kWh is 505 Wh, not 505.00000000000006. */
function tidy(value: number): number {
  return Number(value.toPrecision(12))
}

/** The unit where none is given (OCPP 1.6 7.43, 2.0.1 part 2 UnitOfMeasureType: Wh for energy). */
function usualUnit(measurand: string): string {
  if (measurand.startsWith('Energy.Reactive')) return 'varh'
  if (measurand.startsWith('Energy.Apparent')) return 'VAh'
  if (measurand.startsWith('Energy')) return 'Wh'
  if (measurand === 'Power.Factor') return ''
  if (measurand.startsWith('Power.Reactive')) return 'var'
  if (measurand.startsWith('Power')) return 'W'
  if (measurand.startsWith('Current')) return 'A'
  if (measurand.startsWith('Voltage')) return 'V'
  if (measurand === 'SoC' || measurand.endsWith('SOC'))
    return measurand.includes('RemainingTime') ? 's' : 'Percent'
  if (measurand === 'Temperature') return 'Celsius'
  if (measurand === 'Frequency') return 'Hz'
  return measurand === 'RPM' ? 'RPM' : ''
}

/** One sampled value in our units, or undefined where it is no number (signed data) or nothing known. */
export function readSample(sample: Sample, timestamp?: unknown): Reading | undefined {
  if (typeof sample !== 'object' || sample === null || sample.format === 'SignedData')
    return undefined
  const measurand =
    sample.measurand === undefined || sample.measurand === ''
      ? 'Energy.Active.Import.Register'
      : oneOf(measurands, sample.measurand)
  const number = numberWithUnit(sample.value)
  if (measurand === undefined || number === undefined) return undefined
  const multiplier = typeof sample.multiplier === 'number' ? sample.multiplier : 0
  const raw = multiplier === 0 ? number.value : tidy(number.value * 10 ** multiplier)
  const written = (textOf(sample.unit) ?? number.unit ?? '').trim().toLowerCase()
  const [unit, convert] = units[written] ?? [usualUnit(measurand), same]
  const value = convert(raw)
  if (!Number.isFinite(value)) return undefined
  const at = readTimestamp(timestamp)
  return {
    measurand,
    phase: oneOf(phases, sample.phase) ?? null,
    value,
    unit,
    ...(at === undefined ? {} : { at }),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Reads `230`, `" 230 "`, `"12,5"`, `"1.2kWh"`, `"230 V"`. */
function numberWithUnit(value: unknown): { value: number; unit?: string } | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? { value } : undefined
  if (typeof value !== 'string' || value.length > 64) return undefined
  const match = /^\s*([+-]?\d*[.,]?\d+(?:e[+-]?\d+)?)\s*([a-z%°]*)\s*$/i.exec(value)
  if (match?.[1] === undefined) return undefined
  const number = Number(match[1].replace(',', '.'))
  if (!Number.isFinite(number)) return undefined
  return match[2] === undefined || match[2] === ''
    ? { value: number }
    : { value: number, unit: match[2] }
}

/**
 * All readings of a message, the newest of each measurand and phase only. Where one moment has several
 * locations, the outlet's counts: it is what OCPP means when none is named.
 */
export function readMeterValues(
  meterValues: readonly { readonly timestamp?: unknown; readonly samples: readonly Sample[] }[],
): Reading[] {
  const newest = new Map<string, { reading: Reading; outlet: boolean }>()
  for (const { timestamp, samples } of meterValues)
    for (const sample of samples) {
      const reading = readSample(sample, timestamp)
      if (reading === undefined) continue
      const outlet = sample.location === undefined || sample.location === 'Outlet'
      const key = `${reading.measurand} ${reading.phase ?? ''}`
      const before = newest.get(key)
      if (before === undefined || replaces(before, reading, outlet))
        newest.set(key, { reading, outlet })
    }
  return [...newest.values()].map(({ reading }) => reading)
}

function replaces(
  before: { reading: Reading; outlet: boolean },
  reading: Reading,
  outlet: boolean,
): boolean {
  if (before.reading.at !== undefined && reading.at !== undefined) {
    if (before.reading.at !== reading.at) return reading.at > before.reading.at
  }
  return outlet || !before.outlet
}

/** The energy register in Wh, of the whole connector rather than one phase, if the readings have it. */
export function energyRegisterWh(readings: readonly Reading[]): number | undefined {
  return readings.find(
    (reading) =>
      reading.measurand === 'Energy.Active.Import.Register' &&
      reading.phase === null &&
      reading.unit === 'Wh',
  )?.value
}

/** The sampled values of OCPP 1.6 and 2.x messages in one shape. */
export function samplesOf(
  meterValues:
    | readonly {
        readonly timestamp?: unknown
        readonly sampledValue?: readonly object[]
      }[]
    | undefined,
): { timestamp: unknown; samples: Sample[] }[] {
  return list(meterValues).map((meterValue) => ({
    timestamp: meterValue?.timestamp,
    samples: list(meterValue?.sampledValue).map(flattened),
  }))
}

/** OCPP 2.x wraps unit and multiplier in `unitOfMeasure`. */
function flattened(sampled: object): Sample {
  const sample = sampled as Sample & { unitOfMeasure?: { unit?: unknown; multiplier?: unknown } }
  const measure = sample?.unitOfMeasure
  return measure === undefined || measure === null
    ? sample
    : { ...sample, unit: measure.unit, multiplier: measure.multiplier }
}
