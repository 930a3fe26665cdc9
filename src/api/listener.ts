import type { FastifyRequest } from 'fastify'
import type { Scope } from '../fleet/groups/scope.ts'
import type { Identity } from '../identity/identity.ts'
import type { Policy } from '../policy/policy.ts'
import { isNowhere } from '../policy/rights.ts'

/** Whoever listens to a stream may listen as long as they may ask for it, and hears what lies in their scope then. */
export interface Listener {
  /** The id of the actor who listens. */
  readonly actor: string
  /** Where they might listen when they were asked about last. */
  readonly scope: () => Scope
  readonly admitted: () => Promise<boolean>
}

export function listener(
  request: FastifyRequest,
  { identity, policy }: { readonly identity: Identity; readonly policy: Pick<Policy, 'rightsOf'> },
): Listener {
  const { credential } = request
  const { permission } = request.routeOptions.schema!
  let scope = request.scope
  return {
    actor: request.caller.actor.id,
    scope: () => scope,
    async admitted() {
      if (!(await identity.holds(credential))) return false
      if (permission === 'open' || permission === 'self') return true
      scope = (await policy.rightsOf(request.caller)).scopeOf(permission)
      return !isNowhere(scope)
    },
  }
}
