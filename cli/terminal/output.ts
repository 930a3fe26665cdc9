import type { Failure } from '../failure.ts'
import { painter, wantsColours, type Paint } from './paint.ts'
import { table, type Column } from './table.ts'
import { visible, visibleJson } from './text.ts'

/** Where text goes. Writing to a reader that has gone is harmless. */
export interface Writer {
  write(text: string): void
  readonly isTerminal: boolean
  /** Columns of the terminal. */
  columns(): number
  rows(): number
}

/** How the person or script wants to be told. */
export interface Manner {
  readonly json: boolean
  readonly quiet: boolean
  readonly colour: boolean
}

export interface Page<Row> {
  readonly items: readonly Row[]
  readonly nextCursor: string | null
}

/** What otactl says: results on stdout, everything about them on stderr. */
export interface Output extends Manner {
  readonly paint: Paint
  /** Width for tables; undefined where stdout is no terminal. */
  readonly space: number | undefined
  /** One thing: a JSON document, or text for people. */
  show(value: unknown, human: () => string, essence?: () => string): void
  /** A list: `{items, nextCursor}`, or a table; quiet prints its keys only. */
  list<Row>(page: Page<Row>, as: ListForm<Row>): void
  /** One line of a stream: JSON, or text for people. */
  streamed(value: unknown, human: () => string): void
  /** A line of result for people; nothing with --json. */
  say(text: string): void
  /** About the result: on stderr, and not when quiet. */
  note(text: string): void
  readonly tabled: <Row>(rows: readonly Row[], columns: readonly Column<Row>[]) => string
}

export interface ListForm<Row> {
  readonly columns: readonly Column<Row>[]
  readonly key: (row: Row) => string
  /** What to say, and do next, when there is nothing. */
  readonly empty: string
  /** What the rows are, in the plural. */
  readonly what: string
}

export function output(
  out: Writer,
  err: Writer,
  env: Readonly<Record<string, string | undefined>>,
  manner: Manner,
): Output {
  const paint = painter(wantsColours(out.isTerminal, env, manner.colour))
  const paintErr = painter(wantsColours(err.isTerminal, env, manner.colour))
  const space = out.isTerminal ? out.columns() : undefined
  const { json, quiet } = manner
  const indent = out.isTerminal ? 2 : undefined

  function line(text: string): void {
    if (text !== '') out.write(`${text}\n`)
  }
  function note(text: string): void {
    if (!quiet && !json) err.write(`${paintErr('dim', text)}\n`)
  }
  function tabled<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
    return table(rows, columns, { paint, ...(space === undefined ? {} : { space }) })
  }

  return {
    ...manner,
    paint,
    space,
    tabled,
    note,
    say(text) {
      if (!json) line(text)
    },
    show(value, human, essence) {
      if (json) line(visibleJson(value, indent))
      else if (!quiet) line(human())
      else if (essence !== undefined) line(essence())
    },
    streamed(value, human) {
      line(json ? visibleJson(value) : human())
    },
    list(page, { columns, key, empty, what }) {
      if (json) return line(visibleJson(page, indent))
      if (quiet) return line(page.items.map((row) => visible(key(row))).join('\n'))
      if (page.items.length === 0) return note(empty)
      line(tabled(page.items, columns))
      if (page.nextCursor !== null)
        note(`There are more ${what}: show them with --all, or more of them with --limit.`)
    },
  }
}

/** Says on stderr what went wrong. */
export function tell(
  failure: Failure,
  err: Writer,
  env: Readonly<Record<string, string | undefined>>,
  { json, colour }: Manner,
): void {
  if (json) return err.write(`${visibleJson(failure)}\n`)
  const paint = painter(wantsColours(err.isTerminal, env, colour))
  const lines = failure.message.split('\n').map(visible).join('\n')
  err.write(`${paint('bad', 'otactl:')} ${lines}\n`)
  if (failure.hint !== undefined) err.write(`${failure.hint}\n`)
}
