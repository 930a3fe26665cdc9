import type { Bus } from '../bus/bus.ts'
import { subscribeEvents, type ProductEvent } from '../bus/events.ts'
import { every, type Clock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'

/** Where one client's events go: a response being written. */
export interface EventSink {
  write(text: string): void
  /** Bytes written and not yet taken by the client. */
  waiting(): number
  end(): void
}

export interface EventFilter {
  readonly type?: readonly string[]
  readonly charger?: readonly string[]
  readonly command?: readonly string[]
}

export interface EventStream {
  /**
   * Sends what happens from now on, and first what is still remembered after `lastId`.
   * Throws ProblemError when too many listen already.
   */
  listen(
    sink: EventSink,
    filter: EventFilter,
    options: ListenOptions,
  ): { readonly leave: () => void }
  listeners(): number
  close(): void
}

export interface ListenOptions {
  readonly lastId?: number
  /** Asked with every heartbeat; a client that may no longer listen is sent away. */
  readonly admitted: () => Promise<boolean>
}

export interface StreamLimits {
  readonly clients: number
  /** Events kept for those who come back. */
  readonly remembered: number
  /** A client with more than this waiting is dropped. */
  readonly waitingBytes: number
  readonly heartbeatMs: number
}

export const streamLimits: StreamLimits = {
  clients: 100,
  remembered: 2_000,
  // A bulk command's states come in one burst, which is no reason to send a client away.
  waitingBytes: 2 * 1024 * 1024,
  heartbeatMs: 15_000,
}

interface Remembered {
  readonly id: number
  readonly event: ProductEvent
  /** As it is sent; made once somebody is there to hear it. */
  text?: string
}

interface Client {
  readonly sink: EventSink
  readonly matches: (event: ProductEvent) => boolean
  readonly admitted: () => Promise<boolean>
}

/** Carries the bus's events to the clients of the event stream. Best effort: the truth is behind the other routes. */
export function openEventStream(
  { bus, clock }: { bus: Bus; clock: Clock },
  limits: StreamLimits = streamLimits,
): EventStream {
  const clients = new Set<Client>()
  const ring: Remembered[] = []
  // Ids begin at the time of the start, so that they rise across restarts too.
  let lastId = clock.now() * 1000
  let forgottenThrough = lastId

  function drop(client: Client, farewell: string): void {
    if (!clients.delete(client)) return
    client.sink.write(farewell)
    client.sink.end()
  }
  function send(client: Client, text: string): void {
    if (client.sink.waiting() > limits.waitingBytes)
      drop(client, 'event: overflow\ndata: {"because":"the client reads too slowly"}\n\n')
    else client.sink.write(text)
  }

  const hearing = subscribeEvents(bus, (event) => {
    lastId = Math.max(lastId + 1, clock.now() * 1000)
    const entry: Remembered = { id: lastId, event }
    ring.push(entry)
    if (ring.length > limits.remembered) forgottenThrough = ring.shift()!.id
    for (const client of clients) if (client.matches(event)) send(client, textOf(entry))
  })

  const beating = every(
    clock,
    limits.heartbeatMs,
    async () => {
      await Promise.all(
        [...clients].map(async (client) => {
          // An authority that cannot be asked just now is no reason to send anybody away.
          const admitted = await client.admitted().catch(() => true)
          if (admitted) send(client, ': heartbeat\n\n')
          else drop(client, 'event: not-authenticated\ndata: {}\n\n')
        }),
      )
    },
    () => undefined,
  )

  return {
    listen(sink, filter, { lastId: seen, admitted }) {
      if (clients.size >= limits.clients)
        throw new ProblemError('overloaded', `${limits.clients} clients listen already`)
      const client: Client = { sink, matches: matcher(filter), admitted }
      clients.add(client)
      sink.write('retry: 3000\n\n')
      if (seen !== undefined) {
        if (seen < forgottenThrough)
          sink.write('event: gap\ndata: {"because":"older events are no longer remembered"}\n\n')
        for (const entry of ring)
          if (entry.id > seen && client.matches(entry.event)) sink.write(textOf(entry))
      }
      return { leave: () => void clients.delete(client) }
    },
    listeners: () => clients.size,
    close() {
      hearing.close()
      beating.cancel()
      for (const client of [...clients]) drop(client, 'event: closing\ndata: {}\n\n')
    },
  }
}

function matcher(filter: EventFilter): (event: ProductEvent) => boolean {
  const [types, chargers, commands] = [filter.type, filter.charger, filter.command].map((values) =>
    values === undefined || values.length === 0 ? undefined : new Set(values),
  )
  return (event) =>
    (types === undefined || types.has(event.type)) &&
    (chargers === undefined || (event.charger !== undefined && chargers.has(event.charger))) &&
    (commands === undefined || (event.command !== undefined && commands.has(event.command)))
}

function textOf(entry: Remembered): string {
  return (entry.text ??= written(entry))
}

function written({ id, event }: Remembered): string {
  const data = JSON.stringify({ ...event, at: new Date(event.at).toISOString() })
  return `id: ${id}\nevent: ${event.type}\ndata: ${data}\n\n`
}
