import type { JsonObject } from '../../kernel/json.ts'
import type { Query } from '../../storage/database.ts'
import { moment } from '../rows.ts'
import type { Stretch } from './timeline.ts'

/** What an entry is made of: when, its id within the source, and what is known of it. */
export interface PastRow {
  readonly at: Date
  readonly id: string
  readonly detail: JsonObject
}

/**
 * A stretch of what `select` yields for the charger `$1`, in the order of the timeline. `select` names
 * `at` (timestamptz), `id` (text) and `detail` (jsonb).
 */
export async function pastOf(
  { query }: Query,
  select: string,
  charger: string,
  { since, before, limit }: Stretch,
): Promise<PastRow[]> {
  const { rows } = await query<{ at: Date; id: string; detail: JsonObject }>(
    `select at, id, detail from (${select}) past
     where ($2::timestamptz is null or at >= $2)
       and ($3::timestamptz is null or at < $3
            or (at = $3 and ($4::text = 'all' or ($4 <> 'none' and id collate "C" < $4))))
     order by at desc, id collate "C" desc limit $5`,
    [charger, moment(since), moment(before?.at), before?.id ?? null, limit],
  )
  return rows
}
