import { Type } from 'typebox'
import { capabilitySources } from '../../models/capability.ts'
import { AnyJson, moment, nullable, oneOf, Reason, refTo, strict } from './common.ts'

const counts = (description: string) =>
  Type.Unsafe<Readonly<Record<string, number>>>({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description,
  })

const value = Type.Unsafe<boolean | number | readonly string[]>({
  anyOf: [{ type: 'boolean' }, { type: 'number' }, { type: 'array', items: { type: 'string' } }],
})
const source = oneOf(capabilitySources, {
  description:
    'overridden: a person said so. observed: an answer showed it. probed: the charger told it. declared: its model’s profile says so',
})
const fraction = nullable(Type.Number({ description: '0 to 1; null where no command ended' }))

export const QuirkSchema = Type.Object(
  {
    quirk: Type.String({ description: 'Its kind' }),
    parameters: Type.Unsafe<Readonly<Record<string, unknown>>>({
      type: 'object',
      additionalProperties: true,
    }),
    does: Type.String({ description: 'What such a charger does, after “It”' }),
    weDo: Type.String({ description: 'What is done about it, and where' }),
    why: Type.String({ description: 'What was seen' }),
    evidence: Type.Array(Type.String({ description: 'A public report or a recorded frame' })),
    from: Type.String({ description: 'The profile that says so' }),
  },
  { $id: 'Quirk', description: 'A known departure from the standard' },
)

export const ScoreSchema = Type.Object(
  {
    score: nullable(
      Type.Integer({
        description: '0 to 100; null where nothing is known. See How a score is made',
      }),
    ),
    parts: Type.Array(
      Type.Object({
        part: oneOf(['messages', 'commands', 'profile']),
        points: nullable(Type.Number({ description: 'Null where nothing is known' })),
        of: Type.Integer({ description: 'Points there are' }),
        because: Type.String(),
      }),
    ),
  },
  {
    $id: 'ConformanceScore',
    description:
      'How well a model keeps to the standard: messages 40 x (1 - sum of weight x share of chargers per kind of violation), ' +
      'commands 40 x (succeeded + unverified / 2) / commands that ended otherwise than refused (from 10 on), ' +
      'profile 20 x (1 - a tenth per known quirk); the points reached as a percentage of those that can be told',
  },
)

export const EndsSchema = Type.Object(
  {
    succeeded: Type.Integer(),
    unverified: Type.Integer({ description: 'Accepted, and nothing could show whether it worked' }),
    refused: Type.Integer(),
    unsupported: Type.Integer(),
    failed: Type.Integer(),
    unknown: Type.Integer(),
  },
  { $id: 'CommandEnds', description: 'How the commands sent to these chargers ended in 30 days' },
)

const modelFields = {
  id: Type.String({ description: 'Names it in addresses' }),
  vendor: nullable(Type.String()),
  model: nullable(Type.String()),
  firmware: nullable(Type.String()),
  chargers: Type.Integer(),
  online: Type.Integer(),
  protocols: Type.Array(Type.String()),
  profiles: Type.Array(Type.String({ description: 'Id of a profile that describes it' })),
  quirks: Type.Array(Type.String({ description: 'Kind of a known quirk' })),
  violations: counts('Kind of violation to how many are on record of the last 30 days'),
  commands: refTo(EndsSchema),
  share: Type.Object(
    { refused: fraction, unsupported: fraction, unknown: fraction, failed: fraction },
    { description: 'Of the commands that ended' },
  ),
  score: refTo(ScoreSchema),
}

export const ModelSchema = Type.Object(modelFields, {
  $id: 'Model',
  description: 'The chargers of one vendor, model and firmware',
})

export const ModelDetailSchema = Type.Object(
  {
    ...modelFields,
    quirkDetails: Type.Array(refTo(QuirkSchema)),
    capabilities: Type.Array(
      Type.Object({
        name: Type.String(),
        title: Type.String(),
        values: Type.Array(Type.Object({ value, source, chargers: Type.Integer() })),
        agree: Type.Integer({ description: 'Chargers that agree on the most common value' }),
      }),
    ),
    violationDetails: Type.Array(
      Type.Object({
        kind: Type.String(),
        action: nullable(Type.String()),
        path: nullable(Type.String()),
        count: Type.Integer(),
        chargers: Type.Integer(),
        latestAt: moment(),
        detail: Type.String({ description: 'Of the latest' }),
      }),
      { description: 'The 50 most frequent' },
    ),
    vendorMessages: Type.Array(
      Type.Object({
        vendorId: Type.String(),
        messageId: nullable(Type.String({ description: 'Null: every message of the vendor' })),
        why: Type.String(),
        from: Type.String(),
      }),
    ),
  },
  { $id: 'ModelDetail', description: 'Everything known of a model' },
)

export const ChargerKnowledgeSchema = Type.Object(
  {
    identity: Type.String(),
    vendor: nullable(Type.String()),
    model: nullable(Type.String()),
    firmware: nullable(Type.String()),
    profiles: Type.Array(Type.String()),
    capabilities: Type.Array(
      Type.Object({
        name: Type.String(),
        title: Type.String(),
        value,
        source,
        since: nullable(moment('When it was learned; null for what is declared')),
        why: Type.String(),
        setForFirmware: nullable(
          Type.String({ description: 'The firmware that ran when a person said so' }),
        ),
        firmwareChanged: Type.Boolean({ description: 'Another firmware runs by now' }),
      }),
    ),
    quirks: Type.Array(refTo(QuirkSchema)),
  },
  { $id: 'ChargerKnowledge', description: 'What one charger can do, and where that is known from' },
)

export const OverrideSchema = strict(
  { value: AnyJson, reason: Reason },
  { $id: 'CapabilityOverride', description: 'A person’s word on a capability' },
)
