import Type from 'typebox'
import type { Static } from 'typebox'
import { purposes } from './purpose.ts'

const moment = Type.String({ maxLength: 40 })

/** A charging profile as somebody writes it. What is not named here goes to the charger as it is. */
export const profileSchema = Type.Object(
  {
    id: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: 'chosen without it' }),
    ),
    stackLevel: Type.Integer({ minimum: 0, maximum: 1_000 }),
    purpose: Type.Enum([...purposes]),
    kind: Type.Enum(['Absolute', 'Recurring', 'Relative', 'Dynamic']),
    recurrencyKind: Type.Optional(Type.Enum(['Daily', 'Weekly'])),
    validFrom: Type.Optional(moment),
    validTo: Type.Optional(moment),
    schedules: Type.Array(
      Type.Object({
        unit: Type.Enum(['A', 'W']),
        startSchedule: Type.Optional(moment),
        duration: Type.Optional(Type.Integer({ minimum: 0, maximum: 315_360_000 })),
        periods: Type.Array(
          Type.Object({
            startPeriod: Type.Integer({ minimum: 0, maximum: 315_360_000 }),
            limit: Type.Optional(Type.Number()),
          }),
          { minItems: 1, maxItems: 1024 },
        ),
      }),
      { minItems: 1, maxItems: 3 },
    ),
  },
  {
    description:
      'A charging profile as JSON: stackLevel, purpose (max, default, session, priority, local-generation), kind, schedules with unit and periods; further fields as the OCPP version of the charger names them. ' +
      'E.g. {"stackLevel": 0, "purpose": "default", "kind": "Relative", "schedules": [{"unit": "A", "periods": [{"startPeriod": 0, "limit": 16}]}]}',
  },
)
export type ProfileParam = Static<typeof profileSchema>
