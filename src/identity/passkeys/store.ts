import type { Query, Tx } from '../../storage/database.ts'
import { iso, ms, numberOf } from '../moments.ts'
import type { PasskeyRow } from './passkey.ts'

/** What a challenge may be answered for. */
export type Purpose = 'register' | 'sign-in' | 'factor' | 'digest'

export interface Challenge {
  readonly challenge: Buffer
  readonly purpose: Purpose
  /** Who may answer it; null: whoever can. */
  readonly person: string | null
  readonly expiresAt: number
}

interface Stored {
  id: string
  person: string
  name: string
  credential: Buffer
  public_key: Buffer
  sign_count: string
  transports: string[]
  synced: boolean
  created_ms: string
  last_used_ms: string | null
  suspended_ms: string | null
}

const columns = `id, person, name, credential, public_key, sign_count::text, transports, synced,
  ${ms('created_at')} as created_ms, ${ms('last_used_at')} as last_used_ms,
  ${ms('suspended_at')} as suspended_ms`

function fromStored(row: Stored): PasskeyRow {
  return {
    id: row.id,
    person: row.person,
    name: row.name,
    credential: row.credential,
    publicKey: row.public_key,
    signCount: Number(row.sign_count),
    transports: row.transports,
    synced: row.synced,
    createdAt: Number(row.created_ms),
    lastUsedAt: numberOf(row.last_used_ms),
    suspendedAt: numberOf(row.suspended_ms),
  }
}

/** Keeps a challenge, and forgets those that nobody answered in time. */
export async function keepChallenge(
  tx: Tx,
  { challenge, purpose, person, expiresAt }: Challenge,
  now: number,
): Promise<void> {
  await tx.query('delete from passkey_challenge where expires_at <= $1', [iso(now)])
  await tx.query(
    `insert into passkey_challenge (challenge, purpose, person, expires_at) values ($1, $2, $3, $4)
     on conflict (challenge, purpose, person) do update set expires_at = excluded.expires_at`,
    [challenge, purpose, person, iso(expiresAt)],
  )
}

/** Takes a challenge out, so that nobody answers it again; false: it was not there, or too old. */
export async function takeChallenge(
  tx: Tx,
  { challenge, purpose, person }: Omit<Challenge, 'expiresAt'>,
  now: number,
): Promise<boolean> {
  const { rows } = await tx.query<{ expires_at: Date }>(
    `delete from passkey_challenge
      where challenge = $1 and purpose = $2 and person is not distinct from $3
      returning expires_at`,
    [challenge, purpose, person],
  )
  return rows[0] !== undefined && rows[0].expires_at.getTime() > now
}

/** Oldest first. */
export async function passkeysOf(reader: Query, person: string): Promise<PasskeyRow[]> {
  const { rows } = await reader.query<Stored>(
    `select ${columns} from passkey where person = $1 order by created_at, id`,
    [person],
  )
  return rows.map(fromStored)
}

/** The passkey with this credential, held until the transaction's end. */
export async function passkeyByCredential(
  tx: Tx,
  credential: Buffer,
): Promise<PasskeyRow | undefined> {
  const { rows } = await tx.query<Stored>(
    `select ${columns} from passkey where credential = $1 for update`,
    [credential],
  )
  return rows[0] === undefined ? undefined : fromStored(rows[0])
}

/** False: the credential is registered already. */
export async function insertPasskey(tx: Tx, row: PasskeyRow): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into passkey
       (id, person, name, credential, public_key, sign_count, transports, synced, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (credential) do nothing`,
    [
      row.id,
      row.person,
      row.name,
      row.credential,
      row.publicKey,
      row.signCount,
      row.transports,
      row.synced,
      iso(row.createdAt),
    ],
  )
  return rowCount === 1
}

export async function noteUsed(tx: Tx, id: string, signCount: number, at: number): Promise<void> {
  await tx.query('update passkey set sign_count = $2, last_used_at = $3 where id = $1', [
    id,
    signCount,
    iso(at),
  ])
}

export async function suspend(tx: Tx, id: string, at: number): Promise<void> {
  await tx.query('update passkey set suspended_at = $2 where id = $1 and suspended_at is null', [
    id,
    iso(at),
  ])
}

/** Answers the name it had; undefined: the person has no such passkey. */
export async function renamePasskey(
  tx: Tx,
  person: string,
  id: string,
  name: string,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ name: string }>(
    `update passkey p set name = $3 from passkey before
      where p.id = $1::uuid and p.person = $2 and before.id = p.id returning before.name`,
    [id, person, name],
  )
  return rows[0]?.name
}

/** Answers the name of what was removed; undefined: the person has no such passkey. */
export async function removePasskey(
  tx: Tx,
  person: string,
  id: string,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ name: string }>(
    'delete from passkey where id = $1::uuid and person = $2 returning name',
    [id, person],
  )
  return rows[0]?.name
}

export async function removePasskeys(tx: Tx, person: string): Promise<void> {
  await tx.query('delete from passkey where person = $1', [person])
}

/** Of each of these people, how many they have that are accepted. */
export async function countPasskeys(
  reader: Query,
  people: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await reader.query<{ person: string; count: string }>(
    `select person, count(*) from passkey
      where person = any ($1::uuid[]) and suspended_at is null group by person`,
    [people],
  )
  return new Map(rows.map(({ person, count }) => [person, Number(count)]))
}
