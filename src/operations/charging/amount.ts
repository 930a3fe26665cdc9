import Type from 'typebox'
import { refuse } from '../operation.ts'
import type { Refusal } from '../operation.ts'

/** How much power: amperes per phase, or watts in all phases together. */
export interface Amount {
  readonly unit: RateUnit
  readonly value: number
}

/** OCPP ChargingRateUnitType: amperes count per phase, watts in all. */
export type RateUnit = 'A' | 'W'

/** What is taken for the voltage of a phase where amperes become watts or the reverse. */
export const volts = 230
/** Phases that are assumed where nobody says how many there are. */
export const assumedPhases = 3
/** With less on a phase a car pauses (IEC 61851-1 table A.8). */
export const leastAmperes = 6

const most = 100_000

/** The parameters that say how much; exactly one of the two is given. */
export const amountParams = {
  amperes: Type.Optional(
    Type.Number({ minimum: 0, maximum: most, description: 'The limit in A per phase; 0 pauses' }),
  ),
  kilowatts: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: most,
      description: 'The limit in kW, all phases together; 0 pauses',
    }),
  ),
}

export interface AmountParams {
  readonly amperes?: number | undefined
  readonly kilowatts?: number | undefined
}

/** The one amount that is given. */
export function amountOf({ amperes, kilowatts }: AmountParams, field = ''): Amount | Refusal {
  if ((amperes === undefined) === (kilowatts === undefined))
    return refuse('say how much, either in amperes or in kilowatts', `${field}amperes`)
  return amperes === undefined
    ? { unit: 'W', value: Math.round((kilowatts ?? 0) * 1000) }
    : { unit: 'A', value: amperes }
}

/** The parameters that say this much. */
export function paramsOf({ unit, value }: Amount): AmountParams {
  return unit === 'A' ? { amperes: value } : { kilowatts: value / 1000 }
}

/** The same in another unit, rounded down so that it is never more. Amperes keep one decimal (OCPP 1.6 7.13). */
export function inUnit({ unit, value }: Amount, wanted: RateUnit, phases: number): Amount {
  if (unit === wanted) return { unit, value: floor(value, unit) }
  const converted = unit === 'A' ? value * volts * phases : value / volts / phases
  return { unit: wanted, value: floor(converted, wanted) }
}

export function wattsOf(amount: Amount, phases: number): number {
  return amount.unit === 'W' ? amount.value : amount.value * volts * phases
}

/** Down to what is sent: tenths of an ampere, whole watts. What binary fractions lack is given back. */
function floor(value: number, unit: RateUnit): number {
  return unit === 'W' ? Math.floor(value + 1e-6) : Math.floor(value * 10 + 1e-6) / 10
}

/** In words: `16 A per phase`, `11 kW`. */
export function amountWords({ unit, value }: Amount): string {
  return unit === 'A'
    ? `${Math.round(value * 10) / 10} A per phase`
    : `${Math.round(value / 10) / 100} kW`
}
