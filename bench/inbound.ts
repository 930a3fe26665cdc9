import type { Candidate } from './candidate.ts'
import { withCandidates } from './candidate.ts'
import type { LeanCharger } from './charger.ts'
import { connectFleet, endFleet } from './charger.ts'
import type { Mix } from './messages.ts'
import { callText, mixes } from './messages.ts'
import { descendantsCpuSeconds } from './process-tree.ts'
import type { Findings, Options, Scenario, Table } from './scenario.ts'
import {
  bare,
  count,
  gateway,
  median,
  ocppRpc,
  product,
  ratio,
  withDataFolder,
  withProfile,
} from './scenario.ts'

const connections = 50
const runs = 3
const text = `${connections} connections, each with one CALL outstanding; every answer is checked. Counted are answered messages per
second of the server process's own CPU time; median of ${runs} runs in alternating order, after a warm-up. \`gateway\` is
ours with a control on the memory bus that remembers nothing; \`whole product\` also has PostgreSQL, and answers a
report only when it is durable. The CPU time of PostgreSQL comes on top and has a column of its own.`

export const inbound: Scenario = {
  name: 'inbound',
  title: 'Validated inbound messages',
  run: (options) =>
    withDataFolder(options, (folder) =>
      withCandidates(
        [bare, ocppRpc, gateway, product(folder, connections)].map((one) =>
          withProfile(options, one),
        ),
        (candidates) => measure(options, candidates),
      ),
    ),
}

interface Run {
  readonly perCpuSecond: number
  readonly databaseShare: number | undefined
  readonly perSecond: number
}

async function measure(
  { quick, say }: Options,
  candidates: readonly Candidate[],
): Promise<Findings> {
  const fleets = new Map<Candidate, LeanCharger[]>()
  for (const one of candidates) fleets.set(one, await connectFleet(one.chargers, connections))
  const tables: Table[] = []
  try {
    for (const mix of Object.keys(mixes) as Mix[]) {
      const contenders = candidates.filter(
        ({ name }) => name !== 'whole product' || mix !== 'heartbeats',
      )
      const found = new Map<Candidate, Run[]>(contenders.map((one) => [one, []]))
      for (let round = 0; round <= runs; round += 1) {
        const order = round % 2 === 0 ? contenders : contenders.toReversed()
        for (const one of order) {
          const messages = messagesFor(one, quick) / (round === 0 ? 2 : 1)
          const run = await drive(one, fleets.get(one)!, mix, messages)
          if (round > 0) found.get(one)!.push(run)
        }
      }
      tables.push(tableOf(mix, found))
      say(`  ${mixes[mix]}: done`)
    }
  } finally {
    for (const fleet of fleets.values()) endFleet(fleet)
  }
  return { text, tables }
}

function messagesFor({ name }: Candidate, quick: boolean): number {
  const full = name === 'whole product' ? 10_000 : name === ocppRpc.name ? 20_000 : 50_000
  return quick ? full / 20 : full
}

async function drive(
  candidate: Candidate,
  fleet: readonly LeanCharger[],
  mix: Mix,
  messages: number,
): Promise<Run> {
  const before = await candidate.usage()
  const databaseBefore = descendantsCpuSeconds(candidate.pid)
  const since = performance.now()
  let turn = 0
  await Promise.all(
    fleet.map(async (charger) => {
      while (turn < messages) await charger.call(callText(mix, (turn += 1)))
    }),
  )
  const seconds = (performance.now() - since) / 1000
  const cpuSeconds = (await candidate.usage()).cpuSeconds - before.cpuSeconds
  const database = (descendantsCpuSeconds(candidate.pid) ?? 0) - (databaseBefore ?? 0)
  return {
    perCpuSecond: turn / cpuSeconds,
    databaseShare: database > 0 ? database / cpuSeconds : undefined,
    perSecond: turn / seconds,
  }
}

function tableOf(mix: Mix, found: ReadonlyMap<Candidate, readonly Run[]>): Table {
  const medians = [...found].map(([{ name }, all]) => ({
    name,
    perCpuSecond: median(all.map((run) => run.perCpuSecond)),
    perSecond: median(all.map((run) => run.perSecond)),
    database: median(all.flatMap(({ databaseShare }) => databaseShare ?? [])),
  }))
  const of = (wanted: string) => medians.find(({ name }) => name === wanted)?.perCpuSecond
  return {
    columns: [
      mixes[mix],
      'messages per CPU-second',
      '× bare',
      '× ocpp-rpc',
      'messages per second, wall',
      'PostgreSQL CPU per server CPU',
    ],
    rows: medians.map(({ name, perCpuSecond, perSecond, database }) => [
      name,
      count(perCpuSecond),
      ratio(perCpuSecond, of(bare.name)),
      ratio(perCpuSecond, of(ocppRpc.name)),
      count(perSecond),
      Number.isNaN(database) ? '' : database.toFixed(2),
    ]),
  }
}
