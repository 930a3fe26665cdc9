import { Type } from 'typebox'
import { versions } from '../../ocpp/versions.ts'
import { checkNames, results } from '../../upkeep/commissioning/run.ts'
import { AnyJson, Identity, moment, nullable, oneOf, Reason, strict } from './common.ts'

const BaselineSettings = Type.Unsafe<Readonly<Record<string, string>>>({
  type: 'object',
  additionalProperties: { type: 'string', maxLength: 500 },
  minProperties: 1,
  maxProperties: 50,
  description: 'Wanted values, by the meaning of a setting or by the charger’s own key',
})

const wanted = {
  connectors: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: 'How many connectors it has' }),
  ),
  version: Type.Optional(oneOf(versions, { description: 'The OCPP version it speaks' })),
  clockToleranceSeconds: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 86_400,
      description: 'How far its clock may be from ours; 30 when absent',
    }),
  ),
  baseline: Type.Optional(BaselineSettings),
  writeBaseline: Type.Optional(
    Type.Boolean({ description: 'Write what differs from the baseline; false when absent' }),
  ),
  localList: Type.Optional(Type.Boolean({ description: 'It must keep a local list of tokens' })),
  files: Type.Optional(
    Type.Boolean({ description: 'It must reach our file plane: its diagnostics are fetched' }),
  ),
  testSession: Type.Optional(
    strict(
      {
        token: Type.String({ minLength: 1, maxLength: 36 }),
        tokenType: Type.Optional(Type.String({ minLength: 1, maxLength: 30 })),
        evse: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      },
      {
        description: 'A session is started for this token and stopped; a cable must be plugged in',
      },
    ),
  ),
  waitMinutes: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1440,
      description: 'How long it may take to connect; 15 when absent',
    }),
  ),
}

export const CommissioningRequestSchema = strict(
  { reason: Reason, ...wanted },
  { $id: 'CommissioningRequest' },
)

const verdicts = ['passed', 'passed-with-warnings', 'failed'] as const

export const CommissioningSchema = Type.Object(
  {
    id: Type.String(),
    charger: Type.String(),
    state: oneOf(['running', 'completed', 'cancelled']),
    verdict: Type.Unsafe<(typeof verdicts)[number] | null>({
      type: ['string', 'null'],
      enum: [...verdicts, null],
      description: 'Once it is completed',
    }),
    by: Type.Object(
      { kind: Type.String(), id: Type.String(), name: Type.String() },
      { description: 'Who asked; its commands are theirs' },
    ),
    reason: Type.String(),
    wanted: Type.Object(wanted),
    startedAt: moment(),
    endedAt: nullable(moment()),
    checks: Type.Array(
      Type.Object({
        check: oneOf(checkNames),
        title: Type.String(),
        result: oneOf([...results, 'running', 'waiting']),
        evidence: nullable(Type.String({ description: 'What was seen' })),
        advice: nullable(Type.String({ description: 'What to do about it' })),
        detail: AnyJson,
        commands: Type.Array(Type.String(), { description: 'The commands it was found out by' }),
        at: nullable(moment()),
      }),
      { description: 'The checklist in its order' },
    ),
  },
  { $id: 'Commissioning', description: 'A charger’s way through the checklist' },
)

export const CommissioningParams = strict({
  identity: Identity,
  run: Type.String({
    minLength: 1,
    maxLength: 40,
    description: 'The run’s id, or `latest`',
  }),
})

const BaselineGroup = Type.String({
  maxLength: 500,
  description: 'Group path; empty for all chargers whose groups have none',
})

export const BaselineRequestSchema = strict(
  { group: Type.Optional(BaselineGroup), settings: BaselineSettings },
  { $id: 'BaselineRequest' },
)
export const BaselineQuery = strict({ group: Type.Optional(BaselineGroup) })

export const BaselineSchema = Type.Object(
  {
    group: BaselineGroup,
    settings: BaselineSettings,
    setAt: moment(),
    setBy: Type.String(),
  },
  { $id: 'Baseline', description: 'What settings are wanted of new chargers' },
)
