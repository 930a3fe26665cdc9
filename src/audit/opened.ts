import { withoutCommitments } from '../../proof/commitments.ts'
import type { AuditEntry } from './audit.ts'

/** Stands where a personal value was. */
export const erased = '(erased)'

/** What an entry's commitments stand for; null: none of them, or there are none. */
export type OpenValues = readonly { readonly commitment: string; readonly value: string }[] | null

/** The column `openings` of `OpenValues` beside an entry. */
export const openValues = `case when strpos(audit_entry.entry, '{"commitment":"') > 0 then (
  select json_agg(json_build_object('commitment', commitment, 'value', value)) from audit_opening
  where commitment = any(array(
    select found[1] from regexp_matches(audit_entry.entry, '{"commitment":"([\\w-]{43})"}', 'g') as found
  ))) end as openings`

/** An entry with its personal values in their places. */
export function openEntry(text: string, openings: OpenValues): Omit<AuditEntry, 'hash'> {
  const entry: unknown = JSON.parse(text)
  if (!text.includes('{"commitment":"')) return entry as AuditEntry
  const values = new Map(openings?.map(({ commitment, value }) => [commitment, value]))
  return withoutCommitments(entry, (_, commitment) => {
    const value = values.get(commitment)
    return value === undefined ? erased : valueIn(value)
  }) as AuditEntry
}

/** Somebody may have changed it in the database, which is for the verifier to say. */
function valueIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
