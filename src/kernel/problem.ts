import type { JsonObject } from './json.ts'

/**
 * What can go wrong that is the caller's to mend. Each code is stable, documented in
 * `docs/reference/errors.md` (generated), and answered as `application/problem+json` (RFC 9457).
 */
export const problemCatalogue = {
  'invalid-input': { status: 422, title: 'A value is not acceptable' },
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  'not-authenticated': { status: 401, title: 'A valid token or session is needed' },
  'sign-in-failed': { status: 401, title: 'That is not how this person signs in' },
  'enrolment-needed': { status: 403, title: 'This person has no second factor yet' },
  'step-up-needed': { status: 401, title: 'A second factor has to be shown again' },
  'cross-site': { status: 403, title: 'The request does not come from our own pages' },
  'not-permitted': { status: 403, title: 'None of your roles allows this' },
  denied: { status: 403, title: 'The policy does not allow it now' },
  'approval-needed': { status: 403, title: 'Others have to approve this first' },
  'too-many-attempts': { status: 429, title: 'Too many attempts; wait before the next' },
  'passkey-refused': { status: 401, title: 'The passkey was not accepted' },
  'passkeys-unavailable': { status: 409, title: 'There can be no passkeys at this address' },
  'single-sign-on-unavailable': {
    status: 503,
    title: 'The single sign-on provider does not answer',
  },
  'break-glass-refused': { status: 403, title: 'The break-glass account stays closed' },
  'break-glass-blocked': { status: 409, title: 'Its last use has to be reviewed first' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'This address does not take that method' },
  'already-exists': { status: 409, title: 'It exists already' },
  'idempotency-conflict': {
    status: 409,
    title: 'This idempotency key was used for a different request',
  },
  'held-by-another': { status: 409, title: 'Somebody else holds it' },
  'too-late': { status: 409, title: 'It has gone too far to be changed' },
  'too-many-open': { status: 409, title: 'Too many of yours are open' },
  tampered: { status: 409, title: 'What is stored was changed behind our back' },
  'too-large': { status: 413, title: 'The request is too large' },
  'too-many-targets': { status: 422, title: 'The selection covers too many chargers' },
  'no-target': { status: 422, title: 'The selection covers no charger' },
  'unsupported-media-type': { status: 415, title: 'This content type is not understood' },
  'storage-full': { status: 507, title: 'The disk has no room for it' },
  overloaded: { status: 503, title: 'Too much is waiting already; try again shortly' },
  'not-ready': { status: 503, title: 'The system is starting or stopping' },
  internal: { status: 500, title: 'Something is wrong on our side' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof problemCatalogue

export interface Problem {
  readonly code: ProblemCode
  /** What is wrong with this very request, in a sentence for the person who made it. */
  readonly detail: string
  /** The offending field as a path, e.g. `target.chargers[2]`. */
  readonly field?: string
  /** What its code tells beside that, e.g. `maxAgeSeconds` of `step-up-needed`: further members of the answer. */
  readonly members?: JsonObject
}

/** A caller's mistake on its way to the face that answers it. A broken expectation of ours is any other Error. */
export class ProblemError extends Error {
  readonly problem: Problem
  constructor(code: ProblemCode, detail: string, field?: string, members?: JsonObject) {
    super(detail)
    this.name = 'ProblemError'
    this.problem = {
      code,
      detail,
      ...(field === undefined ? {} : { field }),
      ...(members === undefined ? {} : { members }),
    }
  }
}

/** A second factor shown longer ago than this, or never, is not enough for what was asked. */
export function stepUpNeeded(detail: string, freshWithinMs: number): ProblemError {
  const maxAgeSeconds = Math.floor(freshWithinMs / 1000)
  return new ProblemError('step-up-needed', detail, undefined, {
    maxAgeSeconds,
    acrValues: ['mfa'],
  })
}
