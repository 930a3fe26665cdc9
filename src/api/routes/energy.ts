import { Type } from 'typebox'
import type { Energy, SiteLimitAsked } from '../../energy/energy.ts'
import type { App } from '../app.ts'
import { IdentityParams, NoContent, pageOf, Reason, refTo, strict } from '../schemas/common.ts'
import {
  NewSiteLimitSchema,
  SiteLimitSchema,
  SiteLimitStatusSchema,
  ToldProfilesSchema,
} from '../schemas/energy.ts'

const tags = ['energy']

const GroupParams = strict({
  group: Type.String({
    minLength: 1,
    maxLength: 500,
    description: 'The group’s path, percent-encoded: `North%2FDepot`',
  }),
})

/** What sites may draw, and what chargers hold to keep to it. */
export function energyRoutes(app: App, { energy }: { energy: Energy }): void {
  app.get(
    '/api/v1/site-limits',
    {
      schema: {
        operationId: 'listSiteLimits',
        permission: 'fleet.read',
        summary: 'Lists the limits of sites, sorted by path, on one page',
        tags,
        response: { 200: pageOf(refTo(SiteLimitSchema)) },
      },
    },
    async ({ scope }) => ({ items: await energy.siteLimits(scope), nextCursor: null }),
  )

  app.get(
    '/api/v1/site-limits/:group',
    {
      schema: {
        operationId: 'showSiteLimit',
        permission: 'fleet.read',
        about: 'group',
        summary: 'Shows how it stands with the limit of a site',
        tags,
        params: GroupParams,
        response: { 200: refTo(SiteLimitStatusSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params }) => await energy.siteLimit(params.group),
  )

  app.put(
    '/api/v1/site-limits/:group',
    {
      schema: {
        operationId: 'setSiteLimit',
        permission: 'energy.write',
        about: 'group',
        summary: 'Limits what the chargers of a group draw in all, or replaces the limit',
        description:
          'Its chargers are told their shares from now on, whenever sessions begin and end. Groups above and below each other cannot both have one.',
        tags,
        params: GroupParams,
        body: refTo(NewSiteLimitSchema),
        response: { 200: refTo(SiteLimitSchema) },
        problems: ['not-found', 'already-exists', 'denied', 'step-up-needed'],
      },
    },
    async ({ params, body, caller }) => {
      const { reason, ...limit } = body
      // The schema gives only what is there; exact optional properties cannot say so.
      return await energy.setSiteLimit(caller, params.group, limit as SiteLimitAsked, reason)
    },
  )

  app.delete(
    '/api/v1/site-limits/:group',
    {
      schema: {
        operationId: 'clearSiteLimit',
        permission: 'energy.write',
        about: 'group',
        summary: 'Takes the limit of a site away; its chargers are told to forget their shares',
        tags,
        params: GroupParams,
        querystring: strict({ reason: Reason }),
        response: { 204: NoContent },
        problems: ['not-found', 'denied', 'step-up-needed'],
      },
    },
    async ({ params, query, caller }, reply) => {
      await energy.clearSiteLimit(caller, params.group, query.reason)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/api/v1/chargers/:identity/charging-profiles',
    {
      schema: {
        operationId: 'showChargingProfiles',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Shows the charging profiles an OCPP 2.x charger told when it was asked',
        description: 'Ask for them with the operation `profile.list`; the newest list is shown.',
        tags,
        params: IdentityParams,
        querystring: strict({
          requestId: Type.Optional(
            Type.Integer({ minimum: 1, description: 'Of the command’s result' }),
          ),
        }),
        response: { 200: refTo(ToldProfilesSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params, query }) => await energy.chargingProfiles(params.identity, query.requestId),
  )
}
