import type pg from 'pg'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { isCollision, openLine, pause, unavailable, type Line } from './connection.ts'

export interface CommitterLine extends Line {
  readonly backend: Backend
}

/** The server's process behind a connection. Process ids come round again; with the start they are unique. */
export interface Backend {
  readonly pid: number
  readonly started: string
}

export interface CommitterConnectionOptions {
  readonly config: pg.ClientConfig
  readonly clock: Clock
  readonly log: Log
  onHealth(healthy: boolean): void
}

export const reconnectMs = 50
const maxReconnectMs = 1_000
const doubtLockMs = 2_000

/**
 * The connection of one committer, and its row in `storage_committer`. A connection that broke is
 * replaced without being asked, so that health is known and the next change need not wait.
 */
export class CommitterConnection {
  readonly #options: CommitterConnectionOptions
  readonly #id: string
  #line: Promise<CommitterLine> | undefined
  #client: pg.Client | undefined
  #closing = false

  constructor(id: string, options: CommitterConnectionOptions) {
    this.#id = id
    this.#options = options
    void this.#stayConnected()
  }

  /** The present connection, or one attempt to get one. */
  line(): Promise<CommitterLine> {
    this.#line ??= this.#connect()
    return this.#line
  }

  /** Gives a connection up. */
  drop(line: Line): void {
    line.destroy()
    this.#ended(line.client)
  }

  async close(): Promise<void> {
    this.#closing = true
    const line = await this.#line?.catch(() => undefined)
    await line?.close()
  }

  /** Begins the transaction of a batch, which writes the batch's number into the committer's row. */
  async begin(client: pg.Client, batch: number): Promise<void> {
    const [, marked] = await Promise.all([
      client.query('begin'),
      client.query({
        name: 'mark batch',
        text: 'update storage_committer set batch = $2, at = now() where id = $1',
        values: [this.#id, batch],
      }),
    ])
    if (marked.rowCount !== 1) throw new LostRowError()
  }

  /** The number of the last batch that is durable, once the transaction in doubt has ended. */
  async lastCommitted(inDoubt: Backend): Promise<number | undefined> {
    const { client } = await this.line()
    try {
      await client.query('begin')
      await client.query(`set local lock_timeout = ${doubtLockMs}`)
      // The transaction in doubt holds the row's lock for as long as it lives.
      const { rows } = await client.query<{ batch: number }>(
        'select batch from storage_committer where id = $1 for update',
        [this.#id],
      )
      return rows[0]?.batch
    } catch (error) {
      if (isCollision(error)) await terminate(client, inDoubt)
      throw error
    } finally {
      await client.query('rollback')
    }
  }

  async #connect(): Promise<CommitterLine> {
    try {
      const line = await openLine(this.#options.config)
      void line.ended.then(() => this.#ended(line.client))
      this.#client = line.client
      const backend = await introduce(line.client, this.#id)
      this.#options.onHealth(true)
      return { ...line, backend }
    } catch (error) {
      this.#line = undefined
      throw error
    }
  }

  #ended(client: pg.Client): void {
    if (client !== this.#client || this.#closing) return
    this.#client = undefined
    this.#line = undefined
    void this.#stayConnected()
  }

  async #stayConnected(): Promise<void> {
    const { clock, log } = this.#options
    for (let failures = 0; !this.#closing; failures += 1) {
      try {
        await this.line()
        if (failures > 0) log.info('the database can be reached again')
        return
      } catch (error) {
        this.#options.onHealth(false)
        if (failures === 0) log.warn(`${unavailable(error).message}; trying on`)
        await pause(clock, Math.min(reconnectMs * 2 ** failures, maxReconnectMs))
      }
    }
  }
}

/** Somebody removed the committer's row, without which a commit in doubt could not be settled. */
export class LostRowError extends Error {
  constructor() {
    super('the row of this committer is gone')
    this.name = 'LostRowError'
  }
}

/**
 * What commits names its rows by their keys. Without statistics, which come a minute late or more, the
 * planner takes a hundred keys for thousands and reads whole tables, which costs more the longer a record is.
 */
const byKeysOnly = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']

/** Prepares a new connection: its commits reach the disk, and the committer's row exists. */
async function introduce(client: pg.Client, id: string): Promise<Backend> {
  for (const name of byKeysOnly) await client.query(`set ${name} = off`)
  await client.query(
    `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`,
  )
  await client.query(`delete from storage_committer where at < now() - interval '30 days'`)
  await client.query(
    'insert into storage_committer (id, batch, at) values ($1, 0, now()) on conflict (id) do nothing',
    [id],
  )
  const { rows } = await client.query<Backend>(
    'select pid, backend_start::text as started from pg_stat_activity where pid = pg_backend_pid()',
  )
  return rows[0]!
}

/** Ends a transaction whose client has gone but whose server process does not know yet. */
async function terminate(client: pg.Client, backend: Backend): Promise<void> {
  await client.query('rollback')
  await client.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_start::text = $2',
    [backend.pid, backend.started],
  )
}
