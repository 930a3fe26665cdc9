const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** A length of time in its largest fitting unit, e.g. `850 ms`, `4.6 s`, `3 min`, `2 h`, `5 d`. */
export function length(ms: number): string {
  const size = Math.abs(ms)
  if (size < second) return `${Math.round(ms)} ms`
  if (size < 10 * second) return `${(ms / second).toFixed(1)} s`
  if (size < 100 * second) return `${Math.round(ms / second)} s`
  if (size < 100 * minute) return `${Math.round(ms / minute)} min`
  if (size < 2 * day) return `${Math.round(ms / hour)} h`
  return `${Math.round(ms / day)} d`
}

/** `3 min ago`, `in 2 h`; a moment within a second is `now`, one months away its date. */
export function relative(at: string | null | undefined, now: number): string {
  if (at === null || at === undefined) return '-'
  const then = Date.parse(at)
  if (Number.isNaN(then)) return at
  const ms = then - now
  if (Math.abs(ms) < second) return 'now'
  if (Math.abs(ms) > 90 * day) return localDate(then)
  const rounded = Math.abs(ms) < 100 * second ? Math.round(ms / second) * second : ms
  const size = Math.abs(rounded)
  const text = size < 100 * second ? `${size / second} s` : length(size)
  return ms < 0 ? `${text} ago` : `in ${text}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function localDate(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** The time of day here, to the millisecond. */
export function clockTime(at: string): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return at
  const ms = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`
}

/** Date and time here, to the second. */
export function dateTime(at: string | null): string {
  if (at === null) return '-'
  const date = new Date(at)
  return Number.isNaN(date.getTime())
    ? at
    : `${localDate(date.getTime())} ${clockTime(at).slice(0, 8)}`
}

/** Both: `2026-05-01 12:00:00 (3 min ago)`. */
export function moment(at: string | null, now: number): string {
  return at === null ? '-' : `${dateTime(at)} (${relative(at, now)})`
}
