/** A moment a charger wrote, and whether it wrote it as OCPP asks (RFC 3339 with a zone). */
export interface Timestamp {
  /** Milliseconds since the Unix epoch. */
  readonly ms: number
  /** True where the text had to be interpreted, e.g. UTC assumed because no zone was given. */
  readonly lenient: boolean
}

const rfc3339 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i

/** Whether the text is a date and time as OCPP asks: RFC 3339 with `T` and a zone, on a day that exists. */
export function isRfc3339(text: string): boolean {
  const match = rfc3339.exec(text)
  if (match === null) return false
  const day = Number(match[2])
  return day <= 28 || day <= daysIn(Number(text.slice(0, 4)), Number(match[1]))
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

const lenientForm =
  /^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[T_\s]*(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9})\d*)?)?)?\s*(Z|UTC|GMT)?\s*(?:([+-])(\d{2}):?(\d{2})?)?$/i

/**
 * The moment a charger means: any RFC 3339 text; a missing zone read as UTC; `+02`; a space for `T`; compact forms;
 * a date alone; the second 60; seconds or milliseconds since the epoch. Undefined where it cannot be told.
 */
export function parseTimestamp(value: string | number): Timestamp | undefined {
  if (typeof value === 'number') return sinceEpoch(value)
  if (isRfc3339(value)) return { ms: Date.parse(value.toUpperCase()), lenient: false }
  const text = value.trim()
  if (text.length > 64) return undefined
  if (/^(?:\d{10}|\d{13})(?:\.\d+)?$/.test(text)) return sinceEpoch(Number(text))
  const match = lenientForm.exec(text)
  return match === null ? undefined : fromParts(match)
}

function fromParts(match: RegExpExecArray): Timestamp | undefined {
  const number = (index: number): number => Number(match[index] ?? 0)
  const [year, month, day] = [number(1), number(2), number(3)]
  const [hour, minute, second] = [number(4), number(5), number(6)]
  const [offsetHour, offsetMinute] = [number(10), number(11)]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  if (hour > 24 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59)
    return undefined
  const fraction = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000)
  const local = new Date(0)
  local.setUTCFullYear(year, month - 1, day)
  local.setUTCHours(hour, minute, second, fraction)
  const offset = (match[9] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute) * 60_000
  return { ms: local.getTime() - offset, lenient: true }
}

/** Between 2001 and 2286 seconds have ten digits and milliseconds thirteen, so they cannot be confused. */
function sinceEpoch(value: number): Timestamp | undefined {
  if (value >= 1e9 && value < 1e10) return { ms: Math.round(value * 1000), lenient: true }
  if (value >= 1e12 && value < 1e13) return { ms: Math.round(value), lenient: true }
  return undefined
}

/** RFC 3339 in UTC with milliseconds, as we write every time. `ms` is since the Unix epoch. */
export function formatTimestamp(ms: number): string {
  return new Date(ms).toISOString()
}
