import type { Database } from '../storage/database.ts'
import type { AuditEntry } from './audit.ts'
import { openEntry, openValues, type OpenValues } from './opened.ts'

/** Entries about one charger that are no steps of a command, in the order of their time, newest first. */
export interface ChangesQuery {
  readonly charger: string
  /** ms since the epoch, this moment included. */
  readonly since?: number
  /** Entries before this moment, and of it those with a lower sequence. */
  readonly before?: { readonly at: number; readonly sequence: number }
  readonly limit: number
}

export async function findChanges(
  { query }: Pick<Database, 'query'>,
  { charger, since, before, limit }: ChangesQuery,
): Promise<Omit<AuditEntry, 'hash'>[]> {
  const { rows } = await query<{ entry: string; openings: OpenValues }>(
    `select entry, ${openValues} from audit_entry
     where charger = $1 and event not like 'command.%'
       and ($2::timestamptz is null or at >= $2)
       and ($3::timestamptz is null or (at, sequence) < ($3, $4::bigint))
     order by at desc, sequence desc limit $5`,
    [charger, moment(since), moment(before?.at), before?.sequence ?? null, limit],
  )
  return rows.map(({ entry, openings }) => openEntry(entry, openings))
}

function moment(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
