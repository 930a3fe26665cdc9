import type { Fleet, Selector } from '../../fleet/fleet.ts'
import type { App } from '../app.ts'
import {
  ChargerPatchSchema,
  ChargerQuery,
  ChargerSchema,
  CredentialRequestSchema,
  CredentialSchema,
  RegisteredSchema,
  RegistrationSchema,
} from '../schemas/charger.ts'
import {
  IdentityParams,
  NoContent,
  optionalBody,
  pageOf,
  pageQuery,
  pageRequest,
  Reason,
  refTo,
  strict,
} from '../schemas/common.ts'
import { ConnectionSchema, NoticeSchema, ViolationSchema } from '../schemas/fleet.ts'

const tags = ['chargers']

export function chargerRoutes(app: App, { fleet }: { fleet: Fleet }): void {
  app.get(
    '/api/v1/chargers',
    {
      schema: {
        operationId: 'listChargers',
        permission: 'fleet.read',
        summary: 'Lists chargers, sorted by identity',
        tags,
        querystring: ChargerQuery,
        response: { 200: pageOf(refTo(ChargerSchema)) },
      },
    },
    async ({ query, scope }) => {
      const { group, tag, model, status, condition } = query
      const select: Selector = {
        ...(group === undefined ? {} : { group }),
        ...(tag === undefined ? {} : { tag }),
        ...(model === undefined ? {} : { model }),
        ...(status === undefined ? {} : { status }),
        ...(condition === undefined ? {} : { condition }),
      }
      return await fleet.list(pageRequest(query), select, scope)
    },
  )

  app.post(
    '/api/v1/chargers',
    {
      schema: {
        operationId: 'registerCharger',
        permission: 'fleet.write',
        about: 'new place',
        summary: 'Registers a charger',
        description: 'Without a `credential` one is made and answered, this once.',
        tags,
        body: refTo(RegistrationSchema),
        response: {
          201: refTo(RegisteredSchema),
        },
        problems: ['already-exists'],
      },
    },
    async ({ body, caller }, reply) => {
      const { charger, credential } = await fleet.register(caller, body)
      reply.header('location', chargerAddress(charger.identity))
      return reply.code(201).send(credential === undefined ? charger : { ...charger, credential })
    },
  )

  app.get(
    '/api/v1/chargers/:identity',
    {
      schema: {
        operationId: 'showCharger',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Shows one charger',
        tags,
        params: IdentityParams,
        response: { 200: refTo(ChargerSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params }) => await fleet.show(params.identity),
  )

  app.patch(
    '/api/v1/chargers/:identity',
    {
      schema: {
        operationId: 'updateCharger',
        permission: 'fleet.write',
        about: ['charger', 'new place'],
        summary: 'Changes a charger’s group, tags or assumed protocol',
        description: 'Fields that are absent stay as they are; `tags` replaces all tags.',
        tags,
        params: IdentityParams,
        body: refTo(ChargerPatchSchema),
        response: {
          200: refTo(ChargerSchema),
        },
        problems: ['not-found'],
      },
    },
    async ({ params, body, caller }) => await fleet.update(caller, params.identity, body),
  )

  app.delete(
    '/api/v1/chargers/:identity',
    {
      schema: {
        operationId: 'removeCharger',
        permission: 'fleet.write',
        about: 'charger',
        summary: 'Removes a charger',
        description: 'Its connection is closed and it is admitted no more. The audit record stays.',
        tags,
        params: IdentityParams,
        querystring: strict({ reason: Reason }),
        response: { 204: NoContent },
        problems: ['not-found'],
      },
    },
    async ({ params, query, caller }, reply) => {
      await fleet.remove(caller, params.identity, query.reason)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/api/v1/chargers/:identity/credential',
    {
      schema: {
        operationId: 'replaceChargerCredential',
        permission: 'fleet.credentials',
        about: 'charger',
        summary: 'Gives a charger a new credential',
        description: 'The old one stops working at once. The charger itself is not told.',
        tags,
        params: IdentityParams,
        body: optionalBody(CredentialRequestSchema),
        response: {
          200: refTo(CredentialSchema),
        },
        problems: ['not-found'],
      },
    },
    async ({ params, body, caller }) =>
      await fleet.replaceCredential(caller, params.identity, body?.credential),
  )

  historyRoutes(app, fleet)
}

function historyRoutes(app: App, fleet: Fleet): void {
  app.get(
    '/api/v1/chargers/:identity/connections',
    {
      schema: {
        operationId: 'listChargerConnections',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Lists a charger’s connections, newest first',
        tags,
        params: IdentityParams,
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(ConnectionSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query }) => await fleet.connections(params.identity, pageRequest(query)),
  )

  app.get(
    '/api/v1/chargers/:identity/violations',
    {
      schema: {
        operationId: 'listChargerViolations',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Lists what a charger said that OCPP does not allow, newest first',
        tags,
        params: IdentityParams,
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(ViolationSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query }) => await fleet.violations(params.identity, pageRequest(query)),
  )

  app.get(
    '/api/v1/chargers/:identity/notices',
    {
      schema: {
        operationId: 'listChargerNotices',
        permission: 'fleet.read',
        about: 'charger',
        summary:
          'Lists boots, security and monitoring events, job progress and vendor messages of a charger, newest first',
        tags,
        params: IdentityParams,
        querystring: pageQuery({}),
        response: { 200: pageOf(refTo(NoticeSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query }) => await fleet.notices(params.identity, pageRequest(query)),
  )
}

export function chargerAddress(identity: string): string {
  return `/api/v1/chargers/${encodeURIComponent(identity)}`
}
