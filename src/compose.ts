import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { openApi } from './api/api.ts'
import type { Api } from './api/api.ts'
import { openHealth } from './api/health.ts'
import type { Checks } from './api/health.ts'
import { openMetrics } from './api/metrics.ts'
import type { Metrics } from './api/metrics.ts'
import { openAudit } from './audit/open-audit.ts'
import type { Bus } from './bus/bus.ts'
import { memoryBus } from './bus/memory.ts'
import { natsBus } from './bus/nats.ts'
import { openCommands } from './commands/open-commands.ts'
import { openFleet } from './fleet/open-fleet.ts'
import type { Fleet } from './fleet/fleet.ts'
import { openGateway } from './gateway/gateway.ts'
import type { Gateway } from './gateway/gateway.ts'
import { openIdentity } from './identity/identity.ts'
import { expelOver, openIntake } from './intake/open-intake.ts'
import { defaultIntakeSettings } from './intake/settings.ts'
import { every, systemClock } from './kernel/clock.ts'
import { uuid7 } from './kernel/ids.ts'
import type { Log } from './kernel/log.ts'
import type { Address, Settings } from './kernel/settings.ts'
import { operations } from './operations/catalogue.ts'
import { openDatabase } from './storage/open-database.ts'
import type { OpenedDatabase } from './storage/open-database.ts'

/** The running product. */
export interface System {
  /** Plane to `host:port`, of the planes this process has. */
  readonly listeners: Readonly<Record<string, string>>
  readonly version: string
  /** Undefined in a gateway. */
  readonly fleet?: Fleet
  /** Finishes what is under way, closes every socket with 1001, and lets go of everything. Idempotent. */
  close(): Promise<void>
}

const clock = systemClock
const sweepEveryMs = 60_000
/** Longer than the silence after which a gateway itself closes a connection: three heartbeat intervals. */
const silentAfterMs = 4 * defaultIntakeSettings.heartbeatIntervalSeconds * 1_000

/** Constructs everything a process of this role needs, in the order in which one thing needs another. */
export async function compose(settings: Settings, log: Log): Promise<System> {
  const closing: (() => Promise<void>)[] = []
  const closeAll = async () => {
    for (const close of closing.splice(0).reverse()) {
      await close().catch((error: unknown) =>
        log.error({ err: error }, 'something did not close in good order'),
      )
    }
  }
  try {
    return await open(settings, log, closing, closeAll)
  } catch (error) {
    await closeAll()
    throw error
  }
}

async function open(
  settings: Settings,
  log: Log,
  closing: (() => Promise<void>)[],
  closeAll: () => Promise<void>,
): Promise<System> {
  const { role, nodeName } = settings
  const version = productVersion()
  const startedAt = clock.now()
  const newId = uuid7(clock)
  const metrics = openMetrics()
  const listeners: Record<string, string> = {}
  let listening = false
  const checks: Record<string, () => boolean> = { listeners: () => listening }

  const health = await openHealth({
    address: settings.healthAddress,
    ready: () => readiness(checks),
    metrics,
    clock,
  })
  closing.push(() => health.close())
  listeners.health = health.address()

  const bus: Bus =
    settings.natsUrl === undefined
      ? memoryBus({ clock, log })
      : await natsBus({ url: settings.natsUrl, prefix: settings.natsPrefix, name: nodeName, log })
  closing.push(() => bus.close())
  checks.bus = () => bus.healthy()

  const control =
    role === 'gateway'
      ? undefined
      : await openControl({ settings, log, bus, newId, metrics, closing, checks })
  if (control !== undefined) {
    const api: Api = await openApi({
      ...control,
      address: settings.operatorAddress,
      operations,
      bus,
      clock,
      newId,
      log,
      metrics,
      system: {
        version,
        roles: role === 'all' ? ['gateway', 'control'] : [role],
        startedAt,
        listeners: () => listeners,
      },
    })
    closing.push(() => api.close())
    listeners.operators = api.address()
  }
  if (role !== 'control') {
    const gateway: Gateway = await openGateway({
      address: settings.chargerAddress,
      bus,
      clock,
      log,
      name: nodeName,
      newId,
      metrics: metrics.gateway,
    })
    closing.push(() => gateway.close())
    listeners.chargers = addressText(gateway.address())
  }
  listening = true
  let closed: Promise<void> | undefined
  return {
    listeners,
    version,
    ...(control === undefined ? {} : { fleet: control.fleet }),
    close() {
      health.stopping()
      return (closed ??= closeAll())
    },
  }
}

interface ControlParts {
  readonly settings: Settings
  readonly log: Log
  readonly bus: Bus
  readonly newId: () => string
  readonly metrics: Metrics
  readonly closing: (() => Promise<void>)[]
  readonly checks: Record<string, () => boolean>
}

/** The part that decides and remembers. */
async function openControl({ settings, log, bus, newId, metrics, closing, checks }: ControlParts) {
  await mkdir(settings.dataDir, { recursive: true })
  const opened: OpenedDatabase = await openDatabase({
    settings,
    clock,
    log,
    onCommit: metrics.committed,
  })
  closing.push(() => opened.close())
  const { database } = opened
  checks.database = () => database.healthy()

  const shared = { database, bus, clock, newId, log }
  const audit = openAudit({ database })
  const identity = await openIdentity({ ...shared, audit, dataDir: settings.dataDir })
  closing.push(() => identity.close())
  const fleet = openFleet({ ...shared, audit, expel: expelOver(bus, log) })
  // With the bus in memory, the gateway of the process before this one ended with it.
  const gatewayRestarted = settings.natsUrl === undefined
  if (gatewayRestarted) await fleet.loseConnections()
  const sweeping = every(
    clock,
    sweepEveryMs,
    async () => void (await fleet.sweep(silentAfterMs)),
    (error) =>
      log.error({ err: error }, 'housekeeping of the fleet failed; the next round tries again'),
  )
  closing.push(() => Promise.resolve(sweeping.cancel()))
  const commands = await openCommands({
    ...shared,
    audit,
    fleet,
    callTimeoutMs: defaultIntakeSettings.callTimeoutMs,
    gatewayRestarted,
    count: metrics.commandState,
  })
  closing.push(() => commands.close())
  metrics.gauge('ota_dispatch_queue_depth', () => commands.queueDepth())
  const intake = openIntake({ ...shared, fleet, settings: defaultIntakeSettings })
  closing.push(() => Promise.resolve(intake.close()))
  return { fleet, commands, audit, identity }
}

function readiness(checks: Readonly<Record<string, () => boolean>>): Checks {
  const entries = Object.entries(checks).map(([name, holds]): [string, Checks[string]] => [
    name,
    holds() ? { ok: true } : { ok: false, detail: 'it does not answer' },
  ])
  return Object.fromEntries(entries)
}

export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function productVersion(): string {
  const { version } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as { version: string }
  return version
}
