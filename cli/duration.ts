import { InvalidArgumentError } from '@commander-js/extra-typings'

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
const part = /(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d|w)\s*/y
const longestMs = 10 * 365 * 86_400_000

/** Reads a length of time such as `90s`, `10m`, `1h30m` or `2d`, in ms; undefined where it is none. */
export function durationMs(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase()
  let total = 0
  let at = 0
  while (at < trimmed.length) {
    part.lastIndex = at
    const match = part.exec(trimmed)
    if (match === null) return undefined
    total += Number(match[1]) * (unitMs[match[2] ?? ''] ?? Number.NaN)
    at = part.lastIndex
  }
  return trimmed === '' || !(total <= longestMs) ? undefined : Math.round(total)
}

/** As an option's value. */
export function parseDuration(text: string): number {
  const ms = durationMs(text)
  if (ms === undefined || ms === 0)
    throw new InvalidArgumentError('Give a length of time such as 90s, 10m, 1h30m or 2d.')
  return ms
}

const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i

/** Reads a moment: ISO 8601 with a time zone, or a length of time before or after `now`. ISO 8601 comes out. */
export function moment(text: string, now: number, sign: 1 | -1): string | undefined {
  const trimmed = text.trim()
  if (iso.test(trimmed)) {
    const at = Date.parse(trimmed)
    return Number.isNaN(at) ? undefined : new Date(at).toISOString()
  }
  const ms = durationMs(trimmed)
  return ms === undefined ? undefined : new Date(now + sign * ms).toISOString()
}

/** As an option's value: `10m` means in ten minutes. */
export function parseFuture(now: () => number): (text: string) => string {
  return (text) => momentOrThrow(moment(text, now(), 1), '10m (from now)')
}

/** As an option's value: `10m` means ten minutes ago. */
export function parsePast(now: () => number): (text: string) => string {
  return (text) => momentOrThrow(moment(text, now(), -1), '10m (ago)')
}

function momentOrThrow(at: string | undefined, example: string): string {
  if (at === undefined)
    throw new InvalidArgumentError(`Give ${example} or a moment such as 2026-05-01T12:00:00Z.`)
  return at
}
