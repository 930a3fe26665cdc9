import { Type } from 'typebox'
import type { Identity } from '../../identity/identity.ts'
import type { Policy } from '../../policy/policy.ts'
import type { App } from '../app.ts'
import { eventSink } from '../event-sink.ts'
import { streamLimits, type EventStream } from '../event-stream.ts'
import { listener } from '../listener.ts'
import { EventQuery } from '../schemas/event.ts'

export function eventRoutes(
  app: App,
  {
    stream,
    ...parts
  }: {
    readonly stream: EventStream
    readonly identity: Identity
    readonly policy: Pick<Policy, 'rightsOf'>
  },
): void {
  app.get(
    '/api/v1/events',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'watchEvents',
        permission: 'fleet.read',
        summary: 'Streams what happens, as server-sent events',
        description: [
          'Each event has a rising `id`, its type as `event`, and an `Event` as JSON in `data`.',
          'A comment comes every 15 s when nothing else does.',
          'What lies outside your scope is left out.',
          `One actor may listen ${streamLimits.clientsPerActor} times at once.`,
          'Best effort: after a break, `Last-Event-ID` brings back what is still remembered; an event `gap` says that some may be missing, and an event `overflow` that the client read too slowly and is sent away. What is true is behind the other addresses.',
        ].join(' '),
        tags: ['events'],
        querystring: EventQuery,
        headers: Type.Object({
          'last-event-id': Type.Optional(
            Type.String({ pattern: '^\\d{1,16}$', description: 'The id of the last event seen' }),
          ),
        }),
        response: {
          200: {
            description: 'Events, until the client leaves',
            content: { 'text/event-stream': { schema: Type.String() } },
          },
        },
      },
    },
    (request, reply) => {
      const lastId = request.headers['last-event-id']
      const out = reply.raw
      const sink = eventSink(out, request.id)
      const { leave } = stream.listen(sink, request.query, {
        ...(lastId === undefined ? {} : { lastId: Number(lastId) }),
        ...listener(request, parts),
      })
      reply.hijack()
      out.on('close', leave)
      out.on('error', leave)
      if (out.destroyed) leave()
    },
  )
}
