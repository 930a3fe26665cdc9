import type pg from 'pg'
import { sqlState } from './connection.ts'
import type { Tx } from './database.ts'

/** A transaction in progress, as whoever began it sees it. */
export interface OpenTx extends Tx {
  /** Resolves when every posted statement has worked, and fails as the first that has not. */
  settled(): Promise<void>
  /** What was first at fault: a statement after a posted one that failed is only told that the transaction has. */
  causeOf(error: unknown): unknown
  /** The transaction is over: it takes nothing more. */
  end(): void
}

type Run = <Row extends pg.QueryResultRow>(
  sql: string,
  values?: readonly unknown[],
) => Promise<pg.QueryResult<Row>>

const transactionHasFailed = '25P02'

/** `run` passes statements to one connection, which works them off in the order in which they come. */
export function openTx(run: Run): OpenTx {
  const posted: Promise<unknown>[] = []
  let fault: { readonly error: unknown } | undefined
  let open = true

  const query: Tx['query'] = (sql, values) =>
    open ? run(sql, values) : Promise.reject(new Error('this transaction has ended'))

  return {
    query,
    post(sql, values) {
      posted.push(query(sql, values).catch((error: unknown) => (fault ??= { error })))
    },
    async settled() {
      await Promise.all(posted)
      if (fault !== undefined) throw fault.error
    },
    causeOf: (error) =>
      fault !== undefined && sqlState(error) === transactionHasFailed ? fault.error : error,
    end() {
      open = false
    },
  }
}
