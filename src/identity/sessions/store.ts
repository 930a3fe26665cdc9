import type { Factor } from '../../kernel/actor.ts'
import type { Query, Tx } from '../../storage/database.ts'
import type { Factors } from '../caller.ts'
import { iso, ms, numberOf } from '../moments.ts'
import type { Carried, Place, SessionRow } from './session.ts'

interface Stored {
  id: string
  hash: Buffer
  person: string
  display_name: string
  locked: boolean
  carried: Carried
  factors: Factors
  break_glass: string | null
  address: string | null
  user_agent: string | null
  created_ms: string
  last_used_ms: string
  expires_ms: string
  ended_ms: string | null
}

const columns = `s.id, s.hash, s.person, p.display_name, p.locked_at is not null as locked, s.carried,
  s.factors, s.break_glass, s.address, s.user_agent, ${ms('s.created_at')} as created_ms,
  ${ms('s.last_used_at')} as last_used_ms, ${ms('s.expires_at')} as expires_ms,
  ${ms('s.ended_at')} as ended_ms`
const from = 'person_session s join person p on p.id = s.person'

function fromStored(row: Stored): SessionRow {
  return {
    id: row.id,
    hash: row.hash,
    person: row.person,
    displayName: row.display_name,
    locked: row.locked,
    carried: row.carried,
    factors: row.factors,
    breakGlass: row.break_glass,
    address: row.address,
    userAgent: row.user_agent,
    createdAt: Number(row.created_ms),
    lastUsedAt: Number(row.last_used_ms),
    expiresAt: Number(row.expires_ms),
    endedAt: numberOf(row.ended_ms),
  }
}

export async function sessionsByHash(
  reader: Query,
  hashes: readonly Buffer[],
): Promise<readonly SessionRow[]> {
  const { rows } = await reader.query<Stored>(
    `select ${columns} from ${from} where s.hash = any($1::bytea[])`,
    [hashes],
  )
  return rows.map(fromStored)
}

/** A session that nobody ends before the transaction is over. */
export async function holdSession(tx: Tx, id: string): Promise<SessionRow | undefined> {
  const { rows } = await tx.query<Stored>(
    `select ${columns} from ${from} where s.id = $1 for share of s`,
    [id],
  )
  return rows[0] === undefined ? undefined : fromStored(rows[0])
}

/** Sessions of a person that were not ended, newest first. */
export async function sessionsOf(
  reader: Query,
  person: string,
): Promise<(SessionRow & { readonly places: readonly Place[] })[]> {
  const { rows } = await reader.query<Stored & { places: [string, number, number][] | null }>(
    `select ${columns},
        (select jsonb_agg(jsonb_build_array(l.address, ${ms('l.first_seen_at')}, ${ms('l.last_seen_at')})
                          order by l.last_seen_at desc)
           from session_place l where l.session = s.id) as places
       from ${from} where s.person = $1 and s.ended_at is null order by s.created_at desc, s.id`,
    [person],
  )
  return rows.map((row) => ({
    ...fromStored(row),
    places: (row.places ?? []).map(([address, first, last]) => ({
      address,
      firstSeenAt: iso(Number(first)),
      lastSeenAt: iso(Number(last)),
    })),
  }))
}

export async function insertSession(
  tx: Tx,
  row: SessionRow,
  network: string | null,
): Promise<void> {
  await tx.query(
    `insert into person_session (id, hash, person, carried, factors, break_glass, address, user_agent,
                                 created_at, last_used_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      ...[row.id, row.hash, row.person, row.carried, JSON.stringify(row.factors)],
      ...[row.breakGlass, row.address, row.userAgent],
      ...[iso(row.createdAt), iso(row.lastUsedAt), iso(row.expiresAt)],
    ],
  )
  if (network !== null)
    await tx.query(
      `insert into session_place (session, network, address, first_seen_at, last_seen_at)
       values ($1, $2, $3, $4, $4)`,
      [row.id, network, row.address, iso(row.createdAt)],
    )
}

/** Moves the time of this factor and of nothing else. False where the session has ended. */
export async function showFactor(
  tx: Tx,
  session: string,
  factor: Factor,
  at: number,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update person_session set factors = factors || jsonb_build_object($2::text, $3::bigint)
      where id = $1 and ended_at is null`,
    [session, factor, at],
  )
  return rowCount === 1
}

export interface Ended {
  readonly id: string
  readonly person: string
  readonly displayName: string
}

/** Ends sessions of a person: one, all, or all but one; answers those that lived. */
export async function endSessions(
  tx: Tx,
  which: { readonly person: string; readonly only?: string; readonly except?: string },
  at: number,
  reason: string,
): Promise<Ended[]> {
  const { rows } = await tx.query<{ id: string; person: string; display_name: string }>(
    `update person_session s set ended_at = $2, end_reason = $3 from person p
      where s.person = $1 and p.id = s.person and s.ended_at is null
        and ($4::uuid is null or s.id = $4) and ($5::uuid is null or s.id <> $5)
      returning s.id, s.person, p.display_name`,
    [which.person, iso(at), reason, which.only ?? null, which.except ?? null],
  )
  return rows.map((row) => ({ id: row.id, person: row.person, displayName: row.display_name }))
}

/** Ends what nobody used for too long, or what is too old. */
export async function endOutlived(
  tx: Tx,
  now: number,
  spans: { readonly idleMs: number; readonly absoluteMs: number },
): Promise<(Ended & { readonly reason: string })[]> {
  const { rows } = await tx.query<{
    id: string
    person: string
    display_name: string
    end_reason: string
  }>(
    `update person_session s set ended_at = $1,
            end_reason = case when s.last_used_at <= $2 then 'idle' else 'expired' end
       from person p
      where p.id = s.person and s.ended_at is null
        and (s.last_used_at <= $2 or s.created_at <= $3 or s.expires_at <= $1)
      returning s.id, s.person, p.display_name, s.end_reason`,
    [iso(now), iso(now - spans.idleMs), iso(now - spans.absoluteMs)],
  )
  return rows.map(({ id, person, display_name: displayName, end_reason: reason }) => ({
    ...{ id, person, displayName, reason },
  }))
}

/** Long ended: nobody asks for them any more; the record has them. */
export async function forgetEnded(tx: Tx, before: number): Promise<void> {
  await tx.query('delete from person_session where ended_at < $1', [iso(before)])
}

export interface Use {
  readonly session: string
  readonly network: string | null
  readonly address: string | null
  readonly at: number
}
export interface NewPlace {
  readonly session: string
  readonly person: string
  readonly displayName: string
  readonly address: string
}

/** Notes when sessions were used and from where; answers where one was used for the first time. */
export async function noteUses(tx: Tx, uses: readonly Use[]): Promise<NewPlace[]> {
  await tx.query(
    `update person_session s set last_used_at = u.at
       from (select session, max(at) as at from unnest($1::uuid[], $2::timestamptz[]) as u (session, at)
              group by session) u
      where s.id = u.session and s.last_used_at < u.at and s.ended_at is null`,
    [uses.map(({ session }) => session), uses.map(({ at }) => iso(at))],
  )
  const placed = uses.filter(({ network }) => network !== null)
  const { rows } = await tx.query<{ session: string; address: string; added: boolean }>(
    `insert into session_place (session, network, address, first_seen_at, last_seen_at)
     select u.session, u.network, u.address, u.at, u.at
       from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) as u (session, network, address, at)
      where exists (select from person_session s where s.id = u.session)
     on conflict (session, network) do update
        set address = excluded.address, last_seen_at = greatest(session_place.last_seen_at, excluded.last_seen_at)
     returning session, address, xmax = 0 as added`,
    [
      placed.map(({ session }) => session),
      placed.map(({ network }) => network),
      placed.map(({ address }) => address),
      placed.map(({ at }) => iso(at)),
    ],
  )
  const added = rows.filter((row) => row.added)
  if (added.length === 0) return []
  const { rows: owners } = await tx.query<{ id: string; person: string; display_name: string }>(
    `select s.id, s.person, p.display_name from ${from} where s.id = any ($1::uuid[])`,
    [added.map(({ session }) => session)],
  )
  return added.flatMap(({ session, address }) => {
    const owner = owners.find(({ id }) => id === session)
    return owner === undefined
      ? []
      : [{ session, address, person: owner.person, displayName: owner.display_name }]
  })
}

/** Networks from which the person's living sessions were used since. */
export async function placesSince(
  reader: Query,
  person: string,
  since: number,
): Promise<{ session: string; network: string; address: string }[]> {
  const { rows } = await reader.query<{ session: string; network: string; address: string }>(
    `select l.session, l.network, l.address
       from session_place l join person_session s on s.id = l.session
      where s.person = $1 and s.ended_at is null and l.last_seen_at >= $2
      order by l.last_seen_at desc`,
    [person, iso(since)],
  )
  return rows
}
