import { Type } from 'typebox'

const strict = { additionalProperties: false } as const

/** A role at a group and below it, or everywhere. */
export const GrantSchema = Type.Object(
  {
    role: Type.String({ minLength: 1, maxLength: 64 }),
    group: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      minLength: 1,
      maxLength: 1000,
      description: 'Path; null: everywhere',
    }),
  },
  strict,
)

export const BudgetsSchema = Type.Object(
  {
    models: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 120 }), {
        maxItems: 100,
        description: 'Only chargers of these (`vendor/model`, `*` at the end allowed)',
      }),
    ),
    perHour: Type.Array(
      Type.Object(
        {
          operations: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
            minItems: 1,
            maxItems: 100,
          }),
          limit: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
        },
        strict,
      ),
      { maxItems: 50 },
    ),
  },
  { ...strict, description: 'What the robot may do in place of showing a second factor' },
)

/** What is said of a new token, whether it is made at once or asked for. */
export const newTokenFields = {
  name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
  expiresAt: Type.Optional(
    Type.String({
      format: 'date-time',
      description:
        'In the future; without it, and at most, as long as the policy has it for tokens',
    }),
  ),
  grants: Type.Optional(Type.Array(GrantSchema, { maxItems: 50 })),
  budgets: Type.Optional(BudgetsSchema),
}
