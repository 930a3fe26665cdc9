import { Type } from 'typebox'
import { BudgetsSchema, GrantSchema, newTokenFields } from '../../identity/tokens/wanted.ts'
import { ActorSchema } from './audit.ts'
import { moment, nullable, strict } from './common.ts'

export const TokenSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    local: Type.Boolean({
      description: 'It is the token of a data folder’s `owner-token` file: the robot `local`',
    }),
    grants: Type.Array(GrantSchema, { description: 'What the robot may do, and where' }),
    budgets: nullable(BudgetsSchema),
    madeBy: nullable(
      Type.Object(ActorSchema.properties, {
        description: 'Who made it; null: of the robot `local`, and where it was not kept yet',
      }),
    ),
    createdAt: moment(),
    expiresAt: nullable(moment('Null for the robot `local` only')),
    lastUsedAt: nullable(moment('To about a minute')),
  },
  { $id: 'Token', description: 'An API token' },
)
export const NewTokenSchema = strict(newTokenFields, { $id: 'NewToken' })
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
