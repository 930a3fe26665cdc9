import type { ProblemCode } from '../kernel/problem.ts'
import { ProblemError } from '../kernel/problem.ts'
import {
  DatabaseClosedError,
  DatabaseUnavailableError,
  OverloadedError,
} from '../storage/errors.ts'

/** Why a charger's transfer is not served, or was ended. Each protocol has its own code for it. */
export type RefusalReason = keyof typeof answers

interface Answer {
  readonly http: number
  /** RFC 959, RFC 3659. */
  readonly ftp: number
}

const answers = {
  /** The token is none of ours, or for something else. */
  forbidden: { http: 403, ftp: 530 },
  expired: { http: 410, ftp: 530 },
  /** It has been used as often as it may be. */
  used: { http: 409, ftp: 553 },
  /** The file it is for is not there, or may not be fetched any more. */
  gone: { http: 410, ftp: 550 },
  'too-large': { http: 413, ftp: 552 },
  empty: { http: 400, ftp: 501 },
  malformed: { http: 400, ftp: 501 },
  'storage-full': { http: 507, ftp: 452 },
  busy: { http: 503, ftp: 450 },
  'too-slow': { http: 408, ftp: 426 },
  /** A newer attempt with the same token took its place. */
  displaced: { http: 409, ftp: 426 },
  stopping: { http: 503, ftp: 421 },
  internal: { http: 500, ftp: 451 },
} as const satisfies Record<string, Answer>

export class Refusal extends Error {
  readonly reason: RefusalReason
  constructor(reason: RefusalReason, detail: string, cause?: unknown) {
    super(detail, { cause })
    this.name = 'Refusal'
    this.reason = reason
  }

  get answer(): Answer {
    return answers[this.reason]
  }
}

/** What a charger is told of an error: nothing of ours, unless it is the charger's to know. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (isAway(error)) return new Refusal('busy', 'nothing can be stored now; try again later', error)
  if (isStorageFull(error)) return new Refusal('storage-full', 'there is no room for this file')
  return new Refusal('internal', 'something is wrong on our side', error)
}

const problems: Partial<Record<RefusalReason, ProblemCode>> = {
  'too-large': 'too-large',
  'storage-full': 'storage-full',
  empty: 'invalid-input',
}

/** The same for an operator. */
export function asProblem(error: unknown): unknown {
  const { reason, message } = refusalOf(error)
  const code = problems[reason]
  return code === undefined ? error : new ProblemError(code, message)
}

/** The database cannot be reached, or has too much to do: nothing was changed. */
function isAway(error: unknown): boolean {
  return (
    error instanceof DatabaseUnavailableError ||
    error instanceof DatabaseClosedError ||
    error instanceof OverloadedError
  )
}

/** ENOSPC, or the quota of whoever we run as. */
function isStorageFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT'
}
