import type { Output } from '../terminal/output.ts'
import { toneOfState, type Paint } from '../terminal/paint.ts'
import { fields, type Cell, type Column } from '../terminal/table.ts'
import { counted, cut, padded, visible, visibleJson } from '../terminal/text.ts'
import { clockTime, dateTime, length, moment, relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'
import { resultText } from './result-view.ts'

export type Command = Schemas['Command']
export type CommandDetail = Schemas['CommandDetail']
export type Target = Schemas['Target']
type Entry = Schemas['AuditEntry']

export function stateCell(state: string): Cell {
  return { text: state, tone: toneOfState(state) }
}

export function commandColumns(now: number): readonly Column<Command>[] {
  return [
    { title: 'COMMAND', cell: ({ id }) => id },
    { title: 'OPERATION', cell: ({ operation }) => operation, leaveOut: 1 },
    { title: 'STATE', cell: ({ state }) => stateCell(state) },
    { title: 'CHARGERS', cell: chargersText, least: 12 },
    { title: 'SUBMITTED', cell: ({ submittedAt }) => relative(submittedAt, now) },
    { title: 'BY', cell: ({ actor }) => actor.name, least: 6, leaveOut: 3 },
    { title: 'REASON', cell: ({ reason }) => reason, least: 10, leaveOut: 2 },
  ]
}

function chargersText({ total, hidden, counts }: Command): string {
  const shown = total === 1 ? '1' : `${total}: ${countsText(counts)}`
  return hidden === 0 ? shown : `${shown} (+${hidden} hidden)`
}

/** `12 succeeded, 1 failed`; what has ended badly comes last, where the eye stays. */
export function countsText(
  counts: Readonly<Record<string, number | undefined>>,
  paint: Paint = (_tone, text) => text,
): string {
  return Object.entries(counts)
    .filter((entry): entry is [string, number] => (entry[1] ?? 0) > 0)
    .sort(([a], [b]) => stateOrder.indexOf(a) - stateOrder.indexOf(b))
    .map(([state, count]) => paint(toneOfState(state), `${count} ${state}`))
    .join(', ')
}
const stateOrder: readonly string[] = [
  'succeeded',
  'accepted',
  'sent',
  'sending',
  'queued',
  'submitted',
  'reconciled',
  'accepted-unverified',
  'unknown',
  'superseded',
  'cancelled',
  'expired',
  'unsupported',
  'refused',
  'failed',
]

export function targetColumns(now: number): readonly Column<Target>[] {
  return [
    { title: 'CHARGER', cell: ({ charger }) => charger },
    { title: 'STATE', cell: targetState },
    { title: 'UPDATED', cell: ({ updatedAt }) => relative(updatedAt, now), leaveOut: 2 },
    { title: 'DETAIL', cell: ({ detail }) => detail, least: 16 },
    {
      title: 'RESULT',
      cell: ({ result }) => (result === null || result === undefined ? null : visibleJson(result)),
      least: 10,
      leaveOut: 1,
    },
  ]
}

/** How a reconciled target turned out says more than that it was. */
export function targetState({ state, outcome }: Pick<Target, 'state' | 'outcome'>): Cell {
  if (state !== 'reconciled' || outcome === null) return stateCell(state)
  return { text: `reconciled: ${outcome}`, tone: toneOfState(outcome) }
}

/** One entry of a command's history on one line. */
export function transitionLine(entry: Entry, paint: Paint, withCharger: boolean): string {
  const state = entry.event.replace(/^command\./, '')
  const charger = withCharger ? `${visible(entry.charger ?? '').padEnd(16)}  ` : ''
  const line = [
    paint('dim', clockTime(entry.at)),
    `${charger}${paint(toneOfState(state), padded(visible(state), 19))}`,
    [transitionText(entry), byWhom(entry)].filter((part) => part !== '').join(' '),
  ]
  return line.join('  ').trimEnd()
}

/** Who did it and why, of what people do themselves. */
function byWhom({ event, actor, reason }: Entry): string {
  if (event !== 'command.submitted' && event !== 'command.cancel-requested') return ''
  return `by ${visible(actor.name)}${reason === undefined ? '' : `: ${visible(reason)}`}`
}

/** What a command's entry says beyond its event, without what its other entries say too. */
export function transitionText({ event, detail }: Entry): string {
  const { why, call, answer, error, params, targets } = detail
  if (event === 'command.submitted')
    return [
      `${visible(String(detail['operation']))} ${visibleJson(params ?? {})}`,
      typeof targets === 'number' && targets > 1 ? `for ${counted(targets, 'charger')}` : undefined,
    ]
      .filter((part) => part !== undefined)
      .join(' ')
  const parts: (string | undefined)[] = [
    callText(call),
    typeof why === 'string' ? visible(why) : undefined,
    answer === undefined || answer === null ? undefined : `answer ${short(answer)}`,
    error === undefined ? undefined : `error ${visibleJson(error)}`,
  ]
  return parts.filter((part) => part !== undefined).join('  ')
}

/** Long answers are read where they are shown as values, or with --json. */
function short(value: unknown): string {
  return cut(visibleJson(value), 160)
}

function callText(call: unknown): string | undefined {
  if (typeof call !== 'object' || call === null) return undefined
  const { action, payload } = call as { action?: unknown; payload?: unknown }
  return `${visible(String(action))} ${visibleJson(payload ?? {})}`
}

/** The last word on a command: one line, and the values it brought. `why` where nothing said it before. */
export function verdict(command: CommandDetail, out: Output, why: boolean): string {
  const { paint, tabled } = out
  const [only] = command.targets
  if (command.total !== 1 || only === undefined) {
    const ended = command.settled ? 'has ended' : 'goes on'
    return `${visible(command.operation)} ${ended} on ${counted(command.total, 'charger')}: ${countsText(command.counts, paint)}`
  }
  const cell = targetState(only)
  const state = typeof cell === 'object' && cell !== null ? paint(cell.tone, cell.text) : cell
  const tookMs = Date.parse(only.updatedAt) - Date.parse(command.submittedAt)
  const took = tookMs > 0 ? ` after ${length(tookMs)}` : ''
  const because = only.detail === null || !why ? '' : `: ${visible(only.detail)}`
  const line = `${visible(only.charger)}  ${state}${took}${because}`
  const result = resultText(only.result, tabled)
  return result === '' ? line : `${line}\n\n${result}`
}

const historyLines = 200

/** A command in full. */
export function commandText(
  command: CommandDetail,
  targets: readonly Target[],
  out: Output,
  now: number,
): string {
  const { paint } = out
  const facts: [string, string][] = [
    ['Command', command.id],
    ['Operation', `${visible(command.operation)} ${visibleJson(command.params)}`],
    ['State', stateText(command, paint)],
    ['Submitted', `${moment(command.submittedAt, now)} by ${visible(command.actor.name)}`],
    ['Reason', visible(command.reason)],
    ['Not after', moment(command.notAfter, now)],
    ...(command.hidden > 0
      ? [['Hidden', `${counted(command.hidden, 'charger')} outside your scope`] as [string, string]]
      : []),
    ...(command.total > 1 ? [['Pace', paceText(command)] as [string, string]] : []),
  ]
  const [only] = command.targets
  const single = command.total === 1 && only !== undefined
  const result = single ? resultText(only.result, out.tabled) : ''
  const rest = targets.length < command.total ? `, the first ${targets.length}` : ''
  const history = command.history.slice(0, historyLines)
  const more = command.history.length - history.length
  const parts: (string | undefined)[] = [
    fields(facts, paint),
    single
      ? undefined
      : `${paint('strong', `Chargers${rest}`)}\n${out.tabled(targets, targetColumns(now))}`,
    result === '' ? undefined : `${paint('strong', 'Result')}\n${result}`,
    `${paint('strong', 'History')}  ${paint('dim', `from ${dateTime(command.submittedAt)}`)}`,
  ]
  const lines = history.map((entry) => transitionLine(entry, paint, !single))
  if (more > 0)
    lines.push(`and ${more} more; all of it: otactl audit tail -n 100000 --command ${command.id}`)
  return [...parts.filter((part) => part !== undefined)].join('\n\n').concat('\n', lines.join('\n'))
}

function stateText(command: CommandDetail, paint: Paint): string {
  const [only] = command.targets
  if (command.total === 1 && only !== undefined) {
    const cell = targetState(only)
    const text = typeof cell === 'object' && cell !== null ? paint(cell.tone, cell.text) : cell
    const why = only.detail === null ? '' : `: ${visible(only.detail)}`
    return `${text} on ${visible(only.charger)}${why}`
  }
  return `${command.state}: ${countsText(command.counts, paint)}`
}

function paceText({ pace }: CommandDetail): string {
  const rate = pace.perMinute === null ? '' : `, ${pace.perMinute} a minute`
  return `${pace.maxRunning} at once${rate}`
}
