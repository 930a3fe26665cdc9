import type { Query } from '../storage/database.ts'
import type { Belonging } from './access.ts'
import type { Assigned, AssignmentTable } from './assignment.ts'
import { assignedTo, assignmentTable, noAssignments } from './assignment.ts'
import { everyAssignment } from './assignment-store.ts'
import type { Rules } from './judge.ts'
import { accessRevision, listsAfter } from './list-store.ts'
import type { ListRow } from './list-store.ts'
import { mostLists } from './rules.ts'
import type { Token } from './token.ts'
import { changedAfter, tokensOf } from './token-store.ts'

/** A list in memory, as it was at a revision or later. */
interface KnownList extends Rules {
  readonly revision: number
  readonly tokens: Map<string, Token>
}

/**
 * Every list and assignment in memory, because answers to chargers must not wait for the database. It is attention,
 * not truth: brought up to date after every change, and looked at again now and then.
 */
export interface KnownLists {
  assigned(charger: Belonging): Assigned | undefined
  rules(list: string): Rules | undefined
  /** Brings it up to date with what had been committed when this was called. */
  refresh(): Promise<void>
}

export function openKnownLists(reader: Query): KnownLists {
  const lists = new Map<string, KnownList>()
  let assignments: AssignmentTable = noAssignments
  let revision = -1
  /** The look that is under way, and the one that begins after it. */
  let now: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined

  async function look(): Promise<void> {
    const found = await accessRevision(reader)
    if (found === revision) return
    const rows = await listsAfter(reader, undefined, mostLists + 1)
    const table = assignmentTable(await everyAssignment(reader))
    const updated = await Promise.all(
      rows.map((row) => updatedList(reader, lists.get(row.name), row)),
    )
    lists.clear()
    for (const list of updated) lists.set(list.name, list)
    assignments = table
    // What was committed meanwhile has a greater number and is looked at again.
    revision = found
  }

  return {
    assigned: (charger) => assignedTo(assignments, charger),
    rules: (list) => lists.get(list),
    refresh() {
      next ??= now.then(() => {
        next = undefined
        const looking = look()
        now = looking.catch(() => undefined)
        return looking
      })
      return next
    },
  }
}

/** The list as it stands: only what has changed is read where that is known. */
async function updatedList(
  reader: Query,
  known: KnownList | undefined,
  row: ListRow,
): Promise<KnownList> {
  const list = {
    name: row.name,
    revision: row.revision,
    unknownTokens: row.unknown_tokens,
    concurrentSessions: row.concurrent_sessions,
  }
  if (known?.revision === row.revision) return { ...known, ...list }
  if (known === undefined || known.revision < row.known_since || known.revision > row.revision)
    return { ...list, tokens: await tokensOf(reader, row.name) }
  const { tokens } = known
  for (const [key, token] of await changedAfter(reader, row.name, known.revision))
    if (token === null) tokens.delete(key)
    else tokens.set(key, token)
  return { ...list, tokens }
}
