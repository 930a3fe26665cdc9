import { hash } from 'node:crypto'
import { canonicalJson } from '../kernel/json.ts'
import type { AuditEvent } from './audit.ts'

/** Where the chain is: the last entry's place and hash. */
export interface Head {
  readonly sequence: number
  readonly hash: string
}

/** A link ready to be stored: the canonical text, and the hash over the link before and this text. */
export interface Link {
  readonly sequence: number
  readonly text: string
  readonly hash: string
}

export const emptyChain: Head = { sequence: 0, hash: '0'.repeat(64) }

/** SHA-256 (hex) over the hash of the entry before, followed by this entry's canonical JSON. */
export function linkHash(previousHash: string, text: string): string {
  return hash('sha256', previousHash + text, 'hex')
}

export function nextLink(head: Head, event: AuditEvent): Link {
  const sequence = head.sequence + 1
  const text = entryText({ ...event, sequence })
  return { sequence, text, hash: linkHash(head.hash, text) }
}

/**
 * The canonical text of an entry. What a charger answered may hold text that JSON can carry and
 * RFC 8785 cannot (lone surrogates); it is mended, because an entry must never be lost over it.
 */
function entryText(entry: object): string {
  try {
    return canonicalJson(entry)
  } catch {
    return canonicalJson(mended(entry))
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
