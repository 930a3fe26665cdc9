import type { CandidateOptions } from './candidate.ts'
import { withCandidates } from './candidate.ts'
import { connectFleet, endFleet } from './charger.ts'
import type { Options, Scenario } from './scenario.ts'
import { count, decimals, gateway, ratio, withProfile } from './scenario.ts'

const full = 3_000
const text = `${count(full)} chargers connect to the gateway at once as in the reconnect storm, with and without TLS; each makes a full
handshake, no session is taken up again. The server has EC P-256. With a certificate the chargers show one (EC P-256),
which the server verifies. What a handshake costs is the CPU time over that of the storm in the clear.`

const kinds = ['clear', 'tls12', 'tls12-certificate', 'tls13', 'tls13-certificate'] as const
const names: Readonly<Record<(typeof kinds)[number], string>> = {
  clear: 'in the clear',
  tls12: 'TLS 1.2',
  'tls12-certificate': 'TLS 1.2, with certificate',
  tls13: 'TLS 1.3',
  'tls13-certificate': 'TLS 1.3, with certificate',
}

export const stormTls: Scenario = {
  name: 'storm-tls',
  title: 'Reconnect storm with TLS',
  async run(options) {
    const found: Storm[] = []
    for (const kind of kinds)
      found.push(await measure(options, { ...gateway, name: names[kind], args: [kind] }))
    const [clear] = found
    return {
      text,
      tables: [
        {
          columns: ['connection', 'server CPU, s', '× in the clear', 'handshakes per CPU-second'],
          rows: found.map(({ name, cpuSeconds, connections }) => {
            const more = cpuSeconds - clear!.cpuSeconds
            return [
              name,
              decimals(cpuSeconds, 2),
              ratio(cpuSeconds, clear!.cpuSeconds),
              more > 0 ? count(connections / more) : '',
            ]
          }),
        },
      ],
    }
  },
}

interface Storm {
  readonly name: string
  readonly cpuSeconds: number
  readonly connections: number
}

function measure(options: Options, server: CandidateOptions): Promise<Storm> {
  const connections = options.quick ? 200 : full
  return withCandidates([withProfile(options, server)], async ([candidate]) => {
    const { name, chargers, tls, usage } = candidate!
    const before = await usage()
    const fleet = await connectFleet(chargers, connections, tls)
    const after = await usage()
    endFleet(fleet)
    options.say(`  ${name}: done`)
    return { name, cpuSeconds: after.cpuSeconds - before.cpuSeconds, connections }
  })
}
