import type { JsonObject } from '../../kernel/json.ts'
import type { Tx } from '../../storage/database.ts'
import { removeLinks } from './store.ts'

/** Puts somebody into exactly the teams that the provider's groups lead to, and hears of the roles they give. The policy's to do. */
export type FollowGroups = (
  tx: Tx,
  person: string,
  given: { readonly groups: readonly string[]; readonly roles: readonly string[] },
) => Promise<{ readonly joined: readonly string[]; readonly left: readonly string[] }>

/**
 * Takes from a person the accounts at providers that are linked with theirs, and the roles and teams that came
 * with them. Answers what belongs on the record of it; undefined: none was linked.
 */
export async function unlinkAll(
  tx: Tx,
  person: string,
  followGroups: FollowGroups | undefined,
): Promise<JsonObject | undefined> {
  const accounts = await removeLinks(tx, person)
  if (accounts.length === 0) return undefined
  const left = (await followGroups?.(tx, person, { groups: [], roles: [] }))?.left ?? []
  return {
    accounts: accounts.map(({ issuer, subject }) => ({ issuer, subject })),
    ...(left.length === 0 ? {} : { leftTeams: [...left] }),
  }
}
