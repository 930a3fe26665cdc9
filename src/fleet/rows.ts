/**
 * Between TypeScript and SQL. Sets of rows travel as one JSON parameter, read by `json_to_recordset`, so
 * that a statement is the same for one row and for a thousand.
 */

/** JSON can carry NUL and half surrogate pairs, PostgreSQL's text cannot. */
const unstorable = /\\u(?:0000|d[89a-f])/i

export function recordset(rows: readonly object[]): string {
  const text = JSON.stringify(rows)
  if (!unstorable.test(text)) return text
  return JSON.stringify(rows, (_key, value: unknown) =>
    typeof value === 'string' ? storable(value) : value,
  )
}

/** Text as PostgreSQL can keep it. */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed()
}

/** ms since the epoch as a timestamptz parameter. */
export function moment(ms: number): string
export function moment(ms: number | null | undefined): string | null
export function moment(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : new Date(ms).toISOString()
}

/** A timestamptz column as ms since the epoch. */
export function ms(column: Date): number
export function ms(column: Date | null): number | null
export function ms(column: Date | null): number | null {
  return column === null ? null : column.getTime()
}

/** A timestamptz column as the faces show it. */
export function iso(column: Date): string
export function iso(column: Date | null): string | null
export function iso(column: Date | null): string | null {
  return column === null ? null : column.toISOString()
}

/** The greater of two moments, either of which may be missing. */
export function later(a: number | null, b: number): number {
  return a === null || b > a ? b : a
}
