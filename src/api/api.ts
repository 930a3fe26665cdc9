import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import fastifyCookie from '@fastify/cookie'
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { Timer } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { ApiParts, App } from './app.ts'
import { authentication } from './authentication.ts'
import { documentRoutes } from './document.ts'
import { openEventStream } from './event-stream.ts'
import { authorisation, declaredPermissions } from './permission.ts'
import { pageRoutes } from './pages/pages.ts'
import { answerProblem, problemOf } from './problem-answer.ts'
import { routeTable } from './route-table.ts'
import { accessFileRoutes } from './routes/access-files.ts'
import { accessRoutes } from './routes/access.ts'
import { approvalRoutes } from './routes/approvals.ts'
import { breakGlassRoutes } from './routes/break-glass.ts'
import { auditRoutes, erasureRoutes } from './routes/audit.ts'
import { certificateRoutes } from './routes/certificates.ts'
import { chargerRoutes } from './routes/chargers.ts'
import { commandRoutes } from './routes/commands.ts'
import { commissioningRoutes } from './routes/commissioning.ts'
import { energyRoutes } from './routes/energy.ts'
import { eventRoutes } from './routes/events.ts'
import { fileRoutes } from './routes/files.ts'
import { firmwareRoutes, firmwareUploadRoute } from './routes/firmware.ts'
import { fleetFileRoutes } from './routes/fleet-file.ts'
import { groupRoutes } from './routes/groups.ts'
import { happeningRoutes } from './routes/happenings.ts'
import { alertRoutes } from './routes/alerts.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { maintenanceRoutes } from './routes/maintenance.ts'
import { modelRoutes } from './routes/models.ts'
import { commandProofRoute, proofRoutes, tileRoutes } from './routes/proofs.ts'
import { operationRoutes } from './routes/operations.ts'
import { explainRoutes } from './routes/explain.ts'
import { policyRoutes } from './routes/policy.ts'
import { ownAccountRoutes } from './routes/own-account.ts'
import { passkeyRoutes } from './routes/passkeys.ts'
import { peopleRoutes } from './routes/people.ts'
import { settingRoutes } from './routes/settings.ts'
import { signInRoutes } from './routes/sign-in.ts'
import { singleSignOnRoutes } from './routes/single-sign-on.ts'
import { systemRoutes } from './routes/system.ts'
import { timelineRoutes } from './routes/timeline.ts'
import { tokenAssignmentRoutes } from './routes/token-assignments.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { traceRoutes } from './routes/trace.ts'
import { waitingRoomRoutes } from './routes/waiting-room.ts'
import { NoQuery } from './schemas/common.ts'
import { lazySerializer } from './serialization.ts'
import { sharedSchemas } from './schemas/shared.ts'
import { openTraceStream } from './trace-stream.ts'
import { requestValidator } from './validation.ts'

export const maxBodyBytes = 1_000_000

/** How long a whole request may take to come: a firmware image over a slow line is the longest. */
const requestWithinMs = 900_000

/** A browser that was here once never asks in the clear again, for a year (RFC 6797). */
const transportOnlySecure = 'max-age=31536000'

/** How long requests in flight may take to finish when the listener closes. */
const closeWithinMs = 10_000

/** A listener of the operator plane. */
export interface Api {
  /** `host:port` it really has. */
  address(): string
  /** Ends the event streams, lets requests in flight finish, and closes. Idempotent. */
  close(): Promise<void>
}

export async function openApi(
  parts: ApiParts & { readonly address: { readonly host: string; readonly port: number } },
): Promise<Api> {
  const app = await buildApi(parts)
  await app.listen({ host: parts.address.host, port: parts.address.port })
  let closing: Promise<void> | undefined
  return {
    address() {
      const bound = app.server.address()
      if (bound === null || typeof bound === 'string')
        throw new Error('the operator listener is closed')
      return bound.family === 'IPv6'
        ? `[${bound.address}]:${bound.port}`
        : `${bound.address}:${bound.port}`
    },
    close: () => (closing ??= app.close()),
  }
}

/** The operator plane without its socket. */
export async function buildApi(parts: ApiParts): Promise<App> {
  const { log } = parts
  const logger: FastifyBaseLogger = log
  const app: App = Fastify({
    ...(parts.tls === undefined
      ? {}
      : { https: { ...parts.tls, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 } }),
    trustProxy: [...(parts.trustedProxies ?? [])],
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // What is logged of a request names its id; nobody needs a logger of its own for that.
    childLoggerFactory: (shared) => shared,
    bodyLimit: maxBodyBytes,
    requestTimeout: requestWithinMs,
    keepAliveTimeout: 72_000,
    http: { headersTimeout: 10_000, maxHeaderSize: 16_384 },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    genReqId: requestIdOf,
    // An identity of 48 characters, percent-encoded.
    routerOptions: { maxParamLength: 600 },
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id)
      void answerProblem(request, reply, problemOf(error, request, log))
    },
  })
  app.server.maxConnections = 5_000
  app.removeContentTypeParser('text/plain')
  // Cookies are read where they matter, not of every request.
  await app.register(fastifyCookie, { hook: false })
  const routes = routeTable(app)
  for (const schema of sharedSchemas) app.addSchema(schema)
  app.setValidatorCompiler(requestValidator())
  app.setSerializerCompiler(lazySerializer)
  declaredPermissions(app)
  app.addHook('onRoute', ({ schema }) => {
    // What a route does not know in its query is an error, also where it knows nothing.
    if (schema !== undefined && schema.hide !== true) schema.querystring ??= NoQuery
  })
  everyRequest(app, parts)

  app.setErrorHandler((error, request, reply) =>
    answerProblem(request, reply, problemOf(error, request, log)),
  )
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!
    const methods = routes.methodsAt(path)
    if (methods.length === 0)
      return answerProblem(request, reply, {
        code: 'not-found',
        detail: `there is nothing at ${path}`,
      })
    reply.header('allow', methods.join(', '))
    return answerProblem(request, reply, {
      code: 'method-not-allowed',
      detail: `${path} takes ${methods.join(', ')}`,
    })
  })

  const stream = openEventStream({
    ...parts,
    placesOf: (chargers) => parts.policy.placesOf(chargers),
  })
  parts.metrics?.gauge('ota_event_stream_clients', () => stream.listeners())
  const traceStream = openTraceStream(parts)
  app.addHook('preClose', () => {
    stream.close()
    traceStream.close()
  })
  await documentRoutes(app, parts.system.version)
  chargerRoutes(app, parts)
  timelineRoutes(app, parts)
  traceRoutes(app, { ...parts, stream: traceStream })
  await app.register((inner: App, _options, done) => {
    fleetFileRoutes(inner, parts)
    done()
  })
  accessRoutes(app, parts)
  tokenAssignmentRoutes(app, parts)
  await app.register((inner: App, _options, done) => {
    accessFileRoutes(inner, parts)
    done()
  })
  groupRoutes(app, parts)
  happeningRoutes(app, parts)
  waitingRoomRoutes(app, parts)
  modelRoutes(app, parts)
  settingRoutes(app, parts)
  operationRoutes(app, parts)
  commandRoutes(app, parts)
  approvalRoutes(app, parts)
  energyRoutes(app, parts)
  maintenanceRoutes(app, parts)
  commissioningRoutes(app, parts)
  fileRoutes(app, parts)
  firmwareRoutes(app, parts)
  await app.register((inner: App, _options, done) => {
    firmwareUploadRoute(inner, parts)
    done()
  })
  certificateRoutes(app, parts)
  auditRoutes(app, parts)
  erasureRoutes(app, parts)
  incidentRoutes(app, parts)
  eventRoutes(app, { ...parts, stream })
  alertRoutes(app, parts)
  proofRoutes(app, parts)
  tileRoutes(app, parts)
  commandProofRoute(app, parts)
  tokenRoutes(app, parts)
  policyRoutes(app, parts)
  explainRoutes(app, parts)
  signInRoutes(app, parts)
  passkeyRoutes(app, parts)
  singleSignOnRoutes(app, parts)
  breakGlassRoutes(app, parts)
  ownAccountRoutes(app, parts)
  peopleRoutes(app, parts)
  systemRoutes(app, parts)
  pageRoutes(app)
  await app.ready()
  return app
}

function everyRequest(app: App, parts: ApiParts): void {
  const { tls, identity, policy, clock, system, metrics } = parts
  let closing = false
  let giveUp: Timer | undefined
  app.addHook('preClose', (done) => {
    closing = true
    giveUp = clock.after(closeWithinMs, () => app.server.closeAllConnections())
    done()
  })
  app.addHook('onClose', () => giveUp?.cancel())
  const authenticate = authentication(identity, clock, () => system.operatorUrl())
  const authorise = authorisation(policy)
  app.decorateRequest('caller')
  app.decorateRequest('scope')
  app.decorateRequest('credential', '')
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('x-request-id', request.id)
    reply.header('x-content-type-options', 'nosniff')
    if (tls !== undefined) reply.header('strict-transport-security', transportOnlySecure)
    if (closing) throw new ProblemError('not-ready', 'the system is stopping')
    if (!request.url.startsWith('/api/docs')) reply.header('cache-control', 'no-store')
    await authenticate(request, reply)
    await authorise.mayAsk(request)
  })
  app.addHook('preHandler', (request) => authorise.mayReach(request))
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Otherwise the connection would stay open, idle, and closing would wait for it.
    if (closing) reply.header('connection', 'close')
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    metrics?.answered({
      route: request.routeOptions.url ?? 'none',
      method: request.method,
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
    })
    done()
  })
}

/** The request's own id where it brings a sane one, so that it can be followed from one system to the next. */
function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID()
}
