/**
 * JSON as chargers write it: integers beyond 2^53 stay exact (as bigint), nesting is bounded, and what
 * would harm whoever stores or merges the value later (`__proto__`, NUL, half a surrogate pair) is taken out.
 */

/** Deeper than any OCPP message (about 10), shallow enough for every recursive reader behind us. */
export const maxDepth = 64

/** Digits an integer may have to be kept exactly; nothing meant as a number is longer. */
const maxDigits = 64

export type JsonReading =
  | {
      readonly ok: true
      readonly value: unknown
      /** What was taken out, in words. */
      readonly removed: readonly string[]
    }
  | { readonly ok: false; readonly reason: 'malformed' | 'too-deep' }

interface SourceAwareJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown
  rawJSON(text: string): object
}
/** JSON.parse with source text access and JSON.rawJSON, which TypeScript's library does not describe yet. */
const sourceAwareJson = JSON as unknown as SourceAwareJson

const nothingRemoved: readonly string[] = []
const escapeOfConcern = /\\u(?:0000|[dD][89a-fA-F])/

/** Reads one JSON text. Never throws, and never recurses deeper than `maxDepth`. */
export function readJson(text: string): JsonReading {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, reason: 'malformed' }
  }
  const concern = inspect(value, 0)
  if (concern === concerns.tooDeep) return { ok: false, reason: 'too-deep' }
  const escapes = text.includes('\\u') && escapeOfConcern.test(text)
  if (concern === concerns.none && !escapes) return { ok: true, value, removed: nothingRemoved }
  if ((concern & concerns.bigInteger) !== 0) value = sourceAwareJson.parse(text, exactNumber)
  if ((concern & concerns.key) === 0 && !escapes)
    return { ok: true, value, removed: nothingRemoved }
  return cleanse(value)
}

/** Reads JSON text written by `jsonText`. Throws SyntaxError on anything else than JSON. */
export function parseJson(text: string): unknown {
  return sourceAwareJson.parse(text, exactNumber)
}

/** JSON text of a value that may hold bigints. A value without a JSON form becomes `null`. */
export function jsonText(value: unknown): string {
  try {
    return plainText(value)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return plainText(value, (_key, part) =>
      typeof part === 'bigint' ? sourceAwareJson.rawJSON(part.toString()) : part,
    )
  }
}

function plainText(value: unknown, replacer?: (key: string, part: unknown) => unknown): string {
  const text = JSON.stringify(value, replacer) as string | undefined
  return text ?? 'null'
}

function exactNumber(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  return context.source === undefined ? value : numberFrom(context.source)
}

/**
 * The value of a JSON number: an integer beyond 2^53 as bigint; what no number of ours can hold
 * (1e400, thousands of digits) as its text.
 */
export function numberFrom(source: string): number | bigint | string {
  const value = Number(source)
  if (Number.isSafeInteger(value)) return value
  if (/^-?\d+$/.test(source)) return source.length <= maxDigits ? BigInt(source) : source
  return Number.isFinite(value) ? value : source
}

const concerns = { none: 0, bigInteger: 1, key: 2, tooDeep: 4 } as const

/** One pass over a freshly parsed value; the good path of every frame pays for it. */
function inspect(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return isUnsafe(value) ? concerns.bigInteger : 0
  if (depth >= maxDepth) return concerns.tooDeep
  let found = 0
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const item: unknown = value[index]
      if (typeof item === 'object') found |= inspect(item, depth + 1)
      else if (isUnsafe(item)) found |= concerns.bigInteger
      if (found >= concerns.tooDeep) return concerns.tooDeep
    }
    return found
  }
  for (const key in value) {
    if (isHarmfulKey(key)) found |= concerns.key
    const item = (value as Record<string, unknown>)[key]
    if (typeof item === 'object') found |= inspect(item, depth + 1)
    else if (isUnsafe(item)) found |= concerns.bigInteger
    if (found >= concerns.tooDeep) return concerns.tooDeep
  }
  return found
}

function isUnsafe(value: unknown): boolean {
  return (
    typeof value === 'number' &&
    (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER)
  )
}

/** Keys through which a later merge could reach Object.prototype. No OCPP message has them. */
export function isHarmfulKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor'
}

/** A copy without harmful keys, NUL characters and unpaired surrogates. For values known to be at most `maxDepth` deep. */
export function cleanse(value: unknown): JsonReading {
  const removed = new Set<string>()
  const clean = (part: unknown): unknown => {
    if (typeof part === 'string') return cleanText(part, removed)
    if (typeof part !== 'object' || part === null) return part
    if (Array.isArray(part)) return part.map(clean)
    const copy: Record<string, unknown> = {}
    for (const [key, item] of Object.entries(part)) {
      const name = cleanText(key, removed)
      if (isHarmfulKey(name)) removed.add(`the key ${name}`)
      else copy[name] = clean(item)
    }
    return copy
  }
  const cleaned = clean(value)
  return { ok: true, value: cleaned, removed: [...removed] }
}

function cleanText(text: string, removed: Set<string>): string {
  let clean = text
  if (clean.includes('\u0000')) {
    removed.add('NUL characters')
    clean = clean.replaceAll('\u0000', '')
  }
  if (!clean.isWellFormed()) {
    removed.add('unpaired surrogates')
    clean = clean.toWellFormed()
  }
  return clean
}
