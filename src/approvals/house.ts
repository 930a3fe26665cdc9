import type { Recorded } from '../audit/record.ts'
import type { Bus } from '../bus/bus.ts'
import { publishEvent, type ProductEventType } from '../bus/events.ts'
import type { Commands } from '../commands/commands.ts'
import type { BreakGlass } from '../identity/break-glass/break-glass.ts'
import type { Passkeys } from '../identity/passkeys/passkeys.ts'
import type { Log } from '../kernel/log.ts'
import { ProblemError, stepUpNeeded } from '../kernel/problem.ts'
import { isUuid } from '../kernel/page.ts'
import type { ApprovalRules } from '../policy/rules/approvals.ts'
import type { Query, Write } from '../storage/database.ts'
import type { RequestDocument } from './document.ts'
import type { RequestFile } from './judge.ts'
import { kindOf, type RequestKind } from './kind.ts'
import type { Standing } from './life.ts'
import type { Circumstances } from './may-decide.ts'
import type { Directory } from './people.ts'
import { intact, type IntactRequest } from './intact.ts'
import { editorsSince, type DecisionRow, type RequestRow, type WholeRequest } from './store.ts'
import type { UsedRequest } from './use.ts'

/** What the parts of this room need. */
export interface House extends Recorded {
  readonly bus: Bus
  readonly log: Log
  readonly directory: Directory
  readonly breakGlass: Pick<BreakGlass, 'standingOf'>
  readonly kinds: readonly RequestKind[]
  /** As they are now. */
  readonly rules: () => ApprovalRules | Promise<ApprovalRules>
  readonly passkeys: Pick<Passkeys, 'assertOver' | 'verifyAssertion'>
  readonly commands: Pick<Commands, 'underApprovals'>
  readonly use: Write<UsedRequest>
}

/** All that a judgement about a request depends on beside the request and who asks. */
export async function circumstancesOf(
  { directory, clock, kinds }: Pick<House, 'directory' | 'clock' | 'kinds'>,
  query: Query,
  { kind: name, content, requestedBy, about, requestedAt }: RequestDocument,
  decisions: readonly DecisionRow[],
  others: readonly string[] = [],
): Promise<Circumstances> {
  const kind = kindOf(kinds, name)
  const [editors, concerned = [], makers = []] = await Promise.all([
    editorsSince(query, requestedAt),
    kind?.about?.(content),
    requestedBy.kind === 'robot' ? directory.makersOf(requestedBy.id) : undefined,
  ])
  const approvers = decisions.filter(({ deed }) => deed === 'approve').map(({ person }) => person)
  const named = [
    ...new Set([
      ...[requestedBy.id, ...makers, ...about, ...concerned],
      ...[...editors, ...approvers, ...others],
    ]),
  ]
  const known = await directory.look(named)
  const givers = [...known.values()]
    .flatMap(({ holdings }) => holdings.flatMap(({ givenBy }) => givenBy))
    .filter((id) => !known.has(id))
  const further = givers.length === 0 ? new Map() : await directory.look([...new Set(givers)])
  const changesRules = kind?.editsRules === true
  const people = new Map([...known, ...further])
  return { people, concerned, makers, editors, changesRules, approvers, now: clock.now() }
}

export function fileOf(
  { row, document }: IntactRequest,
  decisions: readonly DecisionRow[],
): RequestFile {
  return {
    document,
    digest: row.digest,
    standing: row.standing,
    approvals: decisions
      .filter(({ deed }) => deed === 'approve')
      .map(({ person, digest }) => ({ person, digest })),
  }
}

/** When a request has to be looked at next, also where nobody does anything. */
export function lookAtOf(standing: Standing, { execution }: Pick<RequestRow, 'execution'>) {
  const { state, expiresAt, executesAt, executeBefore } = standing
  if (state === 'waiting') return expiresAt
  if (state === 'approved') return execution === 'automatic' ? executesAt : executeBefore
  return null
}

export function checkId(id: string): string {
  if (!isUuid(id)) throw noSuchRequest()
  return id
}

export function noSuchRequest(): ProblemError {
  return new ProblemError('not-found', 'there is no such request', 'id')
}

/** The request if it is what was asked for; a ProblemError where it was changed behind our back. */
export function sound({ log }: Pick<House, 'log'>, row: WholeRequest | undefined): IntactRequest {
  if (row === undefined) throw noSuchRequest()
  const request = intact(row)
  if (!('broken' in request)) return request
  log.error({ approval: row.id }, `a request for approval was tampered with: ${request.broken}`)
  throw new ProblemError('tampered', request.broken)
}

export function refusalProblem(
  why: 'too-late' | 'denied' | 'step-up' | 'done-before',
  because: string,
  freshWithinMs: number,
): ProblemError {
  switch (why) {
    case 'step-up':
      return stepUpNeeded(because, freshWithinMs)
    case 'done-before':
      return new ProblemError('already-exists', because)
    case 'too-late':
      return new ProblemError('too-late', because)
    case 'denied':
      return new ProblemError('denied', because, undefined, {
        reasons: [{ rule: 'approval.different-people', says: 'denies', sentence: because }],
      })
  }
}

export function tell(
  { bus, clock }: Pick<House, 'bus' | 'clock'>,
  type: Extract<ProductEventType, `approval.${string}`>,
  { id, kind, digest, summary }: Pick<RequestRow, 'id' | 'kind' | 'digest' | 'summary'>,
  more: { readonly by?: string; readonly detail?: string } = {},
): void {
  publishEvent(bus, { type, at: clock.now(), data: { id, kind, digest, summary, ...more } })
}
