import type { Paint, Tone } from './paint.ts'
import { cut, padded, visible, width } from './text.ts'

/** What stands in a cell; toned text is coloured as a whole. */
export type Cell = string | number | null | { readonly text: string; readonly tone: Tone }

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => Cell
  readonly align?: 'left' | 'right'
  /** May be cut to this many columns where the terminal is narrow; without it the cell is never cut. */
  readonly least?: number
  /** Left out where even cut columns do not fit: the highest first. Without it the column stays. */
  readonly leaveOut?: number
}

const gap = 2

/** The widths of the columns kept, by index. */
export function fit(
  columns: readonly Pick<Column<never>, 'least' | 'leaveOut'>[],
  natural: readonly number[],
  space: number,
): ReadonlyMap<number, number> {
  let kept = columns.map((_, index) => index)
  const leastOf = (index: number): number => {
    const most = natural[index] ?? 0
    return Math.min(most, columns[index]?.least ?? most)
  }
  const total = (widthOf: (index: number) => number): number =>
    kept.reduce((sum, index) => sum + widthOf(index), 0) + gap * Math.max(0, kept.length - 1)
  while (total(leastOf) > space) {
    const candidates = kept.filter((index) => columns[index]?.leaveOut !== undefined)
    const first = candidates.sort(
      (a, b) => (columns[b]?.leaveOut ?? 0) - (columns[a]?.leaveOut ?? 0),
    )[0]
    if (first === undefined) break
    kept = kept.filter((index) => index !== first)
  }
  const widths = new Map(kept.map((index) => [index, natural[index] ?? 0]))
  let excess = total((index) => widths.get(index) ?? 0) - space
  while (excess > 0) {
    const widest = kept
      .filter((index) => (widths.get(index) ?? 0) > leastOf(index))
      .sort((a, b) => (widths.get(b) ?? 0) - (widths.get(a) ?? 0))[0]
    if (widest === undefined) break
    widths.set(widest, (widths.get(widest) ?? 0) - 1)
    excess -= 1
  }
  return widths
}

/** An aligned table. `space` is the width of the terminal; without one nothing is cut. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { space = Number.POSITIVE_INFINITY, paint }: { space?: number; paint: Paint },
): string {
  const cells = rows.map((row) => columns.map(({ cell }) => shown(cell(row))))
  const natural = columns.map(({ title }, index) =>
    cells.reduce((most, row) => Math.max(most, width(row[index]?.text ?? '')), width(title)),
  )
  const widths = [...fit(columns, natural, space)]
  const line = (textOf: (index: number) => { text: string; tone: Tone }): string =>
    widths
      .map(([index, columnWidth], position) => {
        const { text, tone } = textOf(index)
        const align = columns[index]?.align ?? 'left'
        const fitted = cut(text, columnWidth)
        const last = position === widths.length - 1 && align === 'left'
        const whole = last ? fitted : padded(fitted, columnWidth, align)
        // Blanks stay outside of the colour, so that nothing but text is coloured.
        return whole.replace(fitted, () => paint(tone, fitted))
      })
      .join(' '.repeat(gap))
      .trimEnd()
  const head = line((index) => ({ text: columns[index]?.title ?? '', tone: 'dim' }))
  const body = cells.map((row) => line((index) => row[index] ?? { text: '', tone: 'plain' }))
  return [head, ...body].join('\n')
}

function shown(cell: Cell): { text: string; tone: Tone } {
  if (cell === null || cell === '') return { text: '-', tone: 'dim' }
  if (typeof cell === 'object') return { text: visible(cell.text), tone: cell.tone }
  return { text: visible(String(cell)), tone: 'plain' }
}

/** Names and values below each other, the values aligned. */
export function fields(entries: readonly (readonly [string, string])[], paint: Paint): string {
  const most = Math.max(0, ...entries.map(([name]) => width(name)))
  return entries
    .map(([name, value]) => `${paint('dim', padded(name, most))}  ${value}`.trimEnd())
    .join('\n')
}
