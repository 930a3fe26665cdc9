import type { Clock } from '../kernel/clock.ts'
import { filtered, isLater } from '../trace/frame.ts'
import type { FrameKey, ShownFrame, Trace, TraceFilter } from '../trace/trace.ts'
import { openStreamClients } from './stream-clients.ts'
import type { ClientLimits, EventSink, StreamClient } from './stream-clients.ts'

/** What clients of live traces may take. */
export interface TraceStreamLimits extends ClientLimits {
  /** Messages sent again to a client that comes back. */
  readonly caughtUp: number
}

export const traceStreamLimits: TraceStreamLimits = {
  clients: 50,
  clientsPerActor: 5,
  caughtUp: 2_000,
  waitingBytes: 4 * 1024 * 1024,
  heartbeatMs: 15_000,
}

export interface TraceStream {
  /**
   * Sends a charger's messages from now on, and first those that follow `after`. Rejects with ProblemError
   * where there is no such charger, or too many listen already, of this actor or altogether.
   */
  listen(
    sink: EventSink,
    identity: string,
    filter: TraceFilter,
    options: {
      /** The id of the actor who listens. */
      readonly actor: string
      readonly after?: FrameKey
      /** Asked with every heartbeat; a client that may no longer listen is sent away. */
      readonly admitted: () => Promise<boolean>
    },
  ): Promise<{ readonly leave: () => void }>
  listeners(): number
  close(): void
}

/** Carries live traces to clients. What is kept is behind the other routes. */
export function openTraceStream(
  { trace, clock }: { readonly trace: Pick<Trace, 'watch' | 'following'>; readonly clock: Clock },
  limits: TraceStreamLimits = traceStreamLimits,
): TraceStream {
  const clients = openStreamClients<StreamClient>(clock, limits)
  /** The actors of clients that are still being caught up. */
  const coming: string[] = []

  async function listen(
    ...[sink, identity, filter, { actor, after, admitted }]: Parameters<TraceStream['listen']>
  ): Promise<{ leave: () => void }> {
    // What comes while the client is caught up waits for its place.
    let early: ShownFrame[] | undefined = []
    const hearing = trace.watch(identity, (frames) => {
      if (early !== undefined) early.push(...frames)
      else for (const frame of frames) tell(frame)
    })
    const client = { sink, actor, admitted, gone: () => hearing.close() }
    const tell = (frame: ShownFrame): void => {
      const shown = filtered(frame, filter)
      if (shown !== undefined) clients.send(client, textOf(shown))
    }
    const from = after ?? endOfAll
    const before = await trace
      .following(identity, from, filter, limits.caughtUp + 1)
      .catch((error: unknown) => {
        hearing.close()
        throw error
      })
    clients.add(client)
    sink.write('retry: 3000\n\n')
    for (const frame of before.slice(0, limits.caughtUp)) clients.send(client, textOf(frame))
    if (before.length > limits.caughtUp)
      clients.send(client, 'event: gap\ndata: {"because":"more was kept than is sent again"}\n\n')
    const last = before.at(-1) ?? from
    const waiting = early
    early = undefined
    for (const frame of waiting) if (last === endOfAll || isLater(frame, last)) tell(frame)
    return { leave: () => clients.leave(client) }
  }

  return {
    async listen(...asked) {
      const { actor } = asked[3]
      clients.needRoom(actor, coming)
      coming.push(actor)
      try {
        return await listen(...asked)
      } finally {
        coming.splice(coming.indexOf(actor), 1)
      }
    },
    listeners: () => clients.size,
    close: () => clients.close(),
  }
}

/** Later than every message, so that nothing follows it. */
const endOfAll: FrameKey = { epoch: Number.MAX_SAFE_INTEGER, sequence: 2 ** 31 - 1 }

function textOf(frame: ShownFrame): string {
  const { epoch, sequence } = frame
  return `id: ${epoch}.${sequence}\nevent: frame\ndata: ${JSON.stringify(frame)}\n\n`
}
