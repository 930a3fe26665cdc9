import type { Query } from '../storage/database.ts'

/** A CALL that left. */
export interface SentCall {
  readonly callId: string
  readonly charger: string
}

/** Entries that say that a CALL is about to leave. */
const intents = ['command.sending', 'command.going-on', 'command.reading-back']

/** The ids of those CALLs which the record announced for their charger. */
export async function announcedCalls(
  { query }: Query,
  calls: readonly SentCall[],
): Promise<ReadonlySet<string>> {
  const { rows } = await query<{ call: string }>(
    // From the newest entry of the charger backwards: an intent lies just before its frame. `offset 0` keeps the
    // database from reading all intents of all chargers instead, which its statistics make it think are few.
    `select f.call from unnest($1::text[], $2::text[]) as f (call, charger)
     cross join lateral (
       select from (
         select event, entry from audit_entry where charger = f.charger order by sequence desc offset 0
       ) e
       where e.event = any($3) and strpos(e.entry, '"callId":"' || f.call || '"') > 0
       limit 1
     ) announced`,
    [calls.map(({ callId }) => callId), calls.map(({ charger }) => charger), intents],
  )
  return new Set(rows.map(({ call }) => call))
}
