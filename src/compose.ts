import { readFileSync } from 'node:fs'
import { openApi } from './api/api.ts'
import type { Api } from './api/api.ts'
import { openHealth } from './api/health.ts'
import type { Checks } from './api/health.ts'
import { openMetrics } from './api/metrics.ts'
import type { Bus } from './bus/bus.ts'
import { memoryBus } from './bus/memory.ts'
import { natsBus } from './bus/nats.ts'
import { openControl } from './compose-control.ts'
import type { Fleet } from './fleet/fleet.ts'
import { openGateway } from './gateway/gateway.ts'
import type { Gateway } from './gateway/gateway.ts'
import { systemClock } from './kernel/clock.ts'
import { uuid7 } from './kernel/ids.ts'
import type { Log } from './kernel/log.ts'
import type { Address, Settings } from './kernel/settings.ts'
import { operations } from './operations/catalogue.ts'

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
    Object.assign(listeners, control.files.listeners)
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
