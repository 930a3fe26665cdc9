import { isTimeZone, offsetMinutes } from '../operations/charging/time-zone.ts'
import { weekDays } from './rules/risk.ts'

/** Hours that come back every week, in a time zone. */
export interface WeeklyHours {
  readonly days: readonly (typeof weekDays)[number][]
  /** `22:00`, and `04:00` for the morning after; the same for the whole day. */
  readonly from: string
  readonly to: string
}

const minute = 60_000
const day = 24 * 60
const quarter = 15

/** Whether a moment (ms since the epoch) lies in the hours. */
export function isWithin(hours: WeeklyHours, timeZone: string, at: number): boolean {
  const { weekDay, minutes } = localTime(timeZone, at)
  const [from, to] = [minutesOf(hours.from), minutesOf(hours.to)]
  const today = hours.days.includes(weekDays[weekDay]!)
  if (from < to) return today && minutes >= from && minutes < to
  const yesterday = hours.days.includes(weekDays[(weekDay + 6) % 7]!)
  return (today && minutes >= from) || (yesterday && minutes < to)
}

/** When they begin next; undefined within them. */
export function nextBegin(hours: WeeklyHours, timeZone: string, at: number): number | undefined {
  return nextMoment(hours, timeZone, at, true)
}

/** When they end; undefined outside of them, and where they never end. */
export function nextEnd(hours: WeeklyHours, timeZone: string, at: number): number | undefined {
  return nextMoment(hours, timeZone, at, false)
}

/**
 * The first whole minute that lies in the hours, or does not. Clocks differ from UTC by quarters of an hour and
 * are put forward and back at such, so within each quarter only the minutes count that the hours name.
 */
function nextMoment(
  hours: WeeklyHours,
  timeZone: string,
  at: number,
  within: boolean,
): number | undefined {
  if (isWithin(hours, timeZone, at) === within) return undefined
  const named = [0, minutesOf(hours.from) % quarter, minutesOf(hours.to) % quarter]
  const minutes = [...new Set(named)].sort((one, other) => one - other)
  const step = quarter * minute
  const start = Math.floor(at / step) * step
  for (let from = start; from <= start + 8 * day * minute; from += step) {
    const found = minutes
      .map((one) => from + one * minute)
      .find((one) => one > at && isWithin(hours, timeZone, one) === within)
    if (found !== undefined) return found
  }
  return undefined
}

function localTime(timeZone: string, at: number): { weekDay: number; minutes: number } {
  const zone = isTimeZone(timeZone) ? timeZone : 'UTC'
  const local = Math.floor(at / minute) + offsetAt(zone, at)
  // The epoch was a Thursday.
  const days = Math.floor(local / day)
  return { weekDay: (((days + 3) % 7) + 7) % 7, minutes: local - days * day }
}

/** The offset of each zone in the quarter of an hour that was asked of last; clocks change on quarters. */
const offsets = new Map<string, { readonly quarter: number; readonly offset: number }>()

/** Every decision asks for the hour, and nearly all for the same quarter. */
function offsetAt(zone: string, at: number): number {
  const asked = Math.floor(at / (quarter * minute))
  const known = offsets.get(zone)
  if (known?.quarter === asked) return known.offset
  const offset = offsetMinutes(zone, at)
  offsets.set(zone, { quarter: asked, offset })
  return offset
}

function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number)
  return hours * 60 + minutes
}
