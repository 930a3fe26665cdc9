import { callingBy } from '../../identity/called.ts'
import type { Policy } from '../../policy/policy.ts'
import type { Principal } from '../../policy/role-store.ts'
import type { ApiParts, App } from '../app.ts'
import { pageOf, pageQuery, pageRequest, refTo } from '../schemas/common.ts'
import {
  BindingQuery,
  BindingSchema,
  PolicyVersionSchema,
  RoleSchema,
  TeamSchema,
} from '../schemas/policy.ts'

const tags = ['policy']

/** Who may do what, and under which conditions, as it stands. It changes through approved requests. */
export function policyRoutes(
  app: App,
  { policy, identity, clock }: Pick<ApiParts, 'policy' | 'identity' | 'clock'>,
): void {
  const calledOf = callingBy({ ...identity, clock })
  async function named({ kind, id }: Principal) {
    const name = kind === 'team' ? id : ((await calledOf({ kind, id })) ?? null)
    return { kind, id, name }
  }
  app.get(
    '/api/v1/roles',
    {
      schema: {
        operationId: 'listRoles',
        permission: 'policy.read',
        summary: 'Lists roles, those that are built in first, on one page',
        tags,
        response: { 200: pageOf(refTo(RoleSchema)) },
      },
    },
    async () => ({ items: await policy.roles(), nextCursor: null }),
  )

  app.get(
    '/api/v1/teams',
    {
      schema: {
        operationId: 'listTeams',
        permission: 'policy.read',
        summary: 'Lists teams, sorted by name, on one page',
        tags,
        response: { 200: pageOf(refTo(TeamSchema)) },
      },
    },
    async () => ({ items: await policy.teams(), nextCursor: null }),
  )

  app.get(
    '/api/v1/bindings',
    {
      schema: {
        operationId: 'listBindings',
        permission: 'policy.read',
        summary: 'Lists who holds which role where, oldest first',
        tags,
        querystring: BindingQuery,
        response: { 200: pageOf(refTo(BindingSchema)) },
      },
    },
    async ({ query, scope }) => {
      const { principal, role } = query
      const filter = {
        ...(principal === undefined ? {} : { principal }),
        ...(role === undefined ? {} : { role }),
      }
      const { items, nextCursor } = await policy.bindings(pageRequest(query), filter, scope)
      return {
        items: await Promise.all(
          items.map(async ({ principal, until, givenAt, ...binding }) => ({
            ...binding,
            principal: await named(principal),
            until: until === null ? null : iso(until),
            givenAt: iso(givenAt),
          })),
        ),
        nextCursor,
      }
    },
  )

  app.get(
    '/api/v1/policy',
    {
      schema: {
        operationId: 'showPolicy',
        permission: 'policy.read',
        summary: 'Shows the rules that hold now',
        tags,
        response: { 200: refTo(PolicyVersionSchema) },
      },
    },
    () => Promise.resolve(shown(policy.version())),
  )

  app.get(
    '/api/v1/policy/versions',
    {
      schema: {
        operationId: 'listPolicyVersions',
        permission: 'policy.read',
        summary: 'Lists the rules as they followed each other, newest first',
        tags,
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(PolicyVersionSchema)) },
      },
    },
    async ({ query }) => {
      const { items, nextCursor } = await policy.versions(pageRequest(query))
      return { items: items.map(shown), nextCursor }
    },
  )
}

function shown({ since, rules, ...version }: ReturnType<Policy['version']>) {
  return {
    ...version,
    rules: rules as unknown as Record<string, unknown>,
    since: iso(since),
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
