import { Type } from 'typebox'
import type { Identity } from '../../identity/identity.ts'
import type { App } from '../app.ts'
import { NoContent, pageOf, refTo, strict } from '../schemas/common.ts'
import { IssuedTokenSchema, NewTokenSchema, TokenSchema } from '../schemas/system.ts'

const tags = ['tokens']

export function tokenRoutes(app: App, { identity }: { identity: Pick<Identity, 'tokens'> }): void {
  app.get(
    '/api/v1/tokens',
    {
      schema: {
        operationId: 'listTokens',
        permission: 'tokens.read',
        summary: 'Lists the API tokens, oldest first, on one page',
        tags,
        querystring: strict({
          madeBy: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 100,
              description: 'Only those this person or robot made, by id, and that have not expired',
            }),
          ),
        }),
        response: { 200: pageOf(refTo(TokenSchema)) },
      },
    },
    async ({ query }) => ({ items: await identity.tokens.list({ ...query }), nextCursor: null }),
  )

  app.post(
    '/api/v1/tokens',
    {
      schema: {
        operationId: 'createToken',
        permission: 'tokens.write',
        about: 'installation',
        summary: 'Makes an API token, for a robot',
        description:
          'The secret is answered this once and kept nowhere. A token that gives much (`approvals.wideTokens` of the rules), or what the caller does not hold, is asked for instead: `POST /approval-requests` with kind `token` and this body as content.',
        tags,
        body: refTo(NewTokenSchema),
        response: {
          201: refTo(IssuedTokenSchema),
        },
        problems: ['approval-needed', 'step-up-needed'],
      },
    },
    async ({ body, caller }, reply) => {
      const { token, secret } = await identity.tokens.create(caller, body)
      return reply.code(201).send({ ...token, secret })
    },
  )

  app.delete(
    '/api/v1/tokens/:id',
    {
      schema: {
        operationId: 'revokeToken',
        permission: 'tokens.write',
        about: 'installation',
        summary:
          'Revokes an API token; it stops working at once, and commands of its robot that wait are cancelled, unless it is the robot `local`',
        tags,
        params: strict({ id: Type.String({ minLength: 1, maxLength: 100 }) }),
        response: { 204: NoContent },
        problems: ['not-found'],
      },
    },
    async ({ params, caller }, reply) => {
      await identity.tokens.revoke(caller, params.id)
      return reply.code(204).send(null)
    },
  )
}
