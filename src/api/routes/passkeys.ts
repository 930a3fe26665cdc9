import { Type } from 'typebox'
import { ownId } from '../../identity/fresh.ts'
import type { Passkeys } from '../../identity/passkeys/passkeys.ts'
import type { Clock } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { App } from '../app.ts'
import { failureLimit } from '../failure-limit.ts'
import { NoContent, pageOf, refTo, strict } from '../schemas/common.ts'
import { SignedInSchema } from '../schemas/people.ts'
import {
  NewPasskeySchema,
  PasskeyOptionsSchema,
  PasskeySchema,
  PasskeySignInSchema,
  PasskeySignInStartSchema,
  PasskeyStepUpSchema,
} from '../schemas/ways-in.ts'
import { handOver, signingIn, type SignInRouteParts } from './sign-in.ts'

const tags = ['sign-in']
const permission = 'self'
const ById = strict({ id: Type.String({ minLength: 1, maxLength: 100 }) })

export interface PasskeyRouteParts extends SignInRouteParts {
  readonly passkeys: Passkeys
  readonly clock: Clock
}

export function passkeyRoutes(app: App, parts: PasskeyRouteParts): void {
  ownPasskeyRoutes(app, parts)
  passkeySignInRoutes(app, parts)
  passkeyStepUpRoutes(app, parts)
}

function ownPasskeyRoutes(app: App, { passkeys, identity }: PasskeyRouteParts): void {
  app.get(
    '/api/v1/factors/passkeys',
    {
      schema: {
        operationId: 'listOwnPasskeys',
        summary: 'Lists your passkeys, oldest first, on one page',
        tags,
        permission,
        response: { 200: pageOf(refTo(PasskeySchema)) },
        problems: ['not-found'],
      },
    },
    async ({ caller }) => ({ items: await passkeys.of(ownId(caller)), nextCursor: null }),
  )

  app.post(
    '/api/v1/factors/passkeys/options',
    {
      schema: {
        operationId: 'beginPasskey',
        summary: 'Begins to register a passkey: what the browser needs to make one',
        tags,
        permission,
        response: { 200: refTo(PasskeyOptionsSchema) },
        problems: ['not-found', 'step-up-needed', 'passkeys-unavailable', 'cross-site'],
      },
    },
    async ({ caller }) => {
      const person = await identity.people.find({ id: ownId(caller) })
      if (person === undefined) throw new ProblemError('not-found', 'you have no account')
      return passkeys.offerRegistration(caller, person)
    },
  )

  app.post(
    '/api/v1/factors/passkeys',
    {
      schema: {
        operationId: 'addPasskey',
        summary: 'Registers a passkey the browser made',
        tags,
        permission,
        body: refTo(NewPasskeySchema),
        response: { 201: refTo(PasskeySchema) },
        problems: [
          'not-found',
          'step-up-needed',
          'passkey-refused',
          'already-exists',
          'cross-site',
        ],
      },
    },
    async ({ caller, body }, reply) =>
      reply.code(201).send(await passkeys.register(caller, ownId(caller), body)),
  )

  app.patch(
    '/api/v1/factors/passkeys/:id',
    {
      schema: {
        operationId: 'renamePasskey',
        summary: 'Renames one of your passkeys',
        tags,
        permission,
        params: ById,
        body: strict({ name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }) }),
        response: { 204: NoContent },
        problems: ['not-found', 'cross-site'],
      },
    },
    async ({ caller, params, body }, reply) => {
      await passkeys.rename(caller, ownId(caller), params.id, body.name)
      return reply.code(204).send(null)
    },
  )

  app.delete(
    '/api/v1/factors/passkeys/:id',
    {
      schema: {
        operationId: 'removePasskey',
        summary: 'Removes one of your passkeys; not the last second factor',
        tags,
        permission,
        params: ById,
        response: { 204: NoContent },
        problems: ['not-found', 'step-up-needed', 'cross-site'],
      },
    },
    async ({ caller, params }, reply) => {
      await passkeys.remove(caller, ownId(caller), params.id)
      return reply.code(204).send(null)
    },
  )
}

function passkeySignInRoutes(app: App, parts: PasskeyRouteParts): void {
  const { passkeys, identity, system, clock } = parts
  // Questions are kept until they are answered: nobody fills the database with them.
  const asked = failureLimit(clock, { failures: 60, windowMs: 60_000, addresses: 10_000 })

  function admit(address: string): void {
    const wait = asked.waitSeconds(address)
    if (wait > 0)
      throw new ProblemError(
        'too-many-attempts',
        `wait ${wait} s before the next attempt`,
        undefined,
        {
          retryAfterSeconds: wait,
        },
      )
    asked.failed(address)
  }

  app.post(
    '/api/v1/sign-in/passkey/options',
    {
      schema: {
        operationId: 'beginPasskeySignIn',
        summary: 'Begins a sign-in with a passkey, alone or as the second step',
        tags,
        permission: 'open',
        security: [],
        body: refTo(PasskeySignInStartSchema),
        response: { 200: refTo(PasskeyOptionsSchema) },
        problems: [
          'sign-in-failed',
          'not-found',
          'too-many-attempts',
          'passkeys-unavailable',
          'cross-site',
        ],
      },
    },
    async (request) => {
      signingIn(request, system.operatorUrl(), undefined)
      admit(request.ip)
      const { signIn } = request.body
      if (signIn === undefined) return passkeys.offerSignIn()
      const person = await identity.signIns.personOf(signIn)
      if (person === undefined)
        throw new ProblemError('sign-in-failed', 'this sign-in is over; begin again')
      return passkeys.offerFactor(person.id)
    },
  )

  app.post(
    '/api/v1/sign-in/passkey',
    {
      schema: {
        operationId: 'signInPasskey',
        summary: 'Signs a person in with a passkey: opens the session',
        description:
          'A passkey alone is two factors: the device, and what unlocks it. With `signIn` it is the second step.',
        tags,
        permission: 'open',
        security: [],
        body: refTo(PasskeySignInSchema),
        response: { 200: refTo(SignedInSchema) },
        problems: [
          'sign-in-failed',
          'passkey-refused',
          'too-many-attempts',
          'passkeys-unavailable',
          'overloaded',
          'cross-site',
        ],
      },
    },
    async (request, reply) => {
      const { signIn, answer, carried } = request.body
      const client = signingIn(request, system.operatorUrl(), undefined)
      if (signIn !== undefined) {
        const step = { signIn, factor: 'passkey', answer, carried } as const
        const opened = await identity.signIns.withSecondFactor(client, step)
        return handOver(parts, request, reply, opened, carried, {})
      }
      const shown = await passkeys.signIn(client.origin, answer)
      const person = await identity.people.find({ id: shown.person })
      if (person === undefined || person.lockedAt !== null)
        throw new ProblemError('sign-in-failed', 'this account is locked')
      const factors = { passkey: shown.at }
      const opened = await identity.sessions.open({ person, factors, client, carried })
      return handOver(parts, request, reply, opened, carried, {})
    },
  )
}

function passkeyStepUpRoutes(app: App, { passkeys, identity }: PasskeyRouteParts): void {
  app.post(
    '/api/v1/session/step-up/passkey/options',
    {
      schema: {
        operationId: 'beginPasskeyStepUp',
        summary: 'Begins to show a passkey again',
        tags,
        permission,
        response: { 200: refTo(PasskeyOptionsSchema) },
        problems: ['not-found', 'passkeys-unavailable', 'cross-site'],
      },
    },
    ({ caller }) => passkeys.offerFactor(ownId(caller)),
  )

  app.post(
    '/api/v1/session/step-up/passkey',
    {
      schema: {
        operationId: 'stepUpPasskey',
        summary: 'Shows a passkey again, for what needs a fresh second factor',
        tags,
        permission,
        body: refTo(PasskeyStepUpSchema),
        response: { 204: NoContent },
        problems: ['not-found', 'sign-in-failed', 'too-many-attempts', 'cross-site'],
      },
    },
    async ({ caller, body }, reply) => {
      const shown = { factor: 'passkey', answer: body.answer } as const
      await identity.signIns.stepUp(caller, shown)
      return reply.code(204).send(null)
    },
  )
}
