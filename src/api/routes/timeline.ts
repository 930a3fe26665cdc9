import type { Timeline } from '../../fleet/timeline/timeline.ts'
import type { App } from '../app.ts'
import { IdentityParams, pageOf, pageRequest, refTo } from '../schemas/common.ts'
import { TimelineEntrySchema, TimelineQuery } from '../schemas/trace.ts'

export function timelineRoutes(app: App, parts: { readonly timeline: Timeline }): void {
  app.get(
    '/api/v1/chargers/:identity/timeline',
    {
      schema: {
        operationId: 'showChargerTimeline',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Lists everything that happened to a charger, newest first',
        description:
          'Faults, conditions, security and monitoring events, jobs, boots, connections, violations (those of one kind and action within an hour are one entry), how commands ended, and what people changed.',
        tags: ['chargers'],
        params: IdentityParams,
        querystring: TimelineQuery,
        response: { 200: pageOf(refTo(TimelineEntrySchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query }) => {
      const { kind, since } = query
      return await parts.timeline.of(params.identity, pageRequest(query), {
        ...(kind === undefined ? {} : { kind }),
        ...(since === undefined ? {} : { since: Date.parse(since) }),
      })
    },
  )
}
