import type { Json } from '../../kernel/json.ts'
import { amountWords, inUnit } from './amount.ts'
import type { Amount, RateUnit } from './amount.ts'

/** What a charger says it will allow from `from` on (GetCompositeSchedule), apart from versions. */
export interface CompositeSchedule {
  /** ms since the epoch, by the charger's clock; absent where it does not say. */
  readonly from?: number
  /** Seconds. */
  readonly duration?: number
  readonly unit: RateUnit
  readonly periods: readonly CompositePeriod[]
}

export interface CompositePeriod {
  /** Seconds from the beginning. */
  readonly startPeriod: number
  readonly limit: number
  readonly numberPhases?: number
}

/** What 1.6 and 2.x call the same. */
interface Told {
  readonly chargingRateUnit: RateUnit
  readonly duration?: number
  readonly chargingSchedulePeriod: readonly {
    readonly startPeriod: number
    readonly limit?: number
    readonly numberPhases?: number
  }[]
}

/** The answer's schedule; undefined where it tells no limit at all. */
export function compositeOf(
  told: Told | undefined,
  from: string | undefined,
): CompositeSchedule | undefined {
  if (told === undefined) return undefined
  const periods = told.chargingSchedulePeriod.flatMap(({ startPeriod, limit, numberPhases }) =>
    limit === undefined
      ? []
      : [{ startPeriod, limit, ...(numberPhases === undefined ? {} : { numberPhases }) }],
  )
  if (periods.length === 0) return undefined
  const at = from === undefined ? Number.NaN : Date.parse(from)
  return {
    unit: told.chargingRateUnit,
    periods: periods.sort((one, other) => one.startPeriod - other.startPeriod),
    ...(Number.isNaN(at) ? {} : { from: at }),
    ...(told.duration === undefined ? {} : { duration: told.duration }),
  }
}

/** For results and their readers: every period with its moment where it is known. */
export function compositeResult({ from, duration, unit, periods }: CompositeSchedule): Json {
  return {
    unit,
    from: from === undefined ? null : new Date(from).toISOString(),
    duration: duration ?? null,
    periods: periods.map(({ startPeriod, limit, numberPhases }) => ({
      from: from === undefined ? null : new Date(from + startPeriod * 1000).toISOString(),
      startPeriod,
      limit,
      phases: numberPhases ?? null,
    })),
  }
}

/** The limit that is expected, from each moment (ms since the epoch) on; null where none is. */
export interface Expected {
  readonly unit: RateUnit
  readonly phases: number
  readonly steps: readonly (readonly [from: number, limit: number | null])[]
}

export function expectedAt({ steps }: Expected, at: number): number | null {
  return steps.findLast(([from]) => from <= at)?.[1] ?? null
}

/** What rounding and converting between units may take or give. */
const tolerance = 0.01

/**
 * Whether a charger's plan keeps to what is expected: in words where it allows more at some moment,
 * `nothing` where it says nothing about any moment a limit is expected for. The charger's clock is right
 * here: wrong ones are not given times.
 */
export function compare(
  composite: CompositeSchedule | undefined,
  expected: Expected,
  now: number,
): 'keeps' | 'nothing' | { readonly exceeds: string } {
  if (composite === undefined) return 'nothing'
  const from = composite.from ?? now
  const until = composite.duration === undefined ? Infinity : from + composite.duration * 1000
  let said = false
  for (const [index, period] of composite.periods.entries()) {
    const begins = from + period.startPeriod * 1000
    const next = composite.periods[index + 1]
    const ends = next === undefined ? until : from + next.startPeriod * 1000
    for (const at of momentsWithin(expected, begins, ends)) {
      const wanted = expectedAt(expected, at)
      if (wanted === null) continue
      said = true
      const phases = period.numberPhases ?? expected.phases
      const allowed = inUnit({ unit: composite.unit, value: period.limit }, expected.unit, phases)
      if (allowed.value <= wanted * (1 + tolerance) + 0.1) continue
      const asked: Amount = { unit: expected.unit, value: wanted }
      return { exceeds: `${amountWords(allowed)} instead of ${amountWords(asked)}` }
    }
  }
  return said ? 'keeps' : 'nothing'
}

/** A little after each beginning, so that both sides may round to seconds. */
const marginMs = 2_000

function momentsWithin(expected: Expected, begins: number, ends: number): number[] {
  return [begins, ...expected.steps.map(([from]) => from)]
    .map((at) => at + marginMs)
    .filter((at) => at >= begins && at < ends)
}
