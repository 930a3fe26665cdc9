import type { Query } from '../storage/database.ts'

/** Chargers by a query that gives `charger`. */
export async function identities(
  { query }: Query,
  sql: string,
  values: readonly unknown[],
): Promise<string[]> {
  const { rows } = await query<{ charger: string }>(sql, values)
  return rows.map(({ charger }) => charger)
}
