import { setTimeout as pause } from 'node:timers/promises'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Message } from './server-sent.ts'
import { messageReader } from './server-sent.ts'
import type { Schemas, Server } from './server.ts'

export type ProductEvent = Schemas['Event']

/** What comes of listening. `open` and `gap`: what was known may be outdated; look again. */
export type Heard =
  | { readonly kind: 'open' }
  | { readonly kind: 'event'; readonly event: ProductEvent }
  | { readonly kind: 'gap' }
  | { readonly kind: 'lost'; readonly because: string }

export interface EventFilter {
  readonly type?: readonly string[]
  readonly charger?: readonly string[]
  readonly command?: readonly string[]
}

export interface Patience {
  /** The server's heartbeat comes every 15 s: longer silence means that the line is dead. */
  readonly silenceMs: number
  /** Between attempts to connect again, growing from the first to the last. */
  readonly againMs: readonly [number, number]
}
export const patience: Patience = { silenceMs: 40_000, againMs: [300, 5_000] }

/** What comes of listening to any stream of the server. */
export type Streamed =
  | { readonly kind: 'open' }
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'gap' }
  | { readonly kind: 'lost'; readonly because: string }

/**
 * What happens, until `signal` aborts. A lost connection is taken up again where it was left; the
 * token being refused throws.
 */
export async function* listen(
  server: Server,
  filter: EventFilter,
  signal: AbortSignal,
  patient: Patience = patience,
): AsyncGenerator<Heard> {
  for await (const heard of listenTo(server, `/api/v1/events${queryOf(filter)}`, signal, {
    patient,
  })) {
    if (heard.kind !== 'message') yield heard
    else {
      const event = eventOf(heard.message.data)
      if (event !== undefined) yield { kind: 'event', event }
    }
  }
}

/** The same for any stream; `lastId` is where an earlier look at it ended. */
export async function* listenTo(
  server: Server,
  path: string,
  signal: AbortSignal,
  options: { readonly lastId?: string; readonly patient?: Patience } = {},
): AsyncGenerator<Streamed> {
  const { silenceMs, againMs } = options.patient ?? patience
  let { lastId } = options
  let waitMs = againMs[0]
  while (!signal.aborted) {
    let because = 'the server ended the stream'
    const line = new AbortController()
    try {
      const headers = lastId === undefined ? {} : { 'last-event-id': lastId }
      const response = await server.stream(path, headers, AbortSignal.any([signal, line.signal]))
      yield { kind: 'open' }
      for await (const message of messages(response, line, silenceMs)) {
        waitMs = againMs[0]
        if (message.event === 'closing') because = 'the server is stopping'
        else if (message.event === 'overflow') because = 'this reader is too slow'
        else if (message.event === 'not-authenticated') throw noLongerAdmitted()
        else if (message.event === 'gap') yield { kind: 'gap' }
        else {
          lastId = message.id ?? lastId
          yield { kind: 'message', message }
        }
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Failure && error.exitCode !== exitCodes.unreachable) throw error
      because = error instanceof Failure ? error.message : 'the connection broke'
    } finally {
      line.abort()
    }
    if (signal.aborted) return
    yield { kind: 'lost', because }
    await pause(waitMs, undefined, { signal }).catch(() => undefined)
    waitMs = Math.min(waitMs * 2, againMs[1])
  }
}

async function* messages(response: Response, line: AbortController, silenceMs: number) {
  const read = messageReader()
  const decoder = new TextDecoder()
  let silence = setTimeout(() => line.abort(), silenceMs)
  try {
    for await (const piece of response.body ?? []) {
      clearTimeout(silence)
      silence = setTimeout(() => line.abort(), silenceMs)
      yield* read(decoder.decode(piece as Uint8Array, { stream: true }))
    }
  } finally {
    clearTimeout(silence)
  }
}

function queryOf(filter: EventFilter): string {
  const query = new URLSearchParams()
  for (const [name, values] of Object.entries(filter) as [string, readonly string[]][])
    for (const value of values) query.append(name, value)
  return query.size === 0 ? '' : `?${query.toString()}`
}

function eventOf(data: string): ProductEvent | undefined {
  try {
    return JSON.parse(data) as ProductEvent
  } catch {
    return undefined
  }
}

function noLongerAdmitted(): Failure {
  return new Failure(exitCodes.forbidden, 'not-authenticated', 'the token is valid no more')
}
