import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { openApi } from './api/api.ts'
import type { Api } from './api/api.ts'
import type { ApiParts } from './api/app.ts'
import { enrolmentLink } from './api/enrolment-link.ts'
import { openHealth } from './api/health.ts'
import type { Checks } from './api/health.ts'
import { openMetrics } from './api/metrics.ts'
import type { Bus } from './bus/bus.ts'
import { memoryBus } from './bus/memory.ts'
import { natsBus } from './bus/nats.ts'
import { openControl } from './compose-control.ts'
import type { Fleet } from './fleet/fleet.ts'
import { openGateway } from './gateway/gateway.ts'
import type { Gateway, GatewayOptions } from './gateway/gateway.ts'
import { systemClock } from './kernel/clock.ts'
import { uuid7 } from './kernel/ids.ts'
import type { Log } from './kernel/log.ts'
import type { Address, Settings } from './kernel/settings.ts'
import { operations } from './operations/catalogue.ts'
import { openWitness } from './witness/open-witness.ts'

/** The running product. */
export interface System {
  /** Plane to `host:port`, of the planes this process has. */
  readonly listeners: Readonly<Record<string, string>>
  readonly version: string
  /** Undefined in a gateway. */
  readonly fleet?: Fleet
  /** The verifier key of a witness. */
  readonly witnessKey?: string
  /** The link with which the first person enrols, where there is nobody yet. A secret: for this terminal only. */
  readonly firstEnrolment?: string
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
  const running = (system: Omit<System, 'close'>): System => {
    let closed: Promise<void> | undefined
    return {
      ...system,
      close() {
        health.stopping()
        return (closed ??= closeAll())
      },
    }
  }
  listeners.health = health.address()

  if (role === 'witness') {
    const witness = await openWitness({
      address: settings.witnessAddress,
      dataDir: settings.dataDir,
      name: settings.witnessName,
      logs: settings.witnessLogs,
      clock,
      log,
      onFork: metrics.witnessRefusal,
    })
    closing.push(() => witness.close())
    listeners.witness = witness.address()
    listening = true
    return running({ listeners, version, witnessKey: witness.key })
  }

  const bus: Bus =
    settings.natsUrl === undefined
      ? memoryBus({ clock, log })
      : await natsBus({ url: settings.natsUrl, prefix: settings.natsPrefix, name: nodeName, log })
  closing.push(() => bus.close())
  checks.bus = () => bus.healthy()

  const control =
    role === 'gateway'
      ? undefined
      : await openControl({
          ...{ settings, log, bus, newId, version, metrics, closing, checks },
          operatorUrl: () => operatorUrl(settings, listeners),
        })
  if (control !== undefined) {
    Object.assign(listeners, control.files.listeners)
    const api: Api = await openApi({
      ...control,
      address: settings.operatorAddress,
      trustedProxies: settings.trustedProxies,
      operations,
      bus,
      clock,
      newId,
      log,
      metrics,
      ...(await operatorTls(settings)),
      system: {
        version,
        roles: role === 'all' ? ['gateway', 'control'] : [role],
        startedAt,
        listeners: () => listeners,
        operatorUrl: () => operatorUrl(settings, listeners),
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
      ...chargerTls(settings),
    })
    closing.push(() => gateway.close())
    const tls = gateway.tlsAddress()
    if (settings.chargerAddress !== undefined) listeners.chargers = addressText(gateway.address())
    if (tls !== undefined) listeners['chargers-tls'] = addressText(tls)
  }
  const first = await control?.identity.invitations.first()
  listening = true
  return running({
    listeners,
    version,
    ...(control === undefined ? {} : { fleet: control.fleet }),
    ...(first === undefined
      ? {}
      : { firstEnrolment: enrolmentLink(operatorUrl(settings, listeners), first.secret) }),
  })
}

async function operatorTls({
  operatorTlsCert,
  operatorTlsKey,
}: Settings): Promise<Pick<ApiParts, 'tls'>> {
  if (operatorTlsCert === undefined || operatorTlsKey === undefined) return {}
  const [cert, key] = await Promise.all([
    readFile(operatorTlsCert, 'utf8'),
    readFile(operatorTlsKey, 'utf8'),
  ])
  return { tls: { cert, key } }
}

/** Where chargers connect with TLS, and the files that say who we are. */
function chargerTls({
  chargerTlsAddress: address,
  chargerTlsCert,
  chargerTlsKey,
}: Settings): Pick<GatewayOptions, 'tls'> {
  if (address === undefined) return {}
  const read = (files: readonly string[]) =>
    Promise.all(files.map((file) => readFile(file, 'utf8')))
  const identity = async () => {
    const [certs, keys] = await Promise.all([read(chargerTlsCert), read(chargerTlsKey)])
    return { certs, keys }
  }
  return { tls: { address, identity } }
}

function readiness(checks: Readonly<Record<string, () => boolean>>): Checks {
  const entries = Object.entries(checks).map(([name, holds]): [string, Checks[string]] => [
    name,
    holds() ? { ok: true } : { ok: false, detail: 'it does not answer' },
  ])
  return Object.fromEntries(entries)
}

/** Said, or where the plane listens. Browsers make passkeys for `localhost`, but for no numeric address. */
function operatorUrl(
  { operatorUrl: said, operatorAddress, operatorTlsCert }: Settings,
  { operators }: Readonly<Record<string, string>>,
): string {
  if (said !== undefined) return said
  const address = operators ?? addressText(operatorAddress)
  const scheme = operatorTlsCert === undefined ? 'http' : 'https'
  return `${scheme}://${address.replace(/^(127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):/, 'localhost:')}`
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
