import { readFile, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Findings, Scenario, Table } from './scenario.ts'

const file = path.resolve(import.meta.dirname, '../docs/benchmarks.md')

export function machine(): string {
  const cpus = os.cpus()
  const memory = `${(os.totalmem() / 2 ** 30).toFixed(1)} GiB`
  const model = cpus[0]?.model.trim() ?? 'an unknown processor'
  const date = new Date().toISOString().slice(0, 10)
  return `${model}, ${cpus.length} cores, ${memory}, ${os.type()} ${os.release()}, Node ${process.versions.node}, ${date}`
}

export function asText({ columns, rows }: Table): string {
  const all = [columns, ...rows]
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
        )
        .join('  '),
    )
    .join('\n')
}

/** Puts the findings between the scenario's markers in docs/benchmarks.md; what stands outside is kept. */
export async function record({ name, title }: Scenario, { text, tables }: Findings): Promise<void> {
  const page = await readFile(file, 'utf8')
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no place for ${name}`)
  const section = [begin, `## ${title}`, text, ...tables.map(asMarkdown), `_${machine()}._`]
  await writeFile(file, `${page.slice(0, from)}${section.join('\n\n')}\n\n${page.slice(to)}`)
}

function asMarkdown({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rule = columns.map((_, index) => (index === 0 ? '---' : '--:'))
  return [columns, rule, ...rows].map(line).join('\n')
}
