import type { Output } from '../terminal/output.ts'
import type { Tone } from '../terminal/paint.ts'
import { fields, type Column } from '../terminal/table.ts'
import { padded, visible } from '../terminal/text.ts'
import { moment, relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'

export type Commissioning = Schemas['Commissioning']
export type Check = Commissioning['checks'][number]

const marks: Readonly<Record<Check['result'], readonly [string, Tone]>> = {
  passed: ['passed', 'good'],
  warning: ['warning', 'warn'],
  failed: ['failed', 'bad'],
  skipped: ['skipped', 'dim'],
  running: ['running', 'busy'],
  waiting: ['-', 'dim'],
}

/** One item of the checklist, with what was seen and what to do about it below. */
export function checkLines(
  { title, result, evidence, advice, commands }: Check,
  out: Output,
): string {
  const { paint } = out
  const [word, tone] = marks[result]
  const head = `${paint(tone, padded(word, 8))}${visible(title)}`
  const indent = ' '.repeat(8)
  const more = [
    evidence === null ? undefined : visible(evidence),
    advice === null ? undefined : paint('strong', visible(advice)),
    commands.length === 0 || result === 'passed'
      ? undefined
      : paint('dim', commands.map((id) => `otactl commands show ${id}`).join(', ')),
  ]
  return [
    head,
    ...more.filter((line) => line !== undefined).map((line) => `${indent}${line}`),
  ].join('\n')
}

const verdictTones: Readonly<Record<string, Tone>> = {
  passed: 'good',
  'passed-with-warnings': 'warn',
  failed: 'bad',
}

export function verdictText({ state, verdict }: Commissioning, out: Output): string {
  const word = verdict?.replaceAll('-', ' ') ?? state
  return out.paint(verdictTones[verdict ?? ''] ?? 'busy', word)
}

export function commissioningText(run: Commissioning, out: Output, now: number): string {
  const facts: [string, string][] = [
    ['Run', run.id],
    ['Result', verdictText(run, out)],
    ['Started', `${moment(run.startedAt, now)} by ${visible(run.by.name)}`],
    ['Ended', moment(run.endedAt, now)],
    ['Reason', visible(run.reason)],
  ]
  const head = `${out.paint('strong', visible(run.charger))}\n${fields(facts, out.paint)}`
  return `${head}\n\n${run.checks.map((check) => checkLines(check, out)).join('\n')}`
}

export function commissioningColumns(now: number): readonly Column<Commissioning>[] {
  const count = (result: Check['result']) => (run: Commissioning) =>
    run.checks.filter((check) => check.result === result).length || null
  return [
    { title: 'RUN', cell: ({ id }) => id },
    {
      title: 'RESULT',
      cell: ({ state, verdict }) => ({
        text: verdict?.replaceAll('-', ' ') ?? state,
        tone: verdictTones[verdict ?? ''] ?? 'busy',
      }),
    },
    { title: 'PASSED', align: 'right', cell: count('passed'), leaveOut: 3 },
    { title: 'WARNINGS', align: 'right', cell: count('warning'), leaveOut: 2 },
    { title: 'FAILED', align: 'right', cell: count('failed'), leaveOut: 1 },
    { title: 'STARTED', cell: ({ startedAt }) => relative(startedAt, now) },
    { title: 'BY', cell: ({ by }) => by.name, least: 6, leaveOut: 4 },
    { title: 'REASON', cell: ({ reason }) => reason, least: 10, leaveOut: 5 },
  ]
}
