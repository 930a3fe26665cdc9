import type { Query, Tx } from '../storage/database.ts'
import type { ListedToken, TokenFilter } from './access.ts'
import { moment } from './list-store.ts'
import type { Token } from './token.ts'
import { tokenKey } from './token.ts'
import type { TokenChange } from './token-changes.ts'

interface TokenColumns {
  readonly key: string
  readonly token: string
  readonly type: Token['type']
  readonly parent: string | null
  readonly status: Token['status']
  readonly valid_from: Date | null
  readonly valid_until: Date | null
  readonly label: string | null
  readonly revision: number
}

const columns = 'key, token, type, parent, status, valid_from, valid_until, label, revision'

function toToken(row: TokenColumns): Token {
  return {
    token: row.token,
    type: row.type,
    parent: row.parent,
    status: row.status,
    from: row.valid_from?.getTime() ?? null,
    until: row.valid_until?.getTime() ?? null,
    label: row.label,
    revision: row.revision,
  }
}

export function shownToken({ from, until, ...token }: Token): ListedToken {
  return { ...token, validFrom: moment(from), validUntil: moment(until) }
}

/** By key: all tokens of a list, or those of these keys. */
export async function tokensOf(
  { query }: Query,
  list: string,
  keys?: readonly string[],
): Promise<Map<string, Token>> {
  const { rows } = await query<TokenColumns>(
    `select ${columns} from token_list_token
     where list = $1 and ($2::text[] is null or key = any($2))`,
    [list, keys ?? null],
  )
  return new Map(rows.map((row) => [row.key, toToken(row)]))
}

export async function tokensAfter(
  { query }: Query,
  list: string,
  after: string | undefined,
  limit: number,
  { status, begins }: TokenFilter = {},
): Promise<Token[]> {
  const { rows } = await query<TokenColumns>(
    `select ${columns} from token_list_token
     where list = $1 and ($2::text is null or key > $2) and ($3::text is null or status = $3)
       and ($4::text is null or starts_with(key, $4))
     order by key limit $5`,
    [list, after ?? null, status ?? null, begins === undefined ? null : tokenKey(begins), limit],
  )
  return rows.map(toToken)
}

const atOnce = 5_000

/** Writes what becomes of tokens, and remembers what each revision did to each. */
export async function saveTokens(
  tx: Tx,
  list: string,
  revision: number,
  changes: readonly TokenChange[],
): Promise<void> {
  for (let first = 0; first < changes.length; first += atOnce)
    await saveSome(tx, list, revision, changes.slice(first, first + atOnce))
}

async function saveSome(
  tx: Tx,
  list: string,
  revision: number,
  changes: readonly TokenChange[],
): Promise<void> {
  const kept = changes.flatMap(({ key, after }) => (after === null ? [] : [{ key, ...after }]))
  const gone = changes.filter(({ after }) => after === null).map(({ key }) => key)
  await tx.query('delete from token_list_token where list = $1 and key = any($2)', [list, gone])
  await tx.query(
    `insert into token_list_token (list, ${columns})
     select $1, ${columns} from json_to_recordset($2::json) as x(
       key text, token text, type text, parent text, status text, valid_from timestamptz,
       valid_until timestamptz, label text, revision bigint)
     on conflict (list, key) do update set token = excluded.token, type = excluded.type,
       parent = excluded.parent, status = excluded.status, valid_from = excluded.valid_from,
       valid_until = excluded.valid_until, label = excluded.label, revision = excluded.revision`,
    [
      list,
      JSON.stringify(
        kept.map(({ from, until, ...token }) => ({
          ...token,
          valid_from: moment(from),
          valid_until: moment(until),
        })),
      ),
    ],
  )
  await tx.query(
    `insert into token_list_change_token (list, revision, key, before, after)
     select $1, $2, key, before, after from json_to_recordset($3::json) as x(
       key text, before jsonb, after jsonb)`,
    [list, revision, JSON.stringify(changes)],
  )
}

/** Forgets what revisions up to this one did to single tokens. */
export async function forgetChanges(tx: Tx, list: string, upTo: number): Promise<void> {
  await tx.query('delete from token_list_change_token where list = $1 and revision <= $2', [
    list,
    upTo,
  ])
}

/** The newest word on every token that has changed after a revision; null: it was taken off. */
export async function changedAfter(
  { query }: Query,
  list: string,
  revision: number,
): Promise<Map<string, Token | null>> {
  const { rows } = await query<{ key: string; after: Token | null }>(
    `select distinct on (key) key, after from token_list_change_token
     where list = $1 and revision > $2 order by key, revision desc`,
    [list, revision],
  )
  return new Map(rows.map(({ key, after }) => [key, after]))
}

/** A list with all that a charger may have to be told, as of one moment. */
export async function listForChargers(
  { query }: Query,
  name: string,
): Promise<ListForChargers | undefined> {
  const { rows } = await query<ListForChargers>(
    `select l.revision, l.known_since,
       coalesce((select json_agg(json_build_object(
         'token', t.token, 'type', t.type, 'parent', t.parent, 'status', t.status,
         'from', extract(epoch from t.valid_from) * 1000,
         'until', extract(epoch from t.valid_until) * 1000,
         'revision', t.revision) order by t.key)
        from token_list_token t where t.list = l.name), '[]') as tokens,
       coalesce((select json_agg(json_build_object(
         'token', r.before ->> 'token', 'type', r.before ->> 'type', 'revision', r.revision)
         order by r.key)
        from (select distinct on (key) * from token_list_change_token c
              where c.list = l.name and c.revision > l.known_since
              order by key, revision desc) r
        where r.after is null), '[]') as removed
     from token_list l where l.name = $1`,
    [name],
  )
  return rows[0]
}

export interface ListForChargers {
  readonly revision: number
  readonly known_since: number
  readonly tokens: readonly {
    readonly token: string
    readonly type: Token['type']
    readonly parent: string | null
    readonly status: Token['status']
    readonly from: number | null
    readonly until: number | null
    readonly revision: number
  }[]
  readonly removed: readonly {
    readonly token: string
    readonly type: Token['type']
    readonly revision: number
  }[]
}
