import { Type } from 'typebox'
import { moment, nullable, oneOf, strict } from './common.ts'

export const TokenSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    kind: oneOf(['person', 'robot']),
    owner: Type.Boolean({ description: 'It is the token of a data folder’s `owner-token` file' }),
    createdAt: moment(),
    expiresAt: nullable(moment()),
    lastUsedAt: nullable(moment('To about a minute')),
  },
  { $id: 'Token', description: 'An API token' },
)
export const NewTokenSchema = strict(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
    kind: oneOf(['person', 'robot'], { description: 'Who uses it' }),
    expiresAt: Type.Optional(moment('In the future; without it the token lasts until revoked')),
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
