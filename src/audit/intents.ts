import type { Query } from '../storage/database.ts'

/** A CALL that left. */
export interface SentCall {
  readonly callId: string
  readonly charger: string
  readonly action: string
}

/** Entries that say that a CALL is about to leave. */
const intents = ['command.sending', 'command.going-on', 'command.reading-back']

/** A message id belongs to one charger: on another it is another CALL. */
export function callKey({ callId, charger }: Pick<SentCall, 'callId' | 'charger'>): string {
  return `${callId} ${charger}`
}

/** The keys of those CALLs which the record announced for their charger, with this action. */
export async function announcedCalls(
  { query }: Query,
  calls: readonly SentCall[],
): Promise<ReadonlySet<string>> {
  const { rows } = await query<{ call: string; charger: string }>(
    // From the newest entry of the charger backwards: an intent lies just before its frame. `offset 0` keeps the
    // database from reading all intents of all chargers instead, which its statistics make it think are few.
    // JSON with a NUL in it is none that the database takes apart.
    `select f.call, f.charger from unnest($1::text[], $2::text[], $3::text[]) as f (call, charger, action)
     cross join lateral (
       select from (
         select event, entry from audit_entry where charger = f.charger order by sequence desc offset 0
       ) e
       where e.event = any($4) and strpos(e.entry, '"callId":"' || f.call || '"') > 0
         and case when strpos(e.entry, '\\u0000') > 0 then true
             else e.entry::json #>> '{detail,callId}' = f.call
              and e.entry::json #>> '{detail,call,action}' = f.action end
       limit 1
     ) announced`,
    [
      calls.map(({ callId }) => callId),
      calls.map(({ charger }) => charger),
      calls.map(({ action }) => action),
      intents,
    ],
  )
  return new Set(rows.map(({ call, charger }) => callKey({ callId: call, charger })))
}
