import { createHash } from 'node:crypto'
import type { ErrorObject } from 'ajv'
import { canonicalJson } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import { fieldPath, schemaCheck } from '../kernel/schema-check.ts'
import { operations } from '../operations/catalogue.ts'
import { operationNamed } from '../operations/catalogue.ts'
import type { Operation } from '../operations/operation.ts'
import type { Bounds } from '../policy/decision.ts'
import type { Intent } from '../policy/question.ts'
import type { Submission } from './commands.ts'

/** Targets one submission may have. */
export const maxTargets = 20_000
export const defaultMaxRunning = 200
const maxReasonLength = 500
const maxTicketLength = 100
/** The furthest a `notAfter` may lie ahead. */
const maxWaitMs = 30 * 24 * 3_600_000

const checks = new Map(operations.map((one) => [one.name, schemaCheck(one.params)]))

/** A submission found good: nothing in it depends on the state of any charger. */
export interface CheckedSubmission {
  readonly operation: Operation
  readonly submission: Submission
  readonly notAfter: number
  readonly maxRunning: number
  readonly perMinute: number | null
  /** See `PowerPace`: set where the policy spreads a change of power. */
  readonly jitter: number | null
  readonly wattsPerMinute: number | null
  /** See `digestOf`. */
  readonly digest: string
}

/** Throws a ProblemError that names the field. */
export function checkSubmission(submission: Submission, now: number): CheckedSubmission {
  const operation = operationNamed(submission.operation)
  if (operation === undefined) {
    const known = operations.map((one) => one.name).join(', ')
    throw invalid(`there is no operation ${submission.operation}; there are ${known}`, 'operation')
  }
  checkParams(operation, submission.params)
  const reason = submission.reason.trim()
  if (reason === '') throw invalid('say why: a reason is required for every command', 'reason')
  if (reason.length > maxReasonLength)
    throw invalid(`a reason holds at most ${maxReasonLength} characters`, 'reason')
  checkTicket(submission)
  checkTarget(submission)
  const { idempotencyKey, pace = {} } = submission
  if (idempotencyKey !== undefined && (idempotencyKey === '' || idempotencyKey.length > 200)) {
    throw invalid('an idempotency key has 1 to 200 characters', 'idempotencyKey')
  }
  return {
    operation,
    submission: { ...submission, reason },
    notAfter: notAfterOf(submission, operation, now),
    maxRunning: positiveInteger(pace.maxRunning, 'pace.maxRunning') ?? defaultMaxRunning,
    perMinute: positiveInteger(pace.perMinute, 'pace.perMinute') ?? null,
    jitter: null,
    wattsPerMinute: null,
    digest: digestOf(submission),
  }
}

/** A submission within what the policy bounds it to. */
export function within(checked: CheckedSubmission, { pace, notAfter }: Bounds): CheckedSubmission {
  return {
    ...checked,
    notAfter: Math.min(checked.notAfter, notAfter ?? Infinity),
    ...(pace === undefined
      ? {}
      : {
          perMinute: Math.min(checked.perMinute ?? Infinity, pace.perMinute),
          jitter: pace.jitter,
          wattsPerMinute: pace.wattsPerMinute,
        }),
  }
}

function checkTicket({ ticket }: Submission): void {
  if (ticket !== undefined && (ticket.trim() === '' || ticket.length > maxTicketLength))
    throw invalid(`a ticket has 1 to ${maxTicketLength} characters`, 'ticket')
}

/** Throws a ProblemError that names the parameter. */
export function checkParams(operation: Operation, params: Submission['params']): void {
  const check = checks.get(operation.name)?.()
  if (check === undefined) throw new Error('every operation has its parameter check')
  if (!check(params)) throw paramProblem(check.errors?.[0])
  const refusal = operation.check?.(params)
  if (refusal !== undefined)
    throw invalid(
      refusal.refused,
      refusal.field === undefined ? 'params' : `params.${refusal.field}`,
    )
}

const notAMoment = 'it must be a date and time such as 2026-05-01T12:00:00Z'

function paramProblem(error: ErrorObject | undefined): ProblemError {
  const path = fieldPath(error?.instancePath ?? '')
  const params = (error?.params ?? {}) as {
    missingProperty?: string
    additionalProperty?: string
    allowedValues?: readonly unknown[]
    format?: string
  }
  if (params.missingProperty !== undefined)
    return invalid('it is required', `params${path}.${params.missingProperty}`)
  if (params.additionalProperty !== undefined)
    return invalid(
      'this operation has no such parameter',
      `params${path}.${params.additionalProperty}`,
    )
  if (params.allowedValues !== undefined)
    return invalid(`it must be one of ${params.allowedValues.join(', ')}`, `params${path}`)
  if (params.format === 'date-time') return invalid(notAMoment, `params${path}`)
  return invalid(error?.message ?? 'it is not acceptable', `params${path}`)
}

function checkTarget({ target }: Submission): void {
  if (!('chargers' in target)) return
  if (target.chargers.length === 0)
    throw new ProblemError('no-target', 'name at least one charger', 'target.chargers')
  if (target.chargers.length > maxTargets) {
    throw new ProblemError(
      'too-many-targets',
      `a command covers at most ${maxTargets} chargers`,
      'target.chargers',
    )
  }
  const seen = new Set<string>()
  for (const [index, identity] of target.chargers.entries()) {
    if (seen.has(identity)) throw invalid(`${identity} is named twice`, `target.chargers[${index}]`)
    seen.add(identity)
  }
}

function notAfterOf({ notAfter }: Submission, operation: Operation, now: number): number {
  if (notAfter === undefined) return now + operation.expiresAfterMs
  const at = Date.parse(notAfter)
  if (Number.isNaN(at)) throw invalid(notAMoment, 'notAfter')
  if (at <= now) throw invalid('it lies in the past', 'notAfter')
  if (at > now + maxWaitMs) throw invalid('it lies more than 30 days ahead', 'notAfter')
  return at
}

function positiveInteger(value: number | undefined, field: string): number | undefined {
  if (value === undefined) return undefined
  if (!Number.isInteger(value) || value < 1 || value > 100_000)
    throw invalid('it must be a whole number from 1 to 100000', field)
  return value
}

/** A submission as the policy sees it. */
export function intentOf({ operation, submission, notAfter }: CheckedSubmission): Intent {
  const { params, reason, ticket, acknowledges = [] } = submission
  return {
    ...{ operation, params, reason, acknowledges, notAfter },
    ...(ticket === undefined ? {} : { ticket }),
  }
}

/** SHA-256 over what makes two submissions the same one. */
export function digestOf({
  operation,
  params,
  target,
  reason,
  notAfter,
  pace,
  ticket,
  acknowledges = [],
}: Submission): string {
  const same = {
    ...(ticket === undefined ? {} : { ticket }),
    ...(acknowledges.length === 0 ? {} : { acknowledges }),
    operation,
    params,
    target,
    reason,
    notAfter: notAfter ?? null,
    pace: pace ?? null,
  }
  return createHash('sha256').update(canonicalJson(same)).digest('hex')
}

function invalid(detail: string, field: string): ProblemError {
  return new ProblemError('invalid-input', detail, field)
}
