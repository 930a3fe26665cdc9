import { systemClock } from '../src/kernel/clock.ts'
import { onStopRequested } from '../src/kernel/parent.ts'
import type { FleetTotals, VirtualFleet } from './fleet.ts'
import { fleetIdentities, startFleet } from './fleet.ts'
import type { LabArguments } from './options.ts'
import { apiToken, labProgram, passwords } from './options.ts'
import { register } from './registration.ts'

const statusEveryMs = 1_000
const statusEveryMsPiped = 10_000

const program = labProgram()
program.parse()
try {
  await run(program.opts())
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function run(options: LabArguments): Promise<void> {
  const identities = fleetIdentities(options.prefix, options.chargers)
  const secrets = passwords(options, identities)
  if (options.api !== undefined) {
    const tags = ['lab', options.persona.name].map((tag) => tag.replaceAll('+', '-'))
    const rows = identities.map((identity) => ({
      identity,
      credential: secrets.get(identity) ?? '',
      tags,
      ...(options.group === undefined ? {} : { group: options.group }),
    }))
    await register(options.api, apiToken(options.token, process.env), rows)
    console.error(`registered ${rows.length} chargers`)
  }
  const fleet = startFleet({
    url: options.url,
    chargers: options.chargers,
    prefix: options.prefix,
    version: options.version,
    persona: options.persona,
    connectors: options.connectors,
    connectPerSecond: options.connectRate,
    password: (identity) => secrets.get(identity),
    seed: options.seed,
    clock: systemClock,
    heartbeatSeconds: options.heartbeat,
    meterSeconds: options.meter,
    drivers: options.drivers,
    validates: options.validate,
  })
  await untilOver(fleet, options.duration)
  const totals = fleet.totals()
  // A second wish to stop ends the process at once, so nothing here needs a deadline.
  await fleet.stop()
  if (options.json === true) console.log(JSON.stringify(totals))
  else console.log(statusLine(totals))
}

/** Shows how the fleet is doing until its time is over or somebody wants it to end. */
function untilOver(fleet: VirtualFleet, durationSeconds: number | undefined): Promise<void> {
  const { isTTY: live } = process.stderr
  const show = setInterval(
    () => {
      const line = statusLine(fleet.totals())
      process.stderr.write(live ? `\r\u001b[K${line}` : `${line}\n`)
    },
    live ? statusEveryMs : statusEveryMsPiped,
  )
  return new Promise<void>((over) => {
    onStopRequested(() => over())
    if (durationSeconds !== undefined) setTimeout(over, durationSeconds * 1000)
  }).finally(() => {
    clearInterval(show)
    if (live) process.stderr.write('\n')
  })
}

function statusLine(totals: FleetTotals): string {
  const { chargers, connected, online, callsReceived, callsSent } = totals
  const refused = Object.entries(totals.refusals).map(([status, count]) => `${status}: ${count}`)
  const charging = totals.sessionsStarted - totals.sessionsEnded
  return [
    `${connected}/${chargers} connected`,
    `${online} booted`,
    `${charging} charging`,
    `${totals.sessionsStarted} sessions`,
    `${callsReceived} calls received`,
    `${callsSent} sent`,
    ...(totals.invalidReceived > 0 ? [`${totals.invalidReceived} invalid received`] : []),
    ...(refused.length > 0 ? [`refused ${refused.join(', ')}`] : []),
  ].join('  ')
}
