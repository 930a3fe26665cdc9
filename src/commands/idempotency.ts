import { ProblemError } from '../kernel/problem.ts'
import type { Query } from '../storage/database.ts'

/** Keys are an actor's own: two actors may use the same one. */
export interface KeyOfActor {
  readonly actor: string
  readonly key: string
}

/** A command that was recorded with a key. */
export interface Keyed {
  readonly id: string
  /** Of its submission. */
  readonly digest: string
}

/** The commands that these keys were used for, by `nameOf`. */
export async function keyedCommands(
  reader: Query,
  keys: readonly KeyOfActor[],
): Promise<Map<string, Keyed>> {
  if (keys.length === 0) return new Map()
  const { rows } = await reader.query<Keyed & KeyOfActor>(
    `SELECT id, actor ->> 'id' AS actor, idempotency_key AS key, digest FROM command
     WHERE (actor ->> 'id', idempotency_key) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [keys.map(({ actor }) => actor), keys.map(({ key }) => key)],
  )
  return new Map(rows.map((row) => [nameOf(row), { id: row.id, digest: row.digest }]))
}

export function nameOf({ actor, key }: KeyOfActor): string {
  return `${actor}\n${key}`
}

export function usedForAnother(): ProblemError {
  return new ProblemError(
    'idempotency-conflict',
    'this key was used before for something else',
    'idempotencyKey',
  )
}
