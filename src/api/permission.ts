import type { FastifyRequest } from 'fastify'
import { covers, type Scope } from '../fleet/groups/scope.ts'
import { ProblemError } from '../kernel/problem.ts'
import { permissions, type Permission, type RoutePermission } from '../policy/permission.ts'
import type { Policy } from '../policy/policy.ts'
import { isNowhere, nowhere } from '../policy/rights.ts'
import type { App } from './app.ts'

/**
 * The one charger (`:identity`) or group (`:group`, `path` of the query or body) that a route is about, or
 * where the body puts a charger (`group`). It must lie where the caller has the route's permission. What belongs
 * to the `installation` as a whole, and to no place in it, can only be changed by who has the permission everywhere.
 */
export type About = 'charger' | 'group' | 'new place' | 'installation'

declare module 'fastify' {
  interface FastifySchema {
    /** What the route asks of whoever calls it. */
    permission: RoutePermission
    about?: About | readonly About[]
  }
}

/** Refuses to start with a route that says nothing of permission, or of the charger or group in its address. */
export function declaredPermissions(app: App): void {
  app.addHook('onRoute', (route) => {
    // The readable page comes with routes of its own.
    if (route.url.startsWith('/api/docs'))
      route.schema = { ...route.schema, hide: true, permission: 'open' }
    if ((route.schema as { permission?: RoutePermission } | undefined)?.permission === undefined)
      throw new Error(`${String(route.method)} ${route.url} declares no permission`)
    if (/\/chargers\/:identity|\/:group\b/.test(route.url) && route.schema?.about === undefined)
      throw new Error(`${String(route.method)} ${route.url} does not say what it is about`)
  })
}

type Asked = Pick<Policy, 'rightsOf' | 'placesOf' | 'refused'>

export function authorisation(policy: Asked): {
  /** Before anything of the request is read: whether the caller may do this anywhere at all. */
  mayAsk(request: FastifyRequest): Promise<void>
  /** Once the request was read: whether what it is about lies within the caller's reach. */
  mayReach(request: FastifyRequest): Promise<void>
} {
  return {
    async mayAsk(request) {
      const permission = request.routeOptions.schema?.permission
      request.scope = nowhere
      if (permission === undefined || permission === 'open' || permission === 'self') return
      const asked = policy.rightsOf(request.caller)
      const rights = asked instanceof Promise ? await asked : asked
      request.scope = rights.scopeOf(permission)
      if (isNowhere(request.scope)) throw refusal(policy, request, permission)
    },

    async mayReach(request) {
      const { permission, about } = request.routeOptions.schema ?? {}
      if (about === undefined || permission === undefined) return
      if (permission === 'open' || permission === 'self' || request.scope === 'everywhere') return
      const all = typeof about === 'string' ? [about] : about
      if (all.includes('installation')) throw refusal(policy, request, permission, { group: null })
      if (all.includes('charger')) await reachCharger(policy, request, permission)
      if (all.includes('group')) await reachGroup(policy, request, permission, groupOf(request))
      if (all.includes('new place')) {
        const { group } = request.body as { group?: string | null }
        // A charger that is there already stays where it is.
        if (group !== undefined || !all.includes('charger'))
          await reachGroup(policy, request, permission, group ?? null)
      }
    },
  }
}

async function reachCharger(
  policy: Asked,
  request: FastifyRequest,
  permission: Permission,
): Promise<void> {
  const { identity } = request.params as { identity: string }
  const place = (await policy.placesOf([identity])).get(identity)
  if (place !== undefined && covers(request.scope, place)) return
  if (place === undefined || !covers(await seen(policy, request), place))
    throw new ProblemError('not-found', `there is no charger ${identity}`)
  throw refusal(policy, request, permission, { charger: identity })
}

async function reachGroup(
  policy: Asked,
  request: FastifyRequest,
  permission: Permission,
  group: string | null,
): Promise<void> {
  if (covers(request.scope, group)) return
  if (group !== null && !covers(await seen(policy, request), group))
    throw new ProblemError('not-found', `there is no group ${group}`)
  throw refusal(policy, request, permission, { group })
}

async function seen(policy: Asked, { caller }: FastifyRequest): Promise<Scope> {
  return (await policy.rightsOf(caller)).scopeOf('fleet.read')
}

/** Null where none is named, which means everything. */
function groupOf({ params, query, body }: FastifyRequest): string | null {
  const { group, path } = { ...(body as object), ...(query as object), ...(params as object) } as {
    group?: string
    path?: string
  }
  // As the fleet reads it.
  const read = (group ?? path ?? '')
    .split('/')
    .map((name) => name.trim())
    .join('/')
  return read === '' ? null : read
}

function refusal(
  policy: Asked,
  request: FastifyRequest,
  permission: Permission,
  { charger, group }: { readonly charger?: string; readonly group?: string | null } = {},
): ProblemError {
  const route = `${request.method} ${request.routeOptions.url ?? ''}`
  policy.refused(request.caller, {
    ...{ permission, route },
    ...(charger === undefined ? {} : { charger }),
    ...(group === undefined || group === null ? {} : { group }),
  })
  const named = charger ?? group
  const where = named === undefined ? '' : named === null ? ' everywhere' : ` on ${named}`
  return new ProblemError(
    'not-permitted',
    `none of your roles allows ${permission}${where} (${permissions[permission].toLowerCase()})`,
  )
}
