import type { Belonging, Covered } from '../../access/access.ts'
import type { Query } from '../../storage/database.ts'
import type { Within } from '../../storage/within.ts'
import { branchesOf } from '../groups/store.ts'

const columns = 'c.identity, g.path as "group", c.tags'
const from = 'charger c left join fleet_group g on g.id = c.group_id'

/** Where these chargers belong; unknown identities are absent. */
export async function belongingOf(
  { query }: Query,
  identities: readonly string[],
): Promise<Map<string, Belonging>> {
  const { rows } = await query<Belonging>(
    `select ${columns} from ${from} where c.identity = any($1)`,
    [identities],
  )
  return new Map(rows.map((row) => [row.identity, row]))
}

/** Chargers that any part of this covers, sorted by identity, after one of them. */
export async function belongingAfter(
  { query }: Query,
  { everywhere, identities, tags, groups }: Covered,
  after: string | undefined,
  limit: number,
  within?: Within,
): Promise<Belonging[]> {
  const values: unknown[] = [everywhere, identities, tags, groups, after ?? null, limit]
  const { rows } = await query<Belonging>(
    `select ${columns} from ${from}
     where ($1 or c.identity = any($2) or c.tags && $3::text[] or c.group_id in (${branchesOf('$4')}))
       and ($5::text is null or c.identity > $5)
       ${within === undefined ? '' : `and ${within('c.identity', values)}`}
     order by c.identity limit $6`,
    values,
  )
  return rows
}
