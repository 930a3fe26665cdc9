import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parse, CsvError } from 'csv-parse'
import { stringify } from 'csv-stringify'
import { ProblemError } from '../kernel/problem.ts'

/** The columns of a fleet as CSV. A cell left empty says nothing of its field. */
export const importColumns = ['identity', 'group', 'tags', 'credential', 'assumeProtocol'] as const
export const exportColumns = ['identity', 'group', 'tags', 'assumeProtocol'] as const

export const maxImportRows = 100_000

/** A row of an import and the line of the file where it begins. */
export interface CsvRow {
  readonly line: number
  readonly row: Readonly<Record<string, unknown>>
}

/** What a file of rows may hold. */
export interface CsvShape {
  readonly columns: readonly string[]
  /** The column that must be there. */
  readonly required: string
  readonly mostRows: number
  /** What the rows are, in the plural. */
  readonly what: string
  /** The value of a cell that is not empty. */
  readonly cellValue?: (column: string, text: string) => unknown
}

const fleetShape: CsvShape = {
  columns: importColumns,
  required: 'identity',
  mostRows: maxImportRows,
  what: 'chargers',
  cellValue: (column, text) => (column === 'tags' ? splitTags(text) : text),
}

/** Reads a fleet from CSV. */
export function readFleetCsv(source: Readable, maxBytes: number): Promise<CsvRow[]> {
  return readCsv(source, maxBytes, fleetShape)
}

/**
 * Reads rows from CSV (RFC 4180, UTF-8, first line names the columns). Throws ProblemError naming
 * the line; `maxBytes` bounds what is read.
 */
export async function readCsv(
  source: Readable,
  maxBytes: number,
  shape: CsvShape,
): Promise<CsvRow[]> {
  const rows: CsvRow[] = []
  const parser = parse({
    columns: (header: string[]) => checkedHeader(header, shape),
    bom: true,
    skip_empty_lines: true,
    info: true,
    max_record_size: 64 * 1024,
  })
  const feeding = pipeline(decoded(source, maxBytes), parser)
  try {
    for await (const { info, record } of parser as AsyncIterable<{
      info: { lines: number }
      record: Record<string, string>
    }>) {
      if (rows.length >= shape.mostRows)
        throw new ProblemError(
          'too-large',
          `an import takes at most ${shape.mostRows} ${shape.what}`,
        )
      rows.push({ line: info.lines, row: fromCells(record, shape) })
    }
    await feeding
  } catch (error) {
    // What went wrong while feeding ends the parser too, and is the better explanation.
    const cause = await feeding.then(
      () => error,
      (fault: unknown) => (fault instanceof ProblemError ? fault : error),
    )
    throw readable(cause)
  }
  return rows
}

async function* decoded(source: Readable, maxBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let bytes = 0
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBytes)
        throw new ProblemError('too-large', `an import is at most ${maxBytes / 1_000_000} MB`)
      const text = decoder.decode(chunk, { stream: true })
      if (text !== '') yield text
    }
    const rest = decoder.decode()
    if (rest !== '') yield rest
  } catch (error) {
    if (error instanceof TypeError)
      throw new ProblemError('malformed-request', 'the CSV is not UTF-8')
    throw error
  }
}

function readable(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error
  const line = (error as { lines?: number }).lines
  return new ProblemError(
    'malformed-request',
    line === undefined
      ? `the CSV cannot be read: ${error.message}`
      : `line ${line} of the CSV: ${error.message}`,
  )
}

function checkedHeader(header: string[], { columns: known, required }: CsvShape): string[] {
  const names = header.map((name) => name.trim())
  for (const [at, name] of names.entries()) {
    if (!known.includes(name))
      throw new ProblemError(
        'invalid-input',
        `${name === '' ? 'an empty name' : name} is not a known column; known, separated by commas, are ${known.join(', ')}`,
        name,
      )
    if (names.indexOf(name) !== at)
      throw new ProblemError('invalid-input', `the column ${name} is named twice`, name)
  }
  if (!names.includes(required))
    throw new ProblemError('invalid-input', `the column ${required} is missing`, required)
  return names
}

function fromCells(
  record: Record<string, string>,
  { cellValue = (_column, text) => text }: CsvShape,
): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  for (const [column, cell] of Object.entries(record)) {
    if (cell === '') continue
    row[column] = cellValue(column, released(cell))
  }
  return row
}

/** A spreadsheet runs a cell that begins like a formula; an apostrophe before it makes it text. */
function neutralised(cell: string): string {
  return /^[=+\-@\t\r']/.test(cell) ? `'${cell}` : cell
}
function released(cell: string): string {
  return /^'[=+\-@\t\r']/.test(cell) ? cell.slice(1) : cell
}

/** Tags share a cell, separated by `|`; a `|` or `\` of a tag's own has a `\` before it. */
export function joinTags(tags: readonly string[]): string {
  return tags.map((tag) => tag.replaceAll(/[\\|]/g, '\\$&')).join('|')
}
export function splitTags(cell: string): string[] {
  const tags: string[] = ['']
  for (const [part] of cell.matchAll(/\\[\\|]|[^]/gu)) {
    if (part === '|') tags.push('')
    else tags[tags.length - 1] += part.length === 2 && part.startsWith('\\') ? part.slice(1) : part
  }
  return tags.map((tag) => tag.trim()).filter((tag) => tag !== '')
}

/** Writes a fleet as CSV that `readFleetCsv` reads back to the same. */
export function fleetCsv(rows: AsyncIterable<Readonly<Record<string, unknown>>>): Readable {
  return writeCsv(rows, exportColumns)
}

/** Writes rows as CSV that `readCsv` reads back to the same. */
export function writeCsv(rows: AsyncIterable<object>, columns: readonly string[]): Readable {
  const out = stringify({ header: true, columns: [...columns], record_delimiter: '\r\n' })
  // A failure destroys the output, so that the receiver sees it cut off.
  pipeline(cells(rows, columns), out).catch(() => undefined)
  return out
}

async function* cells(
  rows: AsyncIterable<object>,
  columns: readonly string[],
): AsyncGenerator<Record<string, string>> {
  for await (const row of rows) yield cellsOf(row as Readonly<Record<string, unknown>>, columns)
}

function cellsOf(
  row: Readonly<Record<string, unknown>>,
  columns: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    columns.map((column) => {
      const value = row[column]
      if (Array.isArray(value)) return [column, neutralised(joinTags(value.map(String)))]
      return [column, typeof value === 'string' ? neutralised(value) : '']
    }),
  )
}

/** Writes rows as one JSON array, a row a line. */
export async function* fleetJson(rows: AsyncIterable<object>): AsyncGenerator<string> {
  let first = true
  for await (const row of rows) {
    yield `${first ? '[\n' : ',\n'}${JSON.stringify(row)}`
    first = false
  }
  yield first ? '[]\n' : '\n]\n'
}
