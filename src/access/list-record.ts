import type { Json, JsonObject } from '../kernel/json.ts'
import { moment } from './list-store.ts'
import type { ListRow } from './list-store.ts'
import type { Token } from './token.ts'
import type { PlannedChanges } from './token-changes.ts'

/** What the audit record keeps of changes of this room. */

/** As many tokens as an entry names; all of them stand with the revision. */
const mostNamed = 50

export function namedChanges({ changes }: PlannedChanges): JsonObject {
  const tokens = changes.slice(0, mostNamed).map(({ before, after }): Json => ({
    token: (after ?? before)!.token,
    before: imageOf(before),
    after: imageOf(after),
  }))
  return changes.length > mostNamed ? { tokens, more: changes.length - mostNamed } : { tokens }
}

/** What is said of the token beside its name, without what nobody said. */
function imageOf(token: Token | null): Json {
  if (token === null) return null
  const { type, parent, status, label } = token
  const fields = {
    type,
    parent,
    status,
    label,
    from: moment(token.from),
    until: moment(token.until),
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}

/** The settings of a list that differ, before and after. */
export function listDifference(before: ListRow, after: ListRow): JsonObject {
  const settings = (row: ListRow) => ({
    label: row.label,
    unknownTokens: row.unknown_tokens,
    concurrentSessions: row.concurrent_sessions,
  })
  const [was, is] = [settings(before), settings(after)]
  const names = Object.keys(was) as (keyof typeof was)[]
  return Object.fromEntries(
    names
      .filter((name) => was[name] !== is[name])
      .map((name) => [name, { before: was[name], after: is[name] }]),
  )
}
