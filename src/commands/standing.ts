import { faultsSince } from '../fleet/faults/store.ts'
import type { PastFault } from '../fleet/faults/store.ts'
import type { Query } from '../storage/database.ts'

/** What a decision about a new command asks of those before it. Times are ms since the epoch. */

export interface PastReset {
  readonly at: number
  /** Codes of the faults that stood then. */
  readonly faults: readonly string[]
}

/** Resets that left for these chargers since a moment, newest first. */
export async function resetsOf(
  { query }: Query,
  chargers: readonly string[],
  since: number,
): Promise<Map<string, readonly PastReset[]>> {
  const { rows } = await query<{ charger: string; at: number }>(
    `SELECT charger, sent_at AS at FROM dispatch
     WHERE charger = ANY($1) AND operation = 'charger.reset' AND sent_at >= $2
     ORDER BY sent_at DESC`,
    [chargers, since],
  )
  const resets = Map.groupBy(rows, ({ charger }) => charger)
  const faults = await faultsSince({ query }, [...resets.keys()], since)
  return new Map(
    [...resets].map(([charger, own]) => [
      charger,
      own.map(({ at }) => ({ at, faults: standingAt(faults.get(charger) ?? [], at) })),
    ]),
  )
}

function standingAt(faults: readonly PastFault[], at: number): string[] {
  const stood = faults.filter(({ since, until }) => since <= at && (until === null || until > at))
  return [...new Set(stood.map(({ code }) => code))].sort()
}

/** How often operations failed or were refused on chargers since a moment; what is missing did not. */
export async function failuresOf(
  { query }: Query,
  asked: readonly AskedFailures[],
  since: number,
): Promise<readonly (AskedFailures & { readonly failures: number })[]> {
  const { rows } = await query<{ charger: string; operation: string; failures: number }>(
    `SELECT d.charger, d.operation, count(*) AS failures
     FROM dispatch d
     JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS w (charger, operation)) w USING (charger, operation)
     WHERE d.updated_at >= $3
       AND d.state NOT IN ('submitted', 'queued', 'sending', 'sent', 'accepted')
       AND (d.state IN ('refused', 'failed', 'unknown')
            OR d.state = 'reconciled' AND d.outcome IN ('refused', 'failed'))
     GROUP BY d.charger, d.operation`,
    [asked.map(({ charger }) => charger), asked.map(({ operation }) => operation), since],
  )
  return rows
}

export interface AskedFailures {
  readonly charger: string
  readonly operation: string
}

/** Power that commands which are paced and have not begun everywhere may change in any minute, W. */
export async function wattsGranted({ query }: Query, now: number): Promise<number> {
  const { rows } = await query<{ watts: number }>(
    `SELECT coalesce(sum(c.watts_per_minute), 0) AS watts FROM command c
     WHERE c.watts_per_minute IS NOT NULL AND c.not_after > $1 AND c.cancelled_at IS NULL
       AND EXISTS (SELECT FROM dispatch d WHERE d.command = c.id AND d.state = 'queued')`,
    [now],
  )
  return rows[0]?.watts ?? 0
}

/** The same as the policy asks it. */
export function commandsPast(query: Query) {
  return {
    resetsOf: (chargers: readonly string[], since: number) => resetsOf(query, chargers, since),
    failuresOf: (asked: readonly AskedFailures[], since: number) => failuresOf(query, asked, since),
    wattsGranted: (now: number) => wattsGranted(query, now),
  }
}
