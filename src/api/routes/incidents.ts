import { Type } from 'typebox'
import type { Fleet } from '../../fleet/fleet.ts'
import type { Reconciliation } from '../../reconciliation/reconciliation.ts'
import type { App } from '../app.ts'
import { pageOf, pageQuery, pageRequest, Reason, refTo, strict } from '../schemas/common.ts'
import { IncidentSchema } from '../schemas/incident.ts'

const tags = ['audit']

export function incidentRoutes(
  app: App,
  {
    reconciliation,
    fleet,
  }: { readonly reconciliation: Reconciliation; readonly fleet: Pick<Fleet, 'within'> },
): void {
  app.get(
    '/api/v1/incidents',
    {
      schema: {
        operationId: 'listIncidents',
        permission: 'audit.read',
        summary: 'Lists incidents, newest first',
        description:
          'CALLs that left for chargers without an entry of the record announcing them, and CALLs that a gateway sent without telling.',
        tags,
        querystring: pageQuery({
          open: Type.Optional(Type.Boolean({ description: 'Only open, or only closed ones' })),
        }),
        response: { 200: pageOf(refTo(IncidentSchema)) },
      },
    },
    async ({ query, scope }) =>
      await reconciliation.incidents(
        pageRequest(query),
        query.open === undefined ? {} : { open: query.open },
        await fleet.within(scope),
      ),
  )

  app.post(
    '/api/v1/incidents/:id/close',
    {
      schema: {
        operationId: 'closeIncident',
        permission: 'audit.manage',
        about: 'installation',
        summary: 'Closes an incident, saying what it was',
        tags,
        params: strict({ id: Type.String({ minLength: 1, maxLength: 100 }) }),
        body: strict({ finding: Reason }),
        response: { 200: refTo(IncidentSchema) },
        problems: ['not-found', 'too-late'],
      },
    },
    async ({ params, body, caller }) =>
      await reconciliation.closeIncident(caller, params.id, body.finding),
  )
}
