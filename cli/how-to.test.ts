import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { exitCodeMeanings } from './exit-codes.ts'
import { program } from './program.ts'
import type { World } from './world.ts'

const page = readFileSync(new URL('../docs/how-to/cli.md', import.meta.url), 'utf8')

test('the page on the command line tells the meaning of every exit code', () => {
  const rows = [...page.matchAll(/^\| (\d+) +\| (.*?) +\|$/gm)].map(([, code, meaning]) => ({
    code: Number(code),
    meaning,
  }))
  assert.deepEqual(rows, exitCodeMeanings)
})

test('the page on the command line names every command', () => {
  const writer = { write: () => undefined, isTerminal: false, columns: () => 80, rows: () => 24 }
  const world = { out: writer, err: writer, env: {}, now: () => 0 } as unknown as World
  const missing = leaves(program(world)).filter((words) => {
    const [noun = '', verb] = words
    return verb === undefined
      ? !page.includes(`\`${noun}`)
      : !page.includes(`\`${noun} ${verb}`) && !page.includes(`\`... ${verb}\``)
  })
  assert.deepEqual(missing, [])
})

function leaves(command: CommandUnknownOpts): string[][] {
  return command.commands
    .filter((one) => one.name() !== 'help')
    .flatMap((one) =>
      one.commands.length === 0
        ? [[one.name()]]
        : leaves(one).map((below) => [one.name(), ...below]),
    )
}
