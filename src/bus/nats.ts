import type {
  ConnectionOptions,
  Msg,
  NatsConnection,
  Subscription as NatsSubscription,
} from '@nats-io/transport-node'
import { connect, errors } from '@nats-io/transport-node'
import type { Json } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
import { jsonText, parseJson } from '../ocpp/json-text.ts'
import type { Bus, Subscription } from './bus.ts'
import { MessageTooLargeError, NoServerError, RemoteError, RequestTimeoutError } from './bus.ts'

export interface NatsBusOptions {
  /** `nats://[user:password@]host:port`; several servers of one cluster separated by commas. */
  readonly url: string
  /** Shown in the server's connection list. */
  readonly name: string
  readonly log: Log
  /** Put before every subject, so that several products or tests can share one server. */
  readonly prefix?: string
  /** Requests awaiting an answer here, and requests being answered here, at most. Default 20 000 each. */
  readonly maxInFlight?: number
  /** Gives up the first connection. Later ones are tried for ever. */
  readonly signal?: AbortSignal
}

const retryMs = 250
const closeDeadlineMs = 3_000
/** All servers of one subject share its work, also those that name no group. */
const defaultGroup = 'servers'

/** Keeping integers beyond 2^53 exact makes parsing several times slower; few messages hold any. */
const mayHoldBigInteger = /\d{16}/

function decodeMessage(text: string): Json {
  return (mayHoldBigInteger.test(text) ? parseJson(text) : JSON.parse(text)) as Json
}

/** How an answer travels: the server's value, or the message of what it threw. */
type Reply = { readonly value: Json } | { readonly error: string }

/**
 * The bus over NATS core. Resolves once connected. A lost server is tried again for ever; meanwhile
 * nothing is kept: what is published is gone and requests fail at once, so no backlog can grow.
 */
export async function natsBus(options: NatsBusOptions): Promise<Bus> {
  const connection = await connectPatiently(options)
  return new NatsBus(connection, options)
}

async function connectPatiently(options: NatsBusOptions): Promise<NatsConnection> {
  const settings = connectionOptions(options)
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted()
    try {
      return await connect(settings)
    } catch (error) {
      if (attempt % 40 === 0)
        options.log.warn({ err: error, servers: settings.servers }, 'waiting for the NATS server')
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
}

function connectionOptions(options: NatsBusOptions): ConnectionOptions {
  const urls = options.url.split(',').map((part) => new URL(part.trim()))
  const first = urls[0]
  if (first === undefined) throw new TypeError('the NATS url is empty')
  const login =
    first.username === ''
      ? {}
      : { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) }
  return {
    servers: urls.map((url) => url.host),
    name: options.name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: retryMs,
    reconnectJitter: retryMs,
    timeout: 5_000,
    pingInterval: 10_000,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(first.protocol === 'tls:' ? { tls: {} } : {}),
    ...login,
  }
}

class NatsBus implements Bus {
  readonly #connection: NatsConnection
  readonly #log: Log
  readonly #prefix: string
  readonly #maxInFlight: number
  /** Ends the requests in flight when their connection goes: their answers cannot come any more. */
  readonly #waiting = new Set<() => void>()
  readonly #subscriptions = new Set<NatsSubscription>()
  #answering = 0
  #idle: (() => void) | undefined
  #connected = true
  #closing: Promise<void> | undefined

  constructor(connection: NatsConnection, options: NatsBusOptions) {
    this.#connection = connection
    this.#log = options.log
    this.#prefix = options.prefix === undefined ? '' : `${options.prefix}.`
    this.#maxInFlight = options.maxInFlight ?? 20_000
    void this.#watch()
  }

  publish(subject: string, message: Json): void {
    if (!this.healthy()) return
    try {
      this.#connection.publish(this.#prefix + subject, jsonText(message))
    } catch (error) {
      this.#log.error({ err: error, subject }, 'a message could not be published')
    }
  }

  async request(
    subject: string,
    message: Json,
    { timeoutMs }: { timeoutMs: number },
  ): Promise<Json> {
    if (!this.healthy() || this.#waiting.size >= this.#maxInFlight) throw new NoServerError(subject)
    const data = jsonText(message)
    this.#refuseTooLarge(subject, data)
    const reply = decodeMessage((await this.#ask(subject, data, timeoutMs)).string()) as Reply
    if ('error' in reply) throw new RemoteError(subject, reply.error)
    return reply.value
  }

  #ask(subject: string, data: string, timeoutMs: number): Promise<Msg> {
    return new Promise((resolve, reject) => {
      const lost = () => reject(new RequestTimeoutError(subject, timeoutMs))
      this.#waiting.add(lost)
      this.#connection
        .request(this.#prefix + subject, data, { timeout: Math.max(1, Math.ceil(timeoutMs)) })
        .then(resolve, (error: unknown) => reject(this.#requestError(subject, timeoutMs, error)))
        .finally(() => this.#waiting.delete(lost))
    })
  }

  #requestError(subject: string, timeoutMs: number, error: unknown): Error {
    if (error instanceof errors.NoRespondersError) return new NoServerError(subject)
    if (error instanceof errors.RequestError && error.isNoResponders())
      return new NoServerError(subject)
    return new RequestTimeoutError(subject, timeoutMs)
  }

  #refuseTooLarge(subject: string, data: string): void {
    const limit = this.#connection.info?.max_payload ?? 1_048_576
    // A character takes at most three bytes of UTF-8, so short texts need no counting.
    if (data.length * 3 <= limit) return
    const bytes = Buffer.byteLength(data)
    if (bytes > limit) throw new MessageTooLargeError(subject, bytes)
  }

  subscribe(subject: string, hear: (message: Json) => void): Subscription {
    return this.#listen(subject, undefined, (received) => hear(decodeMessage(received.string())))
  }

  serve(
    subject: string,
    options: { group?: string },
    answer: (message: Json) => Promise<Json>,
  ): Subscription {
    return this.#listen(subject, options.group ?? defaultGroup, (received) => {
      void this.#answer(subject, received, answer)
    })
  }

  async #answer(
    subject: string,
    received: Msg,
    answer: (message: Json) => Promise<Json>,
  ): Promise<void> {
    if (this.#answering >= this.#maxInFlight)
      return this.#respond(subject, received, { error: 'too many requests in flight' })
    this.#answering += 1
    let reply: Reply
    try {
      reply = { value: await answer(decodeMessage(received.string())) }
    } catch (error) {
      reply = { error: error instanceof Error ? error.message : String(error) }
    }
    this.#respond(subject, received, reply)
    this.#answering -= 1
    if (this.#answering === 0) this.#idle?.()
  }

  #respond(subject: string, received: Msg, reply: Reply): void {
    try {
      const data = jsonText(reply)
      this.#refuseTooLarge(subject, data)
      received.respond(data)
    } catch (error) {
      this.#log.error({ err: error, subject }, 'an answer could not be sent')
      if ('value' in reply) this.#respond(subject, received, { error: 'the answer cannot travel' })
    }
  }

  #listen(subject: string, queue: string | undefined, take: (received: Msg) => void): Subscription {
    const subscription = this.#connection.subscribe(this.#prefix + subject, {
      ...(queue === undefined ? {} : { queue }),
      // A callback that throws would end the reading of the whole connection.
      callback: (error, received) => {
        try {
          if (error !== null) throw error
          take(received)
        } catch (thrown) {
          this.#log.error({ err: thrown, subject }, 'a subscriber threw')
        }
      },
    })
    this.#subscriptions.add(subscription)
    return {
      close: () => {
        this.#subscriptions.delete(subscription)
        subscription.unsubscribe()
      },
    }
  }

  async flush(): Promise<void> {
    await this.#connection.flush()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeDeadlineMs)
    })
    // Draining waits for the server, which may be gone.
    if (this.#connected) await Promise.race([this.#drain().catch(() => {}), deadline])
    clearTimeout(timer)
    await this.#connection.close()
    this.#loseWaiting()
  }

  /** Takes no more work, and lets what was taken be answered. */
  async #drain(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.drain()))
    if (this.#answering > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    await this.#connection.flush()
  }

  healthy(): boolean {
    return this.#connected && this.#closing === undefined && !this.#connection.isClosed()
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === 'disconnect') {
        this.#connected = false
        this.#loseWaiting()
        this.#log.warn({ server: status.server }, 'lost the NATS server')
      } else if (status.type === 'reconnect') {
        this.#connected = true
        this.#log.info({ server: status.server }, 'back with the NATS server')
      } else if (status.type === 'error') {
        this.#log.error({ err: status.error }, 'the NATS server complained')
      }
    }
  }

  #loseWaiting(): void {
    for (const lost of [...this.#waiting]) lost()
  }
}
