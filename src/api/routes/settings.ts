import { Type } from 'typebox'
import type { Fleet } from '../../fleet/fleet.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { describeMeanings } from '../../operations/meanings.ts'
import type { App } from '../app.ts'
import {
  Identity,
  IdentityParams,
  oneOf,
  pageOf,
  pageQuery,
  pageRequest,
  refTo,
  strict,
} from '../schemas/common.ts'
import {
  ComparisonRequestSchema,
  MeaningSchema,
  reportKinds,
  ReportSchema,
  SettingComparisonSchema,
  SettingSchema,
} from '../schemas/setting.ts'

const tags = ['settings']

/** What chargers told of their settings and in reports. */
export function settingRoutes(app: App, { fleet }: { fleet: Fleet }): void {
  app.get(
    '/api/v1/setting-meanings',
    {
      schema: {
        operationId: 'listSettingMeanings',
        permission: 'fleet.read',
        summary: 'Lists what settings can mean, and what each version calls them, on one page',
        tags,
        response: { 200: pageOf(refTo(MeaningSchema)) },
      },
    },
    () => Promise.resolve({ items: describeMeanings(), nextCursor: null }),
  )

  app.get(
    '/api/v1/chargers/:identity/settings',
    {
      schema: {
        operationId: 'listChargerSettings',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Lists a charger’s settings as it told them last, by key',
        description:
          'What is here was told in answers to settings.read and settings.write and in reports. Nothing is asked of the charger.',
        tags,
        params: IdentityParams,
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(SettingSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query }) => await fleet.settings(params.identity, pageRequest(query)),
  )

  app.post(
    '/api/v1/chargers/:identity/settings/compare',
    {
      schema: {
        operationId: 'compareChargerSettings',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Compares a charger’s settings with another’s, or with wanted ones, on one page',
        description:
          'By meaning where a setting has one, so that chargers of different versions can be compared; else by key. Changes nothing.',
        tags,
        params: IdentityParams,
        body: refTo(ComparisonRequestSchema),
        response: { 200: pageOf(refTo(SettingComparisonSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, body, scope }) => {
      const { charger, settings, readOnly } = body
      const options = readOnly === undefined ? {} : { readOnly }
      const other =
        charger !== undefined && settings === undefined
          ? { charger }
          : settings !== undefined && charger === undefined
            ? { settings }
            : undefined
      if (other === undefined)
        throw new ProblemError('invalid-input', 'name either a charger or settings', 'charger')
      return {
        items: await fleet.compareSettings(params.identity, other, options, scope),
        nextCursor: null,
      }
    },
  )

  app.get(
    '/api/v1/chargers/:identity/reports',
    {
      schema: {
        operationId: 'listChargerReports',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Lists what a charger told in several messages, newest first, on one page',
        tags,
        params: IdentityParams,
        response: { 200: pageOf(refTo(ReportSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params }) => ({
      items: await fleet.toldReports(params.identity),
      nextCursor: null,
    }),
  )

  app.get(
    '/api/v1/chargers/:identity/reports/:kind/:requestId',
    {
      schema: {
        operationId: 'listChargerReportElements',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Lists the elements of a report in the order they were told, as OCPP writes them',
        tags,
        params: strict({
          identity: Identity,
          kind: oneOf(reportKinds),
          requestId: Type.Integer({ minimum: 0 }),
        }),
        querystring: pageQuery({}),
        response: {
          200: pageOf(Type.Unsafe<JsonObject>({ type: 'object', additionalProperties: true })),
        },
        problems: ['not-found'],
      },
    },
    async ({ params, query }) => {
      const { identity, kind, requestId } = params
      return await fleet.reportElements(identity, { kind, requestId }, pageRequest(query))
    },
  )
}
