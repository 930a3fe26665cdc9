import type { CommissioningDoor } from '../../upkeep/upkeep.ts'
import type { App } from '../app.ts'
import {
  IdentityParams,
  NoContent,
  pageOf,
  pageQuery,
  pageRequest,
  refTo,
} from '../schemas/common.ts'
import { CancellationSchema } from '../schemas/command.ts'
import {
  BaselineQuery,
  BaselineRequestSchema,
  BaselineSchema,
  CommissioningParams,
  CommissioningRequestSchema,
  CommissioningSchema,
} from '../schemas/commissioning.ts'
import { chargerAddress } from './chargers.ts'

const tags = ['commissioning']

export function commissioningRoutes(
  app: App,
  { commissioning }: { readonly commissioning: CommissioningDoor },
): void {
  app.post(
    '/api/v1/chargers/:identity/commissioning',
    {
      schema: {
        operationId: 'commissionCharger',
        permission: 'maintenance.write',
        about: 'charger',
        summary: 'Takes a charger through the checklist of commissioning',
        description:
          'Answered when it has begun; how far it is shows at its address. What the charger is asked are commands of whoever asked for the run.',
        tags,
        params: IdentityParams,
        body: refTo(CommissioningRequestSchema),
        response: { 202: refTo(CommissioningSchema) },
        problems: ['not-found', 'already-exists'],
      },
    },
    async ({ params, body, caller }, reply) => {
      const { reason, ...wanted } = body
      const run = await commissioning.begin(caller, params.identity, reason, wanted)
      reply.header('location', `${chargerAddress(run.charger)}/commissioning/${run.id}`)
      return reply.code(202).send(run)
    },
  )

  app.get(
    '/api/v1/chargers/:identity/commissioning',
    {
      schema: {
        operationId: 'listCommissioning',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Lists how a charger was commissioned, newest first',
        tags,
        params: IdentityParams,
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(CommissioningSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query }) => await commissioning.list(params.identity, pageRequest(query)),
  )

  app.get(
    '/api/v1/chargers/:identity/commissioning/:run',
    {
      schema: {
        operationId: 'showCommissioning',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Shows one run through the checklist',
        tags,
        params: CommissioningParams,
        response: { 200: refTo(CommissioningSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params }) => await commissioning.show(params.identity, params.run),
  )

  app.post(
    '/api/v1/chargers/:identity/commissioning/:run/cancel',
    {
      schema: {
        operationId: 'cancelCommissioning',
        permission: 'maintenance.write',
        about: 'charger',
        summary: 'Ends a run before its end',
        description: 'Commands it has given go on.',
        tags,
        params: CommissioningParams,
        body: refTo(CancellationSchema),
        response: { 200: refTo(CommissioningSchema) },
        problems: ['not-found', 'too-late'],
      },
    },
    async ({ params, body, caller }) =>
      await commissioning.cancel(caller, params.identity, params.run, body.reason),
  )

  baselineRoutes(app, commissioning)
}

function baselineRoutes(app: App, commissioning: CommissioningDoor): void {
  app.get(
    '/api/v1/commissioning/baselines',
    {
      schema: {
        operationId: 'listBaselines',
        permission: 'fleet.read',
        summary: 'Lists what settings are wanted of new chargers',
        description: 'On one page: there are as many as groups at most.',
        tags,
        response: { 200: pageOf(refTo(BaselineSchema)) },
      },
    },
    async ({ scope }) => ({ items: await commissioning.baselines(scope), nextCursor: null }),
  )

  app.put(
    '/api/v1/commissioning/baselines',
    {
      schema: {
        operationId: 'setBaseline',
        permission: 'maintenance.write',
        about: 'group',
        summary: 'Says what settings are wanted of new chargers of a group and below',
        description: 'Without a group: of all chargers whose groups have no baseline.',
        tags,
        body: refTo(BaselineRequestSchema),
        response: { 200: refTo(BaselineSchema) },
      },
    },
    async ({ body, caller }) =>
      await commissioning.setBaseline(caller, body.group ?? '', body.settings),
  )

  app.delete(
    '/api/v1/commissioning/baselines',
    {
      schema: {
        operationId: 'removeBaseline',
        permission: 'maintenance.write',
        about: 'group',
        summary: 'Forgets what settings are wanted of a group’s chargers',
        tags,
        querystring: BaselineQuery,
        response: { 204: NoContent },
        problems: ['not-found'],
      },
    },
    async ({ query, caller }, reply) => {
      await commissioning.removeBaseline(caller, query.group ?? '')
      return reply.code(204).send(null)
    },
  )
}
