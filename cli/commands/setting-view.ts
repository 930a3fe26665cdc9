import type { Cell, Column } from '../terminal/table.ts'
import { relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'

type Setting = Schemas['Setting']
type Comparison = Schemas['SettingComparison']

export function settingColumns(now: number): readonly Column<Setting>[] {
  return [
    { title: 'KEY', cell: ({ key }) => key, least: 20 },
    { title: 'VALUE', cell: valueCell, least: 12 },
    { title: 'ACCESS', cell: accessCell, leaveOut: 2 },
    { title: 'MEANING', cell: ({ meaning }) => meaning, least: 12, leaveOut: 1 },
    { title: 'TOLD', cell: ({ at }) => relative(at, now), leaveOut: 3 },
  ]
}

function valueCell({ value, unknown, means }: Setting): Cell {
  if (unknown) return { text: 'not known to it', tone: 'warn' }
  if (value === null) return { text: 'not told', tone: 'dim' }
  return means === null || means === value ? value : `${value} (${means})`
}

function accessCell({ readonly }: Setting): Cell {
  if (readonly === null) return null
  return readonly ? 'read only' : 'writable'
}

export function comparisonColumns(here: string, there: string): readonly Column<Comparison>[] {
  return [
    { title: 'MEANING', cell: ({ meaning }) => meaning, least: 12, leaveOut: 1 },
    { title: 'KEY', cell: keyCell, least: 20 },
    { title: here, cell: (row) => sideCell(row, row.here), least: 10 },
    { title: there, cell: (row) => sideCell(row, row.there), least: 10 },
  ]
}

/** One key, or both where the chargers call it differently. */
function keyCell({ here, there }: Comparison): Cell {
  const [mine, theirs] = [here?.key, there?.key]
  if (mine === undefined || theirs === undefined || mine.toLowerCase() === theirs.toLowerCase())
    return mine ?? theirs ?? null
  return `${mine} / ${theirs}`
}

function sideCell({ difference }: Comparison, side: Comparison['here']): Cell {
  if (side === null) return { text: 'not known', tone: 'dim' }
  const text = side.value ?? 'not told'
  return difference === 'different' ? { text, tone: 'warn' } : text
}

export const meaningColumns: readonly Column<Schemas['SettingMeaning']>[] = [
  { title: 'MEANING', cell: ({ name }) => name },
  { title: 'UNIT', cell: ({ unit }) => unit, leaveOut: 2 },
  { title: 'OCPP 1.6', cell: (row) => row['1.6'], least: 12 },
  { title: 'OCPP 2.X', cell: (row) => row['2.x'], least: 12 },
  { title: 'IN WORDS', cell: ({ title }) => title, least: 12, leaveOut: 1 },
]

export function reportColumns(now: number): readonly Column<Schemas['Report']>[] {
  return [
    { title: 'KIND', cell: ({ kind }) => kind },
    { title: 'REQUEST', cell: ({ requestId }) => String(requestId), align: 'right' },
    { title: 'PARTS', cell: ({ parts }) => String(parts), align: 'right' },
    { title: 'ELEMENTS', cell: ({ elements }) => String(elements), align: 'right' },
    {
      title: 'COMPLETE',
      cell: ({ complete, missing }) =>
        complete
          ? { text: 'yes', tone: 'good' }
          : {
              text:
                missing.length === 0
                  ? 'no, the end is missing'
                  : `no, without ${missing.join(', ')}`,
              tone: 'bad',
            },
      least: 10,
    },
    { title: 'TOLD', cell: ({ receivedAt }) => relative(receivedAt, now) },
  ]
}
