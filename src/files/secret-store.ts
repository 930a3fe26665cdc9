import type { Query, Tx } from '../storage/database.ts'

/** A secret that all control nodes share: the one that is stored, or this one from now on. */
export async function sharedSecret(
  tx: Tx,
  name: string,
  made: string,
  at: number,
): Promise<string> {
  await tx.query(
    'insert into file_secret (name, secret, made_at) values ($1, $2, $3) on conflict do nothing',
    [name, made, new Date(at).toISOString()],
  )
  const { rows } = await tx.query<{ secret: string }>(
    'select secret from file_secret where name = $1',
    [name],
  )
  return rows[0]!.secret
}

export async function storedSecret(reader: Query, name: string): Promise<string | undefined> {
  const { rows } = await reader.query<{ secret: string }>(
    'select secret from file_secret where name = $1',
    [name],
  )
  return rows[0]?.secret
}
