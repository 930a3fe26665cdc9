import { recorded } from '../audit/record.ts'
import type { Recorded } from '../audit/record.ts'
import { checkLimit, keyOfCursor, pageOf } from '../kernel/page.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Access, AssignmentKind, FleetView } from './access.ts'
import { assignmentKinds } from './access.ts'
import { checkTarget } from './assignment.ts'
import {
  assignmentsAfter,
  countAssignments,
  deleteAssignment,
  putAssignment,
} from './assignment-store.ts'
import type { House } from './list-changes.ts'
import { unknownList } from './list-changes.ts'
import { countChange, listNamed } from './list-store.ts'
import { checkReason, mostAssignments } from './rules.ts'

type Assignments = Pick<Access, 'assignments' | 'assign' | 'unassign'>

const words: Readonly<Record<AssignmentKind, (name: string) => string>> = {
  charger: (name) => `charger ${name}`,
  tag: (name) => `the tag ${name}`,
  group: (name) => `the group ${name}`,
  everywhere: () => 'every charger',
}

export function openAssignments(house: House & Recorded, fleet: FleetView): Assignments {
  const { database, clock, changed } = house

  /** A tag may come later; a charger or group that is not there is a slip of the pen. */
  async function mustExist(kind: AssignmentKind, name: string): Promise<void> {
    if (kind === 'charger') {
      const covered = { everywhere: false, identities: [name], tags: [], groups: [] }
      if ((await fleet.belonging(covered, undefined, 1)).length === 0)
        throw new ProblemError('invalid-input', `there is no charger ${name}`, 'name')
    }
    if (kind === 'group' && !(await fleet.groups()).some(({ path }) => path === name))
      throw new ProblemError('invalid-input', `there is no group ${name}`, 'name')
  }

  return {
    async assignments(page, { list }, concerning) {
      const limit = checkLimit(page)
      const after = keyOfCursor('token-assignments', page, isKey)
      const rows = await assignmentsAfter(
        database,
        { list, concerning },
        after === undefined ? undefined : (JSON.parse(after) as [string, string]),
        limit + 1,
      )
      const keyOf = (row: (typeof rows)[number]): string =>
        JSON.stringify([row.kind, row.name ?? ''])
      return pageOf('token-assignments', limit, rows, keyOf, (row) => row)
    },

    async assign(context, list, target, why) {
      const reason = checkReason(why)
      const { kind, name } = checkTarget(target)
      await mustExist(kind, name)
      const made = await database.transaction(async (tx) => {
        if ((await listNamed(tx, list)) === undefined) throw unknownList(list)
        const { assignment, before } = await putAssignment(tx, {
          ...{ kind, name, list, reason },
          at: clock.now(),
          by: context.actor,
        })
        if (before === null && (await countAssignments(tx)) > mostAssignments)
          throw new ProblemError('too-large', `there can be at most ${mostAssignments} assignments`)
        await countChange(tx)
        const detail = { list, kind, name: assignment.name, before }
        const charger = kind === 'charger' ? { charger: name } : {}
        await recorded(tx, house, [
          { context, event: 'token-list.assigned', reason, detail, ...charger },
        ])
        return assignment
      })
      await changed()
      return made
    },

    async unassign(context, target, why) {
      const reason = checkReason(why)
      const { kind, name } = checkTarget(target)
      await database.transaction(async (tx) => {
        const list = await deleteAssignment(tx, kind, name)
        if (list === undefined)
          throw new ProblemError('not-found', `no token list is assigned to ${words[kind](name)}`)
        await countChange(tx)
        const detail = { list, kind, name: kind === 'everywhere' ? null : name }
        const charger = kind === 'charger' ? { charger: name } : {}
        await recorded(tx, house, [
          { context, event: 'token-list.unassigned', reason, detail, ...charger },
        ])
      })
      await changed()
    },
  }
}

function isKey(key: string): boolean {
  try {
    const read: unknown = JSON.parse(key)
    return (
      Array.isArray(read) &&
      read.length === 2 &&
      assignmentKinds.some((kind) => kind === read[0]) &&
      typeof read[1] === 'string'
    )
  } catch {
    return false
  }
}
