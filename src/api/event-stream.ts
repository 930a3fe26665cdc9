import type { Bus } from '../bus/bus.ts'
import { subscribeEvents, type ProductEvent } from '../bus/events.ts'
import { covers } from '../fleet/groups/scope.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import type { Clock } from '../kernel/clock.ts'
import { isForEverybody, placesOfEvents } from './event-places.ts'
import type { PlacesOf } from './event-places.ts'
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
   * Throws ProblemError when too many listen already, of this actor or altogether.
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
  /** The id of the actor who listens. */
  readonly actor: string
  readonly lastId?: number
  /** Where the client may see; asked for every event. */
  readonly scope: () => Scope
  /** Asked with every heartbeat; a client that may no longer listen is sent away. */
  readonly admitted: () => Promise<boolean>
}

export interface StreamLimits extends ClientLimits {
  /** Events kept for those who come back. */
  readonly remembered: number
}

export const streamLimits: StreamLimits = {
  clients: 100,
  clientsPerActor: 5,
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
  readonly scope: () => Scope
  /** The last event it was told or spared. */
  through: number
  left: boolean
}

/**
 * Carries the bus's events to the clients of the event stream. Best effort: the truth is behind the other routes.
 * Those who may see everything hear at once; for the others it is first looked up where the chargers belong.
 */
export function openEventStream(
  { bus, clock, placesOf }: { bus: Bus; clock: Clock; placesOf: PlacesOf },
  limits: StreamLimits = streamLimits,
): EventStream {
  const clients = openStreamClients<Client>(clock, limits)
  const ring: Remembered[] = []
  // Ids begin at the time of the start, so that they rise across restarts too.
  let lastId = clock.now() * 1000
  let forgottenThrough = lastId
  let catchingUp = false

  const hearing = subscribeEvents(bus, (event) => {
    const before = lastId
    lastId = Math.max(lastId + 1, clock.now() * 1000)
    const entry: Remembered = { id: lastId, event }
    ring.push(entry)
    if (ring.length > limits.remembered) forgottenThrough = ring.shift()!.id
    for (const client of clients)
      if (client.scope() === 'everywhere' && client.through === before) tell(client, [entry])
    void catchUp()
  })

  function tell(client: Client, entries: readonly Remembered[]): void {
    for (const entry of entries)
      if (!client.left && client.matches(entry.event)) clients.send(client, textOf(entry))
    client.through = entries.at(-1)?.id ?? client.through
  }

  /** Tells those who are behind what lies in their scope, all that happened meanwhile by one look-up. */
  async function catchUp(): Promise<void> {
    if (catchingUp) return
    catchingUp = true
    for (;;) {
      const behind = [...clients].filter(({ through }) => through < lastId)
      if (behind.length === 0) break
      const from = Math.min(...behind.map(({ through }) => through))
      const [entries, through] = [ring.filter(({ id }) => id > from), lastId]
      const missed = new Set(behind.filter((client) => client.through < forgottenThrough))
      const places = await placesOfEvents(entries, placesOf).catch(() => undefined)
      for (const client of behind) {
        const lost = places === undefined && client.scope() !== 'everywhere'
        if (!client.left && (lost || missed.has(client))) clients.send(client, gap)
        tell(client, visible(client, entries, places))
        client.through = through
      }
    }
    catchingUp = false
  }

  return {
    listen(sink, filter, { actor, lastId: seen, scope, admitted }) {
      clients.needRoom(actor)
      const client: Client = {
        ...{ sink, actor, scope, admitted, matches: matcher(filter), through: lastId, left: false },
        gone: () => void (client.left = true),
      }
      clients.add(client)
      sink.write('retry: 3000\n\n')
      if (seen !== undefined && seen < lastId) {
        if (seen < forgottenThrough) sink.write(gap)
        client.through = Math.max(seen, forgottenThrough)
        if (scope() === 'everywhere')
          tell(
            client,
            ring.filter(({ id }) => id > client.through),
          )
        void catchUp()
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

const gap =
  'event: gap\ndata: {"because":"some events could not be told, or are no longer remembered"}\n\n'

function visible(
  { scope, through }: Client,
  entries: readonly Remembered[],
  places: ReadonlyMap<Remembered, string | null> | undefined,
): Remembered[] {
  const where = scope()
  return entries.filter(
    (entry) =>
      entry.id > through &&
      (where === 'everywhere' ||
        isForEverybody(entry.event) ||
        (places !== undefined && covers(where, places.get(entry) ?? null))),
  )
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
