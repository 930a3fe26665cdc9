import type { Access, AssignmentTarget as Target } from '../../access/access.ts'
import type { App } from '../app.ts'
import {
  AssignmentFilter,
  AssignmentSchema,
  AssignmentTarget,
  ListHolderSchema,
  ListParams,
  NewAssignmentSchema,
} from '../schemas/access.ts'
import {
  IdentityParams,
  NoContent,
  pageOf,
  pageQuery,
  pageRequest,
  refTo,
} from '../schemas/common.ts'

const tags = ['token-lists']

/** Whose the token lists are, and which chargers hold them. */
export function tokenAssignmentRoutes(app: App, { access }: { access: Access }): void {
  assignmentRoutes(app, access)
  holderRoutes(app, access)
}

function assignmentRoutes(app: App, access: Access): void {
  app.get(
    '/api/v1/token-assignments',
    {
      schema: {
        operationId: 'listTokenAssignments',
        summary: 'Lists whom the token lists are for',
        tags,
        querystring: pageQuery(AssignmentFilter),
        response: { 200: pageOf(refTo(AssignmentSchema)) },
      },
    },
    async ({ query }) => {
      const { list } = query
      return await access.assignments(pageRequest(query), list === undefined ? {} : { list })
    },
  )

  app.post(
    '/api/v1/token-assignments',
    {
      schema: {
        operationId: 'assignTokenList',
        summary: 'Assigns a token list, in place of the one the target had',
        description:
          'Counts at once for what chargers are answered. What they hold themselves changes with `tokens.push`.',
        tags,
        body: refTo(NewAssignmentSchema),
        response: { 200: refTo(AssignmentSchema) },
        problems: ['not-found'],
      },
    },
    async ({ body, caller }) => {
      const { list, reason, ...target } = body
      return await access.assign(caller, list, targetOf(target), reason)
    },
  )

  app.delete(
    '/api/v1/token-assignments',
    {
      schema: {
        operationId: 'unassignTokenList',
        summary: 'Takes an assignment away: what is wider counts from then on',
        tags,
        querystring: AssignmentTarget,
        response: { 204: NoContent },
        problems: ['not-found'],
      },
    },
    async ({ query, caller }, reply) => {
      const { reason, ...target } = query
      await access.unassign(caller, targetOf(target), reason)
      return reply.code(204).send(null)
    },
  )
}

function targetOf({ kind, name }: { kind: Target['kind']; name?: string }): Target {
  return name === undefined ? { kind } : { kind, name }
}

function holderRoutes(app: App, access: Access): void {
  app.get(
    '/api/v1/token-lists/:list/chargers',
    {
      schema: {
        operationId: 'listTokenListChargers',
        summary: 'Lists the chargers that have a token list, and whether they hold it',
        tags,
        params: ListParams,
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(ListHolderSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query }) => await access.holders(params.list, pageRequest(query)),
  )

  app.get(
    '/api/v1/chargers/:identity/token-list',
    {
      schema: {
        operationId: 'showChargerTokenList',
        summary: 'Shows which token list a charger has, by which assignment, and what it holds',
        tags,
        params: IdentityParams,
        response: { 200: refTo(ListHolderSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params }) => await access.holder(params.identity),
  )
}
