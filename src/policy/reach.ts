import { intersection, union, type Scope } from '../fleet/groups/scope.ts'
import type { Operation } from '../operations/operation.ts'
import { coversOperation } from './operation-pattern.ts'
import { isNowhere, whereAllowed, type Rights } from './rights.ts'

/** Where the chargers of a submission may lie: those it names, and those it selects. Others are not found. */
export interface Reach {
  readonly named: Scope
  readonly selected: Scope
}

/**
 * A selection means what somebody may do the operation on, `within` where they may ask at all. A charger they name is
 * there for them where they may see it, so that they are told why they may not.
 */
export function reachOf(rights: Rights, operation: Operation | undefined, within: Scope): Reach {
  const where =
    operation === undefined
      ? within
      : whereAllowed(rights.bindings, ({ operations }) => coversOperation(operations, operation))
  // Whoever may do it nowhere is refused for that, and not told that there are no chargers.
  const selected = isNowhere(where) ? within : intersection(within, where)
  return { named: union(selected, rights.scopeOf('fleet.read')), selected }
}
