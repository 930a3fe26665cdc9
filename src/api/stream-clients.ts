import { every, type Clock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'

/** Where one client's events go: a response being written. */
export interface EventSink {
  write(text: string): void
  /** Bytes written and not yet taken by the client. */
  waiting(): number
  end(): void
}

/** Somebody who listens to a stream. */
export interface StreamClient {
  readonly sink: EventSink
  /** The id of the actor who listens. */
  readonly actor: string
  /** Asked with every heartbeat; a client that may no longer listen is sent away. */
  readonly admitted: () => Promise<boolean>
  /** Called once when it has gone, by itself or sent away. */
  readonly gone?: () => void
}

export interface ClientLimits {
  readonly clients: number
  /** Of one actor, so that nobody takes the places of everybody else. */
  readonly clientsPerActor: number
  /** A client with more than this waiting is dropped. */
  readonly waitingBytes: number
  readonly heartbeatMs: number
}

/** The clients of one stream: those who read too slowly or may no longer listen are told so and sent away. */
export interface StreamClients<Client extends StreamClient> extends Iterable<Client> {
  readonly size: number
  /**
   * Throws ProblemError where there is no place for one more of this actor's; `coming`: the actors of those
   * who are about to be added.
   */
  needRoom(actor: string, coming?: readonly string[]): void
  add(client: Client): void
  send(client: Client, text: string): void
  leave(client: Client): void
  /** Sends everybody away. */
  close(): void
}

export function openStreamClients<Client extends StreamClient>(
  clock: Clock,
  limits: ClientLimits,
): StreamClients<Client> {
  const clients = new Set<Client>()

  function leave(client: Client): boolean {
    const listened = clients.delete(client)
    if (listened) client.gone?.()
    return listened
  }
  function drop(client: Client, farewell: string): void {
    if (!leave(client)) return
    client.sink.write(farewell)
    client.sink.end()
  }
  function send(client: Client, text: string): void {
    if (client.sink.waiting() > limits.waitingBytes)
      drop(client, 'event: overflow\ndata: {"because":"the client reads too slowly"}\n\n')
    else client.sink.write(text)
  }

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
    get size() {
      return clients.size
    },
    [Symbol.iterator]: () => clients.values(),
    needRoom(actor, coming = []) {
      const all = [...coming, ...[...clients].map((client) => client.actor)]
      if (all.filter((one) => one === actor).length >= limits.clientsPerActor)
        throw new ProblemError(
          'overloaded',
          `you listen ${limits.clientsPerActor} times already, and nobody may more often; leave one of these streams first`,
        )
      if (all.length >= limits.clients)
        throw new ProblemError('overloaded', `${limits.clients} clients listen already`)
    },
    add: (client) => void clients.add(client),
    send,
    leave: (client) => void leave(client),
    close() {
      beating.cancel()
      for (const client of [...clients]) drop(client, 'event: closing\ndata: {}\n\n')
    },
  }
}
