import { ProblemError } from './problem.ts'

/** One page of a list; `nextCursor` is null on the last. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}
export interface PageRequest {
  /** 1 to 500. */
  readonly limit: number
  readonly cursor?: string
}

const mostItems = 500

/** Checks how many items are asked for. */
export function checkLimit({ limit }: PageRequest): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > mostItems)
    throw new ProblemError(
      'invalid-input',
      `must be a whole number from 1 to ${mostItems}`,
      'limit',
    )
  return limit
}

/** Cursors are opaque to their holders: the key of the last item given, with the list it belongs to. */
export function cursorAfter(list: string, key: string): string {
  return Buffer.from(JSON.stringify([list, key])).toString('base64url')
}

/** The key a cursor stands for, or undefined at the beginning of the list. */
export function keyOfCursor(
  list: string,
  { cursor }: PageRequest,
  isKey: (key: string) => boolean = () => true,
): string | undefined {
  if (cursor === undefined) return undefined
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(read) && read.length === 2 && read[0] === list) {
      const key: unknown = read[1]
      if (typeof key === 'string' && !key.includes('\u0000') && isKey(key)) return key
    }
  } catch {
    // Not JSON: refused below like every other cursor that is not ours.
  }
  throw new ProblemError('invalid-input', 'is not a cursor of this list', 'cursor')
}

export const isUuid = (key: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key)
export const isNumber = (key: string): boolean => /^\d{1,15}$/.test(key)

/** Makes a page of rows fetched with one more than asked for, which tells whether there are more. */
export function pageOf<Row, Item>(
  list: string,
  limit: number,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  show: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  return { items: shown.map(show), nextCursor: more ? cursorAfter(list, keyOf(last)) : null }
}
