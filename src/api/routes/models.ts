import { Type } from 'typebox'
import type { Commands } from '../../commands/commands.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import type { App } from '../app.ts'
import {
  Identity,
  IdentityParams,
  pageOf,
  pageQuery,
  pageRequest,
  Reason,
  refTo,
  strict,
} from '../schemas/common.ts'
import {
  ChargerKnowledgeSchema,
  ModelDetailSchema,
  ModelSchema,
  OverrideSchema,
} from '../schemas/model.ts'

const tags = ['models']
const capabilityParams = strict({
  identity: Identity,
  name: Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'A capability, e.g. `max-stack-level` or `action:UnlockConnector`',
  }),
})

/** What “OCPP support” means on every model, and on single chargers. */
export function modelRoutes(
  app: App,
  { fleet, commands }: { fleet: Fleet; commands: Pick<Commands, 'ends'> },
): void {
  app.get(
    '/api/v1/models',
    {
      schema: {
        operationId: 'listModels',
        permission: 'fleet.read',
        summary: 'Lists the models of the fleet, those with most chargers first',
        description:
          'By vendor, model and firmware. Violations and commands are those of the last 30 days; counts may be a minute old.',
        tags,
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(ModelSchema)) },
      },
    },
    async ({ query, scope }) =>
      await fleet.models(pageRequest(query), await commands.ends(), scope),
  )

  app.get(
    '/api/v1/models/:id',
    {
      schema: {
        operationId: 'showModel',
        permission: 'fleet.read',
        summary: 'Shows a model: capabilities, quirks, violations and how its commands end',
        tags,
        params: strict({ id: Type.String({ minLength: 1, maxLength: 100 }) }),
        response: { 200: refTo(ModelDetailSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params, scope }) => await fleet.model(params.id, await commands.ends(), scope),
  )

  app.get(
    '/api/v1/chargers/:identity/capabilities',
    {
      schema: {
        operationId: 'showCapabilities',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Shows what a charger can do, and where that is known from',
        tags,
        params: IdentityParams,
        response: { 200: refTo(ChargerKnowledgeSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params }) => await fleet.capabilities(params.identity),
  )

  app.put(
    '/api/v1/chargers/:identity/capabilities/:name',
    {
      schema: {
        operationId: 'overrideCapability',
        permission: 'models.write',
        about: 'charger',
        summary: 'Overrides what is known of a charger’s capability',
        description:
          'A person’s word stands above everything learned, also after a change of firmware, until it is dropped.',
        tags,
        params: capabilityParams,
        body: refTo(OverrideSchema),
        response: { 200: refTo(ChargerKnowledgeSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params, body, caller }) =>
      await fleet.overrideCapability(caller, params.identity, { name: params.name, ...body }),
  )

  app.delete(
    '/api/v1/chargers/:identity/capabilities/:name',
    {
      schema: {
        operationId: 'dropCapabilityOverride',
        permission: 'models.write',
        about: 'charger',
        summary: 'Drops an override, so that what is learned counts again',
        tags,
        params: capabilityParams,
        querystring: strict({ reason: Reason }),
        response: { 200: refTo(ChargerKnowledgeSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params, query, caller }) =>
      await fleet.dropOverride(caller, params.identity, {
        name: params.name,
        reason: query.reason,
      }),
  )
}
