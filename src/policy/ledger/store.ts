import type { Query, Tx } from '../../storage/database.ts'
import type { Taken } from './counter.ts'

/** What was taken of these budgets. */
export async function takenOf(
  { query }: Query,
  keys: readonly string[],
): Promise<Map<string, readonly Taken[]>> {
  if (keys.length === 0) return new Map()
  const { rows } = await query<{ key: string; taken: Taken[] }>(
    'SELECT key, taken FROM budget WHERE key = ANY($1)',
    [keys],
  )
  return new Map(rows.map(({ key, taken }) => [key, taken]))
}

/** The same, made where it is missing and held until the transaction ends; everybody holds them in one order. */
export async function holdTaken(
  tx: Tx,
  budgets: readonly { readonly key: string; readonly keptUntil: number }[],
): Promise<Map<string, readonly Taken[]>> {
  if (budgets.length === 0) return new Map()
  const { rows } = await tx.query<{ key: string; taken: Taken[] }>(
    `INSERT INTO budget AS known (key, taken, kept_until)
     SELECT key, '[]', to_timestamp(kept / 1000.0)
     FROM json_to_recordset($1::json) AS x (key text, kept bigint) ORDER BY key COLLATE "C"
     ON CONFLICT (key) DO UPDATE SET kept_until = greatest(known.kept_until, excluded.kept_until)
     RETURNING key, taken`,
    [JSON.stringify(budgets.map(({ key, keptUntil: kept }) => ({ key, kept })))],
  )
  return new Map(rows.map(({ key, taken }) => [key, taken]))
}

export function keepTaken(tx: Tx, budgets: ReadonlyMap<string, readonly Taken[]>): void {
  if (budgets.size === 0) return
  tx.post(
    `UPDATE budget b SET taken = x.taken
     FROM json_to_recordset($1::json) AS x (key text, taken jsonb) WHERE b.key = x.key`,
    [JSON.stringify([...budgets].map(([key, taken]) => ({ key, taken })))],
  )
}

/** Members that count since a moment, of each of these budgets. */
export interface Counted {
  readonly key: string
  /** ms since the epoch. */
  readonly since: number
}

export async function countMembers(
  { query }: Query,
  wanted: readonly Counted[],
): Promise<Map<string, { readonly members: number; readonly oldest: number }>> {
  if (wanted.length === 0) return new Map()
  const { rows } = await query<{ key: string; members: number; oldest: number | null }>(
    `SELECT w.key, m.members, m.oldest
     FROM json_to_recordset($1::json) AS w (key text, since bigint)
     CROSS JOIN LATERAL (
       SELECT count(*) AS members, min(b.at) AS oldest FROM budget_member b
       WHERE b.key = w.key AND b.at > w.since) m`,
    [JSON.stringify(wanted)],
  )
  return new Map(
    rows.flatMap(({ key, members, oldest }) =>
      oldest === null ? [] : [[key, { members, oldest }] as const],
    ),
  )
}

/** Which of these count as members since a moment. */
export async function membersAmong(
  { query }: Query,
  wanted: readonly (Counted & { readonly members: readonly string[] })[],
): Promise<Map<string, ReadonlySet<string>>> {
  if (wanted.length === 0) return new Map()
  const { rows } = await query<{ key: string; members: string[] }>(
    `SELECT b.key, array_agg(b.member) AS members
     FROM json_to_recordset($1::json) AS w (key text, since bigint, members json)
     CROSS JOIN LATERAL json_array_elements_text(w.members) AS one (member)
     JOIN budget_member b ON b.key = w.key AND b.member = one.member AND b.at > w.since
     GROUP BY b.key`,
    [JSON.stringify(wanted)],
  )
  return new Map(rows.map(({ key, members }) => [key, new Set(members)]))
}

export interface NewMember {
  readonly key: string
  readonly member: string
  readonly at: number
  readonly keptUntil: number
}

export function addMembers(tx: Tx, members: readonly NewMember[]): void {
  if (members.length === 0) return
  tx.post(
    `INSERT INTO budget_member AS known (key, member, at, kept_until)
     SELECT key, member, at, to_timestamp(kept / 1000.0)
     FROM json_to_recordset($1::json) AS x (position integer, key text, member text, at bigint, kept bigint)
     ORDER BY position
     ON CONFLICT (key, member) DO UPDATE
     SET at = greatest(known.at, excluded.at), kept_until = greatest(known.kept_until, excluded.kept_until)`,
    [
      JSON.stringify(
        members.map(({ key, member, at, keptUntil: kept }, position) => ({
          position,
          key,
          member,
          at,
          kept,
        })),
      ),
    ],
  )
}

/** Forgets what counts no more. */
export async function forgetTaken(tx: Tx, before: string): Promise<number> {
  const budgets = await tx.query('DELETE FROM budget WHERE kept_until < $1', [before])
  const members = await tx.query('DELETE FROM budget_member WHERE kept_until < $1', [before])
  return (budgets.rowCount ?? 0) + (members.rowCount ?? 0)
}
