import { Type } from 'typebox'
import { ownId } from '../../identity/fresh.ts'
import type { Identity } from '../../identity/identity.ts'
import type { App } from '../app.ts'
import { NoContent, pageOf, refTo, strict } from '../schemas/common.ts'
import {
  BegunTotpSchema,
  OwnFactorsSchema,
  OwnTotpSchema,
  PasswordChangeSchema,
  PersonSessionSchema,
  RecoveryCodesSchema,
  TotpProofSchema,
  TotpWishSchema,
} from '../schemas/people.ts'

const tags = ['sign-in']
const permission = 'self'
const ById = strict({ id: Type.String({ minLength: 1, maxLength: 100 }) })
const changing = ['not-found', 'step-up-needed', 'cross-site'] as const

/** What concerns the person who asks alone: their sessions, password and second factors. */
export function ownAccountRoutes(app: App, { identity }: { identity: Identity }): void {
  app.get(
    '/api/v1/people/me/sessions',
    {
      schema: {
        operationId: 'listOwnSessions',
        summary: 'Lists where you are signed in, newest first, on one page',
        tags,
        permission,
        response: { 200: pageOf(refTo(PersonSessionSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ caller }) => ({
      items: await identity.sessions.of(caller, ownId(caller)),
      nextCursor: null,
    }),
  )

  app.delete(
    '/api/v1/people/me/sessions/:id',
    {
      schema: {
        operationId: 'endOwnSession',
        summary: 'Ends one of your sessions, at once and on every node',
        tags,
        permission,
        params: ById,
        response: { 204: NoContent },
        problems: ['not-found', 'cross-site'],
      },
    },
    async ({ caller, params }, reply) => {
      await identity.sessions.end(caller, ownId(caller), params.id)
      return reply.code(204).send(null)
    },
  )

  app.delete(
    '/api/v1/people/me/sessions',
    {
      schema: {
        operationId: 'endOtherSessions',
        summary: 'Ends all your sessions but the one that asks',
        tags,
        permission,
        response: { 200: Type.Object({ ended: Type.Integer() }, { description: 'How many' }) },
        problems: ['not-found', 'cross-site'],
      },
    },
    async ({ caller }) => ({ ended: await identity.sessions.endAll(caller, ownId(caller)) }),
  )

  app.put(
    '/api/v1/people/me/password',
    {
      schema: {
        operationId: 'changePassword',
        summary: 'Changes your password, with a fresh second factor; ends your other sessions',
        tags,
        permission,
        body: refTo(PasswordChangeSchema),
        response: { 204: NoContent },
        problems: [...changing, 'sign-in-failed'],
      },
    },
    async ({ caller, body }, reply) => {
      await identity.people.changePassword(caller, body)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/api/v1/factors',
    {
      schema: {
        operationId: 'listFactors',
        summary: 'Shows your authenticator apps, and how many recovery codes are left',
        tags,
        permission,
        response: { 200: refTo(OwnFactorsSchema) },
        problems: ['not-found'],
      },
    },
    ({ caller }) => identity.factors.list(caller),
  )

  app.post(
    '/api/v1/factors/totp',
    {
      schema: {
        operationId: 'addTotp',
        summary: 'Begins to add an authenticator app, with a fresh second factor',
        tags,
        permission,
        body: refTo(TotpWishSchema),
        response: { 201: refTo(BegunTotpSchema) },
        problems: changing,
      },
    },
    async ({ caller, body }, reply) =>
      reply.code(201).send(await identity.factors.addTotp(caller, body.name)),
  )

  app.post(
    '/api/v1/factors/totp/confirm',
    {
      schema: {
        operationId: 'confirmTotp',
        summary: 'Adds the authenticator app, with its first code',
        tags,
        permission,
        body: refTo(TotpProofSchema),
        response: { 201: refTo(OwnTotpSchema) },
        problems: [...changing, 'sign-in-failed'],
      },
    },
    async ({ caller, body }, reply) =>
      reply.code(201).send(await identity.factors.confirmTotp(caller, body)),
  )

  app.delete(
    '/api/v1/factors/totp/:id',
    {
      schema: {
        operationId: 'removeTotp',
        summary: 'Removes an authenticator app, with a fresh second factor; never the last one',
        tags,
        permission,
        params: ById,
        response: { 204: NoContent },
        problems: changing,
      },
    },
    async ({ caller, params }, reply) => {
      await identity.factors.removeTotp(caller, params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/api/v1/factors/recovery-codes',
    {
      schema: {
        operationId: 'renewRecoveryCodes',
        summary: 'Makes new recovery codes, with a fresh second factor; older ones work no more',
        tags,
        permission,
        response: { 201: refTo(RecoveryCodesSchema) },
        problems: changing,
      },
    },
    async ({ caller }, reply) =>
      reply.code(201).send({ recoveryCodes: await identity.factors.renewRecoveryCodes(caller) }),
  )
}
