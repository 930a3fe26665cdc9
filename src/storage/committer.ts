import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { applyBatch, type ChangeSet } from './batch.ts'
import type { CommitQueue, Waiting } from './commit-queue.ts'
import {
  CommitterConnection,
  LostRowError,
  reconnectMs,
  type Backend,
  type CommitterConnectionOptions,
  type CommitterLine,
} from './committer-connection.ts'
import {
  isCollision,
  isReplica,
  isServerAway,
  isServerTroubled,
  isStalePlan,
  pause,
  sqlState,
  unavailable,
  uniqueConstraint,
  type Line,
} from './connection.ts'
import { CommitUnknownError } from './errors.ts'
import { openTx } from './open-tx.ts'

export interface CommitterOptions extends CommitterConnectionOptions {
  readonly queue: CommitQueue
  /** How many changes one transaction takes at most. */
  readonly maxBatch: number
  /** How long a change may wait for a database that is away. */
  readonly patienceMs: number
  /** How long one transaction may take before its connection is given up. */
  readonly batchDeadlineMs: number
  /** One transaction of so many changes became durable. */
  readonly onCommit?: ((changes: number, ms: number) => void) | undefined
}

type Outcome =
  | { readonly end: 'committed'; readonly results: readonly unknown[][] }
  /** Rolled back because of what it holds. */
  | { readonly end: 'refused'; readonly error: unknown }
  /** Rolled back, and the same again may succeed. */
  | { readonly end: 'collided'; readonly error: unknown }
  /** The connection broke before COMMIT was sent, or the server cannot work: certainly not committed. */
  | { readonly end: 'away'; readonly error: unknown }
  /** The connection broke during COMMIT. */
  | InDoubt

interface InDoubt {
  readonly end: 'in-doubt'
  readonly error: unknown
  readonly results: readonly unknown[][]
  readonly backend: Backend
}

const maxCollisions = 8

/**
 * Commits what waits in a queue, one transaction after the other over one connection. While one
 * transaction commits, the next gathers; that is all the batching there is.
 *
 * Every transaction also writes its number into this committer's row of `storage_committer`, so that
 * after a connection broke during COMMIT the row tells what became of it. (`pg_xact_status` cannot: after
 * a crash the server gives the ids of transactions that never reached the disk to others.)
 */
export class Committer {
  readonly #options: CommitterOptions
  readonly #connection: CommitterConnection
  readonly #statements = new StatementNames()
  #batch = 0
  readonly #finished: Promise<void>

  constructor(options: CommitterOptions) {
    this.#options = options
    this.#connection = new CommitterConnection(randomUUID(), options)
    this.#finished = this.#run()
  }

  /** Resolves when the queue, closed by its owner, has been worked off and the connection let go. */
  async close(): Promise<void> {
    await this.#finished
    await this.#connection.close()
  }

  async #run(): Promise<void> {
    const { queue, maxBatch } = this.#options
    for (let rested = true; await queue.filled(); rested = queue.size === 0) {
      // After a rest, whoever else asks at this moment gets to share the transaction.
      if (rested) await new Promise((resolve) => setImmediate(resolve))
      await this.#commit(queue.take(maxBatch))
    }
  }

  /** Brings each of these to its end. Never rejects. */
  async #commit(sets: readonly Waiting[]): Promise<void> {
    let waiting = sets
    const since = this.#options.clock.monotonic()
    for (let collisions = 0; waiting.length > 0;) {
      const outcome = await this.#withoutDoubt(await this.#attempt(waiting))
      this.#options.onHealth(outcome.end !== 'away' && outcome.end !== 'in-doubt')
      switch (outcome.end) {
        case 'committed':
          this.#options.onCommit?.(waiting.length, this.#options.clock.monotonic() - since)
          return answer(waiting, outcome.results)
        case 'in-doubt':
          return waiting.forEach((one) => one.reject(new CommitUnknownError(outcome.error)))
        case 'refused':
          return this.#refuse(waiting, outcome.error)
        case 'collided':
          collisions += 1
          if (collisions === maxCollisions) return this.#refuse(waiting, outcome.error)
          await pause(this.#options.clock, collisions * 5)
          break
        case 'away':
          waiting = this.#rejectImpatient(waiting, outcome.error)
          if (waiting.length > 0) await pause(this.#options.clock, reconnectMs)
      }
    }
  }

  /** Finds the culprit by halves, so that nobody fails for another's mistake. */
  async #refuse(sets: readonly Waiting[], error: unknown): Promise<void> {
    if (sets.length === 1) return sets[0]!.reject(error)
    const middle = sets.length >> 1
    await this.#commit(sets.slice(0, middle))
    await this.#commit(sets.slice(middle))
  }

  /** Gives up on those that have waited too long, here and in the queue; returns the others. */
  #rejectImpatient(sets: readonly Waiting[], cause: unknown): readonly Waiting[] {
    const { clock, patienceMs, queue } = this.#options
    const since = clock.monotonic() - patienceMs
    const error = unavailable(cause)
    queue.rejectOlderThan(since, error)
    for (const one of sets) if (one.since <= since) one.reject(error)
    return sets.filter((one) => one.since > since)
  }

  async #attempt(sets: readonly Waiting[]): Promise<Outcome> {
    let line: CommitterLine
    try {
      line = await this.#connection.line()
    } catch (error) {
      return { end: 'away', error }
    }
    const guard = this.#options.clock.after(this.#options.batchDeadlineMs, () => line.destroy())
    try {
      return await this.#transact(
        line,
        sets.map((one) => one.changes),
      )
    } finally {
      guard.cancel()
    }
  }

  async #transact(line: CommitterLine, sets: readonly ChangeSet[]): Promise<Outcome> {
    const { client } = line
    const tx = openTx((sql, values) => this.#ask(client, sql, values))
    let results: unknown[][]
    try {
      this.#batch += 1
      const begun = this.#connection.begin(client, this.#batch)
      const [applied] = await unlessEnded(line, Promise.all([applyBatch(tx, sets), begun]))
      await tx.settled()
      results = applied
    } catch (error) {
      return await this.#rolledBack(line, tx.causeOf(error), sets)
    } finally {
      tx.end()
    }
    try {
      const { command } = await client.query('commit')
      if (command === 'COMMIT') return { end: 'committed', results }
      const error = new Error('a Write hid a database error, so nothing could be committed')
      return { end: 'refused', error }
    } catch (error) {
      // An error of the statement means that the transaction is over; any other, that nobody knows.
      if (sqlState(error) !== undefined && !isServerAway(error))
        return this.#rolledBack(line, error, sets)
      this.#connection.drop(line)
      return { end: 'in-doubt', error, results, backend: line.backend }
    }
  }

  #ask<Row extends pg.QueryResultRow>(
    client: pg.Client,
    sql: string,
    values: readonly unknown[] | undefined,
  ): Promise<pg.QueryResult<Row>> {
    if (values === undefined) return client.query<Row>(sql)
    const name = this.#statements.of(sql)
    return client.query<Row>({
      text: sql,
      values: [...values],
      ...(name !== undefined && { name }),
    })
  }

  /** Ends a failed transaction. That ROLLBACK works is what shows that the connection is sound. */
  async #rolledBack(line: Line, error: unknown, sets: readonly ChangeSet[]): Promise<Outcome> {
    try {
      await line.client.query('rollback')
    } catch {
      this.#connection.drop(line)
      return { end: 'away', error }
    }
    if (isCollision(error) || isExpectedTwin(error, sets)) return { end: 'collided', error }
    if (isServerTroubled(error)) return { end: 'away', error }
    const needsAnother = isServerAway(error) || isReplica(error) || isStalePlan(error)
    if (!needsAnother && !(error instanceof LostRowError)) return { end: 'refused', error }
    this.#connection.drop(line)
    return { end: 'away', error }
  }

  /** Asks the database what became of a commit in doubt, for as long as patience lasts. */
  async #withoutDoubt(outcome: Outcome): Promise<Outcome> {
    if (outcome.end !== 'in-doubt') return outcome
    const { clock, patienceMs, log } = this.#options
    const { error, results } = outcome
    const deadline = clock.monotonic() + patienceMs
    this.#options.onHealth(false)
    while (clock.monotonic() < deadline) {
      try {
        const committed = (await this.#connection.lastCommitted(outcome.backend)) === this.#batch
        log.info({ committed }, 'the connection broke during COMMIT; its outcome has been learned')
        return committed ? { end: 'committed', results } : { end: 'away', error }
      } catch (cause) {
        this.#rejectImpatient([], cause)
        await pause(clock, reconnectMs)
      }
    }
    return outcome
  }
}

/** Another node was quicker with something that there can be once, and the change knows what to do then. */
function isExpectedTwin(error: unknown, sets: readonly ChangeSet[]): boolean {
  const constraint = uniqueConstraint(error)
  return (
    constraint !== undefined &&
    sets.some((changes) =>
      changes.some(({ write }) => write.collidesOn?.includes(constraint) === true),
    )
  )
}

/** What `work` gives, or a rejection once the connection has ended: work may wait for more than queries. */
function unlessEnded<T>(line: Line, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('the connection ended'))
    line.client.once('end', ended)
    work.then(resolve, reject).finally(() => line.client.off('end', ended))
  })
}

/** The answers come when the next transaction has begun, so that the server works on it while they are acted on. */
function answer(waiting: readonly Waiting[], results: readonly (readonly unknown[])[]): void {
  setImmediate(() => waiting.forEach((one, index) => one.resolve(results[index]!)))
}

/** What a Write asks is a constant text, so there are few; a connection keeps each parsed and planned. */
const maxStatements = 500

/** Names by which connections keep statements. */
class StatementNames {
  readonly #names = new Map<string, string>()

  /** Undefined for one that is not worth keeping. */
  of(sql: string): string | undefined {
    const known = this.#names.get(sql)
    if (known !== undefined || this.#names.size >= maxStatements) return known
    const name = `write ${this.#names.size + 1}`
    this.#names.set(sql, name)
    return name
  }
}
