import { setTimeout as delay } from 'node:timers/promises'
import type { CandidateOptions } from './candidate.ts'
import { withCandidates } from './candidate.ts'
import { connectFleet, endFleet } from './charger.ts'
import type { Options, Scenario } from './scenario.ts'
import {
  bare,
  count,
  decimals,
  gateway,
  ocppRpc,
  product,
  withDataFolder,
  withProfile,
} from './scenario.ts'

const full = 5_000
const text = `What ${count(full)} connected, booted and idle chargers add, per connection, to a server process that has served a thousand
before, each time after a full garbage collection. \`heap\` is the JavaScript heap in use and what it holds outside of it;
\`RSS\` is what the operating system counts: that, the sockets' native parts, and memory the process has freed and keeps.`

export const memory: Scenario = {
  name: 'memory',
  title: 'Memory of an idle connection',
  async run(options) {
    const rows: string[][] = []
    for (const one of [bare, ocppRpc, gateway]) rows.push(await measure(options, one))
    await withDataFolder(options, async (folder) => {
      rows.push(await measure(options, product(folder, full)))
    })
    return { text, tables: [{ columns: ['server', 'heap, kB', 'RSS, kB'], rows }] }
  },
}

/** How long what follows a connection may take: reports, commits, buffers given back. */
const settleMs = 3_000

function measure(options: Options, server: CandidateOptions): Promise<string[]> {
  const connections = options.quick ? 200 : full
  return withCandidates([withProfile(options, server)], async ([candidate]) => {
    const { name, chargers, memory: read } = candidate!
    // A server that has been at work: code is compiled, and the heap has its working size.
    endFleet(await connectFleet(chargers, connections / 5))
    await delay(settleMs)
    const before = await read()
    const fleet = await connectFleet(chargers, connections)
    await delay(settleMs)
    const after = await read()
    endFleet(fleet)
    options.say(`  ${name}: done`)
    const perConnection = (bytes: number) => decimals(bytes / connections / 1_000, 1)
    return [
      name,
      perConnection(after.heapBytes - before.heapBytes),
      perConnection(after.rssBytes - before.rssBytes),
    ]
  })
}
