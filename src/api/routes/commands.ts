import type { Static } from 'typebox'
import type { Commands, Submission } from '../../commands/commands.ts'
import type { Selector } from '../../fleet/fleet.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { ProblemError } from '../../kernel/problem.ts'
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
import { pageOf, pageRequest, refTo, type Frozen } from '../schemas/common.ts'

const tags = ['commands']

export function commandRoutes(app: App, { commands }: { commands: Commands }): void {
  app.post(
    '/api/v1/commands',
    {
      schema: {
        operationId: 'submitCommand',
        summary: 'Submits a command to chargers',
        description:
          'Answered when it is durable and audited; what becomes of it shows at its address and in the event stream. An idempotency key may come in the body or in the header `Idempotency-Key`.',
        tags,
        headers: SubmissionHeaders,
        body: refTo(SubmissionSchema),
        response: {
          202: refTo(CommandSchema),
        },
        problems: ['not-found', 'idempotency-conflict', 'no-target', 'too-many-targets'],
      },
    },
    async ({ body, headers, caller }, reply) => {
      const submission = submissionOf(body, headers['idempotency-key'])
      const command = await commands.submit(caller, submission).catch((error: unknown) => {
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
        summary: 'Says what a command would do, and does nothing',
        description:
          'Who can, who cannot and why, and the exact OCPP CALLs. Numbers unique to a command and addresses of files are made when it is sent.',
        tags,
        body: refTo(PreviewRequestSchema),
        response: { 200: refTo(PreviewSchema) },
        problems: ['not-found', 'no-target', 'too-many-targets'],
      },
    },
    async ({ body }) => {
      const { operation, params, target } = submissionOf({ ...body, reason: '' }, undefined)
      return await commands.preview({ operation, params, target }).catch((error: unknown) => {
        throw placed(error, 'chargers' in target ? 'target.chargers' : 'target.select')
      })
    },
  )

  app.get(
    '/api/v1/commands',
    {
      schema: {
        operationId: 'listCommands',
        summary: 'Lists commands, newest first',
        tags,
        querystring: CommandQuery,
        response: { 200: pageOf(refTo(CommandSchema)) },
      },
    },
    async ({ query }) => {
      const { operation, charger, settled } = query
      return await commands.list(pageRequest(query), {
        ...(operation === undefined ? {} : { operation }),
        ...(charger === undefined ? {} : { charger }),
        ...(settled === undefined ? {} : { settled }),
      })
    },
  )

  app.get(
    '/api/v1/commands/:id',
    {
      schema: {
        operationId: 'showCommand',
        summary: 'Shows a command with its targets and its full history',
        tags,
        params: CommandParams,
        response: { 200: refTo(CommandDetailSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params }) => {
      const { history, ...command } = await commands.show(params.id)
      return { ...command, history: history.map(shownEntry) }
    },
  )

  app.get(
    '/api/v1/commands/:id/targets',
    {
      schema: {
        operationId: 'listCommandTargets',
        summary: 'Lists what became of a command on each charger',
        tags,
        params: CommandParams,
        querystring: TargetQuery,
        response: { 200: pageOf(refTo(TargetSchema)) },
        problems: ['not-found'],
      },
    },
    async ({ params, query }) =>
      await commands.targets(
        params.id,
        pageRequest(query),
        query.state === undefined ? {} : { state: query.state },
      ),
  )

  app.post(
    '/api/v1/commands/:id/cancel',
    {
      schema: {
        operationId: 'cancelCommand',
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
    async ({ params, body, caller }) => await commands.cancel(caller, params.id, body.reason),
  )
}

type SubmissionBody = Frozen<Static<typeof SubmissionSchema>>

function submissionOf(body: SubmissionBody, headerKey: string | undefined): Submission {
  const { target, params = {}, idempotencyKey, ...rest } = body
  if (headerKey !== undefined && idempotencyKey !== undefined && headerKey !== idempotencyKey)
    throw new ProblemError(
      'invalid-input',
      'idempotencyKey differs from the Idempotency-Key header; send one of them',
      'idempotencyKey',
    )
  const key = idempotencyKey ?? headerKey
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
