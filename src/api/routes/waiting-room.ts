import type { Fleet } from '../../fleet/fleet.ts'
import type { App } from '../app.ts'
import { AdmissionSchema, RegisteredSchema } from '../schemas/charger.ts'
import { IdentityParams, NoContent, optionalBody, pageOf, refTo } from '../schemas/common.ts'
import { WaitingSchema } from '../schemas/fleet.ts'
import { chargerAddress } from './chargers.ts'

const tags = ['waiting-room']

export function waitingRoomRoutes(app: App, { fleet }: { fleet: Fleet }): void {
  app.get(
    '/api/v1/waiting-room',
    {
      schema: {
        operationId: 'listWaitingRoom',
        permission: 'fleet.read',
        summary: 'Lists chargers that tried to connect and are not registered',
        description: 'Bounded, on one page: the oldest are forgotten.',
        tags,
        response: { 200: pageOf(refTo(WaitingSchema)) },
      },
    },
    async ({ scope }) => ({ items: await fleet.waitingRoom(scope), nextCursor: null }),
  )

  app.post(
    '/api/v1/waiting-room/:identity/admit',
    {
      schema: {
        operationId: 'admitCharger',
        permission: 'fleet.credentials',
        about: 'new place',
        summary: 'Registers a charger from the waiting room',
        description: 'Without a `credential` one is made and answered, this once.',
        tags,
        params: IdentityParams,
        body: optionalBody(AdmissionSchema),
        response: {
          201: refTo(RegisteredSchema),
        },
        problems: ['not-found', 'already-exists'],
      },
    },
    async ({ params, body, caller }, reply) => {
      const { charger, credential } = await fleet.admit(caller, {
        ...body,
        identity: params.identity,
      })
      reply.header('location', chargerAddress(charger.identity))
      return reply.code(201).send(credential === undefined ? charger : { ...charger, credential })
    },
  )

  app.delete(
    '/api/v1/waiting-room/:identity',
    {
      schema: {
        operationId: 'dismissCharger',
        permission: 'fleet.credentials',
        about: 'installation',
        summary: 'Takes a charger off the waiting room’s list until it tries again',
        tags,
        params: IdentityParams,
        response: { 204: NoContent },
        problems: ['not-found'],
      },
    },
    async ({ params, caller }, reply) => {
      await fleet.dismiss(caller, params.identity)
      return reply.code(204).send(null)
    },
  )
}
