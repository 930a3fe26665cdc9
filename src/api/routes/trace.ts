import { Type } from 'typebox'
import type { Identity } from '../../identity/identity.ts'
import type { Trace, TraceFilter } from '../../trace/trace.ts'
import type { App } from '../app.ts'
import { bearerSecret } from '../authentication.ts'
import { eventSink } from '../event-sink.ts'
import { IdentityParams, NoContent, pageOf, pageRequest, refTo } from '../schemas/common.ts'
import {
  TraceEndQuery,
  TraceFrameSchema,
  TraceOrderSchema,
  TraceQuery,
  TraceStateSchema,
  TraceStreamQuery,
} from '../schemas/trace.ts'
import type { TraceStream } from '../trace-stream.ts'

const address = '/api/v1/chargers/:identity/trace'
const tags = ['trace']

export function traceRoutes(
  app: App,
  parts: { readonly trace: Trace; readonly stream: TraceStream; readonly identity: Identity },
): void {
  app.put(
    address,
    {
      schema: {
        operationId: 'traceCharger',
        summary: 'Begins or prolongs the trace of a charger',
        description:
          'Until then every message in and out is kept, with secrets masked and drivers’ tokens shortened. Kept messages go by themselves after `OTA_TRACE_KEEP_HOURS`.',
        tags,
        params: IdentityParams,
        body: refTo(TraceOrderSchema),
        response: { 200: refTo(TraceStateSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params, body, caller }) => await parts.trace.begin(caller, params.identity, body),
  )

  app.delete(
    address,
    {
      schema: {
        operationId: 'endChargerTrace',
        summary: 'Ends the trace of a charger',
        description: 'What was kept stays until its time is over.',
        tags,
        params: IdentityParams,
        querystring: TraceEndQuery,
        response: { 204: NoContent },
        problems: ['not-found'],
      },
    },
    async ({ params, query, caller }, reply) => {
      await parts.trace.end(caller, params.identity, query.reason)
      return reply.code(204).send(null)
    },
  )

  app.get(
    address,
    {
      schema: {
        operationId: 'showChargerTrace',
        summary: 'Lists the messages kept of a traced charger, newest first',
        description:
          'Where messages could not be kept, `missed` of the next one says how many; such gaps are shown whatever is filtered.',
        tags,
        params: IdentityParams,
        querystring: TraceQuery,
        response: { 200: pageOf(refTo(TraceFrameSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query }) =>
      await parts.trace.frames(params.identity, pageRequest(query), filterOf(query)),
  )

  streamRoute(app, parts)
}

function streamRoute(
  app: App,
  { stream, identity }: { readonly stream: TraceStream; readonly identity: Identity },
): void {
  app.get(
    `${address}/stream`,
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'watchChargerTrace',
        summary: 'Streams the messages of a traced charger, as server-sent events',
        description: [
          'Each event `frame` has its place as `id` and a `TraceFrame` as JSON in `data`.',
          'A comment comes every 15 s when nothing else does.',
          'After a break, `Last-Event-ID` brings back what was kept meanwhile; an event `gap` says that there was more of it, and an event `overflow` that the client read too slowly and is sent away.',
          'Nothing comes while the trace is off.',
        ].join(' '),
        tags,
        params: IdentityParams,
        querystring: TraceStreamQuery,
        headers: Type.Object({
          'last-event-id': Type.Optional(
            Type.String({
              pattern: '^\\d{1,15}\\.\\d{1,9}$',
              description: 'The id of the last message seen',
            }),
          ),
        }),
        response: {
          200: {
            description: 'Messages, until the client leaves',
            content: { 'text/event-stream': { schema: Type.String() } },
          },
        },
        problems: ['not-found'],
      },
    },
    async (request, reply) => {
      const secret = bearerSecret(request) ?? ''
      const [epoch, sequence] = request.headers['last-event-id']?.split('.').map(Number) ?? []
      const out = reply.raw
      const sink = eventSink(out, request.id)
      const { leave } = await stream.listen(
        sink,
        request.params.identity,
        filterOf(request.query),
        {
          ...(epoch === undefined || sequence === undefined ? {} : { after: { epoch, sequence } }),
          admitted: async () => (await identity.authenticate(secret)) !== undefined,
        },
      )
      reply.hijack()
      out.on('close', leave)
      out.on('error', leave)
      if (out.destroyed) leave()
    },
  )
}

function filterOf(query: {
  readonly direction?: 'in' | 'out'
  readonly action?: string
  readonly messageId?: string
  readonly since?: string
}): TraceFilter {
  const { direction, action, messageId, since } = query
  return {
    ...(direction === undefined ? {} : { direction }),
    ...(action === undefined ? {} : { action }),
    ...(messageId === undefined ? {} : { messageId }),
    ...(since === undefined ? {} : { since: Date.parse(since) }),
  }
}
