import { Type } from 'typebox'
import { productEventTypes } from '../../bus/events.ts'
import { Identity, moment, oneOf, strict } from './common.ts'

export const EventSchema = Type.Object(
  {
    type: oneOf(productEventTypes),
    at: moment(),
    charger: Type.Optional(Type.String()),
    command: Type.Optional(Type.String()),
    data: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
  },
  { $id: 'Event', description: 'The `data` of one server-sent event, as JSON' },
)

export const EventQuery = strict({
  type: Type.Optional(
    Type.Array(oneOf(productEventTypes), {
      maxItems: productEventTypes.length,
      description: 'Only events of this type. May be repeated.',
    }),
  ),
  charger: Type.Optional(
    Type.Array(Identity, { maxItems: 100, description: 'Only of this charger. May be repeated.' }),
  ),
  command: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      maxItems: 100,
      description: 'Only of this command. May be repeated.',
    }),
  ),
})
