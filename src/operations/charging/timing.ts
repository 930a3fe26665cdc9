import { clockTrouble } from '../clock.ts'
import type { ChargerFacts } from '../facts.ts'
import { isRefusal, refuse } from '../operation.ts'
import type { Refusal } from '../operation.ts'
import type { ChargingAbilities } from './abilities.ts'
import type { Amount } from './amount.ts'
import type { Expected } from './composite.ts'
import { readMoment } from './moment.ts'
import type { ChargingProfile, SchedulePeriod } from './profile.ts'
import type { Purpose } from './purpose.ts'
import type { Lasting } from './slots.ts'
import { nextOffsetChange } from './time-zone.ts'
import { nextTurn, recurringOf, stepsOf, valueAt } from './weekly.ts'
import type { Step, Weekly } from './weekly.ts'

/** A clock that is further off than this is given no times. */
export const clockToleranceMs = 60_000

/** When a limit holds: always, from one moment to another, or on a weekly schedule. */
export interface When {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly weekly?: Weekly | undefined
}

/** What of a charging profile says when it holds and how much, with the values in the unit they were given in. */
export interface Timing {
  readonly kind: 'Absolute' | 'Recurring' | 'Relative'
  readonly recurrencyKind?: 'Daily' | 'Weekly'
  readonly startSchedule?: number
  readonly duration?: number
  readonly validFrom?: number
  readonly validTo?: number
  readonly periods: readonly (SchedulePeriod & { readonly limit: number })[]
}

export interface Timings {
  readonly lasting: Lasting
  /** One, or two where the clocks will change: one for the time before, one for after. */
  of(purpose: Purpose): readonly Timing[]
  /** What holds from now on, as far as can be looked ahead, in the unit it was given in. */
  readonly steps: Expected['steps']
  /** How far the charger is asked to look ahead (seconds); undefined where it begins too late to be seen. */
  readonly lookAhead?: number
}

const hour = 3_600_000
const day = 24 * hour
/** The longest time a charger is asked to look ahead. */
const furthestMs = day
const shortestMs = 300_000

type Known = Pick<ChargerFacts, 'clockSkewMs'>

export function timingsOf(
  when: When,
  amount: Amount,
  charger: Known,
  abilities: ChargingAbilities,
  now: number,
): Timings | Refusal {
  const { from, to, weekly } = when
  const field = weekly !== undefined ? 'weekly' : from !== undefined ? 'from' : 'to'
  if (weekly === undefined && from === undefined && to === undefined)
    return always(amount, charger, abilities, now)
  const trouble = abilities.relativeOnly ?? clockTrouble(charger, clockToleranceMs)
  if (trouble !== undefined)
    return refuse(`a limit by the clock would come to nothing: ${trouble}`, field)
  if (weekly !== undefined) return onWeek(weekly, amount, abilities, now)
  return between(from, to, amount, now)
}

/**
 * Independent of the clock wherever that is allowed: relative to the session, or, for the whole charger,
 * absolute with a beginning long past by the charger's own clock.
 */
function always(
  { value }: Amount,
  { clockSkewMs = 0 }: Known,
  { relativeOnly }: ChargingAbilities,
  now: number,
): Timings {
  const startSchedule = Math.floor((now + Math.min(0, clockSkewMs) - day) / hour) * hour
  const periods = [{ startPeriod: 0, limit: value }]
  return {
    lasting: 'standing',
    of: (purpose) =>
      purpose === 'max' && relativeOnly === undefined
        ? [{ kind: 'Absolute', startSchedule, periods }]
        : [{ kind: 'Relative', periods }],
    steps: [[0, value]],
    lookAhead: shortestMs / 1000,
  }
}

function between(
  from: string | undefined,
  to: string | undefined,
  { value }: Amount,
  now: number,
): Timings | Refusal {
  // Now, also by a clock that is a little behind.
  const begins = from === undefined ? now - clockToleranceMs : readMoment(from, 'from')
  const ends = to === undefined ? undefined : readMoment(to, 'to')
  if (typeof begins !== 'number') return begins
  if (ends !== undefined && typeof ends !== 'number') return ends
  if (ends !== undefined && ends <= now) return refuse('it lies in the past', 'to')
  const timing: Timing = {
    kind: 'Absolute',
    startSchedule: begins,
    periods: [{ startPeriod: 0, limit: value }],
    ...(ends === undefined ? {} : { duration: Math.ceil((ends - begins) / 1000), validTo: ends }),
  }
  const until = Math.min(ends ?? Infinity, now + furthestMs)
  return {
    lasting: 'window',
    of: () => [timing],
    steps: [[begins, value], ...(ends === undefined ? [] : [[ends, null] as const])],
    ...(begins >= now + furthestMs - shortestMs
      ? {}
      : { lookAhead: Math.ceil(Math.max(shortestMs, until - now) / 1000) }),
  }
}

/** Whether the parameters go together, whatever the charger. */
export function checkWhen({ from, to, weekly }: When, amount: Amount): Refusal | undefined {
  if (weekly !== undefined && (from !== undefined || to !== undefined))
    return refuse('a limit holds on a weekly schedule, or from one moment to another', 'weekly')
  const begins = from === undefined ? undefined : readMoment(from, 'from')
  const ends = to === undefined ? undefined : readMoment(to, 'to')
  for (const moment of [begins, ends])
    if (moment !== undefined && typeof moment !== 'number') return moment
  if (typeof begins === 'number' && typeof ends === 'number' && ends <= begins)
    return refuse('it must be after from', 'to')
  if (weekly === undefined) return undefined
  const steps = stepsOf(weekly, amount)
  return isRefusal(steps) ? steps : undefined
}

function onWeek(
  weekly: Weekly,
  amount: Amount,
  { maxPeriods, maxStackLevel }: ChargingAbilities,
  now: number,
): Timings | Refusal {
  const steps = stepsOf(weekly, amount)
  if (isRefusal(steps)) return steps
  const recurring = recurringOf(steps, weekly.timeZone, now)
  const most = Math.max(...recurring.map(({ periods }) => periods.length))
  if (maxPeriods !== undefined && most > maxPeriods)
    return refuse(
      `the week takes ${most} periods, and the charger takes ${maxPeriods} in one schedule`,
      'weekly',
    )
  // Without a level for the time after the change of clocks, today's goes on until it is sent anew.
  const [{ recurrencyKind, startSchedule, duration, periods }] = recurring
  const validFrom = Math.floor(now / 1000) * 1000
  const sent =
    maxStackLevel !== undefined && maxStackLevel < 2 && recurring.length > 1
      ? [{ recurrencyKind, startSchedule, duration, periods, validFrom }]
      : recurring
  const timings = sent.map((one): Timing => ({ kind: 'Recurring', ...one }))
  return {
    lasting: 'standing',
    of: () => timings,
    steps: stepsAhead(steps, weekly.timeZone, now),
    lookAhead: furthestMs / 1000,
  }
}

function stepsAhead(steps: readonly Step[], zone: string, now: number): Expected['steps'] {
  const ahead: [number, number][] = []
  for (let at = now; at < now + furthestMs; at = nextTurn(steps, zone, at))
    ahead.push([at, valueAt(steps, zone, at)])
  return ahead
}

/**
 * When a weekly limit must be sent again because the clocks will have changed, by what was sent; undefined
 * where they never do.
 */
export function renewalOf(
  weekly: Weekly,
  sent: Pick<ChargingProfile, 'validFrom' | 'validTo'>,
): number | undefined {
  if (sent.validTo !== undefined) return sent.validTo
  if (sent.validFrom === undefined) return undefined
  return nextOffsetChange(weekly.timeZone, sent.validFrom, sent.validFrom + 370 * day)
}
