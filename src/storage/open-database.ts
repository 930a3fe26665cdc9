import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Settings } from '../kernel/settings.ts'
import type { Database } from './database.ts'
import { startEmbeddedPostgres } from './embedded.ts'
import { migrate } from './migrate.ts'
import { openPostgres } from './postgres.ts'
import type { PostgresOptions } from './postgres.ts'

export interface OpenedDatabase {
  readonly database: Database
  /** Closes the database, and stops the server where it is ours. */
  close(): Promise<void>
}

/** Opens the database of the settings, migrated: the one given, or the embedded one in the data folder. */
export async function openDatabase(options: {
  readonly settings: Pick<Settings, 'databaseUrl' | 'dataDir'>
  readonly clock: Clock
  readonly log: Log
  readonly onCommit?: PostgresOptions['onCommit']
}): Promise<OpenedDatabase> {
  const { settings, clock, log, onCommit } = options
  const server =
    settings.databaseUrl === undefined
      ? await startEmbeddedPostgres({ dataDir: settings.dataDir, clock, log })
      : undefined
  try {
    const connection = server?.connection ?? { connectionString: settings.databaseUrl }
    const applied = await migrate({ connection, clock })
    if (applied.length > 0) log.info({ migrations: applied }, 'the database was brought up to date')
    const database = await openPostgres({
      connection,
      clock,
      log,
      ...(onCommit === undefined ? {} : { onCommit }),
    })
    return {
      database,
      async close() {
        await database.close()
        await server?.stop()
      },
    }
  } catch (error) {
    await server?.stop()
    throw error
  }
}
