import type { Audit, AuditEvent } from '../../audit/audit.ts'
import type { Actor } from '../../kernel/actor.ts'
import type { Query, Tx, Write } from '../../storage/database.ts'
import { iso, ms, numberOf } from '../moments.ts'
import type { Grant, TokenBudgets } from './token.ts'

export interface TokenRow {
  readonly id: string
  readonly hash: Buffer
  readonly name: string
  readonly grants: readonly Grant[]
  readonly budgets: TokenBudgets | null
  readonly ownerPlace: string | null
  /** Null: of an owner token, and where it was not kept yet. */
  readonly madeBy: Actor | null
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
  readonly revokedAt: number | null
}

interface Stored {
  id: string
  hash: Buffer
  name: string
  grants: Grant[]
  budgets: TokenBudgets | null
  owner_place: string | null
  made_by: Actor | null
  created_ms: string
  expires_ms: string | null
  last_used_ms: string | null
  revoked_ms: string | null
}

const columns = `id, hash, name, grants, budgets, owner_place, made_by,
  ${ms('created_at')} as created_ms, ${ms('expires_at')} as expires_ms, ${ms('last_used_at')} as last_used_ms,
  ${ms('revoked_at')} as revoked_ms`

function fromStored(row: Stored): TokenRow {
  return {
    id: row.id,
    hash: row.hash,
    name: row.name,
    grants: row.grants,
    budgets: row.budgets,
    ownerPlace: row.owner_place,
    madeBy: row.made_by,
    createdAt: Number(row.created_ms),
    expiresAt: numberOf(row.expires_ms),
    lastUsedAt: numberOf(row.last_used_ms),
    revokedAt: numberOf(row.revoked_ms),
  }
}

export async function tokenByHash(reader: Query, hash: Buffer): Promise<TokenRow | undefined> {
  const [row] = await tokensByHash(reader, [hash])
  return row
}

export async function tokensByHash(
  reader: Query,
  hashes: readonly Buffer[],
): Promise<readonly TokenRow[]> {
  const { rows } = await reader.query<Stored>(
    `select ${columns} from api_tokens where hash = any($1::bytea[])`,
    [hashes],
  )
  return rows.map(fromStored)
}

export async function tokenById(reader: Query, id: string): Promise<TokenRow | undefined> {
  const { rows } = await reader.query<Stored>(
    `select ${columns} from api_tokens where id = $1 and revoked_at is null`,
    [id],
  )
  return rows[0] === undefined ? undefined : fromStored(rows[0])
}

/** Tokens not revoked, oldest first. */
export async function liveTokens(reader: Query, limit: number): Promise<TokenRow[]> {
  const { rows } = await reader.query<Stored>(
    `select ${columns} from api_tokens where revoked_at is null order by created_at, id limit $1`,
    [limit],
  )
  return rows.map(fromStored)
}

/**
 * Who made a token, whether it works still or not; where that was another robot, who made that one too, and so on.
 */
export async function makersOfToken(reader: Query, id: string): Promise<Actor[]> {
  const { rows } = await reader.query<{ made_by: Actor }>(
    `with recursive making as (
       select made_by from api_tokens where id = $1
       union all
       select t.made_by from making m
         join api_tokens t on m.made_by ->> 'kind' = 'robot' and t.id::text = m.made_by ->> 'id'
     )
     select made_by from making where made_by is not null`,
    [id],
  )
  return rows.map(({ made_by: maker }) => maker)
}

/** Notes when tokens were last used; older news than is stored changes nothing. */
export async function noteUse(tx: Tx, uses: ReadonlyMap<string, number>): Promise<void> {
  await tx.query(
    `update api_tokens t set last_used_at = u.at
       from unnest($1::uuid[], $2::timestamptz[]) as u (id, at)
      where t.id = u.id and (t.last_used_at is null or t.last_used_at < u.at)`,
    [[...uses.keys()], [...uses.values()].map(iso)],
  )
}

export interface NewOwner {
  readonly row: TokenRow & { readonly ownerPlace: string }
  /** Recorded of the token it takes the place of, where there was one. */
  readonly replaced: (token: { id: string; name: string }) => AuditEvent
}

async function insertToken(tx: Tx, token: TokenRow): Promise<void> {
  await tx.query(
    `insert into api_tokens (id, hash, name, grants, budgets, owner_place, made_by, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      token.id,
      token.hash,
      token.name,
      JSON.stringify(token.grants),
      token.budgets === null ? null : JSON.stringify(token.budgets),
      token.ownerPlace,
      token.madeBy === null ? null : JSON.stringify(token.madeBy),
      iso(token.createdAt),
      iso(token.expiresAt),
    ],
  )
}

export function tokenWrites(audit: Pick<Audit, 'append'>) {
  const insert: Write<TokenRow> = {
    name: 'identity.insert-token',
    stage: 'state',
    async apply(tx, items) {
      for (const token of items) await insertToken(tx, token)
      return items.map(() => undefined)
    },
  }
  /** Makes the token the owner token of its place; the one before stops working. */
  const replaceOwner: Write<NewOwner> = {
    name: 'identity.replace-owner',
    stage: 'state',
    async apply(tx, items, also) {
      for (const { row, replaced } of items) {
        const { rows } = await tx.query<{ id: string; name: string }>(
          `update api_tokens set revoked_at = $2
            where owner_place = $1 and revoked_at is null returning id, name`,
          [row.ownerPlace, iso(row.createdAt)],
        )
        for (const before of rows) also(audit.append, replaced(before))
        await insertToken(tx, row)
      }
      return items.map(() => undefined)
    },
  }
  return { insert, replaceOwner }
}

/** Answers which token it was; undefined where there is no live one. */
export async function revokeToken(
  tx: Tx,
  id: string,
  at: number,
): Promise<{ readonly name: string; readonly local: boolean } | undefined> {
  const { rows } = await tx.query<{ name: string; local: boolean }>(
    `update api_tokens set revoked_at = $2
      where id = $1 and revoked_at is null returning name, owner_place is not null as local`,
    [id, iso(at)],
  )
  return rows[0]
}
