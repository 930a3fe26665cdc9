import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { onStopRequested } from '../src/kernel/parent.ts'
import { abandonCandidates } from './candidate.ts'
import { commands } from './commands.ts'
import { governing } from './governing.ts'
import { inbound } from './inbound.ts'
import { memory } from './memory.ts'
import { proofs } from './proofs.ts'
import { asText, machine, record } from './report.ts'
import type { Options } from './scenario.ts'
import { stormTls } from './storm-tls.ts'
import { storm } from './storm.ts'

const scenarios = [inbound, memory, commands, governing, proofs, storm, stormTls]
const usage = `npm run bench -- [<scenario>...] [--quick] [--profile <folder>]

Scenarios: ${scenarios.map((one) => one.name).join(', ')}; all when none is named.
--quick    a smoke run with small numbers, not written to docs/benchmarks.md
--profile  writes a CPU profile of every server that belongs to a scenario to a folder`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter((name) => !scenarios.some((one) => one.name === name))
if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `There is no scenario ${unknown.join(', ')}.\n` : '', usage)
  process.exit(values.help ? 0 : 2)
}

const cache = path.resolve(import.meta.dirname, '../.cache')
await mkdir(cache, { recursive: true })
const scratch = await mkdtemp(path.join(cache, 'bench-'))
const chosen = scenarios.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
)
const options: Options = {
  quick: values.quick,
  profile: values.profile,
  scratch,
  say: (text) => console.log(text),
}

/** Servers end when the channel to them closes; their folders can go once they have. */
const servers = 5_000
onStopRequested(() => {
  abandonCandidates()
  setTimeout(() => void clean().finally(() => process.exit(1)), servers)
})

function clean(): Promise<void> {
  return rm(scratch, { recursive: true, force: true })
}

try {
  console.log(machine())
  for (const scenario of chosen) {
    console.log(`\n${scenario.title}`)
    const findings = await scenario.run(options)
    for (const table of findings.tables) console.log(`\n${asText(table)}`)
    // A run under the profiler or with small numbers says nothing about speed.
    if (!values.quick && values.profile === undefined) await record(scenario, findings)
  }
} finally {
  abandonCandidates()
  await clean()
}
// The channel to the launcher must not keep the process.
process.disconnect?.()
