import { checkLine, refuse } from './rules.ts'
import type { Assignment, AssignmentKind, AssignmentTarget, Belonging } from './access.ts'
import { assignmentKinds } from './access.ts'

/** Who has which list, by kind and name. */
export interface AssignmentTable {
  readonly charger: ReadonlyMap<string, string>
  readonly tag: ReadonlyMap<string, string>
  readonly group: ReadonlyMap<string, string>
  /** Under the empty name. */
  readonly everywhere: ReadonlyMap<string, string>
}

export interface Assigned {
  readonly list: string
  readonly kind: AssignmentKind
  /** Null for everywhere. */
  readonly name: string | null
}

export const noAssignments: AssignmentTable = {
  charger: new Map(),
  tag: new Map(),
  group: new Map(),
  everywhere: new Map(),
}

export function assignmentTable(
  all: readonly Pick<Assignment, 'list' | 'kind' | 'name'>[],
): AssignmentTable {
  const table = { charger: new Map(), tag: new Map(), group: new Map(), everywhere: new Map() }
  for (const { kind, name, list } of all) table[kind].set(name ?? '', list)
  return table
}

/**
 * The list of a charger: its own, else that of one of its tags (the first by name), else that of its nearest group,
 * else everybody's. Undefined: it has none.
 */
export function assignedTo(table: AssignmentTable, charger: Belonging): Assigned | undefined {
  const own = table.charger.get(charger.identity)
  if (own !== undefined) return { list: own, kind: 'charger', name: charger.identity }
  if (table.tag.size > 0)
    for (const tag of [...charger.tags].sort()) {
      const list = table.tag.get(tag)
      if (list !== undefined) return { list, kind: 'tag', name: tag }
    }
  for (let path = charger.group; path !== null; path = above(path)) {
    const list = table.group.get(path)
    if (list !== undefined) return { list, kind: 'group', name: path }
  }
  const list = table.everywhere.get('')
  return list === undefined ? undefined : { list, kind: 'everywhere', name: null }
}

/** The path of the group above; null for one at the top. */
function above(path: string): string | null {
  const cut = path.lastIndexOf('/')
  return cut === -1 ? null : path.slice(0, cut)
}

const longestTarget = 500

/** A target as it is kept: its name is empty for everywhere. */
export function checkTarget({ kind, name }: AssignmentTarget): {
  readonly kind: AssignmentKind
  readonly name: string
} {
  if (!assignmentKinds.some((known) => known === kind))
    return refuse(`must be one of ${assignmentKinds.join(', ')}`, 'kind')
  if (kind !== 'everywhere') return { kind, name: checkLine(name, 'name', longestTarget) }
  if (name !== undefined) return refuse('everywhere has no name', 'name')
  return { kind, name: '' }
}
