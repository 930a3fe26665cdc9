import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { problemCatalogue, ProblemError, type Problem } from '../kernel/problem.ts'
import type { Log } from '../kernel/log.ts'
import {
  CommitUnknownError,
  DatabaseClosedError,
  DatabaseUnavailableError,
  OverloadedError,
} from '../storage/errors.ts'

/** Answers RFC 9457 problem details. The request's id is the instance. */
export function answerProblem(
  request: Pick<FastifyRequest, 'id'>,
  reply: FastifyReply,
  problem: Problem,
): FastifyReply {
  const { status, title } = problemCatalogue[problem.code]
  if (problem.code === 'step-up-needed') reply.header('www-authenticate', stepUpChallenge(problem))
  const retryAfter = problem.members?.['retryAfterSeconds']
  if (typeof retryAfter === 'number') reply.header('retry-after', String(retryAfter))
  if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '1')
  return reply
    .code(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `/api/v1/problems/${problem.code}`,
        title,
        status,
        code: problem.code,
        detail: standingAlone(problem),
        ...(problem.field === undefined ? {} : { field: problem.field }),
        ...problem.members,
        instance: request.id,
      }),
    )
}

/** RFC 9470: how fresh an authentication is needed, and of which kind. */
function stepUpChallenge({ detail, members = {} }: Problem): string {
  const { maxAgeSeconds = 0, acrValues = [] } = members as {
    maxAgeSeconds?: number
    acrValues?: string[]
  }
  const description = detail.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '')
  return [
    'Bearer error="insufficient_user_authentication"',
    `error_description="${description}"`,
    `max_age="${maxAgeSeconds}"`,
    `acr_values="${acrValues.join(' ')}"`,
  ].join(', ')
}

/** The detail as a sentence that needs no look at `field` to be understood. */
function standingAlone({ detail, field }: Problem): string {
  return field === undefined || detail.startsWith(field) ? detail : `${field}: ${detail}`
}

/** Turns whatever was thrown into a problem; what is not the caller's to mend is logged and told as `internal` only. */
export function problemOf(error: unknown, request: FastifyRequest, log: Log): Problem {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof OverloadedError)
    return { code: 'overloaded', detail: 'too much is waiting to be stored; nothing was begun' }
  if (error instanceof DatabaseUnavailableError || error instanceof DatabaseClosedError)
    return { code: 'not-ready', detail: 'the database cannot be reached now; nothing was changed' }
  const known = error instanceof Error ? byFrameworkCode(error as FastifyError) : undefined
  if (known !== undefined) return known
  log.error(
    { err: error, requestId: request.id, method: request.method, route: request.routeOptions.url },
    'a request failed',
  )
  const outcome =
    error instanceof CommitUnknownError
      ? 'whether it was changed is unknown: look before repeating'
      : 'something went wrong'
  return { code: 'internal', detail: `${outcome}; our log has it under ${request.id}` }
}

function byFrameworkCode(error: FastifyError): Problem | undefined {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { code: 'too-large', detail: 'the body is over the size limit of this address' }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return {
        code: 'unsupported-media-type',
        detail: 'the body’s Content-Type must be application/json here',
      }
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return { code: 'malformed-request', detail: 'the body is empty; it must be JSON' }
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return { code: 'malformed-request', detail: 'the body is not valid JSON' }
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return { code: 'malformed-request', detail: 'the body is not as long as Content-Length says' }
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return { code: 'malformed-request', detail: 'the address cannot be read' }
    default:
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return {
      code: 'malformed-request',
      detail: error instanceof SyntaxError ? 'the body is not valid JSON' : 'it cannot be read',
    }
  return undefined
}
