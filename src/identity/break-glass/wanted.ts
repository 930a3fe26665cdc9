import { Type } from 'typebox'
import { GrantSchema } from '../tokens/wanted.ts'

/** What is said of a break-glass account when it is prepared or changed. */
export const accountFields = {
  name: Type.String({ minLength: 1, maxLength: 60, pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]*$' }),
  grants: Type.Array(GrantSchema, { minItems: 1, maxItems: 20 }),
  minutes: Type.Integer({ minimum: 5, maximum: 1_440, description: 'How long one use lasts' }),
  chargers: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    description: 'How many chargers one use may touch',
  }),
}
