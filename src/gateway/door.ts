import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Server as WebSocketServerOf, ServerOptions } from 'ws'
import { WebSocketServer } from 'ws'
import type { Version } from '../ocpp/versions.ts'
import type { Admissions, Admitted, Refused } from './admissions.ts'
import { ChargerSocket, Connection } from './connection.ts'
import type { Attempt, Refusal } from './handshake.ts'
import { prepareHeaders, readHandshake, sendRefusal } from './handshake.ts'
import type { House } from './house.ts'
import type { GatewayLimits } from './limits.ts'
import { remoteAddressOf } from './listener.ts'
import { startPulse } from './liveness.ts'
import { listenTo } from './socket-events.ts'
import { shownBy } from './tls.ts'

const full: Refusal = {
  status: 503,
  reason: 'too many chargers are connected here',
  headers: { 'Retry-After': '30' },
}

/** Where chargers come in: from the upgrade request to the connection. */
export class Door {
  readonly #house: House
  readonly #admissions: Admissions
  readonly #sockets: WebSocketServerOf<typeof ChargerSocket>
  #handshakes = 0

  constructor(house: House, admissions: Admissions) {
    this.#house = house
    this.#admissions = admissions
    this.#sockets = openSockets(house.limits)
  }

  /** Takes an upgrade request to its end: a live connection, or a refusal. */
  async open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Until the WebSocket takes over, a broken socket concerns nobody.
    socket.on('error', ignore)
    this.#handshakes += 1
    try {
      await this.#greet(request, socket, head)
    } catch (error) {
      this.#house.log.error({ err: error }, 'a handshake failed')
      socket.destroy()
    } finally {
      this.#handshakes -= 1
    }
  }

  async #greet(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { clock, metrics, limits, connections } = this.#house
    const since = clock.monotonic()
    const read = readHandshake(request, remoteAddressOf(socket))
    if ('refusal' in read) return this.#refuse(socket, read.refusal)
    if (connections.sockets + this.#handshakes > limits.maxConnections)
      return this.#refuse(socket, full)
    const tls = shownBy(socket)
    const attempt = tls === undefined ? read.attempt : { ...read.attempt, tls }
    const refused = await this.#admissions.decide(attempt, {
      isGone: () => socket.destroyed,
      accept: (admission) => {
        prepareHeaders(request.headers, attempt.chosen?.protocol)
        socket.removeListener('error', ignore)
        this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
          this.#accept(webSocket, attempt, admission),
        )
      },
    })
    metrics.handshakeDecided(clock.monotonic() - since)
    if (refused !== undefined) this.#refuseAttempt(socket, attempt, refused)
  }

  #refuse(socket: Duplex, refusal: Refusal): void {
    this.#house.metrics.handshakeRefused(refusal.status)
    sendRefusal(socket, refusal)
  }

  #refuseAttempt(socket: Duplex, attempt: Attempt, { refusal, throttled }: Refused): void {
    const { identity, remoteAddress } = attempt
    const { log } = this.#house
    const facts = { identity, remoteAddress, status: refusal.status, reason: refusal.reason }
    if (throttled && this.#recordHandshake(attempt, refusal.reason))
      log.warn(facts, 'a charger is throttled')
    else log.debug(facts, 'a handshake is refused')
    this.#refuse(socket, refusal)
  }

  #recordHandshake({ identity, offered }: Attempt, detail: string): boolean {
    const frame = `Sec-WebSocket-Protocol: ${offered.join(', ')}`
    return this.#house.reports.violations(identity, [{ kind: 'handshake', detail }], frame)
  }

  #accept(webSocket: ChargerSocket, attempt: Attempt, admission: Admitted): void {
    const version = versionOf(attempt, admission)
    if (version === undefined) {
      // The specification wants the handshake completed without the header, then closed (1.6J 3.1.2, 2.x part 4 3.1.2).
      this.#recordHandshake(attempt, 'no subprotocol offered that is spoken here')
      this.#house.metrics.closed('no-common-protocol', 0)
      webSocket.on('error', ignore)
      webSocket.close(1002, 'no common subprotocol')
      return
    }
    const connection = new Connection(this.#house, webSocket, {
      identity: attempt.identity,
      epoch: admission.epoch,
      version,
      remoteAddress: attempt.remoteAddress,
      bootState: admission.bootState,
      policy: admission.policy,
    })
    listenTo(connection)
    this.#house.connections.add(connection)
    startPulse(connection)
  }
}

function ignore(): void {}

/** The version to speak: as negotiated, or where no header came, as the charger's record says. */
function versionOf(attempt: Attempt, admission: Admitted): Version | undefined {
  if (attempt.chosen !== undefined) return attempt.chosen.version
  return attempt.offered.length === 0 ? admission.version : undefined
}

function openSockets(limits: GatewayLimits): WebSocketServerOf<typeof ChargerSocket> {
  const options: ServerOptions<typeof ChargerSocket> & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    WebSocket: ChargerSocket,
    maxPayload: limits.maxFrameBytes,
    closeTimeout: limits.closeTimeoutMs,
    // With shared contexts every connection would keep about 150 kB, and throughput would fall to a third.
    perMessageDeflate: {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      threshold: limits.deflateThresholdBytes,
      concurrencyLimit: 4,
      zlibDeflateOptions: { level: 6, memLevel: 7 },
    },
  }
  return new WebSocketServer(options)
}
