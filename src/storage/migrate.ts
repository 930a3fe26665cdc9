import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Clock } from '../kernel/clock.ts'
import { clientConfig, openLinePatiently } from './connection.ts'

/** A numbered step that brings the database forward. Once released it is never edited. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  /** SHA-256 of the text, whatever its line ends. */
  readonly checksum: string
}

/** The database and this code do not belong together; nothing was changed. */
export class MigrationMismatchError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MigrationMismatchError'
  }
}

/** A migration could not be applied. Those before it have been, it has not. */
export class MigrationFailedError extends Error {
  constructor(migration: Migration, cause: unknown) {
    const line = errorLine(migration.sql, cause)
    const where = line === undefined ? migration.name : `${migration.name}, line ${line}`
    super(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.name = 'MigrationFailedError'
  }
}

export const migrationsFolder = fileURLToPath(new URL('migrations/', import.meta.url))

/** Reads `NNNN-name.sql` files in the order of their numbers. */
export async function readMigrations(folder: string = migrationsFolder): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  const migrations = await Promise.all(files.map((file) => readMigration(folder, file)))
  migrations.forEach((migration, index) => {
    if (migrations[index - 1]?.number === migration.number)
      throw new Error(`${migrations[index - 1]!.name} and ${migration.name} have the same number`)
  })
  return migrations
}

async function readMigration(folder: string, file: string): Promise<Migration> {
  const match = /^(\d{4})-[a-z0-9-]+\.sql$/.exec(file)
  if (match === null) throw new Error(`${file} is not named like 0001-a-name.sql`)
  const sql = (await readFile(`${folder}/${file}`, 'utf8')).replaceAll('\r\n', '\n')
  const checksum = createHash('sha256').update(sql).digest('hex')
  return { number: Number(match[1]), name: file.slice(0, -'.sql'.length), sql, checksum }
}

/** Any number nobody else uses: nodes that start together migrate one after the other. */
const lockKey = 7_305_442_021

const patienceMs = 15_000
const lockTimeoutMs = 120_000

/**
 * Brings the database to the state this code needs, and returns the names of the migrations it
 * applied. Fails with `MigrationMismatchError` when the database is newer than the code or a migration
 * was edited after it had been applied.
 */
export async function migrate(options: {
  readonly connection: pg.ClientConfig
  readonly clock: Clock
  readonly migrations?: readonly Migration[]
}): Promise<string[]> {
  const migrations = options.migrations ?? (await readMigrations())
  const config = {
    ...clientConfig(options.connection, 'migrate'),
    statement_timeout: 0,
    lock_timeout: lockTimeoutMs,
  }
  const line = await openLinePatiently(config, options.clock, patienceMs)
  try {
    await line.client.query(`select pg_advisory_lock(${lockKey})`)
    await line.client.query(`create table if not exists storage_migration (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`)
    const pending = await findPending(line.client, migrations)
    for (const migration of pending) await apply(line.client, migration)
    return pending.map((migration) => migration.name)
  } finally {
    // The advisory lock goes with the connection.
    await line.close()
  }
}

interface Applied {
  readonly number: number
  readonly name: string
  readonly checksum: string
}

async function findPending(
  client: pg.Client,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  const { rows } = await client.query<Applied>(
    'select number, name, checksum from storage_migration order by number',
  )
  for (const applied of rows) {
    const known = migrations.find((migration) => migration.number === applied.number)
    if (known === undefined)
      throw new MigrationMismatchError(
        `the database is newer than this program: it has ${applied.name}. Start a newer version.`,
      )
    if (known.checksum !== applied.checksum)
      throw new MigrationMismatchError(
        `${known.name} was edited after it had been applied to this database as ${applied.name}`,
      )
  }
  const last = rows.at(-1)
  const pending = migrations.filter(({ number }) => !rows.some((row) => row.number === number))
  const late = pending.find((migration) => last !== undefined && migration.number < last.number)
  if (late !== undefined)
    throw new MigrationMismatchError(
      `${late.name} comes too late: ${last!.name} is applied already`,
    )
  return pending
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('begin')
    await client.query(migration.sql)
    await client.query(
      'insert into storage_migration (number, name, checksum) values ($1, $2, $3)',
      [migration.number, migration.name, migration.checksum],
    )
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new MigrationFailedError(migration, error)
  }
}

function errorLine(sql: string, error: unknown): number | undefined {
  if (!(error instanceof pg.DatabaseError) || error.position === undefined) return undefined
  return sql.slice(0, Number(error.position)).split('\n').length
}
