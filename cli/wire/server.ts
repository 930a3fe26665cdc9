import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from '../api-types.gen.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure, refusal, usage, type Problem } from '../failure.ts'
import { length } from '../terminal/time.ts'

export type Schemas = components['schemas']

/** What openapi-fetch resolves to, whatever the route. */
export interface Answer<T> {
  readonly data?: T
  readonly error?: unknown
  readonly response: Response
}

/** The API of one server, with failures in words. */
export interface Server {
  readonly url: URL
  readonly api: Client<paths>
  /** The body of a success; throws a Failure for everything else. */
  readonly ask: <T>(request: Promise<Answer<T>>) => Promise<NonNullable<T>>
  /** A success without a body. */
  done(request: Promise<Answer<unknown>>): Promise<void>
  /** A response whose body comes as a stream: the time limit is for its beginning only. */
  stream(path: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Response>
  /** Posts a file as it is, and answers the body of the success. It may take long to get there. */
  send<T>(path: string, file: Blob): Promise<T>
  /** ms since the epoch by the server's clock, where it differs notably from ours. */
  now(): number
}

export interface ServerOptions {
  readonly url: URL
  /** Undefined: for what needs none, as signing in. */
  readonly token: string | undefined
  readonly timeoutMs: number
  readonly interrupted: AbortSignal
  readonly now: () => number
  /** Shows a second factor again where the server asks for a fresh one; false where it cannot be. */
  readonly stepUp?: (server: Server, detail: string) => Promise<boolean>
}

/** As long as the server waits for a whole request. */
const sendWithinMs = 900_000

export function openServer(options: ServerOptions): Server {
  const { url, token, timeoutMs, interrupted, now, stepUp } = options
  const base = url.href.replace(/\/+$/, '')
  const headers: Record<string, string> = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    'x-ota-client': 'otactl',
  }
  let clockOffsetMs = 0

  function noteClock(response: Response): Response {
    const offset = Date.parse(response.headers.get('date') ?? '') - now()
    // The header has whole seconds only.
    if (Math.abs(offset) > 3000) clockOffsetMs = offset
    return response
  }

  const api = createClient<paths>({
    baseUrl: base,
    headers,
    fetch: async (request) => {
      // Fetching uses the body up.
      const again = stepUp === undefined ? undefined : request.clone()
      const response = await once(request)
      if (again === undefined || stepUp === undefined || !wantsFactor(response)) return response
      const { detail = '' } = (await response.clone().json()) as { detail?: string }
      return (await stepUp(server, detail)) ? once(again) : response
    },
  })
  const once = async (request: Request): Promise<Response> =>
    noteClock(
      await fetch(request, {
        signal: AbortSignal.any([request.signal, interrupted, AbortSignal.timeout(timeoutMs)]),
      }),
    )

  async function judged<T>(request: Promise<Answer<T>>): Promise<T | undefined> {
    let answer: Answer<T>
    try {
      answer = await request
    } catch (error) {
      throw unreachable(error, base, timeoutMs, interrupted)
    }
    if (answer.response.ok) return answer.data
    throw failureOf(answer.response, answer.error, base)
  }

  const server: Server = {
    url,
    api,
    async ask(request) {
      const data = await judged(request)
      if (data === undefined || data === null) throw notOurs(base)
      return data
    },
    async done(request) {
      await judged(request)
    },
    async stream(path, more, signal) {
      const beginning = new AbortController()
      const late = setTimeout(() => beginning.abort(timedOut()), timeoutMs)
      const signals = [interrupted, beginning.signal, ...(signal === undefined ? [] : [signal])]
      let response: Response
      try {
        response = await fetch(`${base}${path}`, {
          headers: { ...headers, ...more },
          signal: AbortSignal.any(signals),
        })
      } catch (error) {
        throw unreachable(error, base, timeoutMs, interrupted)
      } finally {
        clearTimeout(late)
      }
      if (response.ok) return noteClock(response)
      const body: unknown = await response.json().catch(() => undefined)
      throw failureOf(response, body, base)
    },
    async send(path, file) {
      const limitMs = Math.max(timeoutMs, sendWithinMs)
      let response: Response
      try {
        response = await fetch(`${base}${path}`, {
          method: 'POST',
          body: file,
          headers: { ...headers, 'content-type': file.type },
          signal: AbortSignal.any([interrupted, AbortSignal.timeout(limitMs)]),
        })
      } catch (error) {
        throw unreachable(error, base, limitMs, interrupted)
      }
      const body: unknown = await response.json().catch(() => undefined)
      if (!response.ok) throw failureOf(response, body, base)
      if (body === undefined) throw notOurs(base)
      return body as never
    },
    now: () => now() + clockOffsetMs,
  }
  return server
}

/** RFC 9470: what was shown is too old for this. */
function wantsFactor(response: Response): boolean {
  const challenge = response.headers.get('www-authenticate') ?? ''
  return response.status === 401 && challenge.includes('insufficient_user_authentication')
}

function timedOut(): DOMException {
  return new DOMException('the time is over', 'TimeoutError')
}

function failureOf(response: Response, body: unknown, base: string): Failure {
  return isProblem(body) ? refusal(body) : notOurs(base, response.status)
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false
  const { status, code, detail } = body as Partial<Record<keyof Problem, unknown>>
  return typeof status === 'number' && typeof code === 'string' && typeof detail === 'string'
}

function notOurs(base: string, status?: number): Failure {
  const with_ = status === undefined ? '' : ` with status ${status}`
  return new Failure(
    exitCodes.unreachable,
    'not-ota-control',
    `${base} answered${with_}, but not as OTA control does`,
    { hint: 'Is this the operator address? Say where it is with --url or OTA_URL.' },
  )
}

const networkWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no server answers there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
}

/** What went wrong on the way to the server, or the interruption that ended it. */
export function unreachable(
  error: unknown,
  base: string,
  timeoutMs: number,
  interrupted: AbortSignal,
): unknown {
  if (error instanceof Failure) return error
  if (interrupted.aborted) return interrupted.reason
  if (error instanceof SyntaxError) return notOurs(base)
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return new Failure(
      exitCodes.unreachable,
      'unreachable',
      `${base} did not answer within ${length(timeoutMs)}`,
      { hint: 'Wait longer with --request-timeout.', cause: error },
    )
  const code = causeCode(error)
  const why = networkWords[code ?? ''] ?? code ?? (error instanceof Error ? error.message : '')
  return new Failure(exitCodes.unreachable, 'unreachable', `cannot reach ${base}: ${why}`, {
    hint: 'Start the server with npm start, or say where it is with --url or OTA_URL.',
    cause: error,
  })
}

function causeCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof AggregateError) {
      const first: unknown = at.errors[0]
      if (first instanceof Error && 'code' in first) return String(first.code)
    }
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return undefined
}

/** The server's address from `--url` or `OTA_URL`. */
export function serverUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw usage(
      `${text} is no address of a server`,
      'It looks like http://127.0.0.1:8080; give it with --url or OTA_URL.',
    )
  if (url.username !== '' || url.password !== '')
    throw usage('the address of the server holds a password', 'Give a token with OTA_TOKEN.')
  url.search = ''
  url.hash = ''
  return url
}
