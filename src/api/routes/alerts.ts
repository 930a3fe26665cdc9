import { Type } from 'typebox'
import type { Alerts } from '../../detection/alert.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import type { App } from '../app.ts'
import { AlertReviewSchema, AlertSchema } from '../schemas/alert.ts'
import { pageOf, pageQuery, pageRequest, refTo, strict } from '../schemas/common.ts'

const tags = ['audit']

export function alertRoutes(
  app: App,
  { alerts, fleet }: { readonly alerts: Alerts; readonly fleet: Pick<Fleet, 'within'> },
): void {
  app.get(
    '/api/v1/alerts',
    {
      schema: {
        operationId: 'listAlerts',
        permission: 'alerts.read',
        summary: 'Lists alerts of detection, newest first',
        tags,
        querystring: pageQuery({
          open: Type.Optional(Type.Boolean({ description: 'Only open, or only closed ones' })),
        }),
        response: { 200: pageOf(refTo(AlertSchema)) },
      },
    },
    async ({ query, scope }) =>
      await alerts.list(
        pageRequest(query),
        query.open === undefined ? {} : { open: query.open },
        await fleet.within(scope),
      ),
  )

  app.post(
    '/api/v1/alerts/:id/close',
    {
      schema: {
        operationId: 'closeAlert',
        permission: 'alerts.review',
        summary: 'Closes an alert, saying what it was; whoever it held may go on',
        tags,
        params: strict({ id: Type.String({ minLength: 1, maxLength: 100 }) }),
        body: AlertReviewSchema,
        response: { 200: refTo(AlertSchema) },
        problems: ['not-found', 'too-late', 'denied'],
      },
    },
    async ({ params, body, caller, scope }) =>
      await alerts.close(caller, params.id, body, await fleet.within(scope)),
  )
}
