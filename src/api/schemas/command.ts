import { Type } from 'typebox'
import { dispatchStates } from '../../commands/commands.ts'
import { chargerConditions, type ChargerCondition } from '../../fleet/fleet.ts'
import { acknowledgements } from '../../policy/question.ts'
import { AuditEntrySchema } from './audit.ts'
import { DecisionSchema } from './policy.ts'
import {
  AnyJson,
  moment,
  nullable,
  oneOf,
  pageQuery,
  Reason,
  refTo,
  strict,
  Identity,
} from './common.ts'

/** The most chargers one request may name; larger sets are selected. */
export const maxNamedChargers = 10_000

function oneOrMany(description: string) {
  return Type.Optional(
    Type.Unsafe<string | string[]>({
      type: ['string', 'array'],
      items: { type: 'string', minLength: 1, maxLength: 500 },
      minLength: 1,
      maxLength: 500,
      minItems: 1,
      maxItems: 1000,
      description,
    }),
  )
}

export const SelectorSchema = strict(
  {
    ids: Type.Optional(
      Type.Unsafe<string | string[]>({
        type: ['string', 'array'],
        items: { type: 'string', minLength: 1, maxLength: 48 },
        minLength: 1,
        maxLength: 48,
        minItems: 1,
        maxItems: maxNamedChargers,
        description: 'Identities',
      }),
    ),
    group: oneOrMany('Group paths; everything below counts'),
    tag: oneOrMany('Tags'),
    model: oneOrMany('Models'),
    status: Type.Optional(
      Type.Unsafe<ChargerCondition | ChargerCondition[]>({
        anyOf: [
          { type: 'string', enum: [...chargerConditions] },
          {
            type: 'array',
            items: { type: 'string', enum: [...chargerConditions] },
            minItems: 1,
            maxItems: chargerConditions.length,
          },
        ],
        description: 'Conditions',
      }),
    ),
  },
  {
    $id: 'Selector',
    minProperties: 1,
    description:
      'Which chargers. All parts given must match; a charger must match one value of each part.',
  },
)

export const TargetsSchema = strict(
  {
    chargers: Type.Optional(
      Type.Array(Identity, { minItems: 1, maxItems: maxNamedChargers, description: 'Identities' }),
    ),
    select: Type.Optional(refTo(SelectorSchema)),
  },
  {
    $id: 'CommandTarget',
    minProperties: 1,
    maxProperties: 1,
    description: 'Either `chargers` or `select`, not both',
  },
)

export const PaceSchema = strict(
  {
    maxRunning: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100_000,
        description: 'How many chargers may be between queued and settled at once',
      }),
    ),
    perMinute: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description: 'How many chargers are begun a minute at most',
      }),
    ),
  },
  { $id: 'Pace' },
)

const IdempotencyKey = Type.String({
  minLength: 1,
  maxLength: 200,
  description:
    'The same key with the same content answers the command made before; with other content it is refused',
})

export const SubmissionSchema = strict(
  {
    operation: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Name of an operation, as in GET /operations',
    }),
    params: Type.Optional(
      Type.Unsafe<Record<string, unknown>>({
        type: 'object',
        additionalProperties: true,
        default: {},
        description: 'As the operation’s parameter schema in GET /operations says',
      }),
    ),
    target: refTo(TargetsSchema),
    reason: Reason,
    notAfter: Type.Optional(moment('Frames leave before this moment or not at all')),
    idempotencyKey: Type.Optional(IdempotencyKey),
    pace: Type.Optional(refTo(PaceSchema)),
    ticket: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        pattern: '\\S',
        description: 'Where the reason is written up, e.g. `INC-1234`; kept in the audit record',
      }),
    ),
    acknowledges: Type.Optional(
      Type.Array(oneOf(acknowledgements), {
        uniqueItems: true,
        maxItems: acknowledgements.length,
        description:
          'What is known of and accepted: `running-sessions` says that sessions may be cut short',
      }),
    ),
  },
  { $id: 'Submission' },
)

export const SubmissionHeaders = Type.Object({
  'idempotency-key': Type.Optional(IdempotencyKey),
})

const commandFields = {
  id: Type.String(),
  operation: Type.String(),
  params: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
  reason: Type.String(),
  actor: Type.Object({ kind: Type.String(), id: Type.String(), name: Type.String() }),
  submittedAt: moment(),
  notAfter: moment('Frames leave before this moment or not at all'),
  pace: Type.Object({
    maxRunning: Type.Integer({ description: 'Chargers between queued and settled at once' }),
    perMinute: nullable(Type.Integer({ description: 'Chargers begun a minute; null: no bound' })),
  }),
  state: oneOf([...dispatchStates, 'running', 'completed'], {
    description:
      'With one target, its state. With more: `running` until all have ended, then `completed`.',
  }),
  total: Type.Integer({ description: 'How many chargers that you may see' }),
  hidden: Type.Integer({
    description: 'How many more there are that you may not see; nothing else here counts them',
  }),
  counts: Type.Unsafe<Partial<Record<(typeof dispatchStates)[number], number>>>({
    type: 'object',
    properties: Object.fromEntries(dispatchStates.map((state) => [state, { type: 'integer' }])),
    description: 'Targets by state; states with none are absent',
  }),
  settled: Type.Boolean({
    description: 'Every target is in an end state, or `unknown` with its observation time over',
  }),
  cancelled: Type.Boolean(),
}
export const CommandSchema = Type.Object(commandFields, {
  $id: 'Command',
  description: 'One submission',
})

export const TargetSchema = Type.Object(
  {
    id: Type.String(),
    charger: Type.String(),
    state: oneOf(dispatchStates),
    detail: nullable(Type.String({ description: 'Why it is in this state' })),
    call: Type.Unsafe<{ version: string; action: string; payload: unknown } | null>({
      type: ['object', 'null'],
      properties: { version: { type: 'string' }, action: { type: 'string' }, payload: AnyJson },
      required: ['version', 'action', 'payload'],
      description: 'The exact OCPP CALL, once planned',
    }),
    answer: AnyJson,
    result: AnyJson,
    outcome: Type.Unsafe<'succeeded' | 'refused' | 'failed' | 'unverified' | null>({
      type: ['string', 'null'],
      enum: ['succeeded', 'refused', 'failed', 'unverified', null],
      description: 'For `reconciled`: how it turned out',
    }),
    sentAt: nullable(moment()),
    updatedAt: moment(),
  },
  { $id: 'Target', description: 'One charger’s part of a command' },
)

export const CommandDetailSchema = Type.Object(
  {
    ...commandFields,
    targets: Type.Array(refTo(TargetSchema), {
      description: 'The first 100; the rest are paged at /commands/{id}/targets',
    }),
    history: Type.Array(refTo(AuditEntrySchema), {
      description: 'Every transition, oldest first; at most 1000, the rest are in the audit record',
    }),
  },
  { $id: 'CommandDetail', description: 'One submission with its targets and history' },
)

export const PreviewRequestSchema = strict(
  {
    operation: SubmissionSchema.properties.operation,
    params: SubmissionSchema.properties.params,
    target: refTo(TargetsSchema),
    ticket: SubmissionSchema.properties.ticket,
    acknowledges: SubmissionSchema.properties.acknowledges,
  },
  { $id: 'PreviewRequest' },
)

const verdict = oneOf(['can', 'waits', 'cannot'])

export const PreviewSchema = Type.Object(
  {
    operation: Type.String(),
    risk: Type.String(),
    total: Type.Integer({ description: 'How many chargers' }),
    can: Type.Integer({ description: 'Would be sent now' }),
    waits: Type.Integer({ description: 'Would wait, e.g. until the charger connects' }),
    cannot: Type.Integer(),
    runningSessions: Type.Integer({ description: 'Sessions running on these chargers' }),
    decision: refTo(DecisionSchema),
    reasons: Type.Array(
      Type.Object({
        verdict,
        because: Type.String(),
        chargers: Type.Integer(),
        examples: Type.Array(Type.String()),
      }),
      { description: 'Why chargers wait or cannot, the most frequent reason first' },
    ),
    targets: Type.Array(
      Type.Object({
        charger: Type.String(),
        verdict,
        call: TargetSchema.properties.call,
        because: nullable(Type.String()),
        field: nullable(Type.String({ description: 'The parameter at fault' })),
      }),
      { description: 'The first 100' },
    ),
  },
  { $id: 'Preview', description: 'What a submission would do' },
)

export const CancellationSchema = strict({ reason: Reason }, { $id: 'Cancellation' })
export const CancelledSchema = Type.Object(
  {
    cancelled: Type.Integer({ description: 'Targets still in time' }),
    tooLate: Type.Integer({ description: 'Targets already on their way or ended' }),
  },
  { $id: 'Cancelled', description: 'How many were still in time' },
)

export const CommandParams = strict({
  id: Type.String({ minLength: 1, maxLength: 100, description: 'The command’s id' }),
})
export const CommandQuery = pageQuery({
  operation: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  charger: Type.Optional(Identity),
  settled: Type.Optional(Type.Boolean()),
})
export const TargetQuery = pageQuery({ state: Type.Optional(oneOf(dispatchStates)) })
