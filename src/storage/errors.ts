/** So much waits to be committed already that more would only wait longer. Nothing was changed. */
export class OverloadedError extends Error {
  constructor(waiting: number) {
    super(`${waiting} changes wait to be committed already`)
    this.name = 'OverloadedError'
  }
}

/** The database could not be reached, or could not work, within the time a change may wait. Nothing was changed. */
export class DatabaseUnavailableError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'DatabaseUnavailableError'
  }
}

/**
 * The connection broke while the database was committing, and it did not come back in time to be asked
 * what became of it. The change is durable or it is not; only reading it back can tell.
 */
export class CommitUnknownError extends Error {
  constructor(cause?: unknown) {
    super('the connection broke during COMMIT and the outcome could not be learned', { cause })
    this.name = 'CommitUnknownError'
  }
}

/** The database object was closed before this was asked of it. Nothing was changed. */
export class DatabaseClosedError extends Error {
  constructor() {
    super('the database is closed')
    this.name = 'DatabaseClosedError'
  }
}

/** Whether the same may work later: the database is away or has too much to do. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof OverloadedError ||
    error instanceof DatabaseUnavailableError ||
    error instanceof DatabaseClosedError ||
    error instanceof CommitUnknownError
  )
}
