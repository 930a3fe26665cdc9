import { Type } from 'typebox'
import { ActorSchema } from './audit.ts'
import { BreakGlassUseSchema } from './ways-in.ts'
import { moment, nullable, oneOf, Reason, refTo, strict } from './common.ts'

const Secret = (description: string) => Type.String({ minLength: 1, maxLength: 100, description })
const Password = (description: string) => Type.String({ minLength: 1, maxLength: 256, description })
const Code = Type.String({
  minLength: 1,
  maxLength: 40,
  description: 'Six digits of an authenticator app, or a recovery code',
})
export const SignInName = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'What the person types to sign in',
})
const Carried = oneOf(['cookie', 'secret'], {
  description:
    '`cookie`: for a browser, which gets the session as a cookie. `secret`: for a program, which gets it in the answer and shows it as a bearer token.',
})
const factors = [
  'password',
  'totp',
  'passkey',
  'recovery-code',
  'single-sign-on',
  'single-sign-on-mfa',
] as const
const FactorName = oneOf(factors)
/** A second factor that is shown with a code. */
const CodeFactor = oneOf(['totp', 'recovery-code'], { description: 'What the code is of' })
const factorTimes = Type.Unsafe<Readonly<Partial<Record<(typeof factors)[number], string>>>>({
  type: 'object',
  additionalProperties: { type: 'string', format: 'date-time' },
  description: 'When each factor was last shown. Using a session moves none of them.',
})

export const SignInSchema = strict(
  {
    name: SignInName,
    password: Password('Their password'),
    device: Type.Optional(
      Secret('What an earlier sign-in of this program answered; browsers have a cookie'),
    ),
  },
  { $id: 'SignIn', description: 'The first step of signing in' },
)
export const NextStepSchema = Type.Object(
  {
    signIn: Type.String({ description: 'To be sent with the second step' }),
    factors: Type.Array(FactorName, { description: 'One of these has to be shown next' }),
    person: Type.Object({ id: Type.String(), displayName: Type.String() }),
    expiresAt: moment('The second step comes before this'),
  },
  { $id: 'NextStep', description: 'What was shown is not enough yet: there is no session' },
)
export const SecondStepSchema = strict(
  {
    signIn: Secret('Of the first step'),
    factor: CodeFactor,
    code: Code,
    carried: Carried,
    device: Type.Optional(Secret('As in the first step')),
  },
  { $id: 'SecondStep' },
)
const opened = {
  session: Type.String({ description: 'Its id' }),
  person: Type.Object({ id: Type.String(), displayName: Type.String() }),
  expiresAt: moment('However much it is used'),
  secret: Type.Optional(
    Type.String({ description: 'The session itself, where it is carried as a secret' }),
  ),
  device: Type.Optional(
    Type.String({ description: 'Makes this program known at its next sign-in' }),
  ),
  csrfToken: Type.Optional(
    Type.String({ description: 'To be sent as X-CSRF-Token, where it is carried in a cookie' }),
  ),
}
export const SignedInSchema = Type.Object(opened, {
  $id: 'SignedIn',
  description: 'The session that was opened',
})
export const EnrolledSchema = Type.Object(
  {
    ...opened,
    recoveryCodes: Type.Array(Type.String(), {
      description: 'Each works once in place of a second factor; shown this once',
    }),
  },
  { $id: 'Enrolled', description: 'The account was made, and its first session opened' },
)

const place = Type.Object({
  address: Type.String(),
  firstSeenAt: moment(),
  lastSeenAt: moment(),
})
export const PersonSessionSchema = Type.Object(
  {
    id: Type.String(),
    current: Type.Boolean({ description: 'It is the one that asks' }),
    carried: oneOf(['cookie', 'secret']),
    createdAt: moment(),
    lastUsedAt: moment('To about ten seconds'),
    idleAt: moment('It ends then, unless it is used'),
    expiresAt: moment('It ends then, however much it is used'),
    factors: factorTimes,
    strongSince: nullable(moment('When a second factor was last shown')),
    userAgent: nullable(Type.String()),
    places: Type.Array(place, { description: 'From where it was used, newest first' }),
  },
  { $id: 'PersonSession', description: 'Somebody signed in somewhere' },
)
export const WhoamiSchema = Type.Object(
  {
    ...ActorSchema.properties,
    authentication: Type.Object({
      by: oneOf(['session', 'token']),
      id: Type.String({ description: 'Of the session or token' }),
      factors: factorTimes,
      strongSince: nullable(moment('When a second factor was last shown')),
      breakGlass: Type.Optional(Type.String()),
    }),
    breakGlassUses: Type.Array(refTo(BreakGlassUseSchema), {
      description: 'Break-glass accounts in use, or used and not reviewed yet: everybody is told',
    }),
    otherSessions: Type.Array(refTo(PersonSessionSchema), {
      description: 'Where else this person is signed in; nothing for robots',
    }),
    csrfToken: Type.Optional(
      Type.String({ description: 'To be sent as X-CSRF-Token, where it is carried in a cookie' }),
    ),
  },
  { $id: 'Whoami', description: 'Who asks, and how they proved it' },
)
export const StepUpSchema = strict({ factor: CodeFactor, code: Code }, { $id: 'StepUp' })

export const PersonSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String({ description: 'What they type to sign in' }),
    displayName: Type.String(),
    initialRole: nullable(Type.String({ description: 'The role their invitation gave them' })),
    createdAt: moment(),
    locked: Type.Unsafe<{ readonly at: string; readonly reason: string } | null>({
      type: ['object', 'null'],
      properties: { at: { type: 'string', format: 'date-time' }, reason: { type: 'string' } },
      required: ['at', 'reason'],
    }),
    secondFactors: Type.Array(Type.String(), {
      description: 'Kinds they have; none: they have to enrol anew',
    }),
    lastSeenAt: nullable(moment('To about ten seconds')),
  },
  { $id: 'Person', description: 'Somebody’s account' },
)
export const PersonPatchSchema = strict(
  {
    displayName: Type.Optional(Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' })),
    locked: Type.Optional(
      Type.Unsafe<{ readonly reason: string } | null>({
        type: ['object', 'null'],
        properties: { reason: Reason },
        required: ['reason'],
        additionalProperties: false,
        description:
          'A reason locks them out, ends their sessions and cancels their commands that wait; null lets them in again',
      }),
    ),
  },
  { $id: 'PersonPatch', minProperties: 1 },
)

export const InvitationSchema = Type.Object(
  {
    id: Type.String(),
    kind: oneOf(['person', 'factors'], {
      description: 'For a new person, or for new second factors of one',
    }),
    first: Type.Boolean({
      description: 'It makes the first person, and works while there is none',
    }),
    person: nullable(Type.String({ description: 'Whose second factors' })),
    role: nullable(Type.String({ description: 'What a new person becomes, everywhere' })),
    note: nullable(Type.String()),
    invitedBy: refTo(ActorSchema),
    createdAt: moment(),
    expiresAt: moment(),
  },
  { $id: 'Invitation', description: 'A link that works once' },
)
export const NewInvitationSchema = strict(
  {
    role: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'What the person becomes, as far as the policy lets a link give it',
      }),
    ),
    note: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'Who it is for' }),
    ),
  },
  { $id: 'NewInvitation' },
)
export const IssuedInvitationSchema = Type.Object(
  {
    ...InvitationSchema.properties,
    link: Type.String({ description: 'To be handed over; shown this once' }),
  },
  { $id: 'IssuedInvitation', description: 'The invitation with its link' },
)

export const EnrolmentWishSchema = strict(
  {
    invitation: Secret('What stands behind # in the link'),
    name: SignInName,
    displayName: Type.Optional(Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' })),
    password: Password(
      'Of a new person the one they choose; of one who gets new second factors the one they have',
    ),
    device: Type.Optional(Secret('As when signing in')),
  },
  { $id: 'EnrolmentWish' },
)
export const NewTotpSchema = Type.Object(
  {
    secret: Type.String({ description: 'For typing into an authenticator app' }),
    url: Type.String({ description: '`otpauth://…`, for a QR code' }),
  },
  { $id: 'NewTotp', description: 'What an authenticator app needs' },
)
export const BegunEnrolmentSchema = Type.Object(
  {
    enrolment: Type.String({ description: 'To be sent with the second step' }),
    totp: refTo(NewTotpSchema),
    expiresAt: moment('The second step comes before this'),
  },
  { $id: 'BegunEnrolment', description: 'The first step is done; nothing is enrolled yet' },
)
export const EnrolmentProofSchema = strict(
  { enrolment: Secret('Of the first step'), code: Code, carried: Carried },
  { $id: 'EnrolmentProof' },
)

export const OwnTotpSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    addedAt: moment(),
    lastUsedAt: nullable(moment()),
  },
  { $id: 'OwnTotp', description: 'An authenticator app' },
)
export const OwnFactorsSchema = Type.Object(
  {
    totps: Type.Array(refTo(OwnTotpSchema)),
    recoveryCodesLeft: Type.Integer(),
  },
  { $id: 'OwnFactors', description: 'Second factors that are shown with a code' },
)
export const TotpWishSchema = strict(
  { name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }) },
  { $id: 'TotpWish' },
)
export const BegunTotpSchema = Type.Object(
  {
    step: Type.String({ description: 'To be sent with the first code' }),
    totp: refTo(NewTotpSchema),
  },
  { $id: 'BegunTotp', description: 'Counts when its first code was shown' },
)
export const TotpProofSchema = strict(
  { step: Secret('Of the first step'), code: Code },
  {
    $id: 'TotpProof',
  },
)
export const PasswordChangeSchema = strict(
  { current: Password('The one so far'), password: Password('The one from now on') },
  { $id: 'PasswordChange' },
)
export const RecoveryCodesSchema = Type.Object(
  { recoveryCodes: Type.Array(Type.String()) },
  { $id: 'RecoveryCodes', description: 'Shown this once; older ones work no more' },
)

export const peopleSchemas = [
  SignInSchema,
  NextStepSchema,
  SecondStepSchema,
  SignedInSchema,
  EnrolledSchema,
  PersonSessionSchema,
  WhoamiSchema,
  StepUpSchema,
  PersonSchema,
  PersonPatchSchema,
  InvitationSchema,
  NewInvitationSchema,
  IssuedInvitationSchema,
  EnrolmentWishSchema,
  NewTotpSchema,
  BegunEnrolmentSchema,
  EnrolmentProofSchema,
  OwnTotpSchema,
  OwnFactorsSchema,
  TotpWishSchema,
  BegunTotpSchema,
  TotpProofSchema,
  PasswordChangeSchema,
  RecoveryCodesSchema,
]
