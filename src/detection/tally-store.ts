import type { Query, Tx } from '../storage/database.ts'

export interface TallyRow {
  readonly key: string
  readonly piece: number
  readonly allowed: number
  readonly refused: number
}

/** All pieces of these keys, from a piece on. */
export async function readTallies(
  { query }: Query,
  keys: readonly string[],
  fromPiece: number,
): Promise<readonly TallyRow[]> {
  const { rows } = await query<{ key: string; piece: string; allowed: string; refused: string }>(
    'select key, piece, allowed, refused from attempt_tally where key = any($1) and piece >= $2',
    [keys, fromPiece],
  )
  return rows.map(({ key, ...numbers }) => ({
    key,
    piece: Number(numbers.piece),
    allowed: Number(numbers.allowed),
    refused: Number(numbers.refused),
  }))
}

export async function addTallies(tx: Tx, rows: readonly TallyRow[]): Promise<void> {
  await tx.query(
    `insert into attempt_tally as t (key, piece, allowed, refused)
     select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) as r (key, piece, allowed, refused)
     order by key, piece
     on conflict (key, piece) do update
       set allowed = t.allowed + excluded.allowed, refused = t.refused + excluded.refused`,
    [
      rows.map(({ key }) => key),
      rows.map(({ piece }) => piece),
      rows.map(({ allowed }) => allowed),
      rows.map(({ refused }) => refused),
    ],
  )
}

export async function forgetTallies(tx: Tx, beforePiece: number): Promise<void> {
  await tx.query('delete from attempt_tally where piece < $1', [beforePiece])
}
