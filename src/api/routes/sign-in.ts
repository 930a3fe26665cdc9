import type { FastifyReply, FastifyRequest } from 'fastify'
import { strongSince } from '../../kernel/actor.ts'
import type { BreakGlass } from '../../identity/break-glass/break-glass.ts'
import type { Identity } from '../../identity/identity.ts'
import { shownFactors } from '../../identity/sessions/session.ts'
import type { App, SystemFacts } from '../app.ts'
import { clientOf } from '../authentication.ts'
import { needOurPages } from '../cross-site.ts'
import { NoContent, refTo } from '../schemas/common.ts'
import {
  BegunEnrolmentSchema,
  EnrolledSchema,
  EnrolmentProofSchema,
  EnrolmentWishSchema,
  NextStepSchema,
  SecondStepSchema,
  SignedInSchema,
  SignInSchema,
  StepUpSchema,
  WhoamiSchema,
} from '../schemas/people.ts'
import { cookieIn, setCookie } from '../session-cookie.ts'

const tags = ['sign-in']
const deviceSeconds = 90 * 86_400

export interface SignInRouteParts {
  readonly identity: Identity
  readonly breakGlass: Pick<BreakGlass, 'unreviewed'>
  readonly system: Pick<SystemFacts, 'operatorUrl'>
}

interface Opened {
  readonly id: string
  readonly secret: string
  readonly person: { readonly id: string; readonly displayName: string }
  readonly expiresAt: string
  readonly device?: string
}

/**
 * Gives the session to whoever opened it: to a browser as cookies, and to a program in the answer. A
 * session that was there before ends: nobody goes on in a session that somebody else may have begun.
 */
export async function handOver<More extends object>(
  { identity, system }: SignInRouteParts,
  request: FastifyRequest,
  reply: FastifyReply,
  { id, secret, person, expiresAt, device }: Opened,
  carried: 'cookie' | 'secret',
  more: More,
) {
  const common = { session: id, person, expiresAt, ...more }
  if (carried === 'secret')
    return { ...common, secret, ...(device === undefined ? {} : { device }) }
  const operatorUrl = system.operatorUrl()
  await endBefore(identity, request, operatorUrl)
  setCookie(reply, 'session', identity.sessions.cookieOf(secret), { operatorUrl })
  if (device !== undefined)
    setCookie(reply, 'device', device, { operatorUrl, maxAgeSeconds: deviceSeconds })
  return { ...common, csrfToken: identity.sessions.csrfToken(secret) }
}

async function endBefore(
  identity: Identity,
  request: FastifyRequest,
  operatorUrl: string,
): Promise<void> {
  const cookie = cookieIn(request, 'session', operatorUrl)
  const before = cookie === undefined ? undefined : identity.sessions.secretOf(cookie)
  const client = clientOf(request, 'cookie')
  const caller = before === undefined ? undefined : await identity.authenticate(before, client)
  if (caller === undefined) return
  const context = { ...caller, origin: client.origin }
  await identity.sessions.end(context, caller.actor.id, caller.authentication.id)
}

/** The client of a step of signing in; a browser's must come from our own pages. */
export function signingIn(
  request: FastifyRequest,
  operatorUrl: string,
  device: string | undefined,
) {
  needOurPages(request, operatorUrl)
  return clientOf(request, undefined, device ?? cookieIn(request, 'device', operatorUrl))
}

export function signInRoutes(app: App, parts: SignInRouteParts): void {
  const { identity, breakGlass, system } = parts

  app.post(
    '/api/v1/sign-in',
    {
      schema: {
        operationId: 'signIn',
        summary: 'Begins to sign a person in, with name and password',
        description: 'There is no session before the second step.',
        tags,
        permission: 'open',
        security: [],
        body: refTo(SignInSchema),
        response: { 200: refTo(NextStepSchema) },
        problems: [
          'sign-in-failed',
          'enrolment-needed',
          'too-many-attempts',
          'overloaded',
          'cross-site',
        ],
      },
    },
    async (request) => {
      const { name, password, device } = request.body
      const client = signingIn(request, system.operatorUrl(), device)
      return identity.signIns.withPassword(client, { name, password })
    },
  )

  app.post(
    '/api/v1/sign-in/second-factor',
    {
      schema: {
        operationId: 'signInSecondFactor',
        summary: 'Signs a person in with a second factor: opens the session',
        tags,
        permission: 'open',
        security: [],
        body: refTo(SecondStepSchema),
        response: { 200: refTo(SignedInSchema) },
        problems: ['sign-in-failed', 'too-many-attempts', 'overloaded', 'cross-site'],
      },
    },
    async (request, reply) => {
      const { signIn, factor, code, carried, device } = request.body
      const client = signingIn(request, system.operatorUrl(), device)
      const step = { signIn, factor, answer: code, carried }
      const opened = await identity.signIns.withSecondFactor(client, step)
      return handOver(parts, request, reply, opened, carried, {})
    },
  )

  app.post(
    '/api/v1/enrolments',
    {
      schema: {
        operationId: 'beginEnrolment',
        summary: 'Begins to enrol a person with a one-time link: name and password',
        description:
          'Answers what an authenticator app needs. The link is not used up before the second step.',
        tags,
        permission: 'open',
        security: [],
        body: refTo(EnrolmentWishSchema),
        response: { 201: refTo(BegunEnrolmentSchema) },
        problems: [
          'not-found',
          'already-exists',
          'sign-in-failed',
          'too-many-attempts',
          'overloaded',
          'cross-site',
        ],
      },
    },
    async (request, reply) => {
      const { device, ...wish } = request.body
      const client = signingIn(request, system.operatorUrl(), device)
      return reply.code(201).send(await identity.enrolments.begin(client, wish))
    },
  )

  app.post(
    '/api/v1/enrolments/confirm',
    {
      schema: {
        operationId: 'confirmEnrolment',
        summary:
          'Enrols the person with the first code of their authenticator app, and signs them in',
        tags,
        permission: 'open',
        security: [],
        body: refTo(EnrolmentProofSchema),
        response: { 201: refTo(EnrolledSchema) },
        problems: [
          'sign-in-failed',
          'already-exists',
          'too-many-attempts',
          'overloaded',
          'cross-site',
        ],
      },
    },
    async (request, reply) => {
      const client = signingIn(request, system.operatorUrl(), undefined)
      const { recoveryCodes, ...opened } = await identity.enrolments.confirm(client, request.body)
      const { carried } = request.body
      const answer = await handOver(parts, request, reply, opened, carried, { recoveryCodes })
      return reply.code(201).send(answer)
    },
  )

  app.get(
    '/api/v1/whoami',
    {
      schema: {
        operationId: 'whoami',
        summary: 'Says who asks, how they proved it, and where else they are signed in',
        tags,
        permission: 'self',
        response: { 200: refTo(WhoamiSchema) },
      },
    },
    async ({ caller, credential }) => {
      const { actor, authentication } = caller
      const since = strongSince(caller)
      const person = actor.kind === 'person' && authentication?.by === 'session'
      const sessions = person ? await identity.sessions.of(caller, actor.id) : []
      const own = sessions.find(({ current }) => current)
      return {
        ...actor,
        authentication: {
          by: authentication?.by ?? 'token',
          id: authentication?.id ?? '',
          factors: shownFactors(authentication?.factors ?? {}),
          strongSince: since === undefined ? null : new Date(since).toISOString(),
          ...(authentication?.breakGlass === undefined
            ? {}
            : { breakGlass: authentication.breakGlass }),
        },
        breakGlassUses: await breakGlass.unreviewed(),
        otherSessions: sessions.filter(({ current }) => !current),
        ...(own?.carried === 'cookie'
          ? { csrfToken: identity.sessions.csrfToken(credential) }
          : {}),
      }
    },
  )

  app.delete(
    '/api/v1/session',
    {
      schema: {
        operationId: 'signOut',
        summary: 'Ends the session that asks',
        tags,
        permission: 'self',
        response: { 204: NoContent },
        problems: ['not-found', 'cross-site'],
      },
    },
    async ({ caller }, reply) => {
      await identity.sessions.end(caller, caller.actor.id, caller.authentication?.id ?? '')
      setCookie(reply, 'session', '', { operatorUrl: system.operatorUrl(), maxAgeSeconds: 0 })
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/api/v1/session/step-up',
    {
      schema: {
        operationId: 'stepUp',
        summary: 'Shows a second factor again, for what needs a fresh one',
        description: 'Moves the time of this factor and nothing else of the session.',
        tags,
        permission: 'self',
        body: refTo(StepUpSchema),
        response: { 204: NoContent },
        problems: ['not-found', 'sign-in-failed', 'cross-site'],
      },
    },
    async ({ caller, body }, reply) => {
      await identity.signIns.stepUp(caller, { factor: body.factor, answer: body.code })
      return reply.code(204).send(null)
    },
  )
}
