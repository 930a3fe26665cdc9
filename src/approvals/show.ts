import { covers, type Scope } from '../fleet/groups/scope.ts'
import type { Context } from '../kernel/actor.ts'
import {
  checkLimit,
  isUuid,
  keyOfCursor,
  pageOf,
  type Page,
  type PageRequest,
} from '../kernel/page.ts'
import { ProblemError } from '../kernel/problem.ts'
import type {
  ApprovalDecision,
  ApprovalRequest,
  ApprovalRequestDetail,
  RequestFilter,
} from './approvals.ts'
import { checkId, circumstancesOf, fileOf, noSuchRequest, sound, type House } from './house.ts'
import type { IntactRequest } from './intact.ts'
import { judge, recount, type RequestFile } from './judge.ts'
import { isOpen } from './life.ts'
import { lookNow } from './look.ts'
import { kindOf } from './kind.ts'
import { mayDecide, type Circumstances, type Deed, type Who } from './may-decide.ts'
import { whyStuck } from './stuck.ts'
import {
  decisionsOf,
  findRequests,
  readRequest,
  type DecisionRow,
  type FindRequests,
  type RequestRow,
} from './store.ts'

export type Caller = Pick<Context, 'actor' | 'authentication'>

/** Rows looked at for one page of those that wait for somebody. */
const mostLookedAt = 500

export function viewsOf(house: House) {
  return {
    list: (caller: Caller, scope: Scope, page: PageRequest, filter: RequestFilter) =>
      list(house, caller, scope, page, filter),
    show: (caller: Caller, scope: Scope, id: string) => show(house, caller, scope, id),
    /** Rows as lists show them. */
    shown: (rows: readonly RequestRow[]) => shown(house, rows),
  }
}

async function list(
  house: House,
  caller: Caller,
  scope: Scope,
  page: PageRequest,
  { which, state, kind }: RequestFilter,
): Promise<Page<ApprovalRequest>> {
  const limit = checkLimit(page)
  const before = keyOfCursor('approval-requests', page, isUuid)
  const filter: FindRequests = {
    seen: { by: caller.actor.id, scope },
    ...(state === undefined ? {} : { state }),
    ...(kind === undefined ? {} : { kind }),
  }
  if (which === 'for-me') return forMe(house, caller, limit, before, filter)
  const mine = which === 'mine' ? { requester: caller.actor.id } : {}
  const rows = await findRequests(house.database, { ...filter, ...mine }, before, limit + 1)
  return inPage(house, limit, rows, filter.seen)
}

async function inPage(
  house: House,
  limit: number,
  rows: readonly RequestRow[],
  { scope, by }: FindRequests['seen'],
): Promise<Page<ApprovalRequest>> {
  const views = new Map((await shown(house, rows)).map((view) => [view.id, view]))
  const isWhole = ({ requestedBy, groups }: RequestRow) =>
    requestedBy.id === by || coversAll(scope, groups)
  return pageOf(
    'approval-requests',
    limit,
    rows,
    ({ id }) => id,
    (row) => (isWhole(row) ? views.get(row.id)! : withoutDetail(views.get(row.id)!)),
  )
}

/** Those the caller could approve now, a fresh factor apart. */
async function forMe(
  house: House,
  caller: Caller,
  limit: number,
  before: string | undefined,
  filter: FindRequests,
): Promise<Page<ApprovalRequest>> {
  if (filter.state !== undefined && filter.state !== 'waiting')
    throw new ProblemError('invalid-input', 'only waiting requests wait for somebody', 'state')
  const id = caller.actor.id
  const known = (await house.directory.look([id])).get(id)
  const roles = [...new Set(known?.holdings.map(({ role }) => role))]
  if (caller.actor.kind !== 'person' || roles.length === 0)
    return inPage(house, limit, [], filter.seen)
  const wanted = { ...filter, state: 'waiting', decidable: { by: id, roles } }
  const found: RequestRow[] = []
  let from = before
  for (let looked = 0; looked < mostLookedAt && found.length <= limit;) {
    const rows = await findRequests(house.database, wanted, from, 100)
    for (const row of rows) if (await couldApprove(house, caller, row.id)) found.push(row)
    if (rows.length < 100) break
    looked += rows.length
    from = rows.at(-1)!.id
  }
  return inPage(house, limit, found.slice(0, limit + 1), filter.seen)
}

async function couldApprove(house: House, caller: Caller, id: string): Promise<boolean> {
  const row = await readRequest(house.database, id)
  if (row === undefined) return false
  const { file, circumstances, who } = await opened(house, caller, sound(house, row))
  const judged = judge('approve', who, file, circumstances)
  return judged.kind === 'done' || judged.why === 'step-up'
}

async function opened(
  house: House,
  caller: Caller,
  request: IntactRequest,
): Promise<{
  readonly file: RequestFile
  readonly circumstances: Circumstances
  readonly who: Who
  readonly decisions: readonly DecisionRow[]
}> {
  const { database } = house
  const decisions = await decisionsOf(database, [request.row.id])
  const { id } = caller.actor
  const { document } = request
  const circumstances = await circumstancesOf(house, database, document, decisions, [id])
  const who = { ...caller, known: circumstances.people.get(id) }
  return { file: fileOf(request, decisions), circumstances, who, decisions }
}

async function show(
  house: House,
  caller: Caller,
  scope: Scope,
  id: string,
): Promise<ApprovalRequestDetail> {
  const request = sound(house, await readRequest(house.database, checkId(id)))
  const { row, document } = request
  const own = document.requestedBy.id === caller.actor.id
  if (!own && !document.groups.some((path) => covers(scope, path))) throw noSuchRequest()
  const { file, circumstances, who, decisions } = await opened(house, caller, request)
  const { missing, lost } = recount(file, circumstances)
  const open = isOpen(row.standing.state)
  const whole = own || couldBeApprovedBy(who, request, circumstances)
  const seen = await seenOf(house, request, whole ? 'everywhere' : scope)
  const look = open && !seen.empty ? await lookNow(house, seen.request) : undefined
  const [view] = await shown(house, [row])
  const deeds: readonly Deed[] = ['approve', 'veto', 'withdraw', 'execute']
  return {
    ...(seen.hidden === 0 ? view! : withoutDetail(view!)),
    document: seen.request.document,
    hidden: seen.hidden,
    decisions: decisions.map((one) => shownDecision(one, open ? lost : [])),
    missing: open ? missing : [],
    stuck:
      row.standing.state === 'waiting'
        ? ((await whyStuck(house, request, decisions)) ?? null)
        : null,
    now: look?.standing ?? null,
    differences: look?.differences ?? [],
    you: Object.fromEntries(
      deeds.map((deed) => {
        const judged = judge(deed, who, file, circumstances)
        return [
          deed,
          judged.kind === 'done'
            ? { may: true, because: null }
            : { may: false, because: judged.because },
        ]
      }),
    ) as ApprovalRequestDetail['you'],
  }
}

/** Whoever may approve it sees all of it, a fresh factor or an approval given before aside. */
function couldBeApprovedBy(
  who: Who,
  { document }: IntactRequest,
  circumstances: Circumstances,
): boolean {
  const verdict = mayDecide('approve', who, document, circumstances)
  return verdict.may || verdict.why !== 'denied'
}

interface Seen {
  readonly request: IntactRequest
  /** Chargers that are not seen. */
  readonly hidden: number
  /** None of its chargers is. */
  readonly empty: boolean
}

/** What of a request lies in a scope; what lies elsewhere is as if it were not there, but for how much it is. */
async function seenOf({ kinds }: House, request: IntactRequest, scope: Scope): Promise<Seen> {
  const { document, row } = request
  const { content } = document
  const part =
    scope === 'everywhere'
      ? undefined
      : await kindOf(kinds, document.kind)?.within?.({ content, plan: request.plan }, scope)
  if (part === undefined || part.hidden === 0) return { request, hidden: 0, empty: false }
  const groups = document.groups.filter((path) => covers(scope, path))
  const shown = { ...document, content: part.content, groups, standing: {} }
  return {
    request: { row, document: shown, plan: part.plan },
    hidden: part.hidden,
    empty: part.shown === 0,
  }
}

function coversAll(scope: Scope, groups: readonly (string | null)[]): boolean {
  return groups.every((path) => covers(scope, path))
}

/** It may speak of chargers that are not seen. */
function withoutDetail<View extends ApprovalRequest>(view: View): View {
  return { ...view, detail: null }
}

function shownDecision(
  { person, name, deed, at, comment, roles, signature }: DecisionRow,
  lost: readonly { readonly person: string; readonly because: string }[],
): ApprovalDecision {
  const because =
    deed === 'approve' ? (lost.find((one) => one.person === person)?.because ?? null) : null
  return {
    by: { id: person, name },
    deed,
    at: new Date(at).toISOString(),
    comment,
    roles,
    counts: because === null,
    because,
    signature,
  }
}

async function shown(
  { commands }: Pick<House, 'commands'>,
  rows: readonly RequestRow[],
): Promise<ApprovalRequest[]> {
  const done = rows.filter(({ standing }) => standing.state === 'executed').map(({ id }) => id)
  const made = done.length === 0 ? new Map<string, string>() : await commands.underApprovals(done)
  return rows.map(({ standing, execution, needs, requestedAt, endedAt, ...row }) => ({
    id: row.id,
    kind: row.kind,
    state: standing.state,
    summary: row.summary,
    digest: row.digest,
    requestedBy: row.requestedBy,
    requestedAt: iso(requestedAt),
    reason: row.reason,
    ticket: row.ticket,
    execute: execution,
    needs: {
      approvals: needs.approvals,
      waitSeconds: needs.waitMs / 1000,
      bootstrap: needs.bootstrap,
    },
    expiresAt: iso(standing.expiresAt),
    executesAt: iso(standing.executesAt),
    executeBefore: iso(standing.executeBefore),
    endedAt: iso(endedAt),
    detail: row.detail,
    command: made.get(row.id) ?? null,
  }))
}

function iso(at: number): string
function iso(at: number | null): string | null
function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
