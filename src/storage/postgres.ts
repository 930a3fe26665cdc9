import pg from 'pg'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { ChangeSet } from './batch.ts'
import { CommitQueue } from './commit-queue.ts'
import { Committer } from './committer.ts'
import {
  clientConfig,
  isCollision,
  isServerAway,
  mayComeUp,
  openLinePatiently,
  pause,
  sqlState,
  unavailable,
} from './connection.ts'
import type { Database, Tx } from './database.ts'
import { CommitUnknownError, DatabaseClosedError, OverloadedError } from './errors.ts'
import { openTx } from './open-tx.ts'

export interface PostgresOptions {
  readonly connection: pg.ClientConfig
  readonly clock: Clock
  readonly log: Log
  /** Connections for reads and for transactions of their own. */
  readonly connections?: number
  /**
   * Connections that commit. One serves thousands of changes a second; more help only where commits
   * wait for a distant disk, and changes may then become durable in another order than asked.
   */
  readonly committers?: number
  /** How many changes one group commit takes at most. */
  readonly maxBatch?: number
  /** How many changes may wait; more are refused with `OverloadedError`. */
  readonly maxWaiting?: number
  /** How long a change or a read may wait for a database that is away. */
  readonly patienceMs?: number
  /** Told of every group commit: how many changes it held and how long it took (ms). */
  readonly onCommit?: (changes: number, ms: number) => void
  /** How long one group commit may take before its connection is given up. */
  readonly batchDeadlineMs?: number
}

/** Opens a migrated database. Fails when it cannot be reached within `patienceMs`. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const patienceMs = options.patienceMs ?? 15_000
  const config = clientConfig(options.connection, 'commit')
  const first = await openLinePatiently(config, options.clock, patienceMs)
  await first.close()
  return new Postgres({ ...options, patienceMs })
}

class Postgres implements Database {
  readonly #clock: Clock
  readonly #patienceMs: number
  readonly #pool: pg.Pool
  readonly #queue: CommitQueue
  readonly #committers: readonly Committer[]
  #healthy = true
  #closed: Promise<void> | undefined

  constructor(options: PostgresOptions & { patienceMs: number }) {
    const { clock, log, patienceMs } = options
    this.#clock = clock
    this.#patienceMs = patienceMs
    this.#pool = openPool(options)
    this.#queue = new CommitQueue(clock, options.maxWaiting ?? 20_000)
    const batchDeadlineMs = options.batchDeadlineMs ?? 45_000
    const committer = (): Committer =>
      new Committer({
        config: { ...clientConfig(options.connection, 'commit'), query_timeout: batchDeadlineMs },
        clock,
        log,
        queue: this.#queue,
        maxBatch: options.maxBatch ?? 500,
        patienceMs,
        batchDeadlineMs,
        onHealth: (healthy) => (this.#healthy = healthy),
        onCommit: options.onCommit,
      })
    this.#committers = Array.from({ length: options.committers ?? 1 }, committer)
  }

  commit: Database['commit'] = (...changes: ChangeSet) =>
    this.#queue.add(changes) as Promise<unknown> as Promise<never>

  query: Tx['query'] = (sql, values) => this.#patiently((client) => read(client, sql, values))

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#patiently((client) => transact(client, work))
  }

  healthy(): boolean {
    return this.#healthy && this.#closed === undefined
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#queue.close()
    await Promise.all(this.#committers.map((committer) => committer.close()))
    await this.#pool.end()
  }

  /** Does it, and again for as long as patience lasts when it certainly had no effect. */
  async #patiently<T>(work: (client: pg.PoolClient) => Promise<Done<T>>): Promise<T> {
    const deadline = this.#clock.monotonic() + this.#patienceMs
    for (let attempt = 1; ; attempt += 1) {
      const done = await this.#once(work)
      if (done.end === 'done') return done.value
      if (done.end === 'failed') throw done.error
      if (this.#clock.monotonic() >= deadline) throw unavailable(done.error)
      await pause(this.#clock, Math.min(attempt * 10, 500))
    }
  }

  async #once<T>(work: (client: pg.PoolClient) => Promise<Done<T>>): Promise<Done<T>> {
    if (this.#closed !== undefined) return { end: 'failed', error: new DatabaseClosedError() }
    if (this.#pool.waitingCount >= maxWaitingReads)
      return { end: 'failed', error: new OverloadedError(this.#pool.waitingCount) }
    let client: pg.PoolClient
    try {
      client = await this.#pool.connect()
    } catch (error) {
      this.#healthy = false
      return { end: mayComeUp(error) ? 'again' : 'failed', error }
    }
    const done = await work(client)
    const sound = done.end !== 'again' || isCollision(done.error)
    client.release(!sound)
    this.#healthy = sound
    return done
  }
}

const maxWaitingReads = 10_000

type Done<T> =
  | { readonly end: 'done'; readonly value: T }
  | { readonly end: 'failed'; readonly error: unknown }
  /** It had no effect, for a reason that may pass. */
  | { readonly end: 'again'; readonly error: unknown }

function openPool(options: PostgresOptions): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(options.connection, 'query'),
    max: options.connections ?? 4,
    query_timeout: 60_000,
    idleTimeoutMillis: 0,
  })
  // A connection that broke is noticed, and replaced, when it is next needed.
  const ignore = (): void => undefined
  pool.on('error', ignore)
  pool.on('connect', (client) => {
    client.on('error', ignore)
    // What reads cannot write by mistake, so it is safe to ask again when a connection breaks.
    client.query('set default_transaction_read_only = on').catch(ignore)
  })
  return pool
}

async function read<Row extends pg.QueryResultRow>(
  client: pg.PoolClient,
  sql: string,
  values: readonly unknown[] | undefined,
): Promise<Done<pg.QueryResult<Row>>> {
  try {
    return { end: 'done', value: await query<Row>(client, sql, values) }
  } catch (error) {
    return { end: (await isSound(client, error)) ? 'failed' : 'again', error }
  }
}

async function transact<T>(client: pg.PoolClient, work: (tx: Tx) => Promise<T>): Promise<Done<T>> {
  const tx = openTx((sql, values) => query(client, sql, values))
  let value: T
  try {
    await client.query('begin read write')
    value = await work(tx)
    await tx.settled()
  } catch (thrown) {
    const error = tx.causeOf(thrown)
    const sound = await client.query('rollback').then(
      () => !isServerAway(error),
      () => false,
    )
    return { end: sound && !isCollision(error) ? 'failed' : 'again', error }
  }
  try {
    const { command } = await client.query('commit')
    if (command === 'COMMIT') return { end: 'done', value }
    return { end: 'failed', error: new Error('a database error was hidden; nothing was committed') }
  } catch (error) {
    if (isCollision(error)) return { end: 'again', error }
    if (sqlState(error) !== undefined && !isServerAway(error)) return { end: 'failed', error }
    return { end: 'failed', error: new CommitUnknownError(error) }
  }
}

function query<Row extends pg.QueryResultRow>(
  client: pg.ClientBase,
  sql: string,
  values: readonly unknown[] | undefined,
): Promise<pg.QueryResult<Row>> {
  return client.query<Row>(sql, values === undefined ? undefined : [...values])
}

/** Whether a connection still works after this error, which need not have come from the server. */
async function isSound(client: pg.ClientBase, error: unknown): Promise<boolean> {
  if (isServerAway(error)) return false
  if (sqlState(error) !== undefined) return true
  return client.query('select 1').then(
    () => true,
    () => false,
  )
}
