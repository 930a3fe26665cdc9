import type { IncomingHttpHeaders } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Version } from '../ocpp/versions.ts'
import { subprotocols } from '../ocpp/versions.ts'
import { readIdentityPath } from './identity-path.ts'
import type { ShownTls } from './protocol.ts'

/** A handshake that can be put before control. */
export interface Attempt {
  readonly identity: string
  /** The path before the identity. */
  readonly path: string
  readonly remoteAddress: string
  /** The client's offer in its order; empty when the header is missing. */
  readonly offered: readonly string[]
  /** The first offer we speak: its version, and its name as the client spelled it. */
  readonly chosen?: { readonly version: Version; readonly protocol: string }
  readonly basic?: { readonly username: string; readonly passwordBase64: string }
  readonly userAgent?: string
  readonly tls?: ShownTls
}

/** An HTTP answer instead of the 101. */
export interface Refusal {
  readonly status: 400 | 401 | 404 | 405 | 426 | 429 | 503
  readonly reason: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What is read of an upgrade request. */
export interface UpgradeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
}

const websocketKey = /^[+/0-9A-Za-z]{22}==$/
const maxOffers = 20

/** Reads an upgrade request (RFC 6455 4.2.1, OCPP 1.6J 3.1, 2.x part 4 3.1), tolerating what real chargers send. */
export function readHandshake(
  request: UpgradeRequest,
  remoteAddress: string,
): { readonly attempt: Attempt } | { readonly refusal: Refusal } {
  const { headers } = request
  const offered = readOffer(headers['sec-websocket-protocol'])
  const chosen = chooseProtocol(offered)
  const place = readIdentityPath(request.url ?? '/', chosen?.version)
  if (!place.ok) return refuse(place.status, place.reason)
  const fault = faultOfUpgrade(request)
  if (fault !== undefined) return { refusal: fault }
  const basic = readBasic(headers.authorization, place.identity)
  const userAgent = headers['user-agent']
  return {
    attempt: {
      identity: place.identity,
      path: place.path,
      remoteAddress,
      offered,
      ...(chosen !== undefined && { chosen }),
      ...(basic !== undefined && { basic }),
      ...(userAgent !== undefined && { userAgent: userAgent.slice(0, 200) }),
    },
  }
}

function refuse(status: Refusal['status'], reason: string, headers?: Record<string, string>) {
  return { refusal: { status, reason, ...(headers !== undefined && { headers }) } }
}

function faultOfUpgrade({ method, headers }: UpgradeRequest): Refusal | undefined {
  if (method !== 'GET')
    return refuse(405, 'a WebSocket handshake is a GET', { Allow: 'GET' }).refusal
  if (headers.upgrade?.toLowerCase() !== 'websocket')
    return refuse(426, 'only WebSocket is spoken here', { Upgrade: 'websocket' }).refusal
  if (!websocketKey.test(headers['sec-websocket-key'] ?? ''))
    return refuse(400, 'Sec-WebSocket-Key is missing or malformed').refusal
  if (headers['sec-websocket-version'] !== '13')
    return refuse(426, 'only WebSocket version 13 is spoken here', {
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
    }).refusal
  return undefined
}

/** Empty list members are skipped: a KEBA P30 sends `,ocpp2.0.1`. */
function readOffer(header: string | undefined): string[] {
  if (header === undefined) return []
  return header
    .split(',')
    .map((name) => name.trim().slice(0, 100))
    .filter((name) => name !== '')
    .slice(0, maxOffers)
}

/** The first we speak in the client's order. The name is answered as it was spelled, or the client would not know it. */
function chooseProtocol(offered: readonly string[]): Attempt['chosen'] {
  for (const protocol of offered) {
    const version = Object.hasOwn(subprotocols, protocol.toLowerCase())
      ? subprotocols[protocol.toLowerCase()]
      : undefined
    if (version !== undefined) return { version, protocol }
  }
  return undefined
}

/**
 * HTTP Basic (RFC 7617), read as bytes: a password may hold any, colons too. The user name ends at the
 * first colon, or after the identity where it is the identity, which before OCPP 2.1 may hold a colon.
 */
function readBasic(header: string | undefined, identity: string): Attempt['basic'] {
  const match = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i.exec(header ?? '')
  if (match?.[1] === undefined) return undefined
  const bytes = Buffer.from(match[1], 'base64')
  const expected = Buffer.from(`${identity}:`)
  const end = bytes.subarray(0, expected.length).equals(expected)
    ? expected.length - 1
    : bytes.indexOf(0x3a)
  if (end < 0) return undefined
  return {
    username: bytes.toString('utf8', 0, end),
    passwordBase64: bytes.toString('base64', end + 1),
  }
}

const parameter =
  '(?:server_no_context_takeover|client_no_context_takeover|server_max_window_bits=("?)(?:[89]|1[0-5])\\1|client_max_window_bits(?:=("?)(?:[89]|1[0-5])\\2)?)'
const deflateOffer = new RegExp(`^permessage-deflate(?:\\s*;\\s*${parameter})*$`)

/**
 * Leaves in the headers only what the WebSocket library accepts, so that a charger with an odd header is
 * connected without the extension instead of refused.
 */
export function prepareHeaders(headers: IncomingHttpHeaders, protocol: string | undefined): void {
  if (protocol === undefined) delete headers['sec-websocket-protocol']
  else headers['sec-websocket-protocol'] = protocol
  const offer = headers['sec-websocket-extensions']
    ?.split(',')
    .map((part) => part.trim())
    .find((part) => deflateOffer.test(part) && !namesTwice(part))
  if (offer === undefined) delete headers['sec-websocket-extensions']
  else headers['sec-websocket-extensions'] = offer
}

function namesTwice(offer: string): boolean {
  const names = offer.split(';').map((part) => part.split('=', 1)[0]?.trim())
  return new Set(names).size !== names.length
}

/** Answers a handshake with plain HTTP and ends the socket. */
export function sendRefusal(socket: Duplex, refusal: Refusal): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const body = `${refusal.reason}\n`
  const headers = {
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    ...(refusal.status === 401 && { 'WWW-Authenticate': 'Basic realm="OCPP", charset="UTF-8"' }),
    ...refusal.headers,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const status = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\n`
  // Unread bytes would turn our close into a reset, and the answer might be lost with it.
  socket.resume()
  socket.once('finish', () => socket.destroy())
  socket.end(`${status}${lines.join('')}\r\n${body}`)
}
