import type { ChargerFacts } from './facts.ts'

/**
 * What a wrong clock means for whoever gives a charger something with a time in it: a schedule, a
 * validity, a retrieval date. The charger acts by its own clock.
 */

const minute = 60_000
const hour = 60 * minute

/** How far from a whole zone offset a clock may be and still be taken for local time. */
const zoneToleranceMs = 90_000
/** Zones that are no whole number of hours from UTC, in minutes. */
const brokenZones = [-570, -210, 210, 270, 330, 345, 390, 525, 570, 630, 765]

/**
 * The zone whose local time the charger seems to send as UTC, in minutes from UTC: its clock is off by
 * exactly that much. Undefined where it is not.
 */
export function zoneOffsetMinutes(skewMs: number): number | undefined {
  const hours = Math.round(skewMs / hour)
  if (hours !== 0 && hours >= -12 && hours <= 14 && near(skewMs, hours * 60)) return hours * 60
  return brokenZones.find((zone) => near(skewMs, zone))
}

function near(skewMs: number, zone: number): boolean {
  return Math.abs(skewMs - zone * minute) <= zoneToleranceMs
}

/** How wrong a clock is, e.g. `2 h ahead (local time of UTC+02:00 sent as UTC)`. */
export function clockWords(skewMs: number): string {
  const off = `${durationWords(Math.abs(skewMs))} ${skewMs < 0 ? 'behind' : 'ahead'}`
  const zone = zoneOffsetMinutes(skewMs)
  return zone === undefined ? off : `${off} (local time of ${zoneWords(zone)} sent as UTC)`
}

/** `UTC+05:30`. */
export function zoneWords(minutes: number): string {
  const size = Math.abs(minutes)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

/** In at most two units: `45 s`, `3 min 20 s`, `2 h`, `5 d 3 h`. */
export function durationWords(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first === -1) return `${Math.round(ms)} ms`
  const [name, size] = units[first]!
  const rest = units[first + 1]
  const more = rest === undefined ? 0 : Math.floor((seconds % size) / rest[1])
  const text = `${Math.floor(seconds / size)} ${name}`
  return more === 0 ? text : `${text} ${more} ${rest![0]}`
}

/**
 * Why times given to this charger would not be what is meant; undefined where its clock is right within
 * `thresholdMs`, or nobody knows.
 */
export function clockTrouble(
  facts: Pick<ChargerFacts, 'clockSkewMs'>,
  thresholdMs: number,
): string | undefined {
  const skewMs = facts.clockSkewMs
  if (skewMs === undefined || Math.abs(skewMs) <= thresholdMs) return undefined
  const when = skewMs < 0 ? 'late' : 'early'
  return `its clock is ${clockWords(skewMs)}, so times given to it come ${durationWords(Math.abs(skewMs))} too ${when}`
}
