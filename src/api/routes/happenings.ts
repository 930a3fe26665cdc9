import { Type } from 'typebox'
import type { Fleet } from '../../fleet/fleet.ts'
import type { App } from '../app.ts'
import { Identity, oneOf, pageOf, pageQuery, pageRequest, refTo } from '../schemas/common.ts'
import { FaultSchema, SessionSchema } from '../schemas/fleet.ts'

/** What happens at the chargers: charging sessions and faults. */
export function happeningRoutes(app: App, { fleet }: { fleet: Fleet }): void {
  app.get(
    '/api/v1/sessions',
    {
      schema: {
        operationId: 'listSessions',
        permission: 'fleet.read',
        summary: 'Lists charging sessions, newest first',
        tags: ['sessions'],
        querystring: pageQuery({
          charger: Type.Optional(Identity),
          state: Type.Optional(oneOf(['running', 'ended'])),
        }),
        response: { 200: pageOf(refTo(SessionSchema)) },
      },
    },
    async ({ query, scope }) => {
      const { charger, state } = query
      const filter = {
        ...(charger === undefined ? {} : { charger }),
        ...(state === undefined ? {} : { state }),
      }
      return await fleet.sessions(pageRequest(query), filter, scope)
    },
  )

  app.get(
    '/api/v1/faults',
    {
      schema: {
        operationId: 'listFaults',
        permission: 'fleet.read',
        summary: 'Lists faults, newest first',
        tags: ['faults'],
        querystring: pageQuery({
          charger: Type.Optional(Identity),
          open: Type.Optional(Type.Boolean({ description: 'Only open, or only cleared ones' })),
        }),
        response: { 200: pageOf(refTo(FaultSchema)) },
      },
    },
    async ({ query, scope }) => {
      const { charger, open } = query
      const filter = {
        ...(charger === undefined ? {} : { charger }),
        ...(open === undefined ? {} : { open }),
      }
      return await fleet.faults(pageRequest(query), filter, scope)
    },
  )
}
