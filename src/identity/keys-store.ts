import { randomBytes } from 'node:crypto'
import type { Tx } from '../storage/database.ts'

/** The key with this name, the same for all nodes; made by whichever asks first. */
export async function sharedKey(tx: Tx, name: string): Promise<Buffer> {
  await tx.query('insert into identity_key (name, key) values ($1, $2) on conflict do nothing', [
    name,
    randomBytes(32),
  ])
  const { rows } = await tx.query<{ key: Buffer }>('select key from identity_key where name = $1', [
    name,
  ])
  return rows[0]!.key
}
