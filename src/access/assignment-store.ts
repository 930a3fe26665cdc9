import type { Actor } from '../kernel/actor.ts'
import type { Query, Tx } from '../storage/database.ts'
import type { Assignment, AssignmentKind, Concerning } from './access.ts'
import { concerns } from './concerns.ts'
import { moment } from './list-store.ts'

interface AssignmentRow {
  readonly kind: AssignmentKind
  readonly name: string
  readonly list: string
  readonly at: Date
  readonly actor: Actor
  readonly reason: string
}

function shown({ kind, name, list, at, actor, reason }: AssignmentRow): Assignment {
  return {
    list,
    kind,
    name: kind === 'everywhere' ? null : name,
    at: at.toISOString(),
    by: actor,
    reason,
  }
}

/** Sorted by kind and name, after one of them. */
export async function assignmentsAfter(
  { query }: Query,
  {
    list,
    concerning,
  }: { readonly list?: string | undefined; readonly concerning?: Concerning | undefined },
  after: readonly [kind: string, name: string] | undefined,
  limit: number,
): Promise<Assignment[]> {
  const values: unknown[] = [list ?? null, after?.[0] ?? null, after?.[1] ?? null, limit]
  const { rows } = await query<AssignmentRow>(
    `select * from token_assignment a
     where ($1::text is null or list = $1)
       and ($2::text is null or (kind collate "C", name) > ($2, $3))
       ${concerning === undefined ? '' : `and ${concerns('a', concerning, values)}`}
     order by kind collate "C", name limit $4`,
    values,
  )
  return rows.map(shown)
}

export async function everyAssignment({
  query,
}: Query): Promise<Pick<Assignment, 'list' | 'kind' | 'name'>[]> {
  const { rows } = await query<Pick<AssignmentRow, 'list' | 'kind' | 'name'>>(
    'select list, kind, name from token_assignment',
  )
  return rows
}

export async function countAssignments({ query }: Query): Promise<number> {
  const { rows } = await query<{ count: number }>('select count(*) from token_assignment')
  return rows[0]!.count
}

/** Puts it in the place of what the target had, and says which list that was. */
export async function putAssignment(
  tx: Tx,
  assignment: {
    readonly kind: AssignmentKind
    readonly name: string
    readonly list: string
    readonly at: number
    readonly by: Actor
    readonly reason: string
  },
): Promise<{ readonly assignment: Assignment; readonly before: string | null }> {
  const { kind, name, list, at, by, reason } = assignment
  const before = await tx.query<{ list: string }>(
    'select list from token_assignment where kind = $1 and name = $2 for update',
    [kind, name],
  )
  const { rows } = await tx.query<AssignmentRow>(
    `insert into token_assignment (kind, name, list, at, actor, reason)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (kind, name) do update set list = excluded.list, at = excluded.at,
       actor = excluded.actor, reason = excluded.reason
     returning *`,
    [kind, name, list, moment(at), JSON.stringify(by), reason],
  )
  return { assignment: shown(rows[0]!), before: before.rows[0]?.list ?? null }
}

/** Takes it away, and says which list it was; undefined where there was none. */
export async function deleteAssignment(
  tx: Tx,
  kind: AssignmentKind,
  name: string,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ list: string }>(
    'delete from token_assignment where kind = $1 and name = $2 returning list',
    [kind, name],
  )
  return rows[0]?.list
}

/** A few of those who have the list. */
export async function someAssignments(
  { query }: Query,
  list: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await query<AssignmentRow>(
    'select * from token_assignment where list = $1 order by kind, name limit $2',
    [list, limit],
  )
  return rows.map(({ kind, name }) => (kind === 'everywhere' ? kind : `${kind} ${name}`))
}
