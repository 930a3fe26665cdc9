import { volts } from '../operations/charging/amount.ts'
import type { AmountParams, RateUnit } from '../operations/charging/amount.ts'
import { nextTurn, stepsOf, valueAt } from '../operations/charging/weekly.ts'
import type { Step } from '../operations/charging/weekly.ts'
import { isRefusal } from '../operations/operation.ts'
import type { SiteLimitAsked } from './energy.ts'

/** What an EVSE may draw that never confirmed a limit of ours and has no most of its own, A per phase. */
export const assumedAmperes = 32
const defaultLeast = 6
const defaultTurnMinutes = 15
const defaultPhases = 3

/**
 * A site's limit ready for sharing: amounts are whole numbers of tenths of an ampere per phase, or of watts.
 */
export interface Site {
  readonly unit: RateUnit
  /** The limit in force at a moment. */
  limitAt(at: number): number
  /** When the limit next becomes another; undefined where it never does. */
  changesAfter(at: number): number | undefined
  readonly least: number
  readonly idle: number
  readonly assumed: number
  readonly turnMs: number
  weightOf(tags: readonly string[]): number
  mostOf(charger: string): number | undefined
  readonly phases: number
}

export function siteOf(asked: SiteLimitAsked): Site {
  const { amperes, kilowatts, weekly, weights = [], most = [] } = asked
  const unit: RateUnit = kilowatts === undefined ? 'A' : 'W'
  const phases = asked.phases ?? defaultPhases
  const ofAmperes = (value: number): number =>
    unit === 'A' ? units(value, unit) : units(value * volts * phases, unit)
  const usual = unit === 'A' ? (amperes ?? 0) : Math.round((kilowatts ?? 0) * 1000)
  const steps = weekly === undefined ? undefined : stepsOf(weekly, { unit, value: usual })
  const known: readonly Step[] | undefined =
    steps === undefined || isRefusal(steps) ? undefined : steps
  const zone = weekly?.timeZone ?? 'UTC'
  return {
    unit,
    phases,
    limitAt: (at) => units(known === undefined ? usual : valueAt(known, zone, at), unit),
    changesAfter: (at) => (known === undefined ? undefined : nextTurn(known, zone, at)),
    least: ofAmperes(asked.leastAmperes ?? defaultLeast),
    idle: ofAmperes(asked.idleAmperes ?? 0),
    assumed: ofAmperes(assumedAmperes),
    turnMs: (asked.turnMinutes ?? defaultTurnMinutes) * 60_000,
    weightOf: (tags) =>
      Math.max(1, ...weights.filter(({ tag }) => tags.includes(tag)).map(({ weight }) => weight)),
    mostOf(charger) {
      const own = most.find((one) => one.charger === charger)
      return own && ofAmperes(own.amperes)
    },
  }
}

/** Down to a whole number of the unit shares are counted in. */
export function units(value: number, unit: RateUnit): number {
  return Math.floor((unit === 'A' ? value * 10 : value) + 1e-6)
}

/** The amount a number of units is: A per phase, or W. */
export function amountOfUnits(count: number, unit: RateUnit): number {
  return unit === 'A' ? count / 10 : count
}

/** The parameters of power.limit that say an amount. */
export function inSiteParams(amount: number, unit: RateUnit): AmountParams {
  return unit === 'A' ? { amperes: amount } : { kilowatts: amount / 1000 }
}

/** An amount kept in another unit, in the units of this site. */
export function inSiteUnits(
  value: number,
  unit: RateUnit,
  site: Pick<Site, 'unit' | 'phases'>,
): number {
  if (unit === site.unit) return units(value, unit)
  const converted = unit === 'A' ? value * volts * site.phases : value / volts / site.phases
  // Up, because it says what may be drawn.
  return Math.ceil((site.unit === 'A' ? converted * 10 : converted) - 1e-6)
}
