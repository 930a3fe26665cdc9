import type { Actor } from '../kernel/actor.ts'
import type { Query, Tx } from '../storage/database.ts'
import type {
  Concerning,
  ConcurrentSessions,
  TokenList,
  TokenListChange,
  TokenListChangeKind,
  UnknownTokens,
} from './access.ts'
import { concerns } from './concerns.ts'

export interface ListRow {
  readonly name: string
  readonly label: string | null
  readonly revision: number
  readonly tokens_revision: number
  readonly known_since: number
  readonly unknown_tokens: UnknownTokens
  readonly concurrent_sessions: ConcurrentSessions
  readonly tokens: number
  readonly created_at: Date
  readonly updated_at: Date
}

export function moment(ms: number): string
export function moment(ms: number | null): string | null
export function moment(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

export function shownList(row: ListRow): TokenList {
  return {
    name: row.name,
    label: row.label,
    revision: row.revision,
    tokens: row.tokens,
    unknownTokens: row.unknown_tokens,
    concurrentSessions: row.concurrent_sessions,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

/** SQL that leaves only lists with an assignment that concerns somebody. */
function assigned(concerning: Concerning | undefined, values: unknown[]): string {
  if (concerning === undefined) return ''
  return `and exists (
    select from token_assignment a where a.list = l.name and ${concerns('a', concerning, values)})`
}

export async function listsAfter(
  { query }: Query,
  after: string | undefined,
  limit: number,
  concerning?: Concerning,
): Promise<ListRow[]> {
  const values: unknown[] = [after ?? null, limit]
  const { rows } = await query<ListRow>(
    `select * from token_list l
     where ($1::text is null or name > $1) ${assigned(concerning, values)} order by name limit $2`,
    values,
  )
  return rows
}

export async function listNamed(
  { query }: Query,
  name: string,
  concerning?: Concerning,
): Promise<ListRow | undefined> {
  const values: unknown[] = [name]
  const { rows } = await query<ListRow>(
    `select * from token_list l where name = $1 ${assigned(concerning, values)}`,
    values,
  )
  return rows[0]
}

/** Locked until the transaction ends, so that its changes come one after the other. */
export async function lockList(tx: Tx, name: string): Promise<ListRow | undefined> {
  const { rows } = await tx.query<ListRow>(
    'select * from token_list where name = $1 for no key update',
    [name],
  )
  return rows[0]
}

/** Creates a list, counting on where one of that name ended. Undefined where there is one. */
export async function insertList(
  tx: Tx,
  list: {
    readonly name: string
    readonly label: string | null
    readonly unknownTokens: UnknownTokens
    readonly concurrentSessions: ConcurrentSessions
  },
  at: number,
): Promise<ListRow | undefined> {
  const { rows } = await tx.query<ListRow>(
    `with first as (
       select coalesce((select revision from token_list_past where name = $1), 0) + 1 as revision
     )
     insert into token_list (name, label, revision, tokens_revision, known_since, unknown_tokens,
                             concurrent_sessions, tokens, created_at, updated_at)
     select $1, $2, revision, revision, revision, $3, $4, 0, $5, $5 from first
     on conflict (name) do nothing returning *`,
    [list.name, list.label, list.unknownTokens, list.concurrentSessions, moment(at)],
  )
  return rows[0]
}

export async function deleteList(tx: Tx, { name, revision }: ListRow): Promise<void> {
  await tx.query(
    `insert into token_list_past (name, revision) values ($1, $2)
     on conflict (name) do update set revision = excluded.revision`,
    [name, revision],
  )
  await tx.query('delete from token_list where name = $1', [name])
}

export async function saveList(tx: Tx, row: ListRow): Promise<void> {
  await tx.query(
    `update token_list set label = $2, revision = $3, tokens_revision = $4, known_since = $5,
       unknown_tokens = $6, concurrent_sessions = $7, tokens = $8, updated_at = $9
     where name = $1`,
    [
      row.name,
      row.label,
      row.revision,
      row.tokens_revision,
      row.known_since,
      row.unknown_tokens,
      row.concurrent_sessions,
      row.tokens,
      row.updated_at.toISOString(),
    ],
  )
}

/** How many lists there are, and how many tokens they hold together. */
export async function sizes({ query }: Query): Promise<{ lists: number; tokens: number }> {
  const { rows } = await query<{ lists: number; tokens: number }>(
    'select count(*) as lists, coalesce(sum(tokens), 0)::bigint as tokens from token_list',
  )
  return rows[0]!
}

export interface NewChange {
  readonly list: string
  readonly revision: number
  readonly at: number
  readonly kind: TokenListChangeKind
  readonly by: Actor
  readonly reason: string
  readonly added: number
  readonly changed: number
  readonly removed: number
}

export async function insertChange(tx: Tx, change: NewChange): Promise<void> {
  const { list, revision, at, kind, by, reason, added, changed, removed } = change
  await tx.query(
    `insert into token_list_change (list, revision, at, kind, actor, reason, added, changed, removed)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [list, revision, moment(at), kind, JSON.stringify(by), reason, added, changed, removed],
  )
}

export async function changesBefore(
  { query }: Query,
  list: string,
  before: number | null,
  limit: number,
): Promise<TokenListChange[]> {
  const { rows } = await query<Omit<NewChange, 'at' | 'by'> & { at: Date; actor: Actor }>(
    `select revision, at, kind, actor, reason, added, changed, removed from token_list_change
     where list = $1 and ($2::bigint is null or revision < $2) order by revision desc limit $3`,
    [list, before, limit],
  )
  return rows.map(({ at, actor, ...row }) => ({ ...row, at: at.toISOString(), by: actor }))
}

/** Every change of this room's content counts, so that other nodes notice it. */
export async function countChange(tx: Tx): Promise<void> {
  await tx.query('update access_revision set revision = revision + 1')
}

export async function accessRevision({ query }: Query): Promise<number> {
  const { rows } = await query<{ revision: number }>('select revision from access_revision')
  return rows[0]!.revision
}
