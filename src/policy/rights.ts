import { intersection, union, type Scope } from '../fleet/groups/scope.ts'
import type { Permission } from './permission.ts'
import type { Binding, BreakGlassBounds, RobotBudgets, Role } from './question.ts'

/** What somebody may do now, by all bindings that hold. Nothing else allows anything. */
export interface Rights {
  readonly bindings: readonly Binding[]
  /** Of a robot. */
  readonly budgets?: RobotBudgets
  /** Of the use of a break-glass account. */
  readonly breakGlass?: BreakGlassBounds
  /** Where an action of the API may be done; nowhere without a binding that allows it. */
  scopeOf(permission: Permission): Scope
}

export const nowhere: Scope = { groups: [] }

export function rightsOf(
  bindings: readonly Binding[],
  { budgets, breakGlass }: Pick<Rights, 'budgets' | 'breakGlass'> = {},
): Rights {
  const scopes = new Map<Permission, Scope>()
  return {
    bindings,
    ...(budgets === undefined ? {} : { budgets }),
    ...(breakGlass === undefined ? {} : { breakGlass }),
    scopeOf(permission) {
      let scope = scopes.get(permission)
      if (scope === undefined) {
        scope = whereAllowed(bindings, (role) => allowsAction(role, permission))
        scopes.set(permission, scope)
      }
      return scope
    },
  }
}

export function isNowhere(scope: Scope): boolean {
  return scope !== 'everywhere' && scope.groups.length === 0
}

/** Rights by those bindings alone that reach into a scope: there, below, above, and everywhere. */
export function reachingInto(rights: Rights, scope: Scope): Rights {
  if (scope === 'everywhere') return rights
  const reaches = (path: string) => !isNowhere(intersection({ groups: [path] }, scope))
  const bindings = rights.bindings.flatMap((binding) => {
    if (binding.scope === 'everywhere') return [binding]
    const groups = binding.scope.groups.filter(reaches)
    return groups.length === 0 ? [] : [{ ...binding, scope: { groups } }]
  })
  return rightsOf(bindings, rights)
}

/** The union of the places where a role that allows it is held. */
export function whereAllowed(bindings: readonly Binding[], allows: (role: Role) => boolean): Scope {
  return bindings
    .filter(({ role }) => allows(role))
    .reduce((scope, binding) => union(scope, binding.scope), nowhere)
}

export function allowsAction(role: Role, permission: Permission): boolean {
  return role.permissions.includes('*') || role.permissions.includes(permission)
}
