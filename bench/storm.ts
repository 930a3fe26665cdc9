import type { CandidateOptions } from './candidate.ts'
import { withCandidates } from './candidate.ts'
import { connectFleet, endFleet } from './charger.ts'
import { descendantsCpuSeconds } from './process-tree.ts'
import type { Options, Scenario } from './scenario.ts'
import {
  bare,
  count,
  decimals,
  gateway,
  ocppRpc,
  product,
  ratio,
  withDataFolder,
  withProfile,
} from './scenario.ts'

const full = 5_000
const text = `${count(full)} chargers connect at once, show their credential (HTTP Basic), send a BootNotification and wait until they are
Accepted. Bare and gateway admit everybody; the whole product checks every credential and makes every admission and boot
durable.`

export const storm: Scenario = {
  name: 'storm',
  title: 'Reconnect storm',
  async run(options) {
    const found: Storm[] = []
    for (const one of [bare, ocppRpc, gateway]) found.push(await measure(options, one))
    await withDataFolder(options, async (folder) => {
      found.push(await measure(options, product(folder, full)))
    })
    return {
      text,
      tables: [
        {
          columns: [
            'server',
            'until all are Accepted, s',
            'server CPU, s',
            '× bare',
            'PostgreSQL CPU, s',
          ],
          rows: found.map(({ name, seconds, cpuSeconds, database }) => [
            name,
            decimals(seconds, 2),
            decimals(cpuSeconds, 2),
            ratio(cpuSeconds, found[0]?.cpuSeconds),
            database === undefined || database === 0 ? '' : decimals(database, 2),
          ]),
        },
      ],
    }
  },
}

interface Storm {
  readonly name: string
  readonly seconds: number
  readonly cpuSeconds: number
  readonly database: number | undefined
}

function measure(options: Options, server: CandidateOptions): Promise<Storm> {
  const connections = options.quick ? 200 : full
  return withCandidates([withProfile(options, server)], async ([candidate]) => {
    const { name, chargers, pid, usage } = candidate!
    const before = await usage()
    const databaseBefore = descendantsCpuSeconds(pid)
    const since = performance.now()
    const fleet = await connectFleet(chargers, connections)
    const seconds = (performance.now() - since) / 1000
    const after = await usage()
    const databaseAfter = descendantsCpuSeconds(pid)
    endFleet(fleet)
    options.say(`  ${name}: done`)
    return {
      name,
      seconds,
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      database:
        databaseBefore === undefined || databaseAfter === undefined
          ? undefined
          : databaseAfter - databaseBefore,
    }
  })
}
