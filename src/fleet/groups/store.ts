import type { Query, Tx } from '../../storage/database.ts'
import type { Group } from '../fleet.ts'
import { recordset } from '../rows.ts'

export interface GroupRow {
  readonly id: string
  readonly path: string
  readonly name: string
  readonly kind: Group['kind']
  readonly parent: string | null
}

/** The groups with these paths. */
export async function findGroups({ query }: Query, paths: readonly string[]): Promise<GroupRow[]> {
  const { rows } = await query<GroupRow>(
    'select id, path, name, kind, parent from fleet_group where path = any($1)',
    [paths],
  )
  return rows
}

/** SQL for the ids of groups with these paths and all below them, by `fleet_group_branch`. */
export function branchesOf(paths: string): string {
  return `select g.id from unnest(${paths}::text[]) as wanted cross join lateral (
    select id from fleet_group where path = wanted
    union all
    select id from fleet_group
    where path collate "C" > wanted || '/' and path collate "C" < wanted || '0') g`
}

/** The ids of groups with these paths and of all below them. */
export async function groupsUnder({ query }: Query, paths: readonly string[]): Promise<string[]> {
  const { rows } = await query<{ id: string }>(branchesOf('$1'), [paths])
  return rows.map(({ id }) => id)
}

/** Chargers directly in these groups, at most `limit`. */
export async function chargersIn(
  { query }: Query,
  groups: readonly string[],
  limit: number,
): Promise<string[]> {
  const { rows } = await query<{ identity: string }>(
    'select identity from charger where group_id = any($1::uuid[]) limit $2',
    [groups, limit],
  )
  return rows.map(({ identity }) => identity)
}

/** All groups with the chargers directly in each. */
export async function allGroups({
  query,
}: Query): Promise<(GroupRow & { readonly chargers: number })[]> {
  const { rows } = await query<GroupRow & { chargers: number }>(
    `select g.id, g.path, g.name, g.kind, g.parent, count(c.identity) as chargers
     from fleet_group g left join charger c on c.group_id = g.id
     group by g.id order by g.path`,
  )
  return rows
}

/** Serialises changes of the tree, so that two people creating the same branch do not collide. */
export async function lockTree(tx: Tx): Promise<void> {
  await tx.query('lock table fleet_group in share row exclusive mode')
}

export async function insertGroups(tx: Tx, groups: readonly GroupRow[]): Promise<void> {
  await tx.query(
    `insert into fleet_group (id, path, name, kind, parent)
     select id, path, name, kind, parent
     from json_to_recordset($1::json) as x(id uuid, path text, name text, kind text, parent uuid)`,
    [recordset(groups)],
  )
}

/** What would be left without a place if the group went. */
export async function contentOf(
  tx: Tx,
  id: string,
): Promise<{ readonly groups: number; readonly chargers: number }> {
  const { rows } = await tx.query<{ groups: number; chargers: number }>(
    `select (select count(*) from fleet_group where parent = $1) as groups,
            (select count(*) from charger where group_id = $1) as chargers`,
    [id],
  )
  return rows[0]!
}

export async function deleteGroup(tx: Tx, id: string): Promise<void> {
  await tx.query('delete from fleet_group where id = $1', [id])
}
