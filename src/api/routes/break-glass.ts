import { Type } from 'typebox'
import type { BreakGlass } from '../../identity/break-glass/break-glass.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { App } from '../app.ts'
import { clientOf } from '../authentication.ts'
import { NoContent, pageOf, pageQuery, pageRequest, refTo, strict } from '../schemas/common.ts'
import {
  BreakGlassAccountSchema,
  BreakGlassOpeningSchema,
  BreakGlassReviewSchema,
  BreakGlassUseSchema,
  OpenedBreakGlassSchema,
  SealedBreakGlassAccountSchema,
} from '../schemas/ways-in.ts'
import { handOver, type SignInRouteParts } from './sign-in.ts'

const tags = ['break-glass']
const ById = strict({ id: Type.String({ minLength: 1, maxLength: 100 }) })

export interface BreakGlassRouteParts extends SignInRouteParts {
  readonly breakGlass: BreakGlass
}

export function breakGlassRoutes(app: App, parts: BreakGlassRouteParts): void {
  accountRoutes(app, parts)
  useRoutes(app, parts)
}

function accountRoutes(app: App, { breakGlass }: BreakGlassRouteParts): void {
  const permission = 'break-glass.prepare'

  app.get(
    '/api/v1/break-glass/accounts',
    {
      schema: {
        operationId: 'listBreakGlassAccounts',
        summary: 'Lists the break-glass accounts by name, on one page',
        tags,
        permission: 'break-glass.use',
        response: { 200: pageOf(refTo(BreakGlassAccountSchema)) },
      },
    },
    async () => ({ items: await breakGlass.accounts(), nextCursor: null }),
  )

  app.post(
    '/api/v1/break-glass/accounts/:id/seal',
    {
      schema: {
        operationId: 'sealBreakGlassAccount',
        summary: 'Seals a break-glass account with a new code, once its last use was reviewed',
        tags,
        permission,
        params: ById,
        response: { 200: refTo(SealedBreakGlassAccountSchema) },
        problems: ['not-found', 'break-glass-blocked', 'step-up-needed', 'cross-site'],
      },
    },
    ({ caller, params }) => breakGlass.seal(caller, params.id),
  )

  app.delete(
    '/api/v1/break-glass/accounts/:id',
    {
      schema: {
        operationId: 'retireBreakGlassAccount',
        summary: 'Retires a break-glass account; its uses stay on record',
        tags,
        permission,
        params: ById,
        response: { 204: NoContent },
        problems: ['not-found', 'break-glass-blocked', 'step-up-needed', 'cross-site'],
      },
    },
    async ({ caller, params }, reply) => {
      await breakGlass.retire(caller, params.id)
      return reply.code(204).send(null)
    },
  )
}

function useRoutes(app: App, parts: BreakGlassRouteParts): void {
  const { breakGlass } = parts

  app.post(
    '/api/v1/break-glass/uses',
    {
      schema: {
        operationId: 'openBreakGlassAccount',
        summary: 'Breaks the seal of an account: a session of its own, and everybody is told',
        description:
          'In a browser it takes the place of the session that asks. It ends by itself; then somebody else has to review it.',
        tags,
        permission: 'break-glass.use',
        body: refTo(BreakGlassOpeningSchema),
        response: { 201: refTo(OpenedBreakGlassSchema) },
        problems: ['break-glass-refused', 'break-glass-blocked', 'cross-site'],
      },
    },
    async (request, reply) => {
      const { caller, body } = request
      const client = clientOf(request, body.carried === 'cookie' ? 'cookie' : undefined)
      const { use, session } = await breakGlass.open(caller, client, body)
      const answer = await handOver(parts, request, reply, session, body.carried, { use })
      return reply.code(201).send(answer)
    },
  )

  app.get(
    '/api/v1/break-glass/uses',
    {
      schema: {
        operationId: 'listBreakGlassUses',
        summary: 'Lists what break-glass accounts were used for, newest first',
        tags,
        permission: 'break-glass.review',
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(BreakGlassUseSchema)) },
      },
    },
    ({ query }) => breakGlass.uses(pageRequest(query)),
  )

  app.delete(
    '/api/v1/session/break-glass',
    {
      schema: {
        operationId: 'endOwnBreakGlassUse',
        summary: 'Ends the break-glass use of the session that asks, and the session with it',
        tags,
        permission: 'self',
        response: { 200: refTo(BreakGlassUseSchema) },
        problems: ['not-found', 'too-late', 'cross-site'],
      },
    },
    ({ caller }) => {
      const use = caller.authentication?.breakGlass
      if (use === undefined)
        throw new ProblemError('not-found', 'this session uses no break-glass account')
      return breakGlass.end(caller, use)
    },
  )

  app.post(
    '/api/v1/break-glass/uses/:id/end',
    {
      schema: {
        operationId: 'endBreakGlassUse',
        summary: 'Ends somebody’s use of a break-glass account, and its session',
        tags,
        permission: 'break-glass.review',
        params: ById,
        response: { 200: refTo(BreakGlassUseSchema) },
        problems: ['not-found', 'too-late', 'cross-site'],
      },
    },
    ({ caller, params }) => breakGlass.end(caller, params.id),
  )

  app.post(
    '/api/v1/break-glass/uses/:id/review',
    {
      schema: {
        operationId: 'reviewBreakGlassUse',
        summary: 'Reviews what somebody else did with a break-glass account',
        tags,
        permission: 'break-glass.review',
        params: ById,
        body: refTo(BreakGlassReviewSchema),
        response: { 200: refTo(BreakGlassUseSchema) },
        problems: ['not-found', 'too-late', 'step-up-needed', 'cross-site'],
      },
    },
    ({ caller, params, body }) => breakGlass.review(caller, params.id, body),
  )
}
