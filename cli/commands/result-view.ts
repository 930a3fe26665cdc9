import { visible, visibleJson } from '../terminal/text.ts'
import { dateTime } from '../terminal/time.ts'
import type { Output } from '../terminal/output.ts'
import type { Column } from '../terminal/table.ts'

type Flat = Readonly<Record<string, unknown>>

/** What a command brought back: values of the same form as a table, others as names and values. */
export function resultText(result: unknown, tabled: Output['tabled']): string {
  if (result === null || result === undefined) return ''
  if (!isRecord(result)) return visibleJson(result)
  const plain: string[] = []
  const tables: string[] = []
  for (const [name, value] of Object.entries(result)) {
    if (isRecord(value) && Object.keys(value).length === 0) continue
    const rows = rowsOf(value)
    if (value === null) continue
    if (rows === undefined) plain.push(`${visible(name)}: ${plainText(name, value)}`)
    else tables.push(tabled(rows, columnsOf(name, rows)))
  }
  return [plain.join('\n'), ...tables].filter((part) => part !== '').join('\n\n')
}

interface Row {
  readonly name: string
  readonly values: Flat
}

function rowsOf(value: unknown): Row[] | undefined {
  if (!isRecord(value)) return undefined
  const rows = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => ({ name, values: isRecord(one) ? one : { value: one } }))
  const flat = rows.every(({ values }) => Object.values(values).every((one) => !isNested(one)))
  return flat ? rows : undefined
}

function columnsOf(name: string, rows: readonly Row[]): Column<Row>[] {
  const titles = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))]
  return [
    { title: name.toUpperCase(), cell: (row) => row.name },
    ...titles.map((title) => ({
      title: title.replaceAll(/[A-Z]/g, ' $&').toUpperCase(),
      cell: ({ values }: Row) => {
        const value = values[title]
        return value === null || value === undefined ? null : scalarText(value)
      },
      least: 12,
    })),
  ]
}

/** A moment comes as ms since the epoch. */
function plainText(name: string, value: unknown): string {
  if (name.endsWith('At') && typeof value === 'number' && value > 1e12)
    return dateTime(new Date(value).toISOString())
  return scalarText(value)
}

function scalarText(value: unknown): string {
  return typeof value === 'string' ? visible(value) : visibleJson(value)
}

function isRecord(value: unknown): value is Flat {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
