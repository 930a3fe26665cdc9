import type { Actor } from '../../kernel/actor.ts'
import type { Query, Tx } from '../../storage/database.ts'
import { iso, ms, numberOf } from '../moments.ts'
import type { Grant } from '../tokens/token.ts'
import type { AccountRow, UseRow, Verdict } from './account.ts'

interface StoredAccount {
  id: string
  name: string
  grants: Grant[]
  minutes: number
  chargers: number
  code_hash: Buffer | null
  sealed_ms: string | null
  prepared_ms: string
  prepared_by: Actor
}
interface StoredUse {
  id: string
  account: string
  account_name: string
  person: string
  person_name: string
  session: string
  reason: string
  grants: Grant[]
  chargers: number
  opened_ms: string
  ends_ms: string
  ended_ms: string | null
  reviewed_ms: string | null
  reviewed_by: Actor | null
  verdict: Verdict | null
  comment: string | null
}

const accountColumns = `id, name, grants, minutes, chargers, code_hash, prepared_by,
  ${ms('sealed_at')} as sealed_ms, ${ms('prepared_at')} as prepared_ms`
const useColumns = `id, account, account_name, person, person_name, session, reason, grants, chargers,
  reviewed_by, verdict, comment, ${ms('opened_at')} as opened_ms, ${ms('ends_at')} as ends_ms,
  ${ms('ended_at')} as ended_ms, ${ms('reviewed_at')} as reviewed_ms`

function accountOf(row: StoredAccount): AccountRow {
  return {
    ...{ id: row.id, name: row.name, grants: row.grants },
    ...{ minutes: row.minutes, chargers: row.chargers, codeHash: row.code_hash },
    sealedAt: numberOf(row.sealed_ms),
    preparedAt: Number(row.prepared_ms),
    preparedBy: row.prepared_by,
  }
}

function useOf(row: StoredUse): UseRow {
  return {
    ...{ id: row.id, account: row.account, accountName: row.account_name },
    ...{ person: row.person, personName: row.person_name, session: row.session },
    ...{ reason: row.reason, grants: row.grants, chargers: row.chargers },
    openedAt: Number(row.opened_ms),
    endsAt: Number(row.ends_ms),
    endedAt: numberOf(row.ended_ms),
    review:
      row.reviewed_ms === null
        ? null
        : {
            at: Number(row.reviewed_ms),
            by: row.reviewed_by!,
            verdict: row.verdict!,
            comment: row.comment ?? '',
          },
  }
}

/** By name; those that were retired are left out. */
export async function accounts(reader: Query): Promise<AccountRow[]> {
  const { rows } = await reader.query<StoredAccount>(
    `select ${accountColumns} from break_glass_account where retired_at is null order by name`,
  )
  return rows.map(accountOf)
}

/** The account with this id or name, nobody else's until the transaction ends. */
export async function lockAccount(
  tx: Tx,
  by: { readonly id: string } | { readonly name: string },
): Promise<AccountRow | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['name', by.name]
  const { rows } = await tx.query<StoredAccount>(
    `select ${accountColumns} from break_glass_account
      where ${column} = $1 and retired_at is null for update`,
    [value],
  )
  return rows[0] === undefined ? undefined : accountOf(rows[0])
}

/** False: the name is taken. */
export async function insertAccount(tx: Tx, row: AccountRow): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into break_glass_account (id, name, grants, minutes, chargers, prepared_at, prepared_by)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (name) do nothing`,
    [
      ...[row.id, row.name, JSON.stringify(row.grants), row.minutes, row.chargers],
      ...[iso(row.preparedAt), JSON.stringify(row.preparedBy)],
    ],
  )
  return rowCount === 1
}

/** What it allows from now on; its name and code stay. */
export async function updateAccount(tx: Tx, row: AccountRow): Promise<void> {
  await tx.query(
    `update break_glass_account set grants = $2, minutes = $3, chargers = $4, prepared_at = $5,
       prepared_by = $6 where id = $1`,
    [
      ...[row.id, JSON.stringify(row.grants), row.minutes, row.chargers],
      ...[iso(row.preparedAt), JSON.stringify(row.preparedBy)],
    ],
  )
}

export async function setSeal(
  tx: Tx,
  id: string,
  seal: { readonly codeHash: Buffer; readonly at: number; readonly by: Actor },
): Promise<void> {
  await tx.query(
    'update break_glass_account set code_hash = $2, sealed_at = $3, sealed_by = $4 where id = $1',
    [id, seal.codeHash, iso(seal.at), JSON.stringify(seal.by)],
  )
}

export async function breakSeal(tx: Tx, id: string): Promise<void> {
  await tx.query('update break_glass_account set code_hash = null where id = $1', [id])
}

/** It keeps its row for its uses, but not its name. */
export async function retire(tx: Tx, id: string, at: number): Promise<void> {
  await tx.query(
    `update break_glass_account
        set retired_at = $2, code_hash = null, name = name || ' (retired ' || id || ')' where id = $1`,
    [id, iso(at)],
  )
}

export async function insertUse(tx: Tx, row: UseRow): Promise<void> {
  await tx.query(
    `insert into break_glass_use (id, account, account_name, person, person_name, session, reason,
                                  grants, chargers, opened_at, ends_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      ...[row.id, row.account, row.accountName, row.person, row.personName, row.session],
      ...[row.reason, JSON.stringify(row.grants), row.chargers],
      ...[iso(row.openedAt), iso(row.endsAt)],
    ],
  )
}

export async function lockUse(tx: Tx, id: string): Promise<UseRow | undefined> {
  const { rows } = await tx.query<StoredUse>(
    `select ${useColumns} from break_glass_use where id = $1 for update`,
    [id],
  )
  return rows[0] === undefined ? undefined : useOf(rows[0])
}

export async function useById(reader: Query, id: string): Promise<UseRow | undefined> {
  const { rows } = await reader.query<StoredUse>(
    `select ${useColumns} from break_glass_use where id = $1`,
    [id],
  )
  return rows[0] === undefined ? undefined : useOf(rows[0])
}

/** Uses that nobody has reviewed, oldest first; one of an account at most. */
export async function unreviewedUses(reader: Query): Promise<UseRow[]> {
  const { rows } = await reader.query<StoredUse>(
    `select ${useColumns} from break_glass_use where reviewed_at is null order by id`,
  )
  return rows.map(useOf)
}

/** Newest first. */
export async function usesBefore(
  reader: Query,
  before: string | undefined,
  limit: number,
): Promise<UseRow[]> {
  const { rows } = await reader.query<StoredUse>(
    `select ${useColumns} from break_glass_use where ($1::uuid is null or id < $1)
      order by id desc limit $2`,
    [before ?? null, limit],
  )
  return rows.map(useOf)
}

export async function endUse(tx: Tx, id: string, at: number): Promise<void> {
  await tx.query('update break_glass_use set ended_at = $2 where id = $1', [id, iso(at)])
}

/** Notes of uses whose time is over that they ended then; answers them. */
export async function endOutlivedUses(tx: Tx, now: number): Promise<UseRow[]> {
  const { rows } = await tx.query<StoredUse>(
    `update break_glass_use set ended_at = ends_at where ended_at is null and ends_at <= $1
     returning ${useColumns}`,
    [iso(now)],
  )
  return rows.map(useOf)
}

export async function noteReview(
  tx: Tx,
  id: string,
  review: NonNullable<UseRow['review']>,
): Promise<void> {
  await tx.query(
    `update break_glass_use set reviewed_at = $2, reviewed_by = $3, verdict = $4, comment = $5
      where id = $1`,
    [id, iso(review.at), JSON.stringify(review.by), review.verdict, review.comment],
  )
}
