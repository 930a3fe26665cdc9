/**
 * Where in the tree of groups something may be seen or done: everywhere, chargers of no group included,
 * or in the groups with these paths and all below them. No path: nowhere.
 */
export type Scope = 'everywhere' | { readonly groups: readonly string[] }

/** Whether a charger or group at this path lies in the scope; null: a charger of no group. */
export function covers(scope: Scope, path: string | null): boolean {
  if (scope === 'everywhere') return true
  if (path === null) return false
  return scope.groups.some((group) => path === group || path.startsWith(`${group}/`))
}

/** What lies in either. */
export function union(one: Scope, other: Scope): Scope {
  if (one === 'everywhere' || other === 'everywhere') return 'everywhere'
  return { groups: outermost([...one.groups, ...other.groups]) }
}

/** What lies in both. */
export function intersection(one: Scope, other: Scope): Scope {
  if (one === 'everywhere') return other
  if (other === 'everywhere') return one
  return {
    groups: outermost([
      ...one.groups.filter((group) => covers(other, group)),
      ...other.groups.filter((group) => covers(one, group)),
    ]),
  }
}

/** Without groups that lie below another of them. */
function outermost(groups: readonly string[]): string[] {
  const distinct = [...new Set(groups)].sort()
  return distinct.filter((group) => !distinct.some((above) => group.startsWith(`${above}/`)))
}
