import type { Database } from '../../storage/database.ts'
import { gathered } from '../../storage/gathered.ts'
import { ms } from '../rows.ts'

/** A session that runs, as far as it matters to another one of the same token. */
export interface RunningSession {
  readonly id: string
  readonly charger: string
  readonly transactionId: string
  readonly startedAt: number
}

/** The running sessions of a token, whatever its case; those asked for together share one statement. */
export function openRunning(
  database: Pick<Database, 'query'>,
): (token: string) => Promise<readonly RunningSession[]> {
  const find = gathered(async (tokens) => {
    const { rows } = await database.query<{
      id: string
      charger: string
      transaction_id: string
      key: string
      started_at: Date
    }>(
      `select id, charger, transaction_id, lower(token collate "C") as key, started_at from session
       where state = 'running' and token is not null
         and lower(token collate "C") in (select lower(t collate "C") from unnest($1::text[]) as t)`,
      [tokens],
    )
    return Map.groupBy(rows, ({ key }) => key)
  })
  return async (token) => {
    const key = token.replaceAll(/[A-Z]+/g, (upper) => upper.toLowerCase())
    const rows = (await find([token])).get(key) ?? []
    return rows.map(({ id, charger, transaction_id, started_at }) => ({
      id,
      charger,
      transactionId: transaction_id,
      startedAt: ms(started_at),
    }))
  }
}
