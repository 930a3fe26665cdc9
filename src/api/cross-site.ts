import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { ProblemError } from '../kernel/problem.ts'

/**
 * Refuses what other pages make a browser send. `SameSite=Strict` keeps the cookie from them already; this
 * holds where a browser does not, and against pages of a sibling host.
 */
export function needOurPages(request: FastifyRequest, operatorUrl: string): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (site !== undefined && site !== 'same-origin')
    throw new ProblemError('cross-site', 'Sec-Fetch-Site must be same-origin')
  if (origin !== undefined && !ours(origin, request, operatorUrl))
    throw new ProblemError('cross-site', `${origin} is not where people reach this system`)
}

function ours(origin: string, request: FastifyRequest, operatorUrl: string): boolean {
  if (origin === new URL(operatorUrl).origin) return true
  // Without TLS people may come by any of the machine's names; the browser sends the one it used.
  return operatorUrl.startsWith('http:') && origin === `http://${request.headers.host}`
}

export function needToken(request: FastifyRequest, expected: string): void {
  const shown = request.headers['x-csrf-token']
  const [ours, theirs] = [
    Buffer.from(expected),
    Buffer.from(typeof shown === 'string' ? shown : ''),
  ]
  if (ours.length !== theirs.length || !timingSafeEqual(ours, theirs))
    throw new ProblemError('cross-site', 'X-CSRF-Token does not hold the token of this session')
}
