import { Type } from 'typebox'
import { moment, nullable, strict } from './common.ts'

const Grant = strict({
  role: Type.String({ minLength: 1, maxLength: 64 }),
  group: nullable(
    Type.String({ minLength: 1, maxLength: 1000, description: 'Path; null: everywhere' }),
  ),
})
const Budgets = strict(
  {
    models: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 120 }), {
        maxItems: 100,
        description: 'Only chargers of these (`vendor/model`, `*` at the end allowed)',
      }),
    ),
    perHour: Type.Array(
      strict({
        operations: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
          minItems: 1,
          maxItems: 100,
        }),
        limit: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
      }),
      { maxItems: 50 },
    ),
  },
  { description: 'What the robot may do in place of showing a second factor' },
)

export const TokenSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    local: Type.Boolean({
      description: 'It is the token of a data folder’s `owner-token` file: the robot `local`',
    }),
    grants: Type.Array(Grant, { description: 'What the robot may do, and where' }),
    budgets: nullable(Budgets),
    createdAt: moment(),
    expiresAt: nullable(moment('Null for the robot `local` only')),
    lastUsedAt: nullable(moment('To about a minute')),
  },
  { $id: 'Token', description: 'An API token' },
)
export const NewTokenSchema = strict(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
    expiresAt: Type.Optional(
      moment('In the future; without it, and at most, as long as the policy has it for tokens'),
    ),
    grants: Type.Optional(Type.Array(Grant, { maxItems: 50 })),
    budgets: Type.Optional(Budgets),
  },
  { $id: 'NewToken' },
)
export const IssuedTokenSchema = Type.Object(
  {
    ...TokenSchema.properties,
    secret: Type.String({ description: 'The token itself; shown this once' }),
  },
  { $id: 'IssuedToken', description: 'The token with its secret' },
)

export const SystemSchema = Type.Object(
  {
    version: Type.String(),
    nodeVersion: Type.String(),
    roles: Type.Array(Type.String()),
    startedAt: moment(),
    uptimeSeconds: Type.Number(),
    listeners: Type.Unsafe<Record<string, string>>({
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Plane to address',
    }),
  },
  { $id: 'System', description: 'This installation' },
)

export const ProblemCodeSchema = Type.Object(
  { code: Type.String(), status: Type.Integer(), title: Type.String(), explanation: Type.String() },
  { $id: 'ProblemCode', description: 'One problem code' },
)
