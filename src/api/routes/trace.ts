import { Type } from 'typebox'
import type { Identity } from '../../identity/identity.ts'
import type { Trace, TraceFilter } from '../../trace/trace.ts'
import { covers } from '../../fleet/groups/scope.ts'
import type { Policy } from '../../policy/policy.ts'
import type { App } from '../app.ts'
import { eventSink } from '../event-sink.ts'
import { listener } from '../listener.ts'
import { IdentityParams, NoContent, pageOf, pageRequest, refTo } from '../schemas/common.ts'
import {
  TraceEndQuery,
  TraceFrameSchema,
  TraceOrderSchema,
  TraceQuery,
  TraceStateSchema,
  TraceStreamQuery,
} from '../schemas/trace.ts'
import { traceStreamLimits, type TraceStream } from '../trace-stream.ts'

const address = '/api/v1/chargers/:identity/trace'
const tags = ['trace']

export function traceRoutes(
  app: App,
  parts: {
    readonly trace: Trace
    readonly stream: TraceStream
    readonly identity: Identity
    readonly policy: Pick<Policy, 'rightsOf' | 'placesOf'>
  },
): void {
  app.put(
    address,
    {
      schema: {
        operationId: 'traceCharger',
        permission: 'trace.write',
        about: 'charger',
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
        permission: 'trace.write',
        about: 'charger',
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
        permission: 'trace.read',
        about: 'charger',
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
  { stream, ...parts }: Omit<Parameters<typeof traceRoutes>[1], 'trace'>,
): void {
  app.get(
    `${address}/stream`,
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'watchChargerTrace',
        permission: 'trace.read',
        about: 'charger',
        summary: 'Streams the messages of a traced charger, as server-sent events',
        description: [
          'Each event `frame` has its place as `id` and a `TraceFrame` as JSON in `data`.',
          'A comment comes every 15 s when nothing else does.',
          'After a break, `Last-Event-ID` brings back what was kept meanwhile; an event `gap` says that there was more of it, and an event `overflow` that the client read too slowly and is sent away.',
          `Nothing comes while the trace is off. One actor may listen ${traceStreamLimits.clientsPerActor} times at once.`,
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
      const { identity } = request.params
      const { actor, scope, admitted } = listener(request, parts)
      const [epoch, sequence] = request.headers['last-event-id']?.split('.').map(Number) ?? []
      const out = reply.raw
      const sink = eventSink(out, request.id)
      const { leave } = await stream.listen(sink, identity, filterOf(request.query), {
        actor,
        ...(epoch === undefined || sequence === undefined ? {} : { after: { epoch, sequence } }),
        admitted: async () => {
          const [mayListen, places] = await Promise.all([
            admitted(),
            parts.policy.placesOf([identity]),
          ])
          return mayListen && covers(scope(), places.get(identity) ?? null)
        },
      })
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
