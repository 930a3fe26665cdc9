import { apiClient, succeeded, untilSucceeded } from './api-client.ts'
import type { Candidate } from './candidate.ts'
import { withCandidates } from './candidate.ts'
import type { LeanCharger } from './charger.ts'
import { connectFleet, endFleet } from './charger.ts'
import type { Run } from './drive.ts'
import { drive } from './drive.ts'
import type { Findings, Options, Scenario } from './scenario.ts'
import {
  count,
  decimals,
  median,
  product,
  quantile,
  ratio,
  withDataFolder,
  withProfile,
} from './scenario.ts'

const chargers = 2_000
const runs = 3
const text = `\`settings.read\` of one key on one charger by POST /api/v1/commands, over kept connections; ${count(chargers)} chargers are connected
and answer at once. So many commands are under way at any moment: a client asks for the next when the last was answered
202 and its frame has reached the charger. The product's commands count when they have succeeded, which is durable and
audited in six entries each. \`to frame\` is from the request to the frame at the charger, by one clock. \`bare loop\` is
Fastify, one INSERT committed by itself and a WebSocket frame: no audit, no order, no fence, no answer looked at. fsync is
on for both. Median of ${runs} runs. The bulk command is one submission to ${count(chargers)} chargers at the default pace of 200 under way.`

export const commands: Scenario = {
  name: 'commands',
  title: 'Durable audited commands, end to end',
  run: (options) =>
    withDataFolder(options, (mine) =>
      withDataFolder(options, (theirs) =>
        withCandidates(
          [
            { name: 'bare loop', server: 'bare-commands', args: [theirs] },
            withProfile(options, product(mine, chargers)),
          ],
          ([bareLoop, ours]) => measure(options, bareLoop!, ours!),
        ),
      ),
    ),
}

async function measure(options: Options, bareLoop: Candidate, ours: Candidate): Promise<Findings> {
  const { quick, say } = options
  const rows: string[][] = []
  const fleets = [
    await connectFleet(bareLoop.chargers, chargers),
    await connectFleet(ours.chargers, chargers),
  ] as const
  try {
    for (const concurrency of [64, 128]) {
      const found: { candidate: Candidate; all: Run[] }[] = [
        { candidate: bareLoop, all: [] },
        { candidate: ours, all: [] },
      ]
      for (let round = 0; round <= runs; round += 1)
        for (const [index, { candidate, all }] of found.entries()) {
          const total = (quick ? 200 : 4_000) / (round === 0 ? 2 : 1)
          const run = await drive(candidate, fleets[index]!, concurrency, total)
          if (round > 0) all.push(run)
        }
      const bareRate = median(found[0]!.all.map((run) => run.perSecond))
      for (const { candidate, all } of found)
        rows.push(rowOf(candidate.name, concurrency, all, bareRate))
      say(`  ${concurrency} under way: done`)
    }
    const bulk = await submitToAll(ours, fleets[1])
    return { text, tables: [{ columns, rows }, bulk] }
  } finally {
    for (const fleet of fleets) endFleet(fleet)
  }
}

const columns = [
  'server',
  'under way',
  'commands per second',
  '× bare loop',
  'p50 to frame, ms',
  'p99 to frame, ms',
  'server CPU a command, ms',
  'PostgreSQL CPU a command, ms',
]

function rowOf(name: string, concurrency: number, all: readonly Run[], bareRate: number): string[] {
  const perSecond = median(all.map((run) => run.perSecond))
  const toFrame = all.flatMap((run) => run.toFrameMs)
  return [
    name,
    String(concurrency),
    count(perSecond),
    ratio(perSecond, bareRate),
    decimals(quantile(toFrame, 0.5), 1),
    decimals(quantile(toFrame, 0.99), 1),
    decimals(median(all.map((run) => run.cpuMs)), 2),
    decimals(median(all.map((run) => run.databaseCpuMs)), 2),
  ]
}

async function submitToAll(ours: Candidate, fleet: readonly LeanCharger[]) {
  const client = apiClient(ours, 1)
  const before = await succeeded(ours)
  const since = performance.now()
  const frames = fleet.map(
    (charger) =>
      new Promise<number>((resolve) => {
        charger.onCall = () => resolve(performance.now() - since)
      }),
  )
  await client.submit(
    '/api/v1/commands',
    JSON.stringify({
      operation: 'settings.read',
      params: { keys: ['HeartbeatInterval'] },
      target: { select: { ids: fleet.map(({ identity }) => identity) } },
      reason: 'bench',
    }),
  )
  const submittedMs = performance.now() - since
  const arrived = await Promise.all(frames)
  await untilSucceeded(ours, before + fleet.length)
  const seconds = (performance.now() - since) / 1000
  client.close()
  return {
    columns: [
      'one command to',
      'submitted after, ms',
      'first frame after, ms',
      'last frame after, ms',
      'all succeeded after, s',
      'per second',
    ],
    rows: [
      [
        `${count(fleet.length)} chargers`,
        decimals(submittedMs, 0),
        decimals(Math.min(...arrived), 0),
        decimals(Math.max(...arrived), 0),
        decimals(seconds, 2),
        count(fleet.length / seconds),
      ],
    ],
  }
}
