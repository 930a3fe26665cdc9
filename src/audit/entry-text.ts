import { canonicalJson } from '../kernel/json.ts'
import type { CommittedEvent } from './committing.ts'

/** The canonical text of an entry (RFC 8785): what is stored, and what is hashed. */
export function entryText(event: CommittedEvent, sequence: number): string {
  return canonicalText({ ...event, sequence })
}

/**
 * The canonical text of a value. What a charger answered may hold text that JSON can carry and RFC 8785
 * cannot (lone surrogates); it is mended, because an entry must never be lost over it.
 */
export function canonicalText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed())
  try {
    return canonicalJson(value)
  } catch {
    return canonicalJson(mended(value))
  }
}

function mended(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (Array.isArray(value)) return value.map(mended)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key.toWellFormed(), mended(inner)]),
    )
  return value
}
