import type { Query, Tx, Write } from '../../storage/database.ts'
import type { Waiting } from '../fleet.ts'
import { iso, moment, recordset } from '../rows.ts'

/** How many unknown identities are remembered; whoever knocked longest ago gives way. */
export const waitingRoomSize = 1000

export interface Knock {
  readonly identity: string
  readonly at: number
  readonly remoteAddress: string
  readonly offeredProtocols: readonly string[]
  readonly problem?: string
}

interface Gathered {
  readonly knock: Knock
  readonly first: number
  readonly attempts: number
}

/** Notes who knocked; each result says whether the identity is new in the room. */
export const noteKnocks: Write<Knock, boolean> = {
  name: 'fleet.knock',
  stage: 'state',
  async apply(tx, knocks) {
    const gathered = gather(knocks).sort((a, b) => (a.knock.identity < b.knock.identity ? -1 : 1))
    const [{ rows }] = await Promise.all([
      tx.query<{ identity: string; attempts: number }>(
        `insert into waiting as known (identity, first_seen_at, last_seen_at, attempts,
                                       remote_address, offered_protocols, problem)
         select x.* from json_to_recordset($1::json) as x(
           identity text, first_seen_at timestamptz, last_seen_at timestamptz, attempts integer,
           remote_address text, offered_protocols text[], problem text)
         where not exists (select from charger c where c.identity = x.identity)
         on conflict (identity) do update
         set last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at),
             attempts = known.attempts + excluded.attempts,
             remote_address = excluded.remote_address,
             offered_protocols = excluded.offered_protocols,
             problem = excluded.problem
         returning identity, attempts`,
        [recordset(gathered.map(toRow))],
      ),
      tx.query(
        `delete from waiting where identity in (
           select identity from waiting order by last_seen_at desc, identity offset $1)`,
        [waitingRoomSize],
      ),
    ])
    const attempts = new Map(rows.map((row) => [row.identity, row.attempts]))
    const own = new Map(gathered.map((one) => [one.knock.identity, one.attempts]))
    return knocks.map(({ identity }) => attempts.get(identity) === own.get(identity))
  },
}

/** One row an identity, however often it knocked in the batch. */
function gather(knocks: readonly Knock[]): Gathered[] {
  const gathered = new Map<string, Gathered>()
  for (const knock of knocks) {
    const before = gathered.get(knock.identity)
    gathered.set(knock.identity, {
      knock,
      first: before?.first ?? knock.at,
      attempts: (before?.attempts ?? 0) + 1,
    })
  }
  return [...gathered.values()]
}

function toRow({ knock, first, attempts }: Gathered): object {
  return {
    identity: knock.identity,
    first_seen_at: moment(first),
    last_seen_at: moment(knock.at),
    attempts,
    remote_address: knock.remoteAddress,
    offered_protocols: knock.offeredProtocols,
    problem: knock.problem ?? null,
  }
}

/** Who waits, the latest first. */
export async function listWaiting({ query }: Query): Promise<Waiting[]> {
  const { rows } = await query<{
    identity: string
    first_seen_at: Date
    last_seen_at: Date
    attempts: number
    remote_address: string
    offered_protocols: string[]
    problem: string | null
  }>('select * from waiting order by last_seen_at desc, identity')
  return rows.map((row) => ({
    identity: row.identity,
    firstSeenAt: iso(row.first_seen_at),
    lastSeenAt: iso(row.last_seen_at),
    attempts: row.attempts,
    remoteAddress: row.remote_address,
    offeredProtocols: row.offered_protocols,
    problem: row.problem,
  }))
}

/** Lets these identities out of the room and returns those that were in it. */
export async function leaveRoom(tx: Tx, identities: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ identity: string }>(
    'delete from waiting where identity = any($1) returning identity',
    [identities],
  )
  return rows.map((row) => row.identity)
}
