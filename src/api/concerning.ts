import type { Concerning } from '../access/access.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Scope } from '../fleet/groups/scope.ts'

/** Which assignments of token lists somebody with this scope may see; undefined: all. */
export async function concerning(
  fleet: Pick<Fleet, 'within'>,
  scope: Scope,
): Promise<Concerning | undefined> {
  if (scope === 'everywhere') return undefined
  const chargers = await fleet.within(scope)
  return chargers && { chargers, groups: scope.groups }
}
