import type { Recorded } from '../audit/record.ts'
import { recorded } from '../audit/record.ts'
import type { Context } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Tx } from '../storage/database.ts'
import type { Access, TokenChangeReport, TokenListChangeKind, TokenListPatch } from './access.ts'
import { someAssignments } from './assignment-store.ts'
import {
  countChange,
  deleteList,
  insertChange,
  insertList,
  lockList,
  saveList,
  shownList,
  sizes,
} from './list-store.ts'
import { listDifference, namedChanges } from './list-record.ts'
import type { ListRow } from './list-store.ts'
import {
  checkLine,
  checkListName,
  checkReason,
  keptRevisions,
  mostLists,
  mostTokens,
  mostTokensTogether,
} from './rules.ts'
import type { PlannedChanges } from './token-changes.ts'
import { checkChanges, planChanges } from './token-changes.ts'
import { forgetChanges, saveTokens, tokensOf } from './token-store.ts'

/** What a change of this room needs; `changed` is called after every commit. */
export interface House extends Omit<Recorded, 'newId'> {
  readonly changed: () => Promise<void>
}

type ListChanges = Pick<Access, 'create' | 'update' | 'remove' | 'change'>

const longestLabel = 200

export function openListChanges(house: House): ListChanges {
  const { database, clock, changed } = house
  return {
    async create(context, given, why) {
      const name = checkListName(given.name)
      const label = checkLabel(given.label) ?? null
      const reason = checkReason(why)
      const { unknownTokens = 'refuse', concurrentSessions = 'allow' } = given
      const created = await database.transaction(async (tx) => {
        const at = clock.now()
        const list = { name, label, unknownTokens, concurrentSessions }
        const row = await insertList(tx, list, at)
        if (row === undefined)
          throw new ProblemError('already-exists', `there is a token list ${name} already`, 'name')
        if ((await sizes(tx)).lists > mostLists)
          throw new ProblemError('too-large', `there can be at most ${mostLists} token lists`)
        await insertChange(tx, { ...emptyChange(row, context, reason, at), kind: 'created' })
        const detail = {
          list: name,
          revision: row.revision,
          label,
          unknownTokens,
          concurrentSessions,
        }
        await record(tx, house, context, 'token-list.created', reason, detail)
        return row
      })
      await changed()
      return shownList(created)
    },

    async update(context, name, patch, why) {
      const reason = checkReason(why)
      const label = checkLabel(patch.label)
      const updated = await database.transaction(async (tx) => {
        const row = await mustLock(tx, name)
        const after = patched(row, { ...patch, ...(label === undefined ? {} : { label }) })
        const detail = listDifference(row, after)
        if (Object.keys(detail).length === 0) return row
        const at = clock.now()
        const next = { ...after, revision: row.revision + 1, updated_at: new Date(at) }
        await saveList(tx, next)
        await insertChange(tx, { ...emptyChange(next, context, reason, at), kind: 'settings' })
        await record(tx, house, context, 'token-list.updated', reason, {
          list: name,
          revision: next.revision,
          ...detail,
        })
        return next
      })
      await changed()
      return shownList(updated)
    },

    async remove(context, name, why) {
      const reason = checkReason(why)
      await database.transaction(async (tx) => {
        const row = await mustLock(tx, name)
        const assigned = await someAssignments(tx, name, 4)
        if (assigned.length > 0)
          throw new ProblemError(
            'invalid-input',
            `it is still assigned to ${assigned.slice(0, 3).join(', ')}${assigned.length > 3 ? ' and others' : ''}`,
            'list',
          )
        await deleteList(tx, row)
        const detail = { list: name, revision: row.revision, tokens: row.tokens }
        await record(tx, house, context, 'token-list.deleted', reason, detail)
      })
      await changed()
    },

    async change(context, name, changes, why) {
      const reason = checkReason(why)
      const checked = checkChanges(changes)
      const kind = changes.imported === true ? 'imported' : 'changed'
      const report = await database.transaction(async (tx) => {
        const row = await mustLock(tx, name)
        const keys = checked.replace ? undefined : [...checked.rows.keys(), ...checked.remove]
        const planned = planChanges(await tokensOf(tx, name, keys), checked, row.revision + 1)
        if (planned.changes.length === 0) return reportOf(planned, row.revision)
        return carryOut(tx, house, context, row, planned, kind, reason)
      })
      await changed()
      return report
    },
  }
}

async function carryOut(
  tx: Tx,
  house: House,
  context: Context,
  row: ListRow,
  planned: PlannedChanges,
  kind: TokenListChangeKind,
  reason: string,
): Promise<TokenChangeReport> {
  const { name } = row
  const at = house.clock.now()
  const revision = row.revision + 1
  const tokens = row.tokens + planned.added - planned.removed
  if (tokens > mostTokens)
    throw new ProblemError('too-large', `a list holds at most ${mostTokens} tokens`)
  if (planned.added > 0 && (await sizes(tx)).tokens - row.tokens + tokens > mostTokensTogether)
    throw new ProblemError(
      'too-large',
      `all token lists together hold at most ${mostTokensTogether} tokens`,
    )
  const next = {
    ...row,
    revision,
    tokens_revision: planned.told ? revision : row.tokens_revision,
    known_since: Math.max(row.known_since, revision - keptRevisions),
    tokens,
    updated_at: new Date(at),
  }
  const { added, changed, removed } = planned
  await saveList(tx, next)
  await insertChange(tx, {
    ...emptyChange(next, context, reason, at),
    kind,
    added,
    changed,
    removed,
  })
  await saveTokens(tx, name, revision, planned.changes)
  if (next.known_since > row.known_since) await forgetChanges(tx, name, next.known_since)
  await record(tx, house, context, `token-list.${kind}`, reason, {
    list: name,
    revision,
    added,
    changed,
    removed,
    ...namedChanges(planned),
  })
  return reportOf(planned, revision)
}

function reportOf(
  { added, changed, removed, unchanged }: PlannedChanges,
  revision: number,
): TokenChangeReport {
  return { revision, added, changed, removed, unchanged }
}

function emptyChange(row: ListRow, { actor }: Context, reason: string, at: number) {
  const counts = { added: 0, changed: 0, removed: 0 }
  return { list: row.name, revision: row.revision, at, by: actor, reason, ...counts }
}

async function record(
  tx: Tx,
  house: House,
  context: Context,
  event: string,
  reason: string,
  detail: JsonObject,
): Promise<void> {
  await countChange(tx)
  await recorded(tx, house, [{ context, event, reason, detail }])
}

export function unknownList(name: string): ProblemError {
  return new ProblemError('not-found', `there is no token list ${name}`, 'list')
}

async function mustLock(tx: Tx, name: string): Promise<ListRow> {
  const row = await lockList(tx, name)
  if (row === undefined) throw unknownList(name)
  return row
}

function checkLabel(label: string | null | undefined): string | null | undefined {
  return label === undefined || label === null ? label : checkLine(label, 'label', longestLabel)
}

function patched(row: ListRow, patch: TokenListPatch): ListRow {
  return {
    ...row,
    label: patch.label === undefined ? row.label : patch.label,
    unknown_tokens: patch.unknownTokens ?? row.unknown_tokens,
    concurrent_sessions: patch.concurrentSessions ?? row.concurrent_sessions,
  }
}
