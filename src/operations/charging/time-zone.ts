/*
 * Local time of a place, by the time zone data that comes with the runtime. Offsets are minutes east of UTC.
 */

const minute = 60_000
const day = 24 * 60 * minute

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  let known = formats.get(zone)
  if (known === undefined) {
    known = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(zone, known)
  }
  return known
}

/** Whether it is the name of a time zone, e.g. `Europe/Berlin`. */
export function isTimeZone(zone: string): boolean {
  try {
    return formatOf(zone) !== undefined
  } catch {
    return false
  }
}

/** How far local time is ahead of UTC at a moment (ms since the epoch). */
export function offsetMinutes(zone: string, at: number): number {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Readonly<Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>>
  const { year, month, day: date, hour, minute: minutes, second } = parts
  const local = Date.UTC(year, month - 1, date, hour, minutes, second)
  return Math.round((local - Math.floor(at / 1000) * 1000) / minute)
}

/** The first moment after `after`, and before `until`, at which the offset changes. Undefined where it stays. */
export function nextOffsetChange(zone: string, after: number, until: number): number | undefined {
  const before = offsetMinutes(zone, after)
  let low = after
  while (low < until) {
    const high = Math.min(low + day, until)
    if (offsetMinutes(zone, high) !== before) return firstWithout(zone, before, low, high)
    low = high
  }
  return undefined
}

/** Clocks change at whole seconds. */
function firstWithout(zone: string, offset: number, from: number, to: number): number {
  let low = Math.floor(from / 1000)
  let high = Math.ceil(to / 1000)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetMinutes(zone, middle * 1000) === offset) low = middle
    else high = middle
  }
  return high * 1000
}
