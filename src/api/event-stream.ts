import type { Bus } from '../bus/bus.ts'
import { subscribeEvents, type ProductEvent } from '../bus/events.ts'
import type { Clock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import { openStreamClients } from './stream-clients.ts'
import type { ClientLimits, EventSink, StreamClient } from './stream-clients.ts'

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

export interface StreamLimits extends ClientLimits {
  readonly clients: number
  /** Events kept for those who come back. */
  readonly remembered: number
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

interface Client extends StreamClient {
  readonly matches: (event: ProductEvent) => boolean
}

/** Carries the bus's events to the clients of the event stream. Best effort: the truth is behind the other routes. */
export function openEventStream(
  { bus, clock }: { bus: Bus; clock: Clock },
  limits: StreamLimits = streamLimits,
): EventStream {
  const clients = openStreamClients<Client>(clock, limits)
  const ring: Remembered[] = []
  // Ids begin at the time of the start, so that they rise across restarts too.
  let lastId = clock.now() * 1000
  let forgottenThrough = lastId

  const hearing = subscribeEvents(bus, (event) => {
    lastId = Math.max(lastId + 1, clock.now() * 1000)
    const entry: Remembered = { id: lastId, event }
    ring.push(entry)
    if (ring.length > limits.remembered) forgottenThrough = ring.shift()!.id
    for (const client of clients) if (client.matches(event)) clients.send(client, textOf(entry))
  })

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
      return { leave: () => clients.leave(client) }
    },
    listeners: () => clients.size,
    close() {
      hearing.close()
      clients.close()
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
