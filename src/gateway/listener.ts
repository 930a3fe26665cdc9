import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import type { Server as TlsServer, ServerOptions as TlsOptions } from 'node:https'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export type { TlsOptions }

export interface Address {
  readonly host: string
  readonly port: number
}

export type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Time for a request's headers, milliseconds. Whoever is slower is no charger. */
const headersTimeoutMs = 10_000
const backlog = 4_096

const http = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: headersTimeoutMs,
  requestTimeout: headersTimeoutMs,
  keepAliveTimeout: 1_000,
  connectionsCheckingInterval: 2_000,
}

/** The HTTP server of the charger plane. It serves WebSocket upgrades only; all else gets a short refusal. */
export function createListener(onUpgrade: OnUpgrade, maxConnections: number): Server {
  const server = createServer(http, refuseRequest)
  server.maxConnections = maxConnections
  return server.on('upgrade', onUpgrade)
}

/** The same with TLS. */
export function createTlsListener(
  onUpgrade: OnUpgrade,
  maxConnections: number,
  tls: TlsOptions,
): TlsServer {
  const server = createTlsServer({ ...http, ...tls }, refuseRequest)
  server.maxConnections = maxConnections
  return server.on('upgrade', onUpgrade)
}

const refuseRequest: RequestListener = (request, response) => {
  const path = request.url?.split('?', 1)[0] ?? '/'
  const isChargerPath = path.startsWith('/ocpp/') && path.length > '/ocpp/'.length
  response.writeHead(isChargerPath ? 426 : 404, {
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    ...(isChargerPath && { Upgrade: 'websocket' }),
  })
  response.end(isChargerPath ? 'chargers connect here by WebSocket\n' : 'nothing is here\n')
}

export function listen(server: Server, { host, port }: Address): Promise<Address> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog }, () => {
      server.removeListener('error', reject)
      const bound = server.address() as AddressInfo
      resolve({ host: bound.address, port: bound.port })
    })
  })
}

/** The address a socket comes from, IPv4 in its usual form also on a dual-stack listener. */
export function remoteAddressOf(socket: Duplex): string {
  const address = (socket as Socket).remoteAddress ?? 'unknown'
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}
