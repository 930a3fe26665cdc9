import type { Json } from '../kernel/json.ts'

/** The tokens of our file links (`src/files/grant.ts`), also where they were cut off. */
const token = /\bota([ud])\.[A-Za-z0-9_-]{4,}/g

/**
 * Takes the secret out of every file link of ours, in a text or anywhere in a JSON value. What stays of
 * a token is its beginning, which tells an upload (`otau.***`) from a download (`otad.***`).
 */
export function maskFileLinks<T extends Json>(value: T): T {
  return mayHoldLink(value) ? (masked(value) as T) : value
}

/** Almost nothing does, and need not be copied. */
function mayHoldLink(value: Json): boolean {
  if (typeof value === 'string') return value.includes('ota')
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(mayHoldLink)
}

function masked(value: Json): Json {
  if (typeof value === 'string') return value.replace(token, 'ota$1.***')
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map(masked)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member)]))
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
