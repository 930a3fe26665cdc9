import Type from 'typebox'
import type { TObject, TProperties } from 'typebox'
import { versions } from '../ocpp/versions.ts'
import { quirkCatalogue, quirkKinds } from './quirk.ts'

const closed = { additionalProperties: false }

/**
 * Where a fact is reported. `L`, `E`, `S`, `M` and names of repositories stand for trackers, `F` for a
 * frame recorded from a real charger; models/README.md says which.
 */
const evidence = Type.String({
  pattern: '^([A-Za-z][A-Za-z.-]*#\\d+|[A-Z] docs|[A-Z]@[0-9a-f]{7,40}|F\\d{3})$',
})

const grounds = {
  why: Type.String({ minLength: 10, maxLength: 300 }),
  evidence: Type.Array(evidence, { minItems: 1, maxItems: 10, uniqueItems: true }),
}

const pattern = Type.String({ maxLength: 100 })
const patterns = Type.Array(pattern, { minItems: 1, maxItems: 20, uniqueItems: true })
const firmware = Type.String({ minLength: 1, maxLength: 100 })

const match = Type.Object(
  {
    vendor: Type.Optional(patterns),
    model: Type.Optional(patterns),
    firmware: Type.Optional(
      Type.Object(
        {
          from: Type.Optional(firmware),
          to: Type.Optional(firmware),
          below: Type.Optional(firmware),
        },
        { ...closed, minProperties: 1 },
      ),
    ),
    versions: Type.Optional(Type.Array(Type.Enum(versions), { minItems: 1, uniqueItems: true })),
  },
  { ...closed, anyOf: [{ required: ['vendor'] }, { required: ['model'] }] },
)

function quirkSchema(kind: (typeof quirkKinds)[number]): TObject {
  const { fields, does, weDo } = quirkCatalogue[kind]
  return Type.Object(
    { quirk: Type.Literal(kind), ...(fields as TProperties), ...grounds },
    { ...closed, description: `It ${does}. We: ${weDo}.` },
  )
}

const capability = Type.Object(
  {
    value: Type.Union([Type.Boolean(), Type.Number({ minimum: 0 }), Type.Array(Type.String())]),
    ...grounds,
  },
  closed,
)

const vendorMessage = Type.Object(
  {
    vendorId: Type.String({ minLength: 1, maxLength: 255 }),
    messageId: Type.Optional(Type.String({ minLength: 1, maxLength: 50 })),
    why: Type.String({ minLength: 10, maxLength: 300 }),
  },
  closed,
)

const profile = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9-]+/[a-z0-9.-]+$' }),
    title: Type.String({ minLength: 1, maxLength: 100 }),
    match,
    capabilities: Type.Optional(Type.Record(Type.String(), capability)),
    quirks: Type.Optional(Type.Array(Type.Union(quirkKinds.map(quirkSchema)))),
    vendorMessages: Type.Optional(Type.Array(vendorMessage)),
  },
  closed,
)

/** The form of a file in models/vendors. `models/vendor-file.schema.json` is this, for editors. */
export const vendorFileSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    vendor: Type.String({ minLength: 1, maxLength: 100 }),
    profiles: Type.Array(profile, { minItems: 1 }),
  },
  closed,
)
