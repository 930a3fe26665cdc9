import { Type } from 'typebox'
import { accountFields } from '../../identity/break-glass/wanted.ts'
import { verdicts } from '../../identity/break-glass/account.ts'
import { GrantSchema } from '../../identity/tokens/wanted.ts'
import type { AssertionAnswer, CreationAnswer } from '../../identity/passkeys/verify.ts'
import { ActorSchema } from './audit.ts'
import { moment, nullable, oneOf, Reason, refTo, strict } from './common.ts'

const base64url = Type.String({ minLength: 1, maxLength: 20_000, pattern: '^[A-Za-z0-9_-]+$' })
const credential = {
  id: base64url,
  rawId: base64url,
  type: oneOf(['public-key']),
  authenticatorAttachment: Type.Optional(Type.String({ maxLength: 50 })),
  clientExtensionResults: Type.Object({}, { additionalProperties: true }),
}
const more = { additionalProperties: true } as const

export const PasskeyAnswerSchema = Type.Unsafe<AssertionAnswer>(
  Type.Object(
    {
      ...credential,
      response: Type.Object(
        { clientDataJSON: base64url, authenticatorData: base64url, signature: base64url },
        more,
      ),
    },
    {
      $id: 'PasskeyAnswer',
      ...more,
      description: 'What `navigator.credentials.get()` gave, as JSON',
    },
  ),
)
export const NewPasskeySchema = strict(
  {
    name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }),
    answer: Type.Unsafe<CreationAnswer>(
      Type.Object(
        {
          ...credential,
          response: Type.Object(
            {
              clientDataJSON: base64url,
              attestationObject: base64url,
              transports: Type.Optional(
                Type.Array(Type.String({ maxLength: 50 }), { maxItems: 10 }),
              ),
            },
            more,
          ),
        },
        { ...more, description: 'What `navigator.credentials.create()` gave, as JSON' },
      ),
    ),
  },
  { $id: 'NewPasskey' },
)
export const PasskeyOptionsSchema = Type.Unsafe<object>({
  type: 'object',
  additionalProperties: true,
  $id: 'PasskeyOptions',
  description:
    'For `navigator.credentials`, as JSON (WebAuthn level 3). Answer within five minutes.',
})
export const PasskeySchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    synced: Type.Boolean({ description: 'Copied between devices by whoever keeps it' }),
    createdAt: moment(),
    lastUsedAt: nullable(moment()),
    suspendedAt: nullable(moment('Its counter went backwards, as a copy’s would')),
  },
  { $id: 'Passkey', description: 'A passkey of yours' },
)
const signIn = Type.String({ minLength: 1, maxLength: 100, description: 'Of the first step' })
const Carried = oneOf(['cookie', 'secret'], { description: 'As when signing in with a code' })
export const PasskeySignInStartSchema = strict(
  { signIn: Type.Optional(signIn) },
  { $id: 'PasskeySignInStart', description: 'Without `signIn` the passkey alone signs in' },
)
export const PasskeySignInSchema = strict(
  { signIn: Type.Optional(signIn), answer: refTo(PasskeyAnswerSchema), carried: Carried },
  { $id: 'PasskeySignIn' },
)
export const PasskeyStepUpSchema = strict(
  { answer: refTo(PasskeyAnswerSchema) },
  { $id: 'PasskeyStepUp' },
)

export const WaysInSchema = Type.Object(
  {
    provider: nullable(Type.String({ description: 'Its host name; null: there is none' })),
    passkeysUnavailable: nullable(
      Type.String({ description: 'Why there can be no passkeys; null: there can' }),
    ),
  },
  { $id: 'WaysIn', description: 'How people can sign in here beside password and code' },
)
export const SingleSignOnTripSchema = Type.Object(
  { url: Type.String({ description: 'Where the browser goes next' }) },
  { $id: 'SingleSignOnTrip', description: 'A sign-in that goes on at the provider' },
)
export const SingleSignOnWishSchema = strict(
  {
    purpose: oneOf(['step-up', 'link'], {
      description: 'Show factors again at the provider, or make its account yours',
    }),
    maxAgeSeconds: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 86_400, default: 300, description: 'Of a step-up' }),
    ),
  },
  { $id: 'SingleSignOnWish' },
)

export const BreakGlassAccountSchema = Type.Object(
  {
    id: Type.String(),
    ...accountFields,
    state: oneOf(['sealed', 'in-use', 'to-be-reviewed', 'unsealed']),
    preparedAt: moment(),
    preparedBy: refTo(ActorSchema),
    sealedAt: nullable(moment()),
  },
  { $id: 'BreakGlassAccount', description: 'An account for emergencies' },
)
export const SealedBreakGlassAccountSchema = Type.Object(
  {
    account: refTo(BreakGlassAccountSchema),
    code: Type.String({ description: 'Belongs into an envelope; shown this once' }),
  },
  { $id: 'SealedBreakGlassAccount', description: 'An account for emergencies, with its code' },
)
export const BreakGlassUseSchema = Type.Object(
  {
    id: Type.String(),
    account: Type.Object({ id: Type.String(), name: Type.String() }),
    person: Type.Object({ id: Type.String(), name: Type.String() }),
    reason: Type.String(),
    grants: Type.Array(GrantSchema),
    chargers: Type.Integer({ description: 'How many it may touch' }),
    openedAt: moment(),
    endsAt: moment(),
    endedAt: nullable(moment()),
    review: nullable(
      Type.Object({
        at: moment(),
        by: refTo(ActorSchema),
        verdict: oneOf(verdicts),
        comment: Type.String(),
      }),
    ),
  },
  { $id: 'BreakGlassUse', description: 'One use of an account for emergencies' },
)
export const BreakGlassOpeningSchema = strict(
  {
    account: Type.String({ minLength: 1, maxLength: 60, description: 'Its name' }),
    code: Type.String({ minLength: 1, maxLength: 100, description: 'From its envelope' }),
    reason: Reason,
    carried: Carried,
  },
  { $id: 'BreakGlassOpening' },
)
export const OpenedBreakGlassSchema = Type.Object(
  {
    use: refTo(BreakGlassUseSchema),
    session: Type.String({ description: 'Its id' }),
    expiresAt: moment(),
    secret: Type.Optional(Type.String()),
    csrfToken: Type.Optional(Type.String()),
  },
  { $id: 'OpenedBreakGlass', description: 'The use, and its session' },
)
export const BreakGlassReviewSchema = strict(
  { verdict: oneOf(verdicts), comment: Reason },
  { $id: 'BreakGlassReview' },
)

export const waysInSchemas = [
  PasskeyAnswerSchema,
  NewPasskeySchema,
  PasskeyOptionsSchema,
  PasskeySchema,
  PasskeySignInStartSchema,
  PasskeySignInSchema,
  PasskeyStepUpSchema,
  WaysInSchema,
  SingleSignOnTripSchema,
  SingleSignOnWishSchema,
  BreakGlassAccountSchema,
  SealedBreakGlassAccountSchema,
  BreakGlassUseSchema,
  BreakGlassOpeningSchema,
  OpenedBreakGlassSchema,
  BreakGlassReviewSchema,
]
