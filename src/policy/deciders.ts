import type { Tx } from '../storage/database.ts'
import { customRoles, followClaims, holdersOf, keepDeciders } from './role-store.ts'
import { builtInRoles } from './roles.ts'

/** The role lets decide on requests of others, as far as the rules name it. */
function decides({ permissions }: { readonly permissions: readonly string[] }): boolean {
  return permissions.includes('*') || permissions.includes('approvals.decide')
}

async function decidingRoles(tx: Tx): Promise<string[]> {
  const roles = [...Object.values(builtInRoles), ...(await customRoles(tx))]
  return roles.filter(decides).map(({ name }) => name)
}

/** Keeps for good who can decide on requests now, by bindings of their own and of their teams. */
export async function noteDeciders(tx: Tx): Promise<void> {
  await keepDeciders(tx, await holdersOf(tx, await decidingRoles(tx)))
}

/**
 * What a provider of single sign-on says of a person's groups: the teams they lead to are joined and the others left,
 * and whom the roles they give let decide is kept.
 */
export async function followProvider(
  tx: Tx,
  person: string,
  { groups, roles }: { readonly groups: readonly string[]; readonly roles: readonly string[] },
): ReturnType<typeof followClaims> {
  const changed = await followClaims(tx, person, groups)
  const deciding = new Set(await decidingRoles(tx))
  if (roles.some((role) => deciding.has(role))) await keepDeciders(tx, [person])
  if (changed.joined.length > 0) await noteDeciders(tx)
  return changed
}
