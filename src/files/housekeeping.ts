import type { Audit } from '../audit/audit.ts'
import { recorded } from '../audit/record.ts'
import { systemContext } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Database } from '../storage/database.ts'
import type { Contents } from './content.ts'
import { fileChange } from './record.ts'
import { keptAmong, markExpired } from './store.ts'
import { forgetUses } from './use-store.ts'

export interface HousekeepingParts {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
  readonly log: Log
  readonly contents: Contents
}

const expiredAtOnce = 200
/** A content that is no file may be on its way to become one for this long. */
const orphanAfterMs = 3_600_000
/** How long the uses of an expired link are remembered. */
const usesKeptMs = 7 * 86_400_000

export const retentionOver = 'its time of retention is over'

/** Deletes what is over: files past their retention, contents that never became files, uses of old links. */
export async function keepHouse(parts: HousekeepingParts): Promise<void> {
  const { database, clock } = parts
  await deleteExpired(parts)
  await removeOrphans(parts)
  await database.transaction((tx) => forgetUses(tx, clock.now() - usesKeptMs))
}

/** The row first: what a crash leaves behind is then a content without a file, never a file without its content. */
async function deleteExpired({
  database,
  audit,
  clock,
  log,
  contents,
}: HousekeepingParts): Promise<void> {
  for (;;) {
    const expired = await database.transaction(async (tx) => {
      const files = await markExpired(tx, {
        store: contents.store,
        at: clock.now(),
        because: retentionOver,
        limit: expiredAtOnce,
      })
      const changes = files.map((file) =>
        fileChange(systemContext, 'file.deleted', file, retentionOver),
      )
      await recorded(tx, { audit, clock }, changes)
      return files
    })
    for (const { id } of expired) await contents.remove(id)
    if (expired.length > 0) log.info({ files: expired.length }, retentionOver)
    if (expired.length < expiredAtOnce) return
  }
}

/** What a crash left: a content that was whole and not yet recorded, or the beginning of one. */
export async function removeOrphans({
  database,
  clock,
  log,
  contents,
}: Pick<HousekeepingParts, 'database' | 'clock' | 'log' | 'contents'>): Promise<void> {
  const { ids, parts } = await contents.untouchedSince(clock.now() - orphanAfterMs)
  const kept = await keptAmong(database, ids)
  const orphans = ids.filter((id) => !kept.has(id))
  for (const id of orphans) await contents.remove(id)
  for (const part of parts) await contents.removePart(part)
  if (orphans.length + parts.length > 0)
    log.warn(
      { files: orphans.length, beginnings: parts.length },
      'removed what transfers left that were cut off',
    )
}
