import type { Query } from '../../storage/database.ts'
import type { Within } from '../../storage/within.ts'
import type { Scope } from './scope.ts'
import { chargersIn, groupsUnder } from './store.ts'

/** Chargers of a scope that are named one by one to the database; with more, their groups are. */
const namedAtMost = 500

/**
 * The ids of the groups that lie in a scope; undefined: everywhere. Looked up ahead of the statement that
 * needs them, so that the database knows how many chargers they hold when it chooses its way.
 */
export async function groupsWithin(
  reader: Query,
  scope: Scope,
): Promise<readonly string[] | undefined> {
  return scope === 'everywhere' ? undefined : groupsUnder(reader, scope.groups)
}

/**
 * The condition that a scope means for what is kept of chargers; undefined: everywhere. Of few chargers the
 * database is given the names: it then knows that little is kept of them, and goes by the charger instead of
 * through everything from the newest on.
 */
export async function within(reader: Query, scope: Scope): Promise<Within | undefined> {
  const groups = await groupsWithin(reader, scope)
  if (groups === undefined) return undefined
  const chargers = await chargersIn(reader, groups, namedAtMost + 1)
  if (chargers.length <= namedAtMost)
    return (column, values) => `${column} = any($${values.push(chargers)}::text[])`
  return (column, values) =>
    `${column} in (select identity from charger where group_id = any($${values.push(groups)}::uuid[]))`
}
