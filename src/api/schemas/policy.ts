import { Type } from 'typebox'
import { ActorSchema } from './audit.ts'
import { Identity, moment, nullable, oneOf, pageQuery, refTo, strict } from './common.ts'

const name = { minLength: 1, maxLength: 100 }
const Patterns = Type.Array(Type.String(name), {
  description: 'Names of operations, `*`, a family such as `charger.*`, or `risk:routine`',
})

export const RoleSchema = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    permissions: Type.Array(Type.String(), { description: 'Actions of the API, or `*`' }),
    operations: Patterns,
    builtIn: Type.Boolean({ description: 'Always there, and never changes' }),
  },
  { $id: 'Role', description: 'What whoever holds it may do where they hold it' },
)

export const TeamSchema = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    claims: Type.Array(Type.String(), {
      description:
        'Groups of the single sign-on provider whose members belong to it, from their next sign-in on',
    }),
    members: Type.Array(Type.String(), { description: 'Ids of people put there by somebody' }),
    bySingleSignOn: Type.Array(Type.String(), {
      description: 'Ids of people put there by a provider',
    }),
  },
  { $id: 'Team', description: 'People who hold roles together' },
)

export const PrincipalSchema = strict(
  {
    kind: oneOf(['person', 'team', 'robot']),
    id: Type.String({ ...name, description: 'Of a person or robot its id, of a team its name' }),
    name: nullable(
      Type.String({
        description:
          'How people know them, e.g. `Ben Night (ben)`; null: there is no such person, or the token has ended',
      }),
    ),
  },
  { $id: 'Principal', description: 'Who holds a role' },
)

export const BindingSchema = Type.Object(
  {
    id: Type.String(),
    principal: refTo(PrincipalSchema),
    role: Type.String(),
    group: nullable(Type.String({ description: 'Path of the group; null: everywhere' })),
    until: nullable(moment('Null: until it is ended')),
    givenAt: moment(),
    givenBy: refTo(ActorSchema),
    reason: Type.String(),
    approval: nullable(Type.String({ description: 'The approved request it was given by' })),
  },
  { $id: 'Binding', description: 'A role held by somebody at a place' },
)

export const BindingQuery = pageQuery({
  principal: Type.Optional(
    Type.String({ ...name, description: 'Id of a person or robot, or team' }),
  ),
  role: Type.Optional(Type.String(name)),
})

export const PolicyVersionSchema = Type.Object(
  {
    version: Type.Integer(),
    rules: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: true,
      description: 'Sections of figures: identity, risk, guards, detection, approvals',
    }),
    since: moment(),
    changedBy: refTo(ActorSchema),
    reason: Type.String(),
    approval: nullable(Type.String({ description: 'The approved request it came by' })),
  },
  { $id: 'PolicyVersion', description: 'The rules as they held from a moment on' },
)

const who = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 200,
    description:
      '`person:<id>` or `robot:<id>`; whoever asks when absent. About others only with `policy.read`',
  }),
)

export const ExplainQuery = strict({
  actor: who,
  operation: Type.Optional(Type.String({ ...name, description: 'Name of an operation' })),
  permission: Type.Optional(
    Type.String({ ...name, description: 'An action of the API, in place of an operation' }),
  ),
  charger: Type.Optional(Identity),
})

export const ExplainRequestSchema = strict(
  {
    actor: who,
    operation: Type.String(name),
    params: Type.Optional(
      Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
    ),
    chargers: Type.Array(Identity, { minItems: 1, maxItems: 1_000, uniqueItems: true }),
  },
  { $id: 'ExplainRequest' },
)

export const ReasonSchema = Type.Object(
  {
    rule: Type.String({ description: 'Stable, e.g. `role`, `risk`, `guard.reset-budget`' }),
    says: oneOf(['allows', 'denies', 'requires', 'notes']),
    sentence: Type.String(),
    chargers: Type.Optional(
      Type.Array(Type.String(), { description: 'At most 20; absent: all of them' }),
    ),
    until: Type.Optional(moment('When it may be otherwise')),
    detail: Type.Optional(Type.Unsafe<object>({ type: 'object', additionalProperties: true })),
  },
  { $id: 'DecisionReason', description: 'What one rule of the policy says' },
)

export const DecisionSchema = Type.Object(
  {
    outcome: oneOf(['allow', 'step-up', 'approval', 'deny'], {
      description:
        '`step-up`: after showing a second factor again. `approval`: as an approved request only',
    }),
    reasons: Type.Array(refTo(ReasonSchema)),
    needs: Type.Object(
      {
        ticket: Type.Optional(Type.Boolean()),
        freshWithinMs: Type.Optional(Type.Number()),
        approvals: Type.Optional(
          Type.Array(Type.Object({ count: Type.Integer(), roles: Type.Array(Type.String()) })),
        ),
        waitMs: Type.Optional(Type.Number()),
      },
      { description: 'What is needed in all, also what is met already' },
    ),
    risk: Type.Object({
      level: oneOf(['low', 'moderate', 'high', 'severe']),
      score: Type.Number(),
      factors: Type.Array(
        Type.Object({ factor: Type.String(), weight: Type.Number(), sentence: Type.String() }),
      ),
    }),
  },
  { $id: 'Decision', description: 'What the policy decides, and why' },
)

export const ExplanationSchema = Type.Object(
  {
    actor: Type.Object({ kind: Type.String(), id: Type.String() }),
    about: Type.String({ description: 'The operation or the action of the API' }),
    allowed: Type.Boolean({ description: 'Now, without anything more' }),
    sentence: Type.String(),
    roles: Type.Array(
      Type.Object({
        role: Type.String(),
        group: nullable(Type.String({ description: 'Null: everywhere' })),
        allows: Type.Boolean({ description: 'It is one of those that allow it somewhere' }),
      }),
      {
        description:
          'Every role held now; of others, those that reach where you may see the policy',
      },
    ),
    decision: Type.Optional(refTo(DecisionSchema)),
    missing: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Required parameters that were not given: it is decided without them, and may depend on them',
      }),
    ),
  },
  { $id: 'Explanation', description: 'Why somebody can or cannot do something' },
)

export const policySchemas = [
  RoleSchema,
  TeamSchema,
  PrincipalSchema,
  BindingSchema,
  PolicyVersionSchema,
  ExplainRequestSchema,
  ReasonSchema,
  DecisionSchema,
  ExplanationSchema,
]
