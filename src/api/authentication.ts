import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller, Client } from '../identity/caller.ts'
import type { Identity } from '../identity/identity.ts'
import type { Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import { needOurPages, needToken } from './cross-site.ts'
import { failureLimit } from './failure-limit.ts'
import { cookieIn } from './session-cookie.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The secret that was accepted, of a token or session; empty on open routes. */
    credential: string
  }
}

const bearer = /^Bearer +([\x21-\x7e]{1,500})$/i

interface Shown {
  readonly secret: string
  readonly by: 'header' | 'cookie'
}

/**
 * Admits nobody without a token or session, on any address but the open pages, existing or not. What comes
 * with a cookie and changes something must come from our own pages.
 */
export function authentication(
  identity: Pick<Identity, 'recognise' | 'authenticate' | 'sessions'>,
  clock: Clock,
  operatorUrl: () => string,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const limit = failureLimit(clock, { failures: 20, windowMs: 60_000, addresses: 10_000 })

  function shownBy(request: FastifyRequest): Shown | undefined {
    const header = request.headers.authorization
    if (header !== undefined) {
      const secret = bearer.exec(header)?.[1]
      return secret === undefined ? undefined : { secret, by: 'header' }
    }
    const cookie = cookieIn(request, 'session', operatorUrl())
    const secret = cookie === undefined ? undefined : identity.sessions.secretOf(cookie)
    return secret === undefined ? undefined : { secret, by: 'cookie' }
  }

  async function callerOf(
    request: FastifyRequest,
    reply: FastifyReply,
    shown: Shown | undefined,
  ): Promise<Caller> {
    if (shown === undefined)
      throw unauthenticated(reply, 'sign in, or send Authorization: Bearer <token>')
    const client = clientOf(request, shown.by)
    // Looked up before anything is counted: what is right is never refused because of others' wrong ones.
    const caller =
      identity.recognise(shown.secret, client) ??
      (await identity.authenticate(shown.secret, client))
    if (caller !== undefined) return caller
    const wait = limit.waitSeconds(request.ip)
    if (wait > 0)
      throw new ProblemError(
        'too-many-attempts',
        `wait ${wait} s before the next attempt`,
        undefined,
        {
          retryAfterSeconds: wait,
        },
      )
    limit.failed(request.ip)
    throw unauthenticated(reply, 'the token or session is unknown, or its time is over')
  }

  return async (request, reply) => {
    request.credential = ''
    if (request.routeOptions.schema?.permission === 'open') return
    const shown = shownBy(request)
    const caller = await callerOf(request, reply, shown)
    if (shown?.by === 'cookie' && request.method !== 'GET' && request.method !== 'HEAD') {
      needOurPages(request, operatorUrl())
      needToken(request, identity.sessions.csrfToken(shown.secret))
    }
    request.credential = shown?.secret ?? ''
    request.caller = { ...caller, origin: originOf(request, shown?.by) }
  }
}

/** From where somebody signs in or uses a session. */
export function clientOf(request: FastifyRequest, by?: Shown['by'], device?: string): Client {
  const userAgent = request.headers['user-agent']
  return {
    origin: originOf(request, by),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(device === undefined ? {} : { device }),
  }
}

function originOf(request: FastifyRequest, by: Shown['by'] | undefined): Context['origin'] {
  const face = request.headers['x-ota-client'] === 'otactl' ? 'cli' : 'api'
  return {
    face: by === 'cookie' ? 'console' : face,
    address: request.ip,
    requestId: request.id,
  }
}

function unauthenticated(reply: FastifyReply, detail: string): ProblemError {
  reply.header('www-authenticate', 'Bearer realm="ota-control"')
  return new ProblemError('not-authenticated', detail)
}
