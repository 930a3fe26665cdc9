import Type from 'typebox'
import type { Static } from 'typebox'
import { isRefusal, refuse } from '../operation.ts'
import type { Refusal } from '../operation.ts'
import { amountOf, amountParams } from './amount.ts'
import type { Amount } from './amount.ts'
import { isTimeZone, nextOffsetChange, offsetMinutes } from './time-zone.ts'

/*
 * A week of limits in local time, and the recurring schedules that say it to a charger. A charger counts
 * recurring schedules in UTC, so each holds only as long as local time keeps its offset. The next one, for
 * the time after the clocks change, is given to the charger in advance.
 */

export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const beginning = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })
const end = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$|^24:00$' })

export const weeklySchema = Type.Object(
  {
    timeZone: Type.String({ maxLength: 64, description: 'E.g. Europe/Berlin' }),
    times: Type.Array(
      Type.Object(
        {
          days: Type.Array(Type.Enum([...days]), { minItems: 1, uniqueItems: true }),
          from: beginning,
          to: end,
          ...amountParams,
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 100 },
    ),
  },
  {
    additionalProperties: false,
    description:
      'Another limit at some times of the week, in local time: {"timeZone": "Europe/Berlin", "times": [{"days": ["mon", "tue"], "from": "17:00", "to": "20:00", "kilowatts": 5}]}. ' +
      'A time whose end is not after its beginning ends the day after.',
  },
)
export type Weekly = Static<typeof weeklySchema>

/** From this minute of the week on (0 is Monday 00:00 local time), until the next step. */
export interface Step {
  readonly minute: number
  readonly value: number
}

const minutesOfDay = 24 * 60
const minutesOfWeek = 7 * minutesOfDay

/** The whole week in steps, the first at minute 0, `otherwise` at all times not named; in the unit of `otherwise`. */
export function stepsOf(weekly: Weekly, otherwise: Amount): readonly Step[] | Refusal {
  if (!isTimeZone(weekly.timeZone))
    return refuse(`${weekly.timeZone} is not the name of a time zone`, 'weekly.timeZone')
  const minutes = new Array<number | undefined>(minutesOfWeek)
  for (const [index, time] of weekly.times.entries()) {
    const field = `weekly.times[${index}]`
    const amount = amountOf(time, `${field}.`)
    if (isRefusal(amount)) return amount
    if (amount.unit !== otherwise.unit)
      return refuse('give all limits of one schedule in the same unit', `${field}.amperes`)
    const from = minuteOf(time.from)
    const until = minuteOf(time.to)
    const length = until > from ? until - from : until + minutesOfDay - from
    for (const name of time.days) {
      const start = days.indexOf(name) * minutesOfDay + from
      for (let at = start; at < start + length; at += 1) {
        const place = at % minutesOfWeek
        if (minutes[place] !== undefined) return refuse('times of a week must not overlap', field)
        minutes[place] = amount.value
      }
    }
  }
  return joined(Array.from(minutes, (value) => value ?? otherwise.value))
}

function minuteOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
}

function joined(minutes: readonly number[]): Step[] {
  return minutes.flatMap((value, minute) =>
    minute === 0 || value !== minutes[minute - 1] ? [{ minute, value }] : [],
  )
}

/** What the week says for a moment. */
export function valueAt(steps: readonly Step[], zone: string, at: number): number {
  const minute = localMinute(at, offsetMinutes(zone, at))
  return steps.findLast((step) => step.minute <= minute)?.value ?? 0
}

/** When the week next says something else, or the clocks change; at most a week ahead. */
export function nextTurn(steps: readonly Step[], zone: string, at: number): number {
  const offset = offsetMinutes(zone, at)
  const minute = localMinute(at, offset)
  const next = steps.find((step) => step.minute > minute)?.minute ?? minutesOfWeek
  const turn = mondayBefore(at, offset) + next * 60_000
  return nextOffsetChange(zone, at, turn) ?? turn
}

const week = minutesOfWeek * 60_000
/** The epoch was a Thursday. */
const firstMonday = 4 * minutesOfDay * 60_000

function localMinute(at: number, offset: number): number {
  return Math.floor((at - mondayBefore(at, offset)) / 60_000)
}

/** The Monday 00:00, in local time with this offset, that is not after a moment. */
function mondayBefore(at: number, offset: number): number {
  const local = at + offset * 60_000
  return firstMonday + Math.floor((local - firstMonday) / week) * week - offset * 60_000
}

/** A recurring schedule that says the week while local time keeps one offset. */
export interface Recurring {
  readonly recurrencyKind: 'Daily' | 'Weekly'
  /** ms since the epoch, before `now`. */
  readonly startSchedule: number
  /** Seconds. */
  readonly duration: number
  readonly periods: readonly { readonly startPeriod: number; readonly limit: number }[]
  /** It holds only within these, where they are given (ms since the epoch). */
  readonly validFrom?: number
  readonly validTo?: number
}

/** How far ahead a change of clocks matters. */
const horizonMs = 370 * minutesOfDay * 60_000

/**
 * The schedules that say the week from `now` on: the one of today, and the one of the time after the next
 * change of clocks where there is one. `now` belongs to the time before a change.
 */
export function recurringOf(
  steps: readonly Step[],
  zone: string,
  now: number,
): readonly [Recurring, ...Recurring[]] {
  const today = recurring(steps, offsetMinutes(zone, now), now)
  const change = nextOffsetChange(zone, now, now + horizonMs)
  if (change === undefined) return [today]
  const later = recurring(steps, offsetMinutes(zone, change), now)
  return [
    { ...today, validTo: change },
    { ...later, validFrom: change },
  ]
}

function recurring(steps: readonly Step[], offset: number, now: number): Recurring {
  const daily = dayOf(steps)
  const periods = (daily ?? steps).map(({ minute, value }) => ({
    startPeriod: minute * 60,
    limit: value,
  }))
  return {
    recurrencyKind: daily === undefined ? 'Weekly' : 'Daily',
    startSchedule: mondayBefore(now, offset),
    duration: (daily === undefined ? minutesOfWeek : minutesOfDay) * 60,
    periods,
  }
}

/** The steps of a day where all days are alike; they take fewer periods than a week. */
function dayOf(steps: readonly Step[]): readonly Step[] | undefined {
  const at = (minute: number): number => steps.findLast((step) => step.minute <= minute)?.value ?? 0
  const turns = [...new Set([0, ...steps.map(({ minute }) => minute % minutesOfDay)])].sort(
    (one, other) => one - other,
  )
  const alike = turns.every((turn) =>
    days.every((_, index) => at(index * minutesOfDay + turn) === at(turn)),
  )
  return alike ? turns.map((minute) => ({ minute, value: at(minute) })) : undefined
}
