import { Type } from 'typebox'
import { executions } from '../../approvals/document.ts'
import { requestStates } from '../../approvals/life.ts'
import { ActorSchema } from './audit.ts'
import { SubmissionSchema } from './command.ts'
import { AnyJson, moment, nullable, oneOf, pageQuery, Reason, refTo, strict } from './common.ts'

const AnyObject = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  additionalProperties: true,
})
const { operation, params, target, notAfter, pace, ticket, acknowledges, idempotencyKey } =
  SubmissionSchema.properties

export const NewApprovalRequestSchema = strict(
  {
    kind: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 50,
        description: 'What is asked for, as in GET /approval-requests/kinds; a command when absent',
      }),
    ),
    content: Type.Optional(
      Type.Unsafe<Record<string, unknown>>({
        type: 'object',
        additionalProperties: true,
        description: 'As the kind’s schema says; a command has its parts beside each other instead',
      }),
    ),
    operation: Type.Optional(operation),
    params,
    target: Type.Optional(target),
    notAfter,
    pace,
    acknowledges,
    idempotencyKey,
    ticket,
    reason: Reason,
    execute: Type.Optional(
      oneOf(executions, {
        description:
          'By itself as soon as it may be, or when you say so with POST …/execute; by itself when absent, except where it hands you a secret',
      }),
    ),
    expiresAt: Type.Optional(
      moment('Until then approvals are collected; as long as the rules let when absent'),
    ),
  },
  { $id: 'NewApprovalRequest', description: 'The body of a command submission, or another kind' },
)

const NeededApprovalsSchema = Type.Array(
  Type.Object({ count: Type.Integer(), roles: Type.Array(Type.String()) }),
  { description: 'So many people, each holding one of these roles wherever it reaches' },
)

const requestFields = {
  id: Type.String(),
  kind: Type.String(),
  state: oneOf(requestStates),
  summary: Type.String(),
  digest: Type.String({ description: 'SHA-256 (hex) of what is approved' }),
  requestedBy: refTo(ActorSchema),
  requestedAt: moment(),
  reason: Type.String(),
  ticket: nullable(Type.String()),
  execute: oneOf(executions),
  needs: Type.Object({
    approvals: NeededApprovalsSchema,
    waitSeconds: Type.Number({ description: 'Between the last approval and the execution' }),
    bootstrap: Type.Boolean({ description: 'Its maker was the only person there was' }),
  }),
  expiresAt: moment('Until then approvals are collected'),
  executesAt: nullable(moment('Once approved: from then on it may be carried out')),
  executeBefore: nullable(moment()),
  endedAt: nullable(moment()),
  detail: nullable(Type.String({ description: 'Why it is in this state, or not carried out yet' })),
  command: nullable(Type.String({ description: 'The command it became' })),
}

export const ExecutedRequestSchema = Type.Object(
  {
    ...requestFields,
    handedOver: Type.Unsafe<Record<string, unknown> | null>({
      type: ['object', 'null'],
      additionalProperties: true,
      description: 'A link, code or token that it made, shown this once',
    }),
  },
  { $id: 'ExecutedRequest', description: 'A request that was carried out' },
)

export const ApprovalRequestSchema = Type.Object(requestFields, {
  $id: 'ApprovalRequest',
  description: 'Something that others have to agree to',
})

const VerdictSchema = Type.Object({
  may: Type.Boolean(),
  because: nullable(Type.String({ description: 'Why not' })),
})

export const ApprovalRequestDetailSchema = Type.Object(
  {
    ...requestFields,
    document: Type.Unsafe<Record<string, unknown>>({
      ...AnyObject,
      description:
        'All of what is approved: the digest is SHA-256 over its RFC 8785 text. `content` is what will be done, `standing` what it reached when it was asked for. With `hidden` it is a part: only chargers and groups of your scope, and not what it reached.',
    }),
    hidden: Type.Integer({ description: 'How many of its chargers lie outside your scope' }),
    decisions: Type.Array(
      Type.Object({
        by: Type.Object({ id: Type.String(), name: Type.String() }),
        deed: oneOf(['approve', 'veto']),
        at: moment(),
        comment: nullable(Type.String()),
        roles: Type.Array(Type.String(), { description: 'Those by which it counts' }),
        counts: Type.Boolean({ description: 'Whether it counts now' }),
        because: nullable(Type.String({ description: 'Why it does not' })),
        signature: Type.Unsafe<unknown>({
          ...AnyJson,
          description: 'Of a passkey over the digest, to be checked by anybody; null without',
        }),
      }),
    ),
    missing: NeededApprovalsSchema,
    stuck: nullable(
      Type.String({
        description: 'While it waits: why nobody can decide on it at present, and what is missing',
      }),
    ),
    now: Type.Unsafe<Record<string, unknown> | null>({
      type: ['object', 'null'],
      additionalProperties: true,
      description: 'What it would reach now; null once it has ended',
    }),
    differences: Type.Array(Type.String(), {
      description: 'In what things differ now from what is to be approved: it is not carried out',
    }),
    you: Type.Object(
      {
        approve: VerdictSchema,
        veto: VerdictSchema,
        withdraw: VerdictSchema,
        execute: VerdictSchema,
      },
      { description: 'What you can do with it' },
    ),
  },
  { $id: 'ApprovalRequestDetail', description: 'A request with all there is to decide by' },
)

export const ApprovalKindSchema = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    schema: Type.Unsafe<Record<string, unknown>>({
      ...AnyObject,
      description: 'JSON Schema of its content',
    }),
    handsOver: Type.Boolean({
      description: 'It hands a secret to whoever asked for it, who carries it out by hand',
    }),
  },
  { $id: 'ApprovalKind', description: 'What can be asked for' },
)

const Comment = Type.String({ minLength: 1, maxLength: 1_000 })

export const ApprovalSchema = strict(
  {
    digest: Type.String({
      pattern: '^[0-9a-f]{64}$',
      description: 'Of what you were shown: something else is not approved',
    }),
    comment: Type.Optional(Comment),
    assertion: Type.Optional(
      Type.Unsafe<Record<string, unknown>>({
        ...AnyObject,
        description:
          'What the browser answered to the options of …/passkey-options: a signature over the digest, which is kept',
      }),
    ),
  },
  { $id: 'Approval' },
)
export const VetoSchema = strict({ comment: Comment }, { $id: 'Veto' })
export const WithdrawalSchema = strict({ comment: Type.Optional(Comment) }, { $id: 'Withdrawal' })

export const ApprovalParams = strict({
  id: Type.String({ minLength: 1, maxLength: 100, description: 'The request’s id' }),
})
export const ApprovalQuery = pageQuery({
  state: Type.Optional(oneOf(requestStates)),
  kind: Type.Optional(Type.String({ minLength: 1, maxLength: 50 })),
  which: Type.Optional(
    oneOf(['mine', 'for-me'], {
      description: '`mine`: what you asked for. `for-me`: what you could approve now',
    }),
  ),
})
