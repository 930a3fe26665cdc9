import { mkdir, rm } from 'node:fs/promises'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { clientConfig, openLine, pause } from './connection.ts'
import { databaseName, endEarlierLife, initialise } from './embedded-data.ts'
import { findPlace, type Place } from './embedded-place.ts'
import {
  chooseSocketFolder,
  launchServer,
  type ServerProcess,
  type ServerSettings,
  type SocketFolder,
} from './embedded-server.ts'
import { claimFolder } from './folder-owner.ts'

export interface EmbeddedOptions {
  /** The product's data folder; the server's is `postgres` in it. */
  readonly dataDir: string
  readonly log: Log
  readonly clock: Clock
  /** Server settings over ours, e.g. `{ fsync: 'off' }` for tests. */
  readonly settings?: ServerSettings
}

/** A PostgreSQL server of our own, whose life is tied to this process. */
export interface EmbeddedPostgres {
  /** Where to connect; stays the same when the server is started again. */
  readonly connection: EmbeddedConnection
  /** The server's main process; undefined while it is down. */
  pid(): number | undefined
  /** Stops the server, after which nothing of it runs any more. Idempotent. */
  stop(): Promise<void>
  /** Lets this process end by itself while the server runs; the server then ends too. */
  unref(): void
}

export interface EmbeddedConnection {
  /** Folder of the Unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  readonly ssl: false
}

/**
 * Starts the server on the data folder, which is made on first use. A server that dies is started
 * again, for as long as it takes. Fails with `FolderInUseError` when another copy has the folder.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, clock } = options
  await mkdir(dataDir, { recursive: true })
  const claim = await claimFolder(dataDir, clock)
  let server: Embedded | undefined
  try {
    const place = await findPlace(dataDir, log)
    await endEarlierLife(place.data, clock, log)
    await initialise(place, { sync: options.settings?.fsync !== 'off' })
    server = new Embedded(options, place, await chooseSocketFolder(place), () => claim.release())
    await server.start()
    return server
  } catch (error) {
    await (server === undefined ? claim.release() : server.stop())
    throw error
  }
}

/** A server that dies sooner than this after its start is started again less eagerly each time. */
const shortLifeMs = 60_000
const maxDelayMs = 10_000

class Embedded implements EmbeddedPostgres {
  readonly connection: EmbeddedConnection
  readonly #options: EmbeddedOptions
  readonly #place: Place
  readonly #sockets: SocketFolder
  readonly #release: () => Promise<void>
  #process: ServerProcess | undefined
  #starting: Promise<void> | undefined
  #stopped: Promise<void> | undefined
  readonly #stopping = Promise.withResolvers<void>()
  #shortLives = 0
  #unref = false

  constructor(
    options: EmbeddedOptions,
    place: Place,
    sockets: SocketFolder,
    release: () => Promise<void>,
  ) {
    this.#options = options
    this.#place = place
    this.#sockets = sockets
    this.#release = release
    this.connection = {
      host: sockets.path,
      port: 5432,
      user: databaseName,
      database: databaseName,
      ssl: false,
    }
  }

  async start(): Promise<void> {
    await this.#launch()
    await this.#makeDatabase()
  }

  pid(): number | undefined {
    return this.#process?.pid
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    this.#stopping.resolve()
    return this.#stopped
  }

  unref(): void {
    this.#unref = true
    this.#process?.unref()
  }

  async #stop(): Promise<void> {
    await this.#starting
    await this.#process?.stop()
    this.#process = undefined
    if (this.#sockets.temporary) await rm(this.#sockets.path, { recursive: true, force: true })
    await this.#release()
  }

  async #launch(): Promise<void> {
    const { clock, log } = this.#options
    const server = await launchServer({
      place: this.#place,
      sockets: this.#sockets,
      settings: this.#options.settings ?? {},
      clock,
      log,
    })
    if (this.#unref) server.unref()
    this.#process = server
    const startedAt = clock.monotonic()
    void server.ended.then((how) => {
      if (this.#stopped !== undefined) return
      this.#process = undefined
      if (clock.monotonic() - startedAt > shortLifeMs) this.#shortLives = 0
      log.error({ how }, 'PostgreSQL ended unexpectedly; starting it again')
      // Its watchdog may have died instead; then this ends the server.
      void server.stop()
      this.#starting = this.#startAgain()
    })
  }

  async #startAgain(): Promise<void> {
    const { clock, log } = this.#options
    while (this.#stopped === undefined) {
      if (this.#shortLives > 0)
        await Promise.race([this.#stopping.promise, pause(clock, this.#delayMs())])
      this.#shortLives += 1
      try {
        await endEarlierLife(this.#place.data, clock, log)
        await this.#launch()
        log.info('PostgreSQL is up again')
        return
      } catch (error) {
        log.error({ err: error }, 'PostgreSQL could not be started again')
      }
    }
  }

  #delayMs(): number {
    return Math.min(100 * 2 ** this.#shortLives, maxDelayMs)
  }

  async #makeDatabase(): Promise<void> {
    const line = await openLine(clientConfig({ ...this.connection, database: 'postgres' }, 'start'))
    const { rowCount } = await line.client.query('select 1 from pg_database where datname = $1', [
      databaseName,
    ])
    if (rowCount === 0) await line.client.query(`create database ${databaseName}`)
    await line.close()
  }
}
