import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { FileProtocol } from '../../operations/file-links.ts'
import type { Downloads } from '../downloads.ts'
import type { Gate } from '../gate.ts'
import { isDownload, isUpload } from '../gate.ts'
import { plainAddress } from '../listen.ts'
import { Refusal, refusalOf } from '../refusal.ts'
import type { Uploads } from '../uploads.ts'
import { giveDownload } from './download.ts'
import { targetOf } from './target.ts'
import { takeUpload } from './upload.ts'

/** A certificate chain and its key (PEM). */
export interface Tls {
  readonly cert: string
  readonly key: string
}

export interface WebParts {
  readonly gate: Gate
  readonly uploads: Uploads
  readonly downloads: Downloads
  readonly clock: Clock
  readonly log: Log
  readonly maxBytes: number
  readonly tls: Tls | undefined
}

/** Whoever sends no headers in this time is no charger. A body is watched by its pace instead. */
const headersTimeoutMs = 10_000
/** How long an answer that comes before the end of a request is left to be read. */
const lingerMs = 5_000
const mostConnections = 1_000

/** The HTTP side of the file plane: `/u/<token>/…` and `/d/<token>/…`, and nothing else. */
export function webServer(parts: WebParts): Server {
  const options = {
    maxHeaderSize: 16 * 1024,
    headersTimeout: headersTimeoutMs,
    requestTimeout: 0,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 2_000,
  }
  const server =
    parts.tls === undefined
      ? createServer(options)
      : createTlsServer({
          ...options,
          ...parts.tls,
          minVersion: 'TLSv1.2',
          handshakeTimeout: headersTimeoutMs,
        })
  server.maxConnections = mostConnections
  server.on('request', (request, response) => void serve(parts, request, response, () => undefined))
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    let told = false
    void serve(parts, request, response, () => {
      if (!told) response.writeContinue()
      told = true
    })
  })
  return server
}

async function serve(
  parts: WebParts,
  request: IncomingMessage,
  response: ServerResponse,
  goOn: () => void,
): Promise<void> {
  // A connection that breaks is seen where the request is read and the answer written.
  response.on('error', () => undefined)
  request.on('error', () => undefined)
  try {
    await answer(parts, request, response, goOn)
  } catch (error) {
    refuse(parts, request, response, error)
  }
}

async function answer(
  parts: WebParts,
  request: IncomingMessage,
  response: ServerResponse,
  goOn: () => void,
): Promise<void> {
  const { gate, uploads, downloads, maxBytes, tls } = parts
  const { method = '', url = '' } = request
  response.setHeader('cache-control', 'no-store')
  response.setHeader('x-content-type-options', 'nosniff')
  const target = targetOf(url)
  if (target === undefined) return say(parts, request, response, 404, 'nothing is here')
  const methods = target.kind === 'upload' ? ['PUT', 'POST'] : ['GET', 'HEAD']
  if (!methods.includes(method)) {
    response.setHeader('allow', methods.join(', '))
    return say(parts, request, response, 405, `this address takes ${methods.join(' and ')}`)
  }
  const admitted = gate.admit(target.token)
  const protocol: FileProtocol = tls === undefined ? 'HTTP' : 'HTTPS'
  const remoteAddress = plainAddress(request.socket.remoteAddress)
  if (target.kind === 'upload' && isUpload(admitted)) {
    await takeUpload(request, admitted, target.name, {
      ...{ uploads, maxBytes, protocol, remoteAddress, goOn },
    })
    // RFC 9110 9.3.4; what a form is posted to answers 200 by custom.
    return say(parts, request, response, method === 'PUT' ? 201 : 200, 'received')
  }
  if (target.kind === 'download' && isDownload(admitted))
    return giveDownload(request, response, admitted, downloads, { protocol, remoteAddress })
  throw new Refusal('forbidden', 'this link is not for that')
}

function refuse(
  { clock, log }: WebParts,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  const refusal = refusalOf(error)
  const broken = request.socket.destroyed
  const unexplained = refusal.reason === 'internal'
  if (unexplained && !broken) log.error({ err: error }, 'a file transfer failed')
  else
    log.info(
      { reason: unexplained ? 'broken' : refusal.reason },
      'a file transfer was not completed',
    )
  // A line that a newer attempt took the place of is most likely dead.
  const deaf = broken || refusal.reason === 'displaced'
  if (response.headersSent || deaf) return void response.destroy()
  if (refusal.answer.http === 503) response.setHeader('retry-after', '30')
  say({ clock }, request, response, refusal.answer.http, refusal.message)
}

function say(
  { clock }: Pick<WebParts, 'clock'>,
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  sentence: string,
): void {
  const body = request.method === 'HEAD' ? '' : `${sentence}\n`
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  }
  if (request.complete) {
    response.writeHead(status, headers).end(body)
    return
  }
  // Closed at once, the charger would not get to read the answer: so the rest of what it sends is
  // thrown away for a moment.
  response.writeHead(status, { ...headers, connection: 'close' }).write(body)
  const late = clock.after(lingerMs, () => response.end())
  request.once('end', () => response.end())
  response.once('close', () => late.cancel())
  request.resume()
}
