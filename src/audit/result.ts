import type { AuditEvent } from './audit.ts'

/**
 * How what an entry tells of ended. `going-on`: it has not ended. `unverified`: done as far as anybody can
 * know. `unknown`: nobody can say yet.
 */
export const results = [
  'succeeded',
  'unverified',
  'unknown',
  'failed',
  'refused',
  'denied',
  'going-on',
] as const
export type Result = (typeof results)[number]

/** By the last part of the event's name. What is named nowhere is a deed that was done, or it would not be recorded. */
const byLastPart: Readonly<Record<string, Result>> = {
  submitted: 'going-on',
  queued: 'going-on',
  sending: 'going-on',
  sent: 'going-on',
  accepted: 'going-on',
  'going-on': 'going-on',
  'went-on': 'going-on',
  'reading-back': 'going-on',
  requested: 'going-on',
  'accepted-unverified': 'unverified',
  unverified: 'unverified',
  unknown: 'unknown',
  failed: 'failed',
  'change-failed': 'failed',
  'step-up-failed': 'failed',
  expired: 'failed',
  'not-following': 'failed',
  'fork-refused': 'failed',
  refused: 'refused',
  'request-refused': 'refused',
  unsupported: 'refused',
  rejected: 'refused',
  vetoed: 'refused',
  denied: 'denied',
  'locked-out': 'denied',
}

/** The last parts of event names that tell of a result; of `succeeded`, those that tell of any other. */
export function lastPartsOf(result: Result): readonly string[] {
  const wanted = (one: Result) => (result === 'succeeded' ? true : one === result)
  return Object.entries(byLastPart).flatMap(([part, one]) => (wanted(one) ? [part] : []))
}

const endings: ReadonlySet<string> = new Set(results)

/** The result an event tells of. */
export function resultOf({ event, detail }: Pick<AuditEvent, 'event' | 'detail'>): Result {
  const last = event.slice(event.lastIndexOf('.') + 1)
  // What became of a silence is said by what was seen.
  if (last === 'reconciled') {
    const { outcome } = detail
    return typeof outcome === 'string' && endings.has(outcome) ? (outcome as Result) : 'unknown'
  }
  return byLastPart[last] ?? 'succeeded'
}
