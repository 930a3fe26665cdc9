import { withoutCommitments } from '../../proof/commitments.ts'
import type { AuditEntry } from './audit.ts'
import { personalKinds } from './personal.ts'

/** Stands where a personal value was. */
export const erased = '(erased)'

/** What an entry's commitments stand for; null: none of them, or there are none. */
export type OpenValues = readonly { readonly path: string; readonly value: string }[] | null

/** The column `openings` of `OpenValues` beside an entry. */
export const openValues = `case when strpos(audit_entry.entry, '{"commitment":"') > 0 then (
  select json_agg(json_build_object('path', path, 'value', value)) from audit_opening
  where kind in (${personalKinds.map((kind) => `'${kind}'`).join(', ')})
    and sequence = audit_entry.sequence) end as openings`

/** An entry with its personal values in their places. */
export function openEntry(text: string, openings: OpenValues): Omit<AuditEntry, 'hash'> {
  const entry: unknown = JSON.parse(text)
  if (!text.includes('{"commitment":"')) return entry as AuditEntry
  const values = new Map(openings?.map(({ path, value }) => [path, value]))
  return withoutCommitments(entry, (path) => {
    const value = values.get(path)
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
