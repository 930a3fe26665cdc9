import { mkdir, realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Audit } from '../../audit/audit.ts'
import { systemContext } from '../../kernel/actor.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { NewId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import { change, type Database } from '../../storage/database.ts'
import { ownerTokenPath, readOwnerToken, writeOwnerToken } from './owner-token.ts'
import { event } from '../recorded-event.ts'
import { hashOf, newSecret } from '../secret.ts'
import { tokenByHash, tokenWrites } from './store.ts'
import { described, newRow } from './token.ts'

/**
 * The owner token of a data folder is the secret in its file, known to the database by its hash.
 * No file: a new one is made, and the one it replaces here stops working. A file the database does
 * not know (a new database, or a file put there on purpose): it is registered. A file whose token
 * was revoked stays revoked: deleting the file is the way to a new one.
 */
export async function ensureOwnerToken(parts: {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  readonly dataDir: string
}): Promise<void> {
  const { database, audit, clock, newId, log, dataDir } = parts
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const found = await readOwnerToken(dataDir)
  if (found !== undefined) {
    const known = await tokenByHash(database, hashOf(found))
    if (known?.revokedAt === null) return
    if (known !== undefined) {
      log.warn(
        { file: ownerTokenPath(dataDir) },
        'the token in this file was revoked; delete the file and start again to have a new one made',
      )
      return
    }
  }
  const secret = found ?? newSecret()
  if (found === undefined) await writeOwnerToken(dataDir, secret)

  const now = clock.now()
  // Several nodes with data folders of their own share one database: each replaces only its own.
  const place = `${hostname()}:${await realpath(dataDir)}`
  const row = {
    ...newRow(newId(), secret, {
      ...{ name: 'local', grants: [], budgets: null, madeBy: null },
      ...{ expiresAt: null, now },
    }),
    ownerPlace: place,
  }
  await database.commit(
    change(tokenWrites(audit).replaceOwner, {
      row,
      replaced: ({ id, name }) =>
        event(systemContext, 'token.revoked', now, { id, name, replacedBy: row.id }),
    }),
    change(
      audit.append,
      event(
        systemContext,
        found === undefined ? 'token.owner-made' : 'token.owner-registered',
        now,
        { ...described(row), place },
      ),
    ),
  )
}
