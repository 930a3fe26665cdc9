import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { Passkeys } from '../../identity/passkeys/passkeys.ts'
import type { Arrival, Begun, SingleSignOn } from '../../identity/single-sign-on/single-sign-on.ts'
import { callbackPath } from '../../identity/ways-in.ts'
import { strongestSince } from '../../identity/sessions/session.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { App } from '../app.ts'
import { clientOf } from '../authentication.ts'
import { needOurPages } from '../cross-site.ts'
import { NoContent, refTo } from '../schemas/common.ts'
import { NextStepSchema } from '../schemas/people.ts'
import { SingleSignOnTripSchema, SingleSignOnWishSchema, WaysInSchema } from '../schemas/ways-in.ts'
import { cookieIn, setCookie } from '../session-cookie.ts'
import type { SignInRouteParts } from './sign-in.ts'

const tags = ['sign-in']
const tripSeconds = 600
const stepSeconds = 300

export interface SingleSignOnRouteParts extends SignInRouteParts {
  readonly singleSignOn: SingleSignOn | undefined
  readonly passkeys: Pick<Passkeys, 'unavailable'>
}

export function singleSignOnRoutes(app: App, parts: SingleSignOnRouteParts): void {
  const { singleSignOn, passkeys, system } = parts

  function offered(): SingleSignOn {
    if (singleSignOn === undefined)
      throw new ProblemError('not-found', 'there is no single sign-on here')
    return singleSignOn
  }
  function leave(reply: FastifyReply, { url, seed }: Begun): { url: string } {
    const cookie = { operatorUrl: system.operatorUrl(), maxAgeSeconds: tripSeconds }
    setCookie(reply, 'trip', seed, cookie)
    return { url }
  }

  app.get(
    '/api/v1/sign-in/ways',
    {
      schema: {
        operationId: 'listWaysIn',
        summary: 'Says how people can sign in here',
        tags,
        permission: 'open',
        security: [],
        response: { 200: refTo(WaysInSchema) },
      },
    },
    () =>
      Promise.resolve({
        provider: singleSignOn?.providerName ?? null,
        passkeysUnavailable: passkeys.unavailable() ?? null,
      }),
  )

  app.post(
    '/api/v1/single-sign-on',
    {
      schema: {
        operationId: 'beginSingleSignOn',
        summary: 'Begins a sign-in at the provider; the browser goes to the address this answers',
        tags,
        permission: 'open',
        security: [],
        response: { 200: refTo(SingleSignOnTripSchema) },
        problems: ['not-found', 'single-sign-on-unavailable', 'cross-site'],
      },
    },
    async (request, reply) => {
      needOurPages(request, system.operatorUrl())
      return leave(reply, await offered().beginSignIn())
    },
  )

  app.post(
    '/api/v1/session/single-sign-on',
    {
      schema: {
        operationId: 'beginSessionSingleSignOn',
        summary:
          'Goes to the provider from a session: to show factors again, or to link its account',
        tags,
        permission: 'self',
        body: refTo(SingleSignOnWishSchema),
        response: { 200: refTo(SingleSignOnTripSchema) },
        problems: ['not-found', 'step-up-needed', 'single-sign-on-unavailable', 'cross-site'],
      },
    },
    async ({ caller, body }, reply) => {
      const { purpose, maxAgeSeconds = 300 } = body
      const begun =
        purpose === 'link'
          ? await offered().beginLink(caller)
          : await offered().beginStepUp(caller, maxAgeSeconds)
      return leave(reply, begun)
    },
  )

  app.get(
    '/api/v1/session/single-sign-on',
    {
      schema: {
        operationId: 'showSignOutUrl',
        summary: 'Where the browser signs out of the provider too, once it has signed out here',
        tags,
        permission: 'self',
        response: {
          200: Type.Object(
            {
              url: Type.Unsafe<string | null>({
                type: ['string', 'null'],
                description: 'Null: the provider offers none',
              }),
            },
            { description: 'Where to go next' },
          ),
        },
        problems: ['not-found', 'single-sign-on-unavailable'],
      },
    },
    async () => ({
      url: (await offered().signOutUrl(`${system.operatorUrl()}/sign-in`)) ?? null,
    }),
  )

  app.delete(
    '/api/v1/people/me/single-sign-on',
    {
      schema: {
        operationId: 'unlinkProvider',
        summary: 'Unlinks your account at the provider, with a fresh second factor',
        description:
          'The roles and teams that its groups gave go with it. Who has no password keeps it: it is their only way in.',
        tags,
        permission: 'self',
        response: { 204: NoContent },
        problems: ['not-found', 'step-up-needed', 'cross-site'],
      },
    },
    async ({ caller }, reply) => {
      await offered().unlink(caller)
      return reply.code(204).send(null)
    },
  )

  returnRoutes(app, parts, offered)
}

/** What the browser meets when it is back from the provider. */
function returnRoutes(
  app: App,
  { identity, system }: SingleSignOnRouteParts,
  offered: () => SingleSignOn,
): void {
  app.get(
    callbackPath,
    {
      schema: {
        // For browsers alone.
        hide: true,
        permission: 'open',
        // What the provider adds is its own to say.
        querystring: Type.Object({}, { additionalProperties: Type.String({ maxLength: 10_000 }) }),
      },
    },
    async (request, reply) => {
      const operatorUrl = system.operatorUrl()
      const client = clientOf(request, 'cookie')
      const seed = cookieIn(request, 'trip', operatorUrl)
      setCookie(reply, 'trip', '', { operatorUrl, maxAgeSeconds: 0 })
      const answered = new URL(request.url, operatorUrl)
      const arrival = await offered().finish({ origin: client.origin, seed, answered })
      const page =
        arrival.kind === 'sign-in'
          ? await signedIn(
              reply,
              arrival,
              clientOf(request, 'cookie', cookieIn(request, 'device', operatorUrl)),
            )
          : pageOf(arrival)
      return reply.code(303).header('location', page).send(null)
    },
  )

  async function signedIn(
    reply: FastifyReply,
    { person: id, factors }: Arrival & { kind: 'sign-in' },
    client: ReturnType<typeof clientOf>,
  ): Promise<string> {
    const operatorUrl = system.operatorUrl()
    const person = await identity.people.find({ id })
    if (person === undefined) return '/sign-in#no-account'
    if (strongestSince(factors) !== null) {
      const { secret } = await identity.sessions.open({
        person,
        factors,
        client,
        carried: 'cookie',
      })
      setCookie(reply, 'session', identity.sessions.cookieOf(secret), { operatorUrl })
      return '/account'
    }
    // The provider asked for one factor only: one of ours is needed besides.
    try {
      const { signIn } = await identity.signIns.needSecondFactor(person, factors)
      setCookie(reply, 'step', signIn, { operatorUrl, maxAgeSeconds: stepSeconds })
      return '/sign-in#second-factor'
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === 'enrolment-needed')
        return '/sign-in#enrolment-needed'
      throw error
    }
  }

  app.post(
    '/api/v1/single-sign-on/next',
    {
      schema: {
        operationId: 'resumeSingleSignOn',
        summary: 'The second step of a sign-in that began at the provider',
        tags,
        permission: 'open',
        security: [],
        response: { 200: refTo(NextStepSchema) },
        problems: ['sign-in-failed', 'cross-site'],
      },
    },
    async (request, reply) => {
      const operatorUrl = system.operatorUrl()
      needOurPages(request, operatorUrl)
      const signIn = cookieIn(request, 'step', operatorUrl)
      setCookie(reply, 'step', '', { operatorUrl, maxAgeSeconds: 0 })
      const step = signIn === undefined ? undefined : await identity.signIns.resume(signIn)
      if (step === undefined)
        throw new ProblemError('sign-in-failed', 'this sign-in is over; begin again')
      return step
    },
  )
}

/** Fragments stay in the browser; the page says more of each. */
function pageOf(arrival: Exclude<Arrival, { kind: 'sign-in' }>): string {
  if (arrival.kind !== 'refused') return `/account#${arrival.kind}-done`
  const inSession = arrival.purpose === 'step-up' || arrival.purpose === 'link'
  const isOver = arrival.why === 'locked' || arrival.why === 'session-ended'
  const from = inSession && !isOver ? '/account' : '/sign-in'
  return `${from}#${arrival.why}`
}
