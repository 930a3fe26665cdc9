import { createHash } from 'node:crypto'
import path from 'node:path'
import pg from 'pg'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog, type Log } from '../../src/kernel/log.ts'
import { clientConfig, openLine } from '../../src/storage/connection.ts'
import type { Database, Tx } from '../../src/storage/database.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/storage/embedded.ts'
import { FolderInUseError } from '../../src/storage/folder-owner.ts'
import { migrate, readMigrations } from '../../src/storage/migrate.ts'
import { openPostgres, type PostgresOptions } from '../../src/storage/postgres.ts'

/** A migrated database of one test's own, on a real PostgreSQL. */
export interface TestDatabase {
  readonly database: Database
  /** For further connections to the same database. */
  readonly connection: pg.ClientConfig
  /** The same as an URL, for `OTA_DATABASE_URL`. */
  readonly url: string
  /** Any SQL at all, reads and writes, past the product. */
  readonly sql: Tx['query']
}

/** What a test must offer: `TestContext`, or `{ after }` of node:test for a whole file. */
export interface Lasting {
  after(cleanUp: () => void | Promise<void>): void
}

export type TestDatabaseOptions = Partial<Omit<PostgresOptions, 'connection'>>

/**
 * Gives the test a database, which is closed and dropped when everything else that the test registered
 * with `after` has been cleaned up, whichever was first.
 */
export async function testDatabase(
  t: Lasting,
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const { connection, url, sql } = await emptyTestDatabase(t, await templateName())
  const log: Log = options.log ?? silentLog
  const database = await openPostgres({ connection, clock: systemClock, ...options, log })
  t.after(() => t.after(() => database.close()))
  return { database, connection, url, sql }
}

/** A database for tests of the migrations themselves: a copy of `template`, or empty. */
export async function emptyTestDatabase(
  t: Lasting,
  template = 'template0',
): Promise<Omit<TestDatabase, 'database'>> {
  const cluster = await testCluster()
  databases += 1
  const name = `ota_test_${process.pid}_${databases}`
  // Copies files after a checkpoint, which costs nothing where nothing is synced to disk.
  await asAdmin(cluster, `create database ${name} template ${template} strategy file_copy`)
  const connection = { ...cluster, database: name }
  const pool = new pg.Pool({ ...clientConfig(connection, 'test'), max: 2, allowExitOnIdle: true })
  pool.on('error', () => undefined)
  t.after(() =>
    t.after(() =>
      t.after(async () => {
        await pool.end()
        await asAdmin(cluster, `drop database ${name} with (force)`)
      }),
    ),
  )
  return {
    connection,
    url: urlOf(connection),
    sql: (text, values) => pool.query(text, values === undefined ? undefined : [...values]),
  }
}

let databases = 0

/** How to reach a server as its superuser. */
export interface TestCluster {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  readonly ssl: false
}

export function urlOf(connection: pg.ClientConfig): string {
  const { host, port, user, database } = connection
  return `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host!)}`
}

/** The server of this run: given by `scripts/test.ts`, or one of this process's own. */
function testCluster(): Promise<TestCluster> {
  cluster ??= findCluster()
  return cluster
}
let cluster: Promise<TestCluster> | undefined

async function findCluster(): Promise<TestCluster> {
  const given = process.env.OTA_TEST_DATABASE_URL
  if (given !== undefined) {
    const { hostname, port, username, searchParams } = new URL(given)
    return {
      host: searchParams.get('host') ?? hostname,
      port: Number(port || 5432),
      user: decodeURIComponent(username),
      database: 'postgres',
      ssl: false,
    }
  }
  const server = await startSlot(1)
  // Tests need not stop it: it ends with this process.
  server.unref()
  const own = { ...server.connection, database: 'postgres' }
  for (const name of await names(own, 'ota_test_%'))
    await asAdmin(own, `drop database ${name} with (force)`)
  return own
}

const slots = 16

/** The first server under `.cache/` that no other process uses; several files may be run by hand at once. */
async function startSlot(slot: number): Promise<EmbeddedPostgres> {
  const root = path.join(import.meta.dirname, '../..')
  try {
    return await startEmbeddedPostgres({
      dataDir: path.join(root, '.cache', 'test-postgres', String(slot)),
      log: silentLog,
      clock: systemClock,
      settings: testServerSettings,
    })
  } catch (error) {
    if (!(error instanceof FolderInUseError) || slot === slots) throw error
    return startSlot(slot + 1)
  }
}

/** Nothing in a test's server has to outlive a power cut; what is tested of durability uses its own. */
export const testServerSettings = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  checkpoint_timeout: '1h',
} as const

/** Makes, once per state of the migrations, the database that tests get copies of. */
export async function templateName(): Promise<string> {
  template ??= makeTemplate(await testCluster())
  return template
}
let template: Promise<string> | undefined

/** Any number nobody else uses. */
const templateLock = 5_120_117

async function makeTemplate(server: TestCluster): Promise<string> {
  const migrations = await readMigrations()
  const state = migrations.map(({ name, checksum }) => `${name} ${checksum}`).join('\n')
  const name = `ota_template_${createHash('sha256').update(state).digest('hex').slice(0, 12)}`
  const line = await openLine(clientConfig({ ...server, lock_timeout: 60_000 }, 'template'))
  try {
    await line.client.query(`select pg_advisory_lock(${templateLock})`)
    const { rows } = await line.client.query<{ finished: boolean }>(
      'select datistemplate as finished from pg_database where datname = $1',
      [name],
    )
    if (rows[0]?.finished === true) return name
    for (const stale of await names(server, 'ota_template_%')) {
      await line.client.query(`alter database ${stale} is_template false`)
      await line.client.query(`drop database ${stale} with (force)`)
    }
    await line.client.query(`create database ${name} template template0`)
    await migrate({ connection: { ...server, database: name }, clock: systemClock, migrations })
    await line.client.query(`alter database ${name} is_template true`)
    return name
  } finally {
    await line.close()
  }
}

async function names(server: TestCluster, pattern: string): Promise<string[]> {
  const line = await openLine(clientConfig(server, 'test admin'))
  try {
    const { rows } = await line.client.query<{ name: string }>(
      'select datname as name from pg_database where datname like $1',
      [pattern],
    )
    return rows.map(({ name }) => name)
  } finally {
    await line.close()
  }
}

async function asAdmin(server: TestCluster, sql: string): Promise<void> {
  const line = await openLine(clientConfig(server, 'test admin'))
  try {
    await line.client.query(sql)
  } finally {
    await line.close()
  }
}
