import type { Static } from 'typebox'
import type { Approval, Approvals, NewRequest } from '../../approvals/approvals.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { App } from '../app.ts'
import {
  ApprovalKindSchema,
  ApprovalParams,
  ApprovalQuery,
  ApprovalRequestDetailSchema,
  ApprovalRequestSchema,
  ApprovalSchema,
  ExecutedRequestSchema,
  NewApprovalRequestSchema,
  VetoSchema,
  WithdrawalSchema,
} from '../schemas/approval.ts'
import { SubmissionHeaders } from '../schemas/command.ts'
import { PasskeyOptionsSchema } from '../schemas/ways-in.ts'
import { optionalBody, pageOf, pageRequest, refTo, type Frozen } from '../schemas/common.ts'
import { keyIn, placed, submissionOf } from './commands.ts'

const tags = ['approvals']
const deciding = ['not-found', 'denied', 'too-late', 'tampered'] as const

/** What others have to agree to, and what they say to it. */
export function approvalRoutes(app: App, { approvals }: { readonly approvals: Approvals }): void {
  askingRoutes(app, approvals)
  readingRoutes(app, approvals)

  app.post(
    '/api/v1/approval-requests/:id/passkey-options',
    {
      schema: {
        operationId: 'offerApprovalPasskey',
        permission: 'approvals.decide',
        summary: 'Says what your browser needs so that a passkey signs the digest',
        tags,
        params: ApprovalParams,
        response: { 200: refTo(PasskeyOptionsSchema) },
        problems: ['not-found', 'passkeys-unavailable', 'tampered'],
      },
    },
    async ({ params, caller }) => ({ ...(await approvals.challenge(caller, params.id)) }),
  )

  app.post(
    '/api/v1/approval-requests/:id/approve',
    {
      schema: {
        operationId: 'approveRequest',
        permission: 'approvals.decide',
        summary: 'Approves a request, with a fresh second factor',
        description:
          'Where it is the last approval that is needed, the request is carried out after its wait. Who asked for it, who changed the rules since, and robots cannot approve it.',
        tags,
        params: ApprovalParams,
        body: refTo(ApprovalSchema),
        response: { 200: refTo(ApprovalRequestSchema) },
        problems: [...deciding, 'already-exists', 'step-up-needed', 'passkey-refused'],
      },
    },
    async ({ params, body, caller }) =>
      await approvals.approve(caller, params.id, body as unknown as Approval),
  )

  app.post(
    '/api/v1/approval-requests/:id/veto',
    {
      schema: {
        operationId: 'vetoRequest',
        permission: 'approvals.decide',
        summary: 'Ends a request for good, also during its wait',
        tags,
        params: ApprovalParams,
        body: refTo(VetoSchema),
        response: { 200: refTo(ApprovalRequestSchema) },
        problems: [...deciding],
      },
    },
    async ({ params, body, caller }) => await approvals.veto(caller, params.id, body.comment),
  )

  app.post(
    '/api/v1/approval-requests/:id/withdraw',
    {
      schema: {
        operationId: 'withdrawRequest',
        permission: 'approvals.request',
        summary: 'Takes your own request back',
        tags,
        params: ApprovalParams,
        body: optionalBody(WithdrawalSchema),
        response: { 200: refTo(ApprovalRequestSchema) },
        problems: [...deciding],
      },
    },
    async ({ params, body, caller }) => await approvals.withdraw(caller, params.id, body?.comment),
  )

  app.post(
    '/api/v1/approval-requests/:id/execute',
    {
      schema: {
        operationId: 'executeRequest',
        permission: 'approvals.request',
        summary: 'Carries out your own approved request that waits to be carried out by hand',
        tags,
        params: ApprovalParams,
        description:
          'What it makes for you alone (a link, a code, a token) is answered this once; for that a second factor has to be fresh.',
        response: { 200: refTo(ExecutedRequestSchema) },
        problems: [...deciding, 'step-up-needed'],
      },
    },
    async ({ params, caller }) => {
      const { request, handedOver } = await approvals.execute(caller, params.id)
      return { ...request, handedOver: handedOver === null ? null : { ...handedOver } }
    },
  )
}

function askingRoutes(app: App, approvals: Approvals): void {
  app.post(
    '/api/v1/approval-requests',
    {
      schema: {
        operationId: 'requestApproval',
        permission: 'approvals.request',
        summary: 'Asks others to agree to a command, or to another change',
        description:
          'A command is made exact now: its targets are resolved, and what it would send to each is part of what is approved. Whatever changes before it is carried out makes the request void. An idempotency key may come in the body or in the header `Idempotency-Key`.',
        tags,
        headers: SubmissionHeaders,
        body: refTo(NewApprovalRequestSchema),
        response: { 201: refTo(ApprovalRequestSchema) },
        problems: [
          'not-found',
          'no-target',
          'too-many-targets',
          'denied',
          'not-permitted',
          'step-up-needed',
          'too-many-open',
          'idempotency-conflict',
        ],
      },
    },
    async ({ body, headers, caller }, reply) => {
      const asked = requestOf(body, headers['idempotency-key'])
      const place = body.target?.chargers === undefined ? 'target.select' : 'target.chargers'
      const made = await approvals.request(caller, asked).catch((error: unknown) => {
        throw asked.kind === 'command' ? placed(error, place) : error
      })
      reply.header('location', `/api/v1/approval-requests/${made.id}`)
      return reply.code(201).send(made)
    },
  )

  app.get(
    '/api/v1/approval-requests/kinds',
    {
      schema: {
        operationId: 'listApprovalKinds',
        permission: 'approvals.read',
        summary: 'Lists what can be asked for, on one page',
        tags,
        response: { 200: pageOf(refTo(ApprovalKindSchema)) },
      },
    },
    () => ({
      items: approvals.kinds().map(({ name, description, schema, handsOver = false }) => ({
        ...{ name, description, handsOver },
        schema: schema as unknown as Record<string, unknown>,
      })),
      nextCursor: null,
    }),
  )
}

function readingRoutes(app: App, approvals: Approvals): void {
  app.get(
    '/api/v1/approval-requests',
    {
      schema: {
        operationId: 'listApprovalRequests',
        permission: 'approvals.read',
        summary: 'Lists requests for approval, newest first',
        tags,
        querystring: ApprovalQuery,
        response: { 200: pageOf(refTo(ApprovalRequestSchema)) },
      },
    },
    async ({ query, caller, scope }) => {
      const { state, kind, which } = query
      return await approvals.list(caller, scope, pageRequest(query), {
        ...(state === undefined ? {} : { state }),
        ...(kind === undefined ? {} : { kind }),
        ...(which === undefined ? {} : { which }),
      })
    },
  )

  app.get(
    '/api/v1/approval-requests/:id',
    {
      schema: {
        operationId: 'showApprovalRequest',
        permission: 'approvals.read',
        summary: 'Shows a request with what it would reach, and what was said to it',
        tags,
        params: ApprovalParams,
        response: { 200: refTo(ApprovalRequestDetailSchema) },
        problems: ['not-found', 'tampered'],
      },
    },
    async ({ params, caller, scope }) => {
      const { document, ...shown } = await approvals.show(caller, scope, params.id)
      return { ...shown, document: { ...document } }
    },
  )
}

type RequestBody = Frozen<Static<typeof NewApprovalRequestSchema>>

/** A command comes as its submission would, every other kind with its content. */
function requestOf(
  {
    kind = 'command',
    content,
    reason,
    ticket,
    execute,
    expiresAt,
    idempotencyKey,
    ...command
  }: RequestBody,
  headerKey: string | undefined,
): NewRequest {
  const key = keyIn(idempotencyKey, headerKey)
  const how = {
    ...(key === undefined ? {} : { idempotencyKey: key }),
    ...{ kind, reason },
    ...(ticket === undefined ? {} : { ticket }),
    ...(execute === undefined ? {} : { execute }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
  if (kind !== 'command') {
    const [further] = Object.keys(command).filter((field) => field !== 'params')
    if (further !== undefined)
      throw new ProblemError('invalid-input', 'only a command has this', further)
    if (content === undefined) throw new ProblemError('invalid-input', 'it is required', 'content')
    return { ...how, content: content as JsonObject }
  }
  const { operation, target, ...rest } = command
  if (content !== undefined)
    throw new ProblemError('invalid-input', 'a command has operation, params and target', 'content')
  if (operation === undefined)
    throw new ProblemError('invalid-input', 'it is required', 'operation')
  if (target === undefined) throw new ProblemError('invalid-input', 'it is required', 'target')
  const submission = submissionOf({ ...rest, operation, target, reason }, undefined)
  const asked = Object.fromEntries(
    Object.entries(submission).filter(([field]) => field !== 'reason'),
  )
  return { ...how, content: asked }
}
