import { Type } from 'typebox'
import { meaningNames } from '../../operations/meanings.ts'
import { Identity, moment, nullable, oneOf, strict } from './common.ts'

export const reportKinds = [
  'device-model',
  'monitoring',
  'charging-profiles',
  'display-messages',
  'customer-information',
  'der-control',
] as const

const Meaning = nullable(Type.String({ description: 'What it means, where that is known' }))

export const SettingSchema = Type.Object(
  {
    key: Type.String({ description: '1.6 configuration key, or Component/Variable of 2.x' }),
    value: nullable(
      Type.String({ description: 'As it was told; null where the charger does not tell it' }),
    ),
    readonly: Type.Unsafe<boolean | null>({
      type: ['boolean', 'null'],
      description: 'Null: the charger did not say',
    }),
    unknown: Type.Boolean({ description: 'The charger said that it does not know this key' }),
    meaning: Meaning,
    means: nullable(Type.String({ description: 'The value in the words of the meaning' })),
    at: moment('When it was told last'),
  },
  { $id: 'Setting', description: 'A charger’s setting as it was told last' },
)

const Compared = Type.Unsafe<{ key: string; value: string | null } | null>({
  type: ['object', 'null'],
  properties: { key: { type: 'string' }, value: { type: ['string', 'null'] } },
  required: ['key', 'value'],
  description: 'Null where it is not known there',
})

export const SettingComparisonSchema = Type.Object(
  {
    meaning: Meaning,
    here: Compared,
    there: Compared,
    difference: oneOf(['different', 'only-here', 'only-there', 'same']),
  },
  {
    $id: 'SettingComparison',
    description: 'One setting of two chargers, or as it is and should be',
  },
)

export const ComparisonRequestSchema = strict(
  {
    charger: Type.Optional(Identity),
    settings: Type.Optional(
      Type.Array(
        strict({
          key: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
          meaning: Type.Optional(oneOf(meaningNames)),
          value: Type.String({ maxLength: 2500 }),
        }),
        { minItems: 1, maxItems: 500, description: 'What is wanted' },
      ),
    ),
    readOnly: Type.Optional(
      Type.Boolean({ description: 'Also settings nobody can write; false when absent' }),
    ),
  },
  { $id: 'ComparisonRequest', description: 'With which charger, or with which wanted settings' },
)

export const MeaningSchema = Type.Object(
  {
    name: Type.String(),
    title: Type.String(),
    unit: nullable(Type.String()),
    '1.6': nullable(
      Type.String({ description: 'The configuration key, null where there is none' }),
    ),
    '2.x': nullable(Type.String({ description: 'The variable, null where there is none' })),
  },
  { $id: 'SettingMeaning', description: 'What a setting means, and what each version calls it' },
)

export const ReportSchema = Type.Object(
  {
    kind: oneOf(reportKinds),
    requestId: Type.Integer(),
    receivedAt: moment('Of its newest part'),
    parts: Type.Integer(),
    elements: Type.Integer({ description: 'In all parts together' }),
    complete: Type.Boolean({ description: 'The last part has come, and all before it' }),
    missing: Type.Array(Type.Integer(), { description: 'Numbers of parts that never came' }),
  },
  { $id: 'Report', description: 'What a charger told in several messages' },
)
