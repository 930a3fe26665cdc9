import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { painter } from './paint.ts'
import { fields, fit, table, type Column } from './table.ts'
import { width } from './text.ts'

interface Row {
  readonly name: string
  readonly count: number
  readonly group: string | null
}
const columns: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'COUNT', cell: ({ count }) => count, align: 'right' },
  { title: 'GROUP', cell: ({ group }) => group, least: 6, leaveOut: 1 },
]
const rows: readonly Row[] = [
  { name: 'CP-1', count: 5, group: 'North/Hamburg/Depot 1' },
  { name: 'CP-22', count: 12, group: null },
]
const paint = painter(false)

test('columns are aligned, and what is absent is a dash', () => {
  assert.equal(
    table(rows, columns, { paint }),
    ['NAME   COUNT  GROUP', 'CP-1       5  North/Hamburg/Depot 1', 'CP-22     12  -'].join('\n'),
  )
})

test('a narrow terminal cuts what may be cut', () => {
  assert.equal(
    table(rows, columns, { paint, space: 22 }),
    ['NAME   COUNT  GROUP', 'CP-1       5  North/H…', 'CP-22     12  -'].join('\n'),
  )
})

test('a very narrow terminal leaves out what may be left out', () => {
  assert.equal(
    table(rows, columns, { paint, space: 16 }),
    ['NAME   COUNT', 'CP-1       5', 'CP-22     12'].join('\n'),
  )
})

test('a colour covers the text and not the blanks', () => {
  const toned: Column<Row> = { title: 'NAME', cell: ({ name }) => ({ text: name, tone: 'bad' }) }
  const lines = table(rows, [toned, columns[1]!], { paint: painter(true) }).split('\n')
  assert.equal(lines[1], '\u001b[31mCP-1\u001b[39m       5')
})

test('what a charger says of itself cannot paint the table', () => {
  const text = table([{ name: '\u001b[2J', count: 1, group: '$& $1' }], columns, { paint })
  assert.equal(text.split('\n')[1], '␛[2J      1  $& $1')
})

test('a table fits whenever its smallest form does', () => {
  const column = fc.record({ least: fc.nat(20), leaveOut: fc.nat(5) }, { requiredKeys: [] })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(column, fc.nat(60)), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 200 }),
      (all, space) => {
        const defined = all.map(([one]) => one)
        const natural = all.map(([, columnWidth]) => columnWidth)
        const widths = fit(defined, natural, space)
        const total = [...widths.values()].reduce((sum, one) => sum + one, 0)
        const taken = total + 2 * Math.max(0, widths.size - 1)
        const smallest = [...widths.keys()].every(
          (index) =>
            defined[index]?.leaveOut === undefined &&
            (widths.get(index) ?? 0) <= Math.min(natural[index]!, defined[index]?.least ?? 1e9),
        )
        assert.ok(taken <= space || smallest)
      },
    ),
    { seed: 1 },
  )
})

test('names and values stand below each other', () => {
  const text = fields(
    [
      ['Group', 'North'],
      ['Serial number', '-'],
    ],
    paint,
  )
  assert.equal(text, 'Group          North\nSerial number  -')
  assert.equal(width(text.split('\n')[0]!), 20)
})
