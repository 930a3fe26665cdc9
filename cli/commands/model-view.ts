import type { Tone } from '../terminal/paint.ts'
import { fields, type Column } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { relative } from '../terminal/time.ts'
import type { Output } from '../terminal/output.ts'
import type { Schemas } from '../wire/server.ts'

type Model = Schemas['Model']
type ModelDetail = Schemas['ModelDetail']
type Quirk = Schemas['Quirk']

export const modelColumns: readonly Column<Model>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'MODEL', cell: nameOf, least: 16 },
  { title: 'FIRMWARE', cell: ({ firmware }) => firmware, least: 8, leaveOut: 1 },
  { title: 'CHARGERS', align: 'right', cell: ({ chargers }) => chargers },
  { title: 'ONLINE', align: 'right', cell: ({ online }) => online, leaveOut: 3 },
  { title: 'SCORE', align: 'right', cell: scoreCell },
  { title: 'QUIRKS', align: 'right', cell: ({ quirks }) => count(quirks.length) },
  {
    title: 'VIOLATIONS',
    align: 'right',
    cell: ({ violations }) => count(Object.values(violations).reduce((sum, one) => sum + one, 0)),
  },
  { title: 'FAILED', align: 'right', cell: ({ share }) => percent(share.failed), leaveOut: 2 },
  { title: 'UNKNOWN', align: 'right', cell: ({ share }) => percent(share.unknown), leaveOut: 2 },
]

function nameOf({ vendor, model }: Pick<Model, 'vendor' | 'model'>): string {
  return [vendor, model].filter((one) => one !== null).join(' ')
}

function scoreCell({ score: { score } }: Model) {
  return score === null ? null : { text: String(score), tone: toneOfScore(score) }
}

function toneOfScore(score: number): Tone {
  if (score >= 80) return 'good'
  return score >= 50 ? 'warn' : 'bad'
}

function count(number: number): number | null {
  return number === 0 ? null : number
}

function percent(share: number | null): string | null {
  return share === null ? null : `${Math.round(share * 100)} %`
}

export function modelPortrait(model: ModelDetail, out: Output, now: number): string {
  const { paint } = out
  const { score, parts } = model.score
  const sections: (string | undefined)[] = [
    paint('strong', visible(nameOf(model))),
    fields(
      [
        ['Firmware', visible(model.firmware ?? 'not told')],
        ['Chargers', `${model.chargers}, ${model.online} online`],
        ['OCPP', model.protocols.map((one) => one.replace('ocpp', '')).join(', ')],
        ['Profiles', model.profiles.join(', ') || 'none: nobody has described this model'],
        ['Score', score === null ? 'nothing known' : `${score} of 100`],
        ['Commands', endsText(model)],
      ],
      paint,
    ),
    section('What the score is made of', parts, partColumns, out),
    quirkSection(model.quirkDetails, out),
    section('Capabilities', model.capabilities, capabilityColumns(model.chargers), out),
    section('Violations of the last 30 days', model.violationDetails, violationColumns(now), out),
    section('Vendor messages', model.vendorMessages, messageColumns, out),
  ]
  return sections.filter((part) => part !== undefined).join('\n\n')
}

function endsText({ commands }: ModelDetail): string {
  const told = Object.entries(commands).filter(([, number]) => number > 0)
  return told.length === 0
    ? 'none in 30 days'
    : told.map(([end, number]) => `${number} ${end}`).join(', ')
}

function section<Row>(
  title: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  out: Output,
): string | undefined {
  if (rows.length === 0) return undefined
  return `${out.paint('strong', title)}\n${out.tabled(rows, columns)}`
}

const partColumns: readonly Column<Schemas['ConformanceScore']['parts'][number]>[] = [
  { title: 'PART', cell: ({ part }) => part },
  {
    title: 'POINTS',
    align: 'right',
    cell: ({ points, of }) => (points === null ? '-' : `${points} of ${of}`),
  },
  { title: 'BECAUSE', cell: ({ because }) => because, least: 20 },
]

/** Quirks are sentences, which no table holds. */
export function quirkSection(quirks: readonly Quirk[], out: Output): string | undefined {
  if (quirks.length === 0) return undefined
  const lines = quirks.map(({ quirk, parameters, does, weDo, why, evidence, from }) => {
    const told = Object.entries(parameters).map(
      ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    return [
      `${out.paint('strong', quirk)}${told.length === 0 ? '' : ` (${visible(told.join(', '))})`}`,
      `  It ${does}.`,
      `  We: ${weDo}.`,
      out.paint('dim', `  ${visible(why)} (${from}: ${evidence.join(', ')})`),
    ].join('\n')
  })
  return `${out.paint('strong', 'Quirks')}\n${lines.join('\n')}`
}

function capabilityColumns(
  chargers: number,
): readonly Column<ModelDetail['capabilities'][number]>[] {
  return [
    { title: 'CAPABILITY', cell: ({ name }) => name },
    {
      title: 'KNOWN',
      cell: ({ values }) =>
        values
          .map(({ value, source, chargers: of }) => `${valueText(value)} (${source}, ${of})`)
          .join('; '),
      least: 20,
    },
    { title: 'AGREE', align: 'right', cell: ({ agree }) => `${agree} of ${chargers}` },
  ]
}

export function valueText(value: boolean | number | readonly string[]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'number' ? String(value) : value.join(', ')
}

function violationColumns(now: number): readonly Column<ModelDetail['violationDetails'][number]>[] {
  return [
    { title: 'KIND', cell: ({ kind }) => kind },
    { title: 'ACTION', cell: ({ action }) => action, leaveOut: 1 },
    { title: 'COUNT', align: 'right', cell: ({ count: times }) => times },
    { title: 'CHARGERS', align: 'right', cell: ({ chargers }) => chargers },
    { title: 'LATEST', cell: ({ latestAt }) => relative(latestAt, now), leaveOut: 2 },
    { title: 'DETAIL', cell: ({ detail }) => detail, least: 20 },
  ]
}

const messageColumns: readonly Column<ModelDetail['vendorMessages'][number]>[] = [
  { title: 'VENDOR', cell: ({ vendorId }) => vendorId },
  { title: 'MESSAGE', cell: ({ messageId }) => messageId ?? 'any' },
  { title: 'WHY', cell: ({ why }) => why, least: 20 },
]
