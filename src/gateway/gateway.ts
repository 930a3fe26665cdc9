import type { Server } from 'node:http'
import type { Bus, Subscription } from '../bus/bus.ts'
import type { Clock, Timer } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { Admissions } from './admissions.ts'
import { Connections } from './connections.ts'
import { Door } from './door.ts'
import { FrameCount } from './frame-count.ts'
import type { House } from './house.ts'
import { LateCalls } from './late-calls.ts'
import type { GatewayLimits } from './limits.ts'
import { defaultLimits } from './limits.ts'
import type { Address } from './listener.ts'
import { createListener, createTlsListener, listen, remoteAddressOf } from './listener.ts'
import type { GatewayMetrics } from './metrics.ts'
import { noMetrics } from './metrics.ts'
import type { Displacement, TrustAnchors } from './protocol.ts'
import { subjects } from './protocol.ts'
import { Reports } from './reports.ts'
import type { TlsListening } from './tls.ts'
import { keepRenewed, tlsOptions } from './tls.ts'
import { traceAll, TraceLine } from './trace.ts'
import type { TraceOrder } from './trace-protocol.ts'
import { Wheel } from './wheel.ts'

export interface GatewayOptions {
  /** Where chargers connect in the clear; undefined: nowhere. Port 0 takes any free one. */
  readonly address: Address | undefined
  /** Where they connect with TLS. */
  readonly tls?: TlsListening
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  /** Unique among the gateways of one product; shown in the connection history. */
  readonly name: string
  readonly newId: NewId
  readonly limits?: Partial<GatewayLimits>
  readonly metrics?: GatewayMetrics
  /** 0 to 1, to spread out those who are told to come back. */
  readonly random?: () => number
}

/** Holds chargers' sockets. It has no authority: control decides who connects and what is answered. */
export interface Gateway {
  /** Where it listens in the clear, or else with TLS, with the port that was taken. */
  address(): Address
  /** Where it listens with TLS. */
  tlsAddress(): Address | undefined
  /** Chargers connected here. */
  connections(): number
  /** Things waiting for control, for metrics: handshakes, outcomes, connection reports. */
  backlog(): { admissions: number; outcomes: number; connectionReports: number }
  /** Takes nothing new, lets answers in progress end, and closes all sockets with 1001. Idempotent. */
  drain(): Promise<void>
  /** Drains, reports what is left to report, and lets go of everything. Idempotent. */
  close(): Promise<void>
}

/** Opens the charger plane. Rejects when the address cannot be listened on. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new ChargerGateway(options)
  await gateway.open(options)
  return gateway
}

class ChargerGateway implements Gateway {
  readonly #house: House
  readonly #admissions: Admissions
  readonly #door: Door
  readonly #servers: Server[] = []
  readonly #subscriptions: Subscription[] = []
  #address: Address | undefined
  #tlsAddress: Address | undefined
  #renewing: Timer | undefined
  #knownAnchors: readonly string[] = []
  #timer: Timer | undefined
  #aliveAt = 0
  #drained: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(options: GatewayOptions) {
    const limits = { ...defaultLimits, ...options.limits }
    const { bus, clock, log, name, newId } = options
    const base = {
      ...{ bus, clock, log, name, newId, limits },
      metrics: options.metrics ?? noMetrics,
      wheel: new Wheel(limits.tickMs, clock.monotonic()),
      lateCalls: new LateCalls(limits.maxLateCalls),
      draining: false,
      stopped: false,
    }
    const shared = { ...base, trace: new TraceLine(base), frames: new FrameCount(base) }
    this.#house = { ...shared, reports: new Reports(shared), connections: new Connections() }
    this.#admissions = new Admissions(this.#house, options.random ?? Math.random)
    this.#door = new Door(this.#house, this.#admissions)
  }

  async open({ address, tls }: Pick<GatewayOptions, 'address' | 'tls'>): Promise<void> {
    const { bus, log } = this.#house
    this.#subscriptions.push(
      bus.subscribe(subjects.displaced, (message) =>
        this.#displace(message as unknown as Displacement),
      ),
      bus.subscribe(subjects.traced, (message) => this.#trace(message as unknown as TraceOrder)),
    )
    await bus.flush()
    if (address !== undefined) this.#address = await this.#listen(this.#plainServer(), address)
    if (tls !== undefined)
      this.#tlsAddress = await this.#listen(await this.#tlsServer(tls), tls.address)
    this.#tick()
    log.info({ address: this.#address, tls: this.#tlsAddress }, 'chargers can connect')
  }

  #listen(server: Server, address: Address): Promise<Address> {
    const { log } = this.#house
    this.#servers.push(server)
    return listen(server, address).then((bound) => {
      server.on('error', (error) => log.error({ err: error }, 'a charger listener failed'))
      return bound
    })
  }

  #plainServer(): Server {
    return createListener((...upgrade) => void this.#door.open(...upgrade), this.#mostSockets)
  }

  async #tlsServer({ identity }: TlsListening): Promise<Server> {
    const { clock, log, metrics } = this.#house
    const anchors = () => this.#anchors()
    const inUse = { identity: await identity(), anchors: await anchors() }
    const server = createTlsListener(
      (...upgrade) => void this.#door.open(...upgrade),
      this.#mostSockets,
      tlsOptions(inUse.identity, inUse.anchors),
    )
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      const { code = 'unknown' } = error
      metrics.tlsFailed(code)
      log.debug({ code, remoteAddress: remoteAddressOf(socket) }, 'a TLS handshake failed')
    })
    this.#renewing = keepRenewed(server, { identity, anchors }, inUse, { clock, log })
    return server
  }

  /** As control gives them; as before while it gives none. */
  async #anchors(): Promise<readonly string[]> {
    const { bus, limits, log } = this.#house
    try {
      const answer = await bus.request(subjects.trust, {}, { timeoutMs: limits.admissionTimeoutMs })
      this.#knownAnchors = (answer as unknown as TrustAnchors).anchors
    } catch (error) {
      log.warn({ err: error }, 'control does not say whose certificates to trust')
    }
    return this.#knownAnchors
  }

  get #mostSockets(): number {
    return this.#house.limits.maxConnections + 1_000
  }

  address(): Address {
    const address = this.#address ?? this.#tlsAddress
    if (address === undefined) throw new Error('chargers can connect nowhere')
    return address
  }

  tlsAddress(): Address | undefined {
    return this.#tlsAddress
  }

  connections(): number {
    return this.#house.connections.count
  }

  backlog() {
    const { reports } = this.#house
    return {
      admissions: this.#admissions.waiting,
      outcomes: reports.outcomes.size,
      connectionReports: reports.connections.size,
    }
  }

  #displace({ identity, epoch }: Displacement): void {
    this.#admissions.noteDisplacement(identity, epoch)
    const { connections } = this.#house
    const held = connections.find(identity)
    if (held !== undefined) connections.displace(held, epoch)
  }

  #trace(order: TraceOrder): void {
    const { connections, trace } = this.#house
    if (order.all === true) return traceAll(connections.all())
    trace.obey(order, (identity) => connections.find(identity))
  }

  /** The one timer: everything that waits for time to pass is looked after here. */
  #tick(): void {
    const { clock, limits, log } = this.#house
    try {
      this.#attend(clock.monotonic())
    } catch (error) {
      log.error({ err: error }, 'a tick of the gateway failed')
    }
    this.#timer = clock.after(limits.tickMs, () => this.#tick())
  }

  #attend(now: number): void {
    const { limits, wheel, reports, connections, trace, frames } = this.#house
    wheel.advance(now)
    connections.resumeSlowed(now)
    reports.flushViolations()
    trace.flush()
    if (now < this.#aliveAt) return
    this.#aliveAt = now + limits.alivePeriodMs
    reports.flushAlive()
    frames.flush()
  }

  drain(): Promise<void> {
    this.#drained ??= this.#drain()
    return this.#drained
  }

  async #drain(): Promise<void> {
    const { connections, limits, clock, log } = this.#house
    this.#house.draining = true
    log.info({ connections: connections.count }, 'the charger plane is closing')
    this.#renewing?.cancel()
    for (const server of this.#servers) server.close()
    await this.#until(() => !connections.all().some((one) => one.busy), limits.drainMs)
    for (const connection of connections.all())
      connection.close('shutdown', 1001, 'the system is stopping')
    await this.#until(() => connections.sockets === 0, limits.closeTimeoutMs)
    for (const connection of connections.all()) connection.cut('shutdown', 'no answer to our close')
    await this.#until(() => connections.sockets === 0, limits.closeTimeoutMs)
    this.#timer?.cancel()
    for (const server of this.#servers) server.closeAllConnections()
    log.debug({ at: clock.now() }, 'the charger plane is closed')
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.drain()
    const { reports, limits, trace, frames } = this.#house
    reports.flushViolations()
    let reported = false
    const empty = Promise.all([
      reports.outcomes.empty(),
      reports.connections.empty(),
      trace.empty(),
      frames.empty(),
    ])
    void empty.then(() => (reported = true))
    await this.#until(() => reported, limits.drainMs)
    this.#house.stopped = true
    reports.outcomes.stop()
    reports.connections.stop()
    trace.stop()
    frames.stop()
    for (const subscription of this.#subscriptions) subscription.close()
    this.#timer?.cancel()
  }

  /** Waits, by the real clock, because what is waited for are sockets. */
  async #until(reached: () => boolean, withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs
    while (!reached() && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
