/** Times between our stores and the database: ms since the epoch here, `timestamptz` there. */

/** SQL for a time as text of ms. */
export function ms(column: string): string {
  return `round(extract(epoch from ${column}) * 1000)::text`
}

export function iso(at: number): string
export function iso(at: number | null): string | null
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}

export function numberOf(text: string | null): number | null {
  return text === null ? null : Number(text)
}
