import { Type } from 'typebox'
import type { Access } from '../../access/access.ts'
import { tokenMarks } from '../../access/access.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import type { App } from '../app.ts'
import { concerning } from '../concerning.ts'
import {
  ListedTokenSchema,
  ListParams,
  mostInChange,
  NewTokenListSchema,
  TokenChangeReportSchema,
  TokenChangesSchema,
  TokenListPatchSchema,
  TokenListRevisionSchema,
  TokenListSchema,
} from '../schemas/access.ts'
import {
  NoContent,
  oneOf,
  pageOf,
  pageQuery,
  pageRequest,
  Reason,
  refTo,
  strict,
} from '../schemas/common.ts'

const tags = ['token-lists']

/** Who may charge: lists of tokens. Whose they are stands in `token-assignments.ts`. */
export function accessRoutes(app: App, rooms: Rooms): void {
  listRoutes(app, rooms)
  tokenRoutes(app, rooms)
}

interface Rooms {
  readonly access: Access
  readonly fleet: Pick<Fleet, 'within'>
}

function listRoutes(app: App, { access, fleet }: Rooms): void {
  app.get(
    '/api/v1/token-lists',
    {
      schema: {
        operationId: 'listTokenLists',
        permission: 'access.read',
        summary: 'Lists the token lists, sorted by name',
        tags,
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(TokenListSchema)) },
      },
    },
    async ({ query, scope }) =>
      await access.lists(pageRequest(query), await concerning(fleet, scope)),
  )

  app.post(
    '/api/v1/token-lists',
    {
      schema: {
        operationId: 'createTokenList',
        permission: 'access.write',
        about: 'installation',
        summary: 'Creates a token list, empty and assigned to nobody',
        tags,
        body: refTo(NewTokenListSchema),
        response: { 201: refTo(TokenListSchema) },
        problems: ['already-exists'],
      },
    },
    async ({ body, caller }, reply) => {
      const { reason, ...list } = body
      const made = await access.create(caller, list, reason)
      reply.header('location', `/api/v1/token-lists/${made.name}`)
      return reply.code(201).send(made)
    },
  )

  app.get(
    '/api/v1/token-lists/:list',
    {
      schema: {
        operationId: 'showTokenList',
        permission: 'access.read',
        summary: 'Shows a token list',
        tags,
        params: ListParams,
        response: { 200: refTo(TokenListSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params, scope }) => await access.show(params.list, await concerning(fleet, scope)),
  )

  app.patch(
    '/api/v1/token-lists/:list',
    {
      schema: {
        operationId: 'updateTokenList',
        permission: 'access.write',
        about: 'installation',
        summary: 'Changes the label of a token list, or what is answered by it',
        tags,
        params: ListParams,
        body: refTo(TokenListPatchSchema),
        response: { 200: refTo(TokenListSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params, body, caller }) => {
      const { reason, ...patch } = body
      return await access.update(caller, params.list, patch, reason)
    },
  )

  app.delete(
    '/api/v1/token-lists/:list',
    {
      schema: {
        operationId: 'deleteTokenList',
        permission: 'access.write',
        about: 'installation',
        summary: 'Deletes a token list that is assigned to nobody',
        description: 'Chargers that hold it keep it until they are sent another.',
        tags,
        params: ListParams,
        querystring: strict({ reason: Reason }),
        response: { 204: NoContent },
        problems: ['not-found'],
      },
    },
    async ({ params, query, caller }, reply) => {
      await access.remove(caller, params.list, query.reason)
      return reply.code(204).send(null)
    },
  )
}

function tokenRoutes(app: App, { access, fleet }: Rooms): void {
  app.get(
    '/api/v1/token-lists/:list/tokens',
    {
      schema: {
        operationId: 'listTokensOfList',
        permission: 'access.read',
        summary: 'Lists the tokens on a list, sorted',
        tags,
        params: ListParams,
        querystring: pageQuery({
          status: Type.Optional(oneOf(tokenMarks)),
          begins: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 36,
              description: 'How the token begins, whatever its case',
            }),
          ),
        }),
        response: { 200: pageOf(refTo(ListedTokenSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query, scope }) => {
      const { status, begins } = query
      const filter = {
        ...(status === undefined ? {} : { status }),
        ...(begins === undefined ? {} : { begins }),
      }
      const whom = await concerning(fleet, scope)
      return await access.tokens(params.list, pageRequest(query), filter, whom)
    },
  )

  app.post(
    '/api/v1/token-lists/:list/changes',
    {
      schema: {
        operationId: 'changeTokenList',
        permission: 'access.write',
        about: 'installation',
        summary: 'Adds, changes and removes tokens: all of it, or nothing',
        description: `At most ${mostInChange} of each; an import takes more. The first row that is not acceptable is named in \`field\`.`,
        tags,
        params: ListParams,
        body: refTo(TokenChangesSchema),
        response: { 200: refTo(TokenChangeReportSchema) },
        problems: ['not-found', 'too-large'],
      },
    },
    async ({ params, body, caller }) => {
      const { reason, ...changes } = body
      return await access.change(caller, params.list, changes, reason)
    },
  )

  app.get(
    '/api/v1/token-lists/:list/revisions',
    {
      schema: {
        operationId: 'listTokenListRevisions',
        permission: 'access.read',
        summary: 'Lists who changed a token list and why, newest first',
        tags,
        params: ListParams,
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(TokenListRevisionSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query, scope }) =>
      await access.history(params.list, pageRequest(query), await concerning(fleet, scope)),
  )
}
