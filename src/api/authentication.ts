import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor, Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Identity } from '../identity/identity.ts'
import { failureLimit } from './failure-limit.ts'

const openPages = ['/api/docs', '/api/v1/openapi.json', '/api/v1/problems'] as const

/** Whether the route is readable without a token: the API's own description, which tells nothing of the fleet. */
export function isOpen(route: string | undefined): boolean {
  return (
    route !== undefined && openPages.some((page) => route === page || route.startsWith(`${page}/`))
  )
}

const bearer = /^Bearer +([\x21-\x7e]{1,500})$/i

/** The secret of an `Authorization: Bearer` header, if there is one. */
export function bearerSecret(request: FastifyRequest): string | undefined {
  return bearer.exec(request.headers.authorization ?? '')?.[1]
}

/** Admits nobody without a token, on any address but the open pages, existing or not. */
export function authentication(
  identity: Identity,
  clock: Clock,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const limit = failureLimit(clock, { failures: 20, windowMs: 60_000, addresses: 10_000 })

  async function actorOf(request: FastifyRequest, reply: FastifyReply): Promise<Actor> {
    const secret = bearerSecret(request)
    if (secret === undefined) throw unauthenticated(reply, 'send Authorization: Bearer <token>')
    const recognised = identity.recognise(secret)
    if (recognised !== undefined) return recognised
    const wait = limit.waitSeconds(request.ip)
    if (wait > 0) {
      reply.header('retry-after', String(wait))
      throw new ProblemError('too-many-attempts', `wait ${wait} s before the next attempt`)
    }
    const actor = await identity.authenticate(secret)
    if (actor !== undefined) return actor
    limit.failed(request.ip)
    throw unauthenticated(reply, 'the token is unknown, expired or revoked')
  }

  return async (request, reply) => {
    if (isOpen(request.routeOptions.url)) return
    const actor = await actorOf(request, reply)
    request.caller = { actor, origin: originOf(request) }
  }
}

function originOf(request: FastifyRequest): Context['origin'] {
  return {
    face: request.headers['x-ota-client'] === 'otactl' ? 'cli' : 'api',
    address: request.ip,
    requestId: request.id,
  }
}

function unauthenticated(reply: FastifyReply, detail: string): ProblemError {
  reply.header('www-authenticate', 'Bearer realm="ota-control"')
  return new ProblemError('not-authenticated', detail)
}
