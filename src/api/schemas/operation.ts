import { Type } from 'typebox'
import { versions, type Version } from '../../ocpp/versions.ts'
import { nullable, oneOf } from './common.ts'

const Support = {
  type: 'object',
  properties: {
    supported: { type: 'boolean' },
    because: { type: 'string', description: 'Why this version cannot' },
    action: { type: 'string', description: 'The OCPP action it sends' },
  },
  required: ['supported'],
}

export interface VersionSupport {
  supported: boolean
  because?: string
  action?: string
}

export const OperationSchema = Type.Object(
  {
    name: Type.String(),
    title: Type.String(),
    description: Type.String(),
    risk: oneOf(['read', 'routine', 'disruptive', 'critical'], {
      description:
        'read: looks only. routine: changes nothing lasting. disruptive: drivers notice. critical: power or safety.',
    }),
    repeatable: Type.Boolean({
      description: 'Sending it twice does no harm; if false it is sent at most once',
    }),
    expiresAfterSeconds: Type.Number({
      description: 'How long it waits for an offline charger when `notAfter` is not given',
    }),
    params: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: true,
      description: 'JSON Schema of the parameters',
    }),
    versions: Type.Unsafe<Record<Version, VersionSupport>>({
      type: 'object',
      properties: Object.fromEntries(versions.map((version) => [version, Support])),
      required: [...versions],
    }),
    effect: Type.Object({
      seenIn: oneOf(['answer', 'behaviour']),
      looksLike: Type.Optional(Type.String({ description: 'What shows that it has worked' })),
      withinSeconds: Type.Optional(Type.Number()),
    }),
    undo: nullable(Type.String()),
  },
  { $id: 'Operation', description: 'What can be asked of a charger' },
)
