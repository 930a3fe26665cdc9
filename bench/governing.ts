import { execFile } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Candidate } from './candidate.ts'
import { withCandidates } from './candidate.ts'
import { connectFleet, endFleet } from './charger.ts'
import type { Run } from './drive.ts'
import { drive } from './drive.ts'
import type { Findings, Options, Scenario } from './scenario.ts'
import { count, decimals, median, product, ratio, withDataFolder, withProfile } from './scenario.ts'

/** The last commit before roles, risk, guards, detection, approvals and the Merkle tree. */
const before = 'a990fc7'
const chargers = 1_000
const rounds = 12

const text = `The commands of the scenario above, of the product as it was before commands were governed (commit ${before}) and as it is.
In between came roles, risk, guards, budgets, detection, approvals, the Merkle tree with its checkpoints, and personal data
as commitments. Both run at once, each with a PostgreSQL of its own, and are driven in turns; CPU is that of server and
PostgreSQL together, by command. Medians of ${rounds} rounds; the ratio is of what all of them took, with the quartiles of the ratios of single rounds.
Aimed at is 1.25 at most.`

export const governing: Scenario = {
  name: 'governing',
  title: 'What governing adds to a command',
  run: (options) =>
    withEarlier(options, (root) =>
      withDataFolder(options, (theirs) =>
        withDataFolder(options, (mine) =>
          withCandidates(
            [
              { ...product(theirs, chargers), name: 'before', root },
              withProfile(options, product(mine, chargers)),
            ],
            ([earlier, now]) => measure(options, earlier!, now!),
          ),
        ),
      ),
    ),
}

/** The product of that commit, in a folder that is gone afterwards. */
async function withEarlier<T>({ scratch }: Options, use: (root: string) => Promise<T>): Promise<T> {
  const here = path.join(import.meta.dirname, '..')
  const root = path.join(scratch, before)
  const git = (...args: string[]) => promisify(execFile)('git', ['-C', here, ...args])
  await git('worktree', 'add', '--detach', root, before)
  try {
    // It needs nothing that is not here, and nothing has another version.
    await symlink(path.join(here, 'node_modules'), path.join(root, 'node_modules'))
    return await use(root)
  } finally {
    await git('worktree', 'remove', '--force', root)
  }
}

async function measure(
  { quick, say }: Options,
  earlier: Candidate,
  now: Candidate,
): Promise<Findings> {
  const fleets = [
    await connectFleet(earlier.chargers, chargers),
    await connectFleet(now.chargers, chargers),
  ] as const
  const rows: string[][] = []
  try {
    for (const concurrency of [64, 128]) {
      const found: { earlier: Run; now: Run }[] = []
      for (let round = 0; round <= rounds; round += 1) {
        const total = quick ? 200 : 1_500
        const pair = {
          earlier: await drive(earlier, fleets[0], concurrency, total),
          now: await drive(now, fleets[1], concurrency, total),
        }
        // The first warms up.
        if (round > 0) found.push(pair)
      }
      rows.push(...rowsOf(concurrency, found))
      say(`  ${concurrency} under way: done`)
    }
  } finally {
    for (const fleet of fleets) endFleet(fleet)
  }
  return { text, tables: [{ columns, rows }] }
}

const columns = [
  'product',
  'under way',
  'commands per second',
  'server CPU a command, ms',
  'PostgreSQL CPU a command, ms',
  '× before, CPU',
  'quartiles',
]

function rowsOf(concurrency: number, found: readonly { earlier: Run; now: Run }[]): string[][] {
  const ratios = found.map((pair) => cpuOf(pair.now) / cpuOf(pair.earlier)).sort((a, b) => a - b)
  const quartile = (share: number) => decimals(ratios[Math.floor(share * (ratios.length - 1))]!, 2)
  return [
    [
      ...common(
        'before',
        concurrency,
        found.map((pair) => pair.earlier),
      ),
      '1.00',
      '',
    ],
    [
      ...common(
        'now',
        concurrency,
        found.map((pair) => pair.now),
      ),
      ratio(cpuOfAll(found.map((pair) => pair.now)), cpuOfAll(found.map((pair) => pair.earlier))),
      `${quartile(0.25)} to ${quartile(0.75)}`,
    ],
  ]
}

function common(name: string, concurrency: number, runs: readonly Run[]): string[] {
  return [
    name,
    String(concurrency),
    count(median(runs.map((run) => run.perSecond))),
    decimals(median(runs.map((run) => run.cpuMs)), 2),
    decimals(median(runs.map((run) => run.databaseCpuMs)), 2),
  ]
}

function cpuOfAll(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + cpuOf(run), 0)
}

function cpuOf({ cpuMs, databaseCpuMs }: Run): number {
  return cpuMs + databaseCpuMs
}
