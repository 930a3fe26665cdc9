import type { ChargerEnds, CommandEnds } from '../fleet/models/models.ts'
import type { Clock } from '../kernel/clock.ts'
import { remembered } from '../kernel/remembered.ts'
import type { Database } from '../storage/database.ts'

/** Counting the commands of weeks costs something, and a little delay does no harm here. */
const rememberMs = 60_000

/** How the commands of each charger ended that were sent to it, over the last `windowMs`. */
export function endsByCharger(house: {
  readonly database: Database
  readonly clock: Clock
  readonly windowMs: number
}): () => Promise<readonly ChargerEnds[]> {
  const { database, clock, windowMs } = house
  return remembered(clock, rememberMs, async () => {
    const { rows } = await database.query<{ charger: string } & CommandEnds>(
      `select charger,
         ${count('succeeded', `state = 'succeeded' or outcome = 'succeeded'`)},
         ${count('unverified', `state = 'accepted-unverified' or outcome = 'unverified'`)},
         ${count('refused', `state = 'refused' or outcome = 'refused'`)},
         ${count('unsupported', `state = 'unsupported'`)},
         ${count('failed', `state = 'failed' or outcome = 'failed'`)},
         ${count('unknown', `state = 'unknown'`)}
       from dispatch where sent_at is not null and updated_at >= $1 group by charger`,
      [clock.now() - windowMs],
    )
    return rows.map(({ charger, ...ends }) => ({ charger, ends }))
  })
}

function count(name: keyof CommandEnds, when: string): string {
  return `(count(*) filter (where ${when}))::int as ${name}`
}
