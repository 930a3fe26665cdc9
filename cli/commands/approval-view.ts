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

/** Everything somebody has to see before they decide. */
export function approvalFields(request: Detail): [string, string][] {
  const { requestedBy, needs, decisions, missing, differences, document, now, hidden } = request
  const entries: [string, string | null][] = [
    ['Request', request.id],
    ['What', request.summary],
    ['State', stateText(request)],
    ['Asked by', `${requestedBy.name} (${requestedBy.kind} ${requestedBy.id})`],
    ['Asked at', dateTime(request.requestedAt)],
    ['Reason', request.reason],
    ['Ticket', request.ticket],
    ['Content', contentText(document['content'])],
    ['Hidden', hidden === 0 ? null : `${counted(hidden, 'charger')} outside your scope`],
    ['Reached then', hidden === 0 ? reachText(document['standing']) : null],
    ['Reaches now', now === null ? null : reachText(now)],
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

const mostShown = 5

function contentText(content: unknown): string {
  if (typeof content !== 'object' || content === null) return ''
  return Object.entries(content)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => {
      const text =
        Array.isArray(value) && value.length > mostShown
          ? `${value.slice(0, mostShown).join(', ')} and ${value.length - mostShown} more`
          : typeof value === 'string'
            ? value
            : JSON.stringify(value)
      return `${name} ${text}`
    })
    .join('; ')
}

/** The blast radius of a command in a line; of anything else, what its kind says. */
function reachText(standing: unknown): string {
  const { chargers, can, waits, cannot, runningSessions, kilowatts, sites, reasons } =
    standing as Partial<Reach>
  if (chargers === undefined) return contentText(standing)
  return [
    `${counted(chargers, 'charger')} at ${counted(sites?.length ?? 0, 'site')}`,
    counted(runningSessions ?? 0, 'running session'),
    ...(kilowatts === null || kilowatts === undefined ? [] : [`${kilowatts.toFixed(1)} kW`]),
    `${can ?? 0} can, ${waits ?? 0} wait, ${cannot ?? 0} cannot`,
    ...(reasons ?? []).slice(0, mostShown).map((one) => `${one.chargers}: ${one.because}`),
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
