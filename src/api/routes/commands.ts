import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import type { Commands, Submission } from '../../commands/commands.ts'
import type { Selector } from '../../fleet/fleet.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { operationNamed } from '../../operations/catalogue.ts'
import type { Policy } from '../../policy/policy.ts'
import { reachOf, type Reach } from '../../policy/reach.ts'
import type { App } from '../app.ts'
import { shownEntry } from './audit.ts'
import {
  CancellationSchema,
  CancelledSchema,
  CommandDetailSchema,
  CommandParams,
  CommandQuery,
  CommandSchema,
  PreviewRequestSchema,
  PreviewSchema,
  SubmissionHeaders,
  SubmissionSchema,
  TargetQuery,
  TargetSchema,
} from '../schemas/command.ts'
import { shownDecision } from './explain.ts'
import { pageOf, pageRequest, refTo, type Frozen } from '../schemas/common.ts'

const tags = ['commands']

export function commandRoutes(
  app: App,
  {
    commands,
    policy,
  }: { readonly commands: Commands; readonly policy: Pick<Policy, 'rightsOf' | 'explain'> },
): void {
  app.post(
    '/api/v1/commands',
    {
      schema: {
        operationId: 'submitCommand',
        permission: 'commands.submit',
        summary: 'Submits a command to chargers',
        description:
          'Answered when it is durable and audited; what becomes of it shows at its address and in the event stream. An idempotency key may come in the body or in the header `Idempotency-Key`.',
        tags,
        headers: SubmissionHeaders,
        body: refTo(SubmissionSchema),
        response: {
          202: refTo(CommandSchema),
        },
        problems: [
          'not-found',
          'idempotency-conflict',
          'no-target',
          'too-many-targets',
          'denied',
          'approval-needed',
          'step-up-needed',
        ],
      },
    },
    async (request, reply) => {
      const { body, headers, caller } = request
      const submission = submissionOf(body, headers['idempotency-key'])
      const where = await reach(policy, request, submission.operation)
      const command = await commands
        .submit(caller, submission, { reach: where })
        .catch((error: unknown) => {
          throw placed(error, 'chargers' in submission.target ? 'target.chargers' : 'target.select')
        })
      reply.header('location', `/api/v1/commands/${command.id}`)
      return reply.code(202).send(command)
    },
  )

  app.post(
    '/api/v1/commands/preview',
    {
      schema: {
        operationId: 'previewCommand',
        permission: 'commands.read',
        summary: 'Says what a command would do, and does nothing',
        description:
          'What the policy would decide and why; who can, who cannot and why, and the exact OCPP CALLs. Numbers unique to a command and addresses of files are made when it is sent.',
        tags,
        body: refTo(PreviewRequestSchema),
        response: { 200: refTo(PreviewSchema) },
        problems: ['not-found', 'no-target', 'too-many-targets'],
      },
    },
    async (request) => {
      const asked = submissionOf({ reason: 'preview', ...request.body }, undefined)
      const { params, target, reason, ticket, acknowledges = [] } = asked
      const where = await reach(policy, request, asked.operation)
      const outlook = await commands.outlook(asked, where).catch((error: unknown) => {
        throw placed(error, 'chargers' in target ? 'target.chargers' : 'target.select')
      })
      const { operation, notAfter, plans, preview } = outlook
      const decision = await policy.explain(request.caller, {
        intent: {
          ...{ operation, params, reason, acknowledges, notAfter },
          ...(ticket === undefined ? {} : { ticket }),
        },
        chargers: plans.map(({ charger }) => charger),
      })
      return { ...preview, decision: shownDecision(decision) }
    },
  )

  app.get(
    '/api/v1/commands',
    {
      schema: {
        operationId: 'listCommands',
        permission: 'commands.read',
        summary: 'Lists commands, newest first',
        tags,
        querystring: CommandQuery,
        response: { 200: pageOf(refTo(CommandSchema)) },
      },
    },
    async ({ query, scope }) => {
      const { operation, charger, settled } = query
      const filter = {
        ...(operation === undefined ? {} : { operation }),
        ...(charger === undefined ? {} : { charger }),
        ...(settled === undefined ? {} : { settled }),
      }
      return await commands.list(pageRequest(query), filter, scope)
    },
  )

  app.get(
    '/api/v1/commands/:id',
    {
      schema: {
        operationId: 'showCommand',
        permission: 'commands.read',
        summary: 'Shows a command with its targets and its full history',
        tags,
        params: CommandParams,
        response: { 200: refTo(CommandDetailSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params, scope }) => {
      const { history, ...command } = await commands.show(params.id, scope)
      return { ...command, history: history.map(shownEntry) }
    },
  )

  app.get(
    '/api/v1/commands/:id/targets',
    {
      schema: {
        operationId: 'listCommandTargets',
        permission: 'commands.read',
        summary: 'Lists what became of a command on each charger',
        tags,
        params: CommandParams,
        querystring: TargetQuery,
        response: { 200: pageOf(refTo(TargetSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query, scope }) =>
      await commands.targets(
        params.id,
        pageRequest(query),
        query.state === undefined ? {} : { state: query.state },
        scope,
      ),
  )

  app.post(
    '/api/v1/commands/:id/cancel',
    {
      schema: {
        operationId: 'cancelCommand',
        permission: 'commands.cancel',
        summary: 'Cancels what has not been sent yet',
        tags,
        params: CommandParams,
        body: refTo(CancellationSchema),
        response: {
          200: refTo(CancelledSchema),
        },
        problems: ['not-found', 'too-late'],
      },
    },
    async ({ params, body, caller, scope }) =>
      await commands.cancel(caller, params.id, body.reason, scope),
  )
}

async function reach(
  policy: Pick<Policy, 'rightsOf'>,
  { caller, scope }: Pick<FastifyRequest, 'caller' | 'scope'>,
  operation: string,
): Promise<Reach> {
  return reachOf(await policy.rightsOf(caller), operationNamed(operation), scope)
}

type SubmissionBody = Frozen<Static<typeof SubmissionSchema>>

export function submissionOf(body: SubmissionBody, headerKey: string | undefined): Submission {
  const { target, params = {}, idempotencyKey, ...rest } = body
  const key = keyIn(idempotencyKey, headerKey)
  return {
    ...rest,
    params: params as JsonObject,
    target:
      target.chargers !== undefined
        ? { chargers: target.chargers }
        : { select: selectorOf(target.select ?? {}) },
    ...(key === undefined ? {} : { idempotencyKey: key }),
  }
}

/** An idempotency key may come in the body or in its header. */
export function keyIn(inBody: string | undefined, inHeader: string | undefined) {
  if (inHeader !== undefined && inBody !== undefined && inHeader !== inBody)
    throw new ProblemError(
      'invalid-input',
      'idempotencyKey differs from the Idempotency-Key header; send one of them',
      'idempotencyKey',
    )
  return inBody ?? inHeader
}

export function selectorOf(select: NonNullable<SubmissionBody['target']['select']>): Selector {
  return Object.fromEntries(
    Object.entries(select).map(([part, value]) => [
      part,
      typeof value === 'string' ? [value] : value,
    ]),
  )
}

/** Rooms below name a target by its place in a selection; here it is named by its place in the body. */
export function placed(error: unknown, target: 'target.chargers' | 'target.select'): unknown {
  if (!(error instanceof ProblemError)) return error
  const { code, detail, field = '' } = error.problem
  const [, part, rest] = /^(chargers|ids|group|tag|model|status)(\[.*)$/.exec(field) ?? []
  if (part === undefined || rest === undefined) return error
  const named = part === 'chargers' || part === 'ids'
  const place = target === 'target.chargers' ? target : `${target}.${named ? 'ids' : part}`
  return new ProblemError(code, detail, `${place}${rest}`)
}
