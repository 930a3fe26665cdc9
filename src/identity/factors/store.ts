import type { Query, Tx } from '../../storage/database.ts'
import { iso, ms, numberOf } from '../moments.ts'

export interface TotpRow {
  readonly id: string
  readonly person: string
  readonly name: string
  readonly secret: Buffer
  readonly lastStep: number
  readonly addedAt: number
  readonly lastUsedAt: number | null
}

/** Oldest first. */
export async function totpsOf(reader: Query, person: string): Promise<TotpRow[]> {
  const { rows } = await reader.query<{
    id: string
    name: string
    secret: Buffer
    last_step: string
    added_ms: string
    last_used_ms: string | null
  }>(
    `select id, name, secret, last_step::text, ${ms('added_at')} as added_ms,
            ${ms('last_used_at')} as last_used_ms
       from totp where person = $1 order by added_at, id`,
    [person],
  )
  return rows.map((row) => ({
    ...{ id: row.id, person, name: row.name, secret: row.secret },
    ...{ lastStep: Number(row.last_step), addedAt: Number(row.added_ms) },
    lastUsedAt: numberOf(row.last_used_ms),
  }))
}

export async function insertTotp(tx: Tx, row: TotpRow): Promise<void> {
  await tx.query(
    `insert into totp (id, person, name, secret, last_step, added_at) values ($1, $2, $3, $4, $5, $6)`,
    [row.id, row.person, row.name, row.secret, row.lastStep, iso(row.addedAt)],
  )
}

/** Takes the step's code, once for all nodes: false where it, or a later one, was taken before. */
export async function takeStep(tx: Tx, id: string, step: number, at: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update totp set last_step = $2, last_used_at = $3 where id = $1 and last_step < $2',
    [id, step, iso(at)],
  )
  return rowCount === 1
}

export async function removeTotp(tx: Tx, person: string, id: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ name: string }>(
    'delete from totp where person = $1 and id = $2 returning name',
    [person, id],
  )
  return rows[0]?.name
}

export async function removeTotps(tx: Tx, person: string): Promise<void> {
  await tx.query('delete from totp where person = $1', [person])
}

export async function countTotps(
  reader: Query,
  people: readonly string[],
): Promise<Map<string, number>> {
  return counts(
    reader,
    'select person, count(*) from totp where person = any ($1::uuid[]) group by person',
    people,
  )
}

/** Codes that are not used up. */
export async function countRecoveryCodes(
  reader: Query,
  people: readonly string[],
): Promise<Map<string, number>> {
  return counts(
    reader,
    `select person, count(*) from recovery_code
      where person = any ($1::uuid[]) and used_at is null group by person`,
    people,
  )
}

async function counts(reader: Query, sql: string, people: readonly string[]) {
  const { rows } = await reader.query<{ person: string; count: string }>(sql, [people])
  return new Map(rows.map(({ person, count }) => [person, Number(count)]))
}

/** The new codes take the place of all there were. */
export async function replaceRecoveryCodes(
  tx: Tx,
  person: string,
  hashes: readonly Buffer[],
  at: number,
): Promise<void> {
  await tx.query('delete from recovery_code where person = $1', [person])
  await tx.query(
    `insert into recovery_code (person, hash, made_at)
     select $1, hash, $3 from unnest($2::bytea[]) as t (hash)`,
    [person, hashes, iso(at)],
  )
}

export async function useRecoveryCode(
  tx: Tx,
  person: string,
  hash: Buffer,
  at: number,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update recovery_code set used_at = $3 where person = $1 and hash = $2 and used_at is null',
    [person, hash, iso(at)],
  )
  return rowCount === 1
}

export async function removeRecoveryCodes(tx: Tx, person: string): Promise<void> {
  await tx.query('delete from recovery_code where person = $1', [person])
}
