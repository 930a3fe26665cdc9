import type { Column } from '../terminal/table.ts'
import { counted, visible } from '../terminal/text.ts'
import { dateTime, relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'

type Request = Schemas['ApprovalRequest']
type Detail = Schemas['ApprovalRequestDetail']
type Needed = Request['needs']['approvals']

export function approvalColumns(now: number): readonly Column<Request>[] {
  return [
    { title: 'REQUEST', cell: ({ id }) => id },
    {
      title: 'STATE',
      cell: ({ state }) => ({ text: state, tone: state === 'waiting' ? 'warn' : 'plain' }),
    },
    { title: 'WHAT', cell: ({ summary }) => summary, least: 16 },
    { title: 'BY', cell: ({ requestedBy }) => requestedBy.name, least: 6 },
    { title: 'ASKED', cell: ({ requestedAt }) => relative(requestedAt, now), leaveOut: 1 },
    { title: 'REASON', cell: ({ reason }) => reason, least: 10, leaveOut: 2 },
  ]
}

export function neededText(needed: Needed): string {
  return needed.length === 0
    ? 'nobody'
    : needed.map(({ count, roles }) => `${count} of ${roles.join(' or ')}`).join(', and ')
}

/**
 * Everything somebody has to see before they decide. Of more than a screenful of chargers the first are shown, and how to
 * see the others, unless all are asked for.
 */
export function approvalFields(
  request: Detail,
  { allTargets = false }: { readonly allTargets?: boolean } = {},
): [string, string][] {
  const { requestedBy, needs, decisions, missing, differences, document, now, hidden } = request
  const entries: Line[] = [
    ['Request', request.id],
    ['What', request.summary],
    ['State', stateText(request)],
    ['Asked by', `${requestedBy.name} (${requestedBy.kind} ${requestedBy.id})`],
    ['Asked at', dateTime(request.requestedAt)],
    ['Reason', request.reason],
    ['Ticket', request.ticket],
    ...asked(request, allTargets),
    ['Hidden', hidden === 0 ? null : `${counted(hidden, 'charger')} outside your scope`],
    ...(hidden === 0 ? [stoodText('then', document['standing'])] : []),
    ...(now === null ? [] : [stoodText('now', now)]),
    ['Differs', differences.length === 0 ? null : differences.join('; ')],
    ['Needs', needs.bootstrap ? 'nobody else: its maker was alone' : neededText(needs.approvals)],
    ['Wait', needs.waitSeconds === 0 ? null : `${needs.waitSeconds} s after the last approval`],
    ['Missing', request.state === 'waiting' ? neededText(missing) : null],
    ['Stuck', request.stuck],
    ...decisions.map((one): [string, string] => [
      one.deed === 'veto' ? 'Veto' : 'Approval',
      decisionText(one),
    ]),
    ['Approvals until', request.state === 'waiting' ? dateTime(request.expiresAt) : null],
    ['Command', request.command],
    ['Digest', request.digest],
  ]
  return entries.flatMap(([name, value]) => (value === null ? [] : [[name, visible(value)]]))
}

function stateText({ state, detail, executesAt, executeBefore }: Detail): string {
  const when =
    state === 'approved' && executesAt !== null && executeBefore !== null
      ? `, to be done from ${dateTime(executesAt)} to ${dateTime(executeBefore)}`
      : ''
  return `${state}${when}${detail === null ? '' : `: ${detail}`}`
}

function decisionText({ by, at, roles, comment, counts, because, signature }: Decision): string {
  return [
    `${by.name}, ${dateTime(at)}`,
    ...(roles.length === 0 ? [] : [`as ${roles.join(' and ')}`]),
    ...(signature === null || signature === undefined ? [] : ['signed by passkey']),
    ...(comment === null ? [] : [`"${comment}"`]),
    ...(counts ? [] : [`counts no more: ${because ?? ''}`]),
  ].join(', ')
}
type Decision = Detail['decisions'][number]

type Line = [string, string | null]

/** What is asked for: of the rules what becomes what, of anything else its content. */
function asked({ kind, document }: Detail, allTargets: boolean): Line[] {
  const { content, standing } = document as {
    readonly content: Readonly<Record<string, unknown>>
    readonly standing: Readonly<Record<string, unknown>>
  }
  if (kind === 'policy')
    return Object.entries((standing['changed'] ?? {}) as Changed).map(changeLine)
  const { chargers, ...others } = content
  const line: Line = ['Content', contentText(others)]
  return Array.isArray(chargers)
    ? [line, ['Chargers', chargersText(chargers as string[], allTargets)]]
    : [line]
}
type Changed = Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>

function changeLine([path, { before, after }]: [string, Changed[string]]): Line {
  return ['Change', `${path}: ${JSON.stringify(before)} becomes ${JSON.stringify(after)}`]
}

const mostChargers = 20

function chargersText(chargers: readonly string[], all: boolean): string {
  const shown = all ? chargers : chargers.slice(0, mostChargers)
  const more = chargers.length - shown.length
  return `${shown.join(', ')}${more === 0 ? '' : ` and ${more} more: show it with --all-targets`}`
}

function contentText(content: Readonly<Record<string, unknown>>): string {
  return Object.entries(content)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('; ')
}

/** The blast radius of a command; of anything else what its kind says, if anything. */
function stoodText(when: 'then' | 'now', standing: unknown): Line {
  const stood = standing as Readonly<Record<string, unknown>> & Partial<Reach>
  if (stood.chargers !== undefined)
    return [when === 'then' ? 'Reached then' : 'Reaches now', reachText(stood)]
  // What changes stands in lines of its own.
  const others = Object.fromEntries(Object.entries(stood).filter(([name]) => name !== 'changed'))
  return [when === 'then' ? 'Stood then' : 'Stands now', contentText(others) || null]
}

const mostReasons = 5

function reachText(reach: Partial<Reach>): string {
  const { chargers, can, waits, cannot, runningSessions, kilowatts, sites, reasons } = reach
  return [
    `${counted(chargers ?? 0, 'charger')} at ${counted(sites?.length ?? 0, 'site')}`,
    counted(runningSessions ?? 0, 'running session'),
    ...(kilowatts === null || kilowatts === undefined ? [] : [`${kilowatts.toFixed(1)} kW`]),
    `${can ?? 0} can, ${waits ?? 0} wait, ${cannot ?? 0} cannot`,
    ...(reasons ?? []).slice(0, mostReasons).map((one) => `${one.chargers}: ${one.because}`),
  ].join('; ')
}

interface Reach {
  readonly chargers: number
  readonly can: number
  readonly waits: number
  readonly cannot: number
  readonly runningSessions: number
  readonly kilowatts: number | null
  readonly sites: readonly unknown[]
  readonly reasons: readonly { readonly chargers: number; readonly because: string }[]
}
