import type pg from 'pg'

/** A transaction in progress. */
export interface Tx {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>
  /**
   * Sends a statement whose result nobody needs, without waiting for it: whatever comes later sees what it
   * did, and when it fails the transaction does.
   */
  post(sql: string, values?: readonly unknown[]): void
}

/** What can only be asked: a transaction, or the database itself. */
export type Query = Pick<Tx, 'query'>

/** In their order within a transaction. */
export const writeStages = ['state', 'consequence', 'audit'] as const
export type WriteStage = (typeof writeStages)[number]

/**
 * One kind of change. Every change of this kind gathered in one group commit is applied by ONE call,
 * so that a hundred concurrent callers cost a few statements and one fsync.
 *
 * `stage` orders kinds inside a transaction: rows first, then what follows from them, audit entries last
 * (they take the lock of the record's end).
 */
export interface Write<Item, Result = void> {
  readonly name: string
  readonly stage: WriteStage
  /**
   * Unique constraints that another node's change of this kind can come up against after looking: whoever
   * loses is applied again, and then finds what the winner did.
   */
  readonly collidesOn?: readonly string[]
  /**
   * Returns one result per item, in order. `also` adds changes of a later stage to the same
   * transaction. May be called again with fewer items when a batch has to be split: nothing outside
   * the transaction may be touched here.
   */
  apply(tx: Tx, items: readonly Item[], also: Also): Promise<readonly Result[]>
}

export type Also = <Item>(write: Write<Item, unknown>, item: Item) => void

export interface Change<Result = unknown> {
  readonly write: Write<never, Result>
  readonly item: unknown
}

/** Names one change to be committed. */
export function change<Item, Result>(write: Write<Item, Result>, item: Item): Change<Result> {
  return { write: write, item }
}

type Results<C extends readonly Change[]> = {
  [K in keyof C]: C[K] extends Change<infer R> ? R : never
}

export interface Database {
  /**
   * Commits the changes together, all or none, in a transaction shared with whatever else waits at
   * that moment. Resolves when it is durable. Fails with `OverloadedError` when too much waits already.
   */
  commit<const C extends readonly Change[]>(...changes: C): Promise<Results<C>>
  /** Reads outside any transaction. */
  query: Tx['query']
  /** A transaction of its own, for rare work that does not fit a Write. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Whether the last round trip succeeded. */
  healthy(): boolean
  close(): Promise<void>
}
