import os from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { startLab } from '../simulator/lab.ts'
import { compose } from './compose.ts'
import type { System } from './compose.ts'
import { systemClock } from './kernel/clock.ts'
import { openLog } from './kernel/log.ts'
import type { Log } from './kernel/log.ts'
import { onStopRequested } from './kernel/parent.ts'
import { readSettings } from './kernel/settings.ts'
import type { Settings } from './kernel/settings.ts'
import { enrolLab } from './lab.ts'

/** How long a stop in good order may take before the process ends anyway. */
const stopWithinMs = 20_000

const read = readSettings(process.env, {
  folder: process.cwd(),
  name: os.hostname(),
  pid: process.pid,
})
if (!read.ok) {
  process.stderr.write(
    `OTA control cannot start:\n${read.problems.map((problem) => `  ${problem}\n`).join('')}`,
  )
  process.exit(2)
}
await run(read.settings)

async function run(settings: Settings): Promise<void> {
  // The log goes to standard error, so that standard output stays for people.
  const log = openLog({
    level: settings.logLevel,
    name: 'ota-control',
    destination: pino.destination({ fd: 2, sync: true }),
  })
  process.on('unhandledRejection', (error) =>
    log.error({ err: error }, 'something failed that nobody waited for'),
  )
  const stopping = Promise.withResolvers<string>()
  onStopRequested((reason) => stopping.resolve(reason))
  let system: System
  try {
    system = await compose(settings, log)
  } catch (error) {
    process.stderr.write(
      `OTA control cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    log.debug({ err: error }, 'why it could not start')
    process.exit(1)
  }
  const lab =
    settings.lab && system.fleet !== undefined ? await openLab(settings, system, log) : undefined
  process.stdout.write(greeting(settings, system, lab !== undefined))
  const reason = await stopping.promise
  log.info({ reason }, 'stopping')
  setTimeout(() => process.exit(1), stopWithinMs).unref()
  await lab?.stop()
  await system.close()
  process.exit(0)
}

async function openLab(settings: Settings, { fleet, listeners }: System, log: Log) {
  if (fleet === undefined || listeners.chargers === undefined) return undefined
  const chargers = await enrolLab(fleet, settings.dataDir)
  const credentials = new Map(chargers.map((one) => [one.identity, one.credential]))
  return startLab({
    url: `ws://${reachable(listeners.chargers)}/ocpp`,
    password: (identity) => credentials.get(identity),
    clock: systemClock,
    log,
    seed: 1,
  })
}

/** An address to connect to, where the listener takes any. */
function reachable(address: string): string {
  return address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')
}

function greeting(
  { role, dataDir, databaseUrl, operatorTlsCert }: Settings,
  { listeners, version, firstEnrolment, witnessKey }: System,
  lab: boolean,
): string {
  const controls = role !== 'gateway' && role !== 'witness'
  const { operators, chargers, files, witness, health, 'chargers-tls': chargersTls } = listeners
  const folder = path.relative(process.cwd(), dataDir) || '.'
  const rows = [
    [
      'API',
      operators === undefined
        ? undefined
        : `${operatorTlsCert === undefined ? 'http' : 'https'}://${reachable(operators)}/api/docs`,
    ],
    ['Chargers', chargers === undefined ? undefined : `ws://${chargers}/ocpp/<identity>`],
    ['', chargersTls === undefined ? undefined : `wss://${chargersTls}/ocpp/<identity>`],
    ['Files', files === undefined ? undefined : `${files} (logs and firmware)`],
    ['Health', health === undefined ? undefined : `http://${reachable(health)}/readyz`],
    [
      'Data',
      !controls
        ? undefined
        : databaseUrl === undefined
          ? `${folder} (with its own PostgreSQL)`
          : 'the PostgreSQL of OTA_DATABASE_URL',
    ],
    [
      'Token',
      !controls
        ? undefined
        : `${path.join(folder, 'owner-token')} (the robot local; the CLI finds it by itself)`,
    ],
    ['Witness', witness === undefined ? undefined : `http://${witness}/add-checkpoint`],
    ['Key', witnessKey],
    ['Enrol', firstEnrolment && `${firstEnrolment} (works once, for 24 h: makes the owner)`],
    ['Lab', lab ? 'a dozen virtual chargers, LAB-01 to LAB-12' : undefined],
  ]
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${(name ?? '').padEnd(10)}${value}`],
  )
  const next = !controls
    ? []
    : [
        'Next:',
        '  npx otactl chargers list',
        lab
          ? '  npx otactl run charger.reset LAB-01 --mode now --reason "first try"'
          : '  npx otactl chargers add <identity>',
      ]
  return [
    `OTA control ${version}${role === 'all' ? '' : `, ${role}`} is running.`,
    ...lines,
    ...next,
    'Ctrl-C stops it.',
    '',
  ].join('\n')
}
