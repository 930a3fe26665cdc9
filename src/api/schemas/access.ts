import { Type } from 'typebox'
import {
  assignmentKinds,
  concurrentSessionsWords,
  listStates,
  tokenListChangeKinds,
  tokenMarks,
  unknownTokensWords,
} from '../../access/access.ts'
import { tokenTypes } from '../../operations/catalog/access/token-list-supply.ts'
import { ActorSchema } from './audit.ts'
import { moment, nullable, oneOf, Reason, refTo, strict } from './common.ts'

const ListName = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
  description: 'Letters, digits, dots, dashes and underscores',
})
export const ListParams = strict({ list: ListName })

const Label = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })
const UnknownTokens = oneOf(unknownTokensWords, {
  description: 'What is answered of tokens that are not on the list; `refuse` when absent',
})
const ConcurrentSessions = oneOf(concurrentSessionsWords, {
  description: 'Whether a token may charge at several places at once; `allow` when absent',
})

export const TokenListSchema = Type.Object(
  {
    name: Type.String(),
    label: nullable(Type.String()),
    revision: Type.Integer({ description: 'Grows with every change' }),
    tokens: Type.Integer({ description: 'How many are on it' }),
    unknownTokens: oneOf(unknownTokensWords),
    concurrentSessions: oneOf(concurrentSessionsWords),
    createdAt: moment(),
    updatedAt: moment(),
  },
  { $id: 'TokenList', description: 'A named list of tokens' },
)

export const NewTokenListSchema = strict(
  {
    name: ListName,
    label: Type.Optional(nullable(Label)),
    unknownTokens: Type.Optional(UnknownTokens),
    concurrentSessions: Type.Optional(ConcurrentSessions),
    reason: Reason,
  },
  { $id: 'NewTokenList' },
)

export const TokenListPatchSchema = strict(
  {
    label: Type.Optional(nullable(Label)),
    unknownTokens: Type.Optional(UnknownTokens),
    concurrentSessions: Type.Optional(ConcurrentSessions),
    reason: Reason,
  },
  { $id: 'TokenListPatch', minProperties: 2 },
)

const tokenText = {
  minLength: 1,
  maxLength: 36,
  description: 'OCPP 1.6 idTag (at most 20 characters), 2.x idToken. Compared without case',
}

export const ListedTokenSchema = Type.Object(
  {
    token: Type.String({ description: 'OCPP 1.6 idTag, 2.x idToken' }),
    type: nullable(Type.String({ description: 'OCPP 2.x IdTokenEnumType' })),
    parent: nullable(
      Type.String({
        description: 'The token of its group: 1.6 parentIdTag, 2.x groupIdToken',
      }),
    ),
    validFrom: nullable(moment()),
    validUntil: nullable(moment()),
    status: oneOf(tokenMarks),
    label: nullable(Type.String()),
    revision: Type.Integer({
      description: 'The last revision that changed what chargers are told of it',
    }),
  },
  { $id: 'ListedToken', description: 'A token on a list' },
)

export const TokenRowSchema = strict(
  {
    token: Type.String(tokenText),
    type: Type.Optional(
      Type.Unsafe<(typeof tokenTypes)[number] | null>({
        type: ['string', 'null'],
        enum: [...tokenTypes, null],
        description: 'OCPP 2.x IdTokenEnumType; chargers are told ISO14443 when absent',
      }),
    ),
    parent: Type.Optional(
      nullable(
        Type.String({
          minLength: 1,
          maxLength: 36,
          description: 'The token of its group: who has the same one may stop its sessions',
        }),
      ),
    ),
    validFrom: Type.Optional(nullable(moment('Not valid before'))),
    validUntil: Type.Optional(nullable(moment('Expired from then on'))),
    status: Type.Optional(oneOf(tokenMarks, { description: '`accepted` when absent' })),
    label: Type.Optional(
      nullable(Type.String({ minLength: 1, maxLength: 100, description: 'Whose it is' })),
    ),
  },
  { $id: 'TokenRow', description: 'A token as it is put on a list, imported and exported' },
)

/** Tokens in one change; an import takes as many as a list holds. */
export const mostInChange = 2_000

export const TokenChangesSchema = strict(
  {
    put: Type.Optional(
      Type.Array(refTo(TokenRowSchema), {
        maxItems: mostInChange,
        description: 'Tokens to add or change. A field left out stays as it is; null takes it away',
      }),
    ),
    remove: Type.Optional(
      Type.Array(Type.String(tokenText), {
        maxItems: mostInChange,
        description: 'Tokens to take off; one that is not there is no error',
      }),
    ),
    reason: Reason,
  },
  { $id: 'TokenChanges', minProperties: 2 },
)

export const TokenChangeReportSchema = Type.Object(
  {
    revision: Type.Integer({ description: 'The list’s revision now' }),
    added: Type.Integer(),
    changed: Type.Integer(),
    removed: Type.Integer(),
    unchanged: Type.Integer(),
  },
  { $id: 'TokenChangeReport', description: 'What a change did' },
)

export const TokenListRevisionSchema = Type.Object(
  {
    revision: Type.Integer(),
    at: moment(),
    kind: oneOf(tokenListChangeKinds),
    by: refTo(ActorSchema),
    reason: Type.String(),
    added: Type.Integer(),
    changed: Type.Integer(),
    removed: Type.Integer(),
  },
  { $id: 'TokenListRevision', description: 'One revision of a list: who made it, and why' },
)

const target = {
  kind: oneOf(assignmentKinds, {
    description:
      'The narrower one counts: a charger’s own list, that of a tag, of the nearest group, of everybody',
  }),
  name: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'Identity, tag or group path; absent for everywhere',
    }),
  ),
}
export const AssignmentTarget = strict({ ...target, reason: Reason })

export const NewAssignmentSchema = strict(
  { list: ListName, ...target, reason: Reason },
  { $id: 'NewTokenAssignment' },
)

export const AssignmentSchema = Type.Object(
  {
    list: Type.String(),
    kind: oneOf(assignmentKinds),
    name: nullable(Type.String({ description: 'Null for everywhere' })),
    at: moment(),
    by: refTo(ActorSchema),
    reason: Type.String(),
  },
  { $id: 'TokenAssignment', description: 'Whom a list is for' },
)

export const AssignmentFilter = { list: Type.Optional(ListName) }

export const ListHolderSchema = Type.Object(
  {
    charger: Type.String(),
    list: nullable(
      Type.String({ description: 'Null: it has none, so every token is accepted there' }),
    ),
    revision: nullable(Type.Integer({ description: 'The list’s revision now' })),
    through: Type.Unsafe<{
      readonly kind: (typeof assignmentKinds)[number]
      readonly name: string | null
    } | null>({
      type: ['object', 'null'],
      required: ['kind', 'name'],
      properties: {
        kind: { type: 'string', enum: [...assignmentKinds] },
        name: { type: ['string', 'null'] },
      },
      description: 'The assignment by which it has the list',
    }),
    held: Type.Unsafe<{
      readonly list: string | null
      readonly revision: number | null
      readonly version: number
    } | null>({
      type: ['object', 'null'],
      required: ['list', 'revision', 'version'],
      properties: {
        list: { type: ['string', 'null'], description: 'Null: we did not send it' },
        revision: { type: ['integer', 'null'] },
        version: { type: 'integer', description: 'OCPP’s number; -1: it keeps no list' },
      },
      description: 'What the charger holds, as far as we know; null: nobody asked yet',
    }),
    state: Type.Unsafe<(typeof listStates)[number] | null>({
      type: ['string', 'null'],
      enum: [...listStates, null],
      description:
        'current: the newest; behind: an earlier one; drifted: something we did not send; unknown: nobody asked; unsupported: it keeps none',
    }),
    since: nullable(moment('Since when it holds that')),
  },
  { $id: 'TokenListHolder', description: 'A charger and the list of tokens it holds' },
)
