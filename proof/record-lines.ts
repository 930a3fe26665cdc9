import { isOpening, type Opening } from './commitments.ts'

/**
 * A record as it is exported, one JSON value a line: a header; the entries, each the very bytes that were
 * hashed, each followed by the openings of its personal values that are handed out; after every tile of them the hashes that were stored; and the signed checkpoints, each behind the
 * last entry of its tree.
 */

export interface RecordHeader {
  readonly record: {
    readonly format: typeof recordFormat
    readonly origin: string
    /** The log's verifier key: for information, since trust in it must come from elsewhere. */
    readonly key: string
    /** How many entries follow. */
    readonly entries: number
    /** Personal values are left out, not erased. */
    readonly withoutPersonalData?: true
  }
}

/** What is known of the personal values of the entry before. */
export interface OpeningsLine {
  readonly openings: { readonly entry: number; readonly values: readonly Opening[] }
}

/** Stored hashes of the entries before, in base64 of the concatenated bytes. */
export interface HashesLine {
  readonly hashes: string
}

export interface CheckpointLine {
  /** A signed note. */
  readonly checkpoint: string
}

export const recordFormat = 'ota-control-record/1'

export type RecordLine =
  | { readonly kind: 'header'; readonly header: RecordHeader['record'] }
  | { readonly kind: 'entry'; readonly text: string; readonly entry: ParsedEntry }
  | { readonly kind: 'openings'; readonly entry: number; readonly openings: readonly Opening[] }
  | { readonly kind: 'hashes'; readonly hashes: Buffer }
  | { readonly kind: 'checkpoint'; readonly note: string }

/** What a verifier reads of an entry. */
export interface ParsedEntry {
  readonly sequence: number
  readonly event: string
  readonly command?: string
  readonly charger?: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** Undefined: it is none of the lines a record is made of. */
export function parseRecordLine(line: string): RecordLine | undefined {
  const value = parseObject(line)
  if (value === undefined) return undefined
  if (typeof value.checkpoint === 'string') return { kind: 'checkpoint', note: value.checkpoint }
  if (typeof value.hashes === 'string')
    return { kind: 'hashes', hashes: Buffer.from(value.hashes, 'base64') }
  if (typeof value.openings === 'object' && value.openings !== null)
    return openingsIn(value.openings)
  if (typeof value.record === 'object' && value.record !== null)
    return { kind: 'header', header: value.record as RecordHeader['record'] }
  const entry = entryIn(value)
  return entry === undefined ? undefined : { kind: 'entry', text: line, entry }
}

function openingsIn({ entry, values }: Partial<OpeningsLine['openings']>): RecordLine | undefined {
  return typeof entry === 'number' && Array.isArray(values) && values.every(isOpening)
    ? { kind: 'openings', entry, openings: values }
    : undefined
}

export function parseEntry(text: string): ParsedEntry | undefined {
  const value = parseObject(text)
  return value === undefined ? undefined : entryIn(value)
}

function entryIn(value: Readonly<Record<string, unknown>>): ParsedEntry | undefined {
  return typeof value.sequence === 'number' &&
    typeof value.event === 'string' &&
    typeof value.detail === 'object' &&
    value.detail !== null
    ? (value as unknown as ParsedEntry)
    : undefined
}

export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
