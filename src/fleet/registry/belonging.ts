import type { Belonging, Covered } from '../../access/access.ts'
import type { Tx } from '../../storage/database.ts'

type Query = Pick<Tx, 'query'>

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
): Promise<Belonging[]> {
  const { rows } = await query<Belonging>(
    `select ${columns} from ${from}
     where ($1 or c.identity = any($2) or c.tags && $3::text[] or exists (
              select from unnest($4::text[]) as wanted
              where g.path = wanted or starts_with(g.path, wanted || '/')))
       and ($5::text is null or c.identity > $5)
     order by c.identity limit $6`,
    [everywhere, identities, tags, groups, after ?? null, limit],
  )
  return rows
}
