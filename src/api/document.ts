import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { App } from './app.ts'
import { problemResponses } from './documented-problems.ts'

interface Operation {
  requestBody?: {
    required?: boolean
    content: Record<string, { schema?: { type?: unknown } }>
  }
}

/** A body that may be left out says so once, instead of allowing null. */
function optionalBodies({ openapiObject }: { openapiObject?: object }): object {
  const { paths = {} } = openapiObject as { paths?: Record<string, Record<string, Operation>> }
  for (const { requestBody } of Object.values(paths).flatMap((path) => Object.values(path))) {
    const schema = requestBody?.content['application/json']?.schema
    if (requestBody === undefined || !Array.isArray(schema?.type)) continue
    requestBody.required = false
    schema.type = 'object'
  }
  return openapiObject ?? {}
}

/** The OpenAPI document and a page that shows it. Nothing of it comes from elsewhere, so that it works offline. */
export async function documentRoutes(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'OTA control',
        version,
        description: [
          'Monitor, configure and operate EV chargers over the air.',
          '',
          'Every address but this description, the list of problem codes and those for signing in needs `Authorization: Bearer <token>`, or a session’s cookie.',
          'Errors are `application/problem+json` (RFC 9457) with a stable `code`; nothing was changed unless it says so.',
          'Lists are paged: ask again with `cursor` set to `nextCursor` until that is null.',
          'Every answer carries `X-Request-Id`; a request may bring its own.',
        ].join('\n'),
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'This server' }],
      security: [{ token: [] }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token: `ota_…`' },
        },
      },
      tags: [
        { name: 'chargers', description: 'The fleet' },
        { name: 'token-lists', description: 'Who may charge where' },
        { name: 'models', description: 'What OCPP support means on each model' },
        { name: 'settings', description: 'What chargers told of their settings' },
        { name: 'trace', description: 'A charger’s messages, kept and live' },
        { name: 'groups', description: 'The tree organisation > region > site' },
        { name: 'sessions', description: 'Charging sessions' },
        { name: 'faults', description: 'What chargers report as wrong' },
        { name: 'break-glass', description: 'Accounts for emergencies' },
        { name: 'waiting-room', description: 'Chargers that are not registered yet' },
        { name: 'operations', description: 'What can be asked of a charger' },
        { name: 'commands', description: 'Operations on their way to chargers' },
        { name: 'approvals', description: 'What others have to agree to first' },
        { name: 'energy', description: 'What sites may draw, and charging profiles' },
        { name: 'maintenance', description: 'Chargers out of service on somebody’s word' },
        { name: 'commissioning', description: 'New chargers going through a checklist' },
        { name: 'files', description: 'Logs and diagnostics that chargers uploaded' },
        { name: 'certificates', description: 'Certificates that identify chargers' },
        { name: 'firmware', description: 'Firmware images, to be installed on chargers' },
        { name: 'audit', description: 'The record' },
        { name: 'events', description: 'What happens, as it happens' },
        { name: 'policy', description: 'Who may do what, under which conditions, and why' },
        { name: 'sign-in', description: 'How people come in, and what is theirs alone' },
        { name: 'people', description: 'Accounts of people' },
        { name: 'tokens', description: 'Robots' },
        { name: 'system', description: 'This installation' },
      ],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json.$id === 'string' ? json.$id : `schema${index}`,
    },
    convertConstToEnum: false,
    transform: ({ schema, url }) => {
      const { problems = [], permission, about, body, response, ...rest } = schema
      const all = problemResponses({
        problems,
        open: permission === 'open',
        permitted: permission !== 'open' && permission !== 'self',
        about: about !== undefined,
        body: body !== undefined,
      })
      return {
        url,
        schema: {
          ...rest,
          permission,
          'x-permission': permission,
          ...(permission === 'open' ? { security: [] } : {}),
          ...(body === undefined ? {} : { body }),
          response: { ...(response as object), ...all },
        },
      }
    },
    transformObject: (document) => optionalBodies(document as { openapiObject: object }),
  })
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    staticCSP:
      "default-src 'none'; connect-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    uiConfig: { docExpansion: 'list', deepLinking: true, tryItOutEnabled: false },
  })
  app.get(
    '/api/v1/openapi.json',
    { schema: { hide: true, permission: 'open' } },
    (_request, reply) => reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
}
