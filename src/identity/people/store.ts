import type { Query, Tx } from '../../storage/database.ts'
import { iso, ms, numberOf } from '../moments.ts'
import type { Person, PersonRow } from './person.ts'

interface Stored {
  id: string
  name: string
  display_name: string
  password_hash: string | null
  password_set_ms: string | null
  initial_role: string | null
  created_ms: string
  locked_ms: string | null
  lock_reason: string | null
}
/** Without what other stores know of them. */
export type SeenPerson = Omit<Person, 'secondFactors'>
interface StoredWithMore extends Stored {
  last_seen_ms: string | null
}

const columns = `p.id, p.name, p.display_name, p.password_hash, p.initial_role, p.lock_reason,
  ${ms('p.password_set_at')} as password_set_ms, ${ms('p.created_at')} as created_ms,
  ${ms('p.locked_at')} as locked_ms`

function fromStored(row: Stored): PersonRow {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    passwordHash: row.password_hash,
    passwordSetAt: numberOf(row.password_set_ms),
    initialRole: row.initial_role,
    createdAt: Number(row.created_ms),
    lockedAt: numberOf(row.locked_ms),
    lockReason: row.lock_reason,
  }
}

export async function personByName(reader: Query, name: string): Promise<PersonRow | undefined> {
  const { rows } = await reader.query<Stored>(`select ${columns} from person p where name = $1`, [
    name,
  ])
  return rows[0] === undefined ? undefined : fromStored(rows[0])
}

export async function personById(reader: Query, id: string): Promise<PersonRow | undefined> {
  const { rows } = await reader.query<Stored>(`select ${columns} from person p where id = $1`, [id])
  return rows[0] === undefined ? undefined : fromStored(rows[0])
}

/** Nobody else changes this person, or what is theirs, before the transaction ends. */
export async function lockPerson(tx: Tx, id: string): Promise<PersonRow | undefined> {
  const { rows } = await tx.query<Stored>(
    `select ${columns} from person p where id = $1 for update`,
    [id],
  )
  return rows[0] === undefined ? undefined : fromStored(rows[0])
}

/** Those of them who are not locked, nor will be by anybody else before the transaction ends. */
export async function notLocked(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from person where id::text = any($1) and locked_at is null order by id for update',
    [ids],
  )
  return rows.map(({ id }) => id)
}

export async function anybody(reader: Query): Promise<boolean> {
  const { rows } = await reader.query('select 1 from person limit 1')
  return rows.length > 0
}

/** Whoever makes the first person is alone in it until the transaction ends. */
export async function aloneWithThePeople(tx: Tx): Promise<void> {
  await tx.query('lock table person in share row exclusive mode')
}

/** By name, after this one. */
export async function peopleAfter(
  reader: Query,
  after: string | undefined,
  limit: number,
): Promise<SeenPerson[]> {
  const { rows } = await reader.query<StoredWithMore>(
    `${shownSql} where ($1::text is null or p.name > $1) order by p.name limit $2`,
    [after ?? null, limit],
  )
  return rows.map(shown)
}

export async function shownPerson(reader: Query, id: string): Promise<SeenPerson | undefined> {
  const { rows } = await reader.query<StoredWithMore>(`${shownSql} where p.id = $1`, [id])
  return rows[0] === undefined ? undefined : shown(rows[0])
}

const shownSql = `select ${columns},
    (select ${ms('max(s.last_used_at)')} from person_session s where s.person = p.id) as last_seen_ms
  from person p`

function shown(row: StoredWithMore): SeenPerson {
  const { id, name, displayName, initialRole, createdAt, lockedAt, lockReason } = fromStored(row)
  return {
    ...{ id, name, displayName, initialRole, createdAt: iso(createdAt) },
    locked: lockedAt === null ? null : { at: iso(lockedAt), reason: lockReason ?? '' },
    lastSeenAt: iso(numberOf(row.last_seen_ms)),
  }
}

/** False where the name is taken. */
export async function insertPerson(tx: Tx, person: PersonRow): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into person (id, name, display_name, password_hash, password_set_at, initial_role, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (name) do nothing`,
    [
      person.id,
      person.name,
      person.displayName,
      person.passwordHash,
      iso(person.passwordSetAt),
      person.initialRole,
      iso(person.createdAt),
    ],
  )
  return rowCount === 1
}

export async function setPassword(tx: Tx, id: string, hash: string, at: number): Promise<void> {
  await tx.query('update person set password_hash = $2, password_set_at = $3 where id = $1', [
    id,
    hash,
    iso(at),
  ])
}

export async function setDisplayName(tx: Tx, id: string, displayName: string): Promise<void> {
  await tx.query('update person set display_name = $2 where id = $1', [id, displayName])
}

/** Null: not locked any more. */
export async function setLock(
  tx: Tx,
  id: string,
  lock: { readonly at: number; readonly reason: string } | null,
): Promise<void> {
  await tx.query('update person set locked_at = $2, lock_reason = $3 where id = $1', [
    id,
    iso(lock?.at ?? null),
    lock?.reason ?? null,
  ])
}
