import {
  CommitUnknownError,
  DatabaseClosedError,
  DatabaseUnavailableError,
  OverloadedError,
} from '../storage/errors.ts'

/** Whether the same may work later: the database is away or has too much to do. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof OverloadedError ||
    error instanceof DatabaseUnavailableError ||
    error instanceof DatabaseClosedError ||
    error instanceof CommitUnknownError
  )
}
