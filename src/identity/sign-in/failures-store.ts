import type { Tx } from '../../storage/database.ts'
import { iso, ms } from '../moments.ts'
import type { Failures } from './throttle.ts'

/** The rows stay locked until the transaction ends, so that attempts made at once are counted one by one. */
export async function failuresUnder(
  tx: Tx,
  keys: readonly string[],
  now: number,
): Promise<Map<string, Failures>> {
  const sorted = [...keys].sort()
  await tx.query(
    `insert into sign_in_failures (key, failures, last_at)
     select key, 0, $2 from unnest($1::text[]) as t (key) order by key on conflict do nothing`,
    [sorted, iso(now)],
  )
  const { rows } = await tx.query<{ key: string; failures: number; last_ms: string }>(
    `select key, failures, ${ms('last_at')} as last_ms
       from sign_in_failures where key = any ($1) order by key for update`,
    [sorted],
  )
  return new Map(rows.map((row) => [row.key, { count: row.failures, lastAt: Number(row.last_ms) }]))
}

export async function storeFailures(
  tx: Tx,
  failures: ReadonlyMap<string, Failures>,
): Promise<void> {
  await tx.query(
    `update sign_in_failures f set failures = n.failures, last_at = n.at
       from unnest($1::text[], $2::int[], $3::timestamptz[]) as n (key, failures, at)
      where f.key = n.key`,
    [
      [...failures.keys()],
      [...failures.values()].map(({ count }) => count),
      [...failures.values()].map(({ lastAt }) => iso(lastAt)),
    ],
  )
}

export async function clearFailures(tx: Tx, keys: readonly string[]): Promise<void> {
  await tx.query('delete from sign_in_failures where key = any ($1)', [keys])
}

export async function takeBack(tx: Tx, keys: readonly string[]): Promise<void> {
  await tx.query(
    'update sign_in_failures set failures = greatest(0, failures - 1) where key = any ($1)',
    [keys],
  )
}

export async function forgetFailures(tx: Tx, before: number): Promise<void> {
  await tx.query('delete from sign_in_failures where last_at < $1', [iso(before)])
}
