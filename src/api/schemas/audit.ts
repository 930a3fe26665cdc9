import { Type } from 'typebox'
import { moment, nullable, oneOf, refTo } from './common.ts'

export const ActorSchema = Type.Object(
  { kind: oneOf(['person', 'robot', 'system']), id: Type.String(), name: Type.String() },
  { $id: 'Actor', description: 'Who did it' },
)
export const OriginSchema = Type.Object(
  {
    face: oneOf(['api', 'cli', 'console', 'charger', 'system']),
    address: Type.Optional(Type.String()),
    requestId: Type.Optional(Type.String()),
  },
  { $id: 'Origin', description: 'From where' },
)

export const AuditEntrySchema = Type.Object(
  {
    sequence: Type.Integer({ description: 'Position in the record, from 1, without gaps' }),
    at: moment(),
    actor: refTo(ActorSchema),
    origin: refTo(OriginSchema),
    event: Type.String({ description: 'Dotted and stable, e.g. `command.sent`' }),
    charger: Type.Optional(Type.String()),
    command: Type.Optional(Type.String()),
    dispatch: Type.Optional(Type.String({ description: 'The command’s part for this charger' })),
    reason: Type.Optional(Type.String()),
    detail: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
    hash: Type.String({
      description:
        'Its leaf in the tree (RFC 6962), in hex: SHA-256 over 0x00 and its text as it was recorded, with commitments in place of personal values; exports and proofs have that text',
    }),
  },
  {
    $id: 'AuditEntry',
    description:
      'One line of the record. Personal values that were erased, or kept for as long as the rules say, read `(erased)`',
  },
)

export const AuditVerificationSchema = Type.Object(
  {
    entries: Type.Integer(),
    intact: Type.Boolean(),
    brokenAt: nullable(Type.Integer({ description: 'The first sequence that does not fit' })),
    wrong: nullable(Type.String({ description: 'What does not fit there' })),
    erased: Type.Integer({ description: 'How many personal values can be read no more' }),
  },
  { $id: 'AuditVerification', description: 'Whether the record is whole' },
)

export const ErasureSchema = Type.Object(
  {
    subject: Type.String({ description: 'Of whom' }),
    values: Type.Integer({ description: 'How many personal values were erased' }),
    entries: Type.Integer({ description: 'In how many entries' }),
  },
  { $id: 'Erasure', description: 'What was erased in the record' },
)
