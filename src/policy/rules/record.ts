import { Type, type Static } from 'typebox'
import type { RecordRules } from '../../audit/retention.ts'

const days = (description: string) => Type.Integer({ minimum: 1, maximum: 36_500, description })

export const RecordRulesSchema = Type.Object(
  {
    personal: Type.Object(
      {
        namesDays: days('How long the record shows names of people and identifiers of drivers'),
        addressesDays: days('How long it shows network addresses and browsers'),
        textDays: days('How long it shows what people wrote: reasons, comments, notes'),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
)
export type RecordRulesOfPolicy = Static<typeof RecordRulesSchema>

export const defaultRecordRules: RecordRulesOfPolicy & RecordRules = {
  personal: { namesDays: 730, addressesDays: 90, textDays: 1_826 },
}
