import type { Access, AssignmentTarget as Target } from '../../access/access.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { covers } from '../../fleet/groups/scope.ts'
import type { Scope } from '../../fleet/groups/scope.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { App } from '../app.ts'
import { concerning } from '../concerning.ts'
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
export function tokenAssignmentRoutes(app: App, rooms: Rooms): void {
  assignmentRoutes(app, rooms)
  holderRoutes(app, rooms)
}

interface Rooms {
  readonly access: Access
  readonly fleet: Pick<Fleet, 'within' | 'select'>
}

function assignmentRoutes(app: App, { access, fleet }: Rooms): void {
  app.get(
    '/api/v1/token-assignments',
    {
      schema: {
        operationId: 'listTokenAssignments',
        permission: 'access.read',
        summary: 'Lists whom the token lists are for',
        tags,
        querystring: pageQuery(AssignmentFilter),
        response: { 200: pageOf(refTo(AssignmentSchema)) },
      },
    },
    async ({ query, scope }) => {
      const { list } = query
      return await access.assignments(
        pageRequest(query),
        list === undefined ? {} : { list },
        await concerning(fleet, scope),
      )
    },
  )

  app.post(
    '/api/v1/token-assignments',
    {
      schema: {
        operationId: 'assignTokenList',
        permission: 'access.write',
        summary: 'Assigns a token list, in place of the one the target had',
        description:
          'Counts at once for what chargers are answered. What they hold themselves changes with `tokens.push`.',
        tags,
        body: refTo(NewAssignmentSchema),
        response: { 200: refTo(AssignmentSchema) },
        problems: ['not-found'],
      },
    },
    async ({ body, caller, scope }) => {
      const { list, reason, ...target } = body
      await reach(fleet, scope, target)
      return await access.assign(caller, list, targetOf(target), reason)
    },
  )

  app.delete(
    '/api/v1/token-assignments',
    {
      schema: {
        operationId: 'unassignTokenList',
        permission: 'access.write',
        summary: 'Takes an assignment away: what is wider counts from then on',
        tags,
        querystring: AssignmentTarget,
        response: { 204: NoContent },
        problems: ['not-found'],
      },
    },
    async ({ query, caller, scope }, reply) => {
      const { reason, ...target } = query
      await reach(fleet, scope, target)
      await access.unassign(caller, targetOf(target), reason)
      return reply.code(204).send(null)
    },
  )
}

/** Tags belong to no place: what is assigned by them reaches everywhere. */
async function reach(
  fleet: Rooms['fleet'],
  scope: Scope,
  { kind, name = '' }: { readonly kind: Target['kind']; readonly name?: string },
): Promise<void> {
  if (kind === 'charger') await fleet.select({ ids: [name] }, 1, scope)
  else if (!covers(scope, kind === 'group' ? name : null))
    throw new ProblemError(
      'not-permitted',
      'none of your roles allows access.write as far as this reaches',
      'name',
    )
}

function targetOf({ kind, name }: { kind: Target['kind']; name?: string }): Target {
  return name === undefined ? { kind } : { kind, name }
}

function holderRoutes(app: App, { access, fleet }: Rooms): void {
  app.get(
    '/api/v1/token-lists/:list/chargers',
    {
      schema: {
        operationId: 'listTokenListChargers',
        permission: 'access.read',
        summary: 'Lists the chargers that have a token list, and whether they hold it',
        tags,
        params: ListParams,
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(ListHolderSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query, scope }) =>
      await access.holders(params.list, pageRequest(query), await concerning(fleet, scope)),
  )

  app.get(
    '/api/v1/chargers/:identity/token-list',
    {
      schema: {
        operationId: 'showChargerTokenList',
        permission: 'access.read',
        about: 'charger',
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
