import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Clock } from '../kernel/clock.ts'
import type { Metrics } from './metrics.ts'

/** Whether one thing the product needs works now. */
export interface Check {
  readonly ok: boolean
  /** What is wrong, for a person. */
  readonly detail?: string
}
export type Checks = Readonly<Record<string, Check>>

export interface HealthParts {
  readonly address: { readonly host: string; readonly port: number }
  /** What is needed to do the work: database, bus, listeners. */
  readonly ready: () => Promise<Checks> | Checks
  readonly metrics: Pick<Metrics, 'registry'>
  readonly clock: Clock
}

export interface Health {
  /** `host:port` it really has. */
  address(): string
  /** From now on `/readyz` says that the process is stopping, so that nothing more is sent here. */
  stopping(): void
  close(): Promise<void>
}

/** A check that takes longer has failed. */
const checkTimeoutMs = 2_000

/** The health plane: a listener of its own that needs no token and tells nothing of the fleet but numbers. */
export async function openHealth(parts: HealthParts): Promise<Health> {
  let stopping = false
  const answers: Record<string, () => Promise<Answer>> = {
    '/healthz': () => Promise.resolve(json(200, { status: 'alive' })),
    '/readyz': () => readiness(parts, stopping),
    '/metrics': async () => ({
      status: 200,
      type: parts.metrics.registry.contentType,
      body: await parts.metrics.registry.metrics(),
    }),
  }
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 10_000, maxHeaderSize: 8_192 },
    (request, response) => void respond(answers, request, response),
  )
  server.maxConnections = 100
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(parts.address.port, parts.address.host, () => {
      server.off('error', failed)
      listening()
    })
  })
  return {
    address() {
      const bound = server.address()
      if (bound === null || typeof bound === 'string')
        throw new Error('the health listener is closed')
      return bound.family === 'IPv6'
        ? `[${bound.address}]:${bound.port}`
        : `${bound.address}:${bound.port}`
    },
    stopping() {
      stopping = true
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n` }
}

async function readiness({ ready, clock }: HealthParts, stopping: boolean): Promise<Answer> {
  if (stopping) return json(503, { ready: false, because: 'stopping', checks: {} })
  const checks = await withinTime(clock, async () => await ready())
  const ok = Object.values(checks).every((check) => check.ok)
  return json(ok ? 200 : 503, { ready: ok, checks })
}

async function withinTime(clock: Clock, ask: () => Promise<Checks>): Promise<Checks> {
  const late = Promise.withResolvers<Checks>()
  const timer = clock.after(checkTimeoutMs, () =>
    late.resolve({ checks: { ok: false, detail: `no result within ${checkTimeoutMs} ms` } }),
  )
  try {
    return await Promise.race([ask(), late.promise])
  } catch {
    return { checks: { ok: false, detail: 'the checks themselves failed' } }
  } finally {
    timer.cancel()
  }
}

async function respond(
  answers: Record<string, () => Promise<Answer>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0]!
  const answer = Object.hasOwn(answers, path) ? answers[path] : undefined
  let result: Answer
  if (answer === undefined) result = json(404, { error: 'not found' })
  else if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    result = json(405, { error: 'method not allowed' })
  } else result = await answer().catch(() => json(500, { error: 'internal' }))
  response.writeHead(result.status, {
    'content-type': result.type,
    'content-length': Buffer.byteLength(result.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(request.method === 'HEAD' ? undefined : result.body)
}
