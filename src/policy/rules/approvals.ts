import { Type, type Static } from 'typebox'

const NeededApprovalsSchema = Type.Object(
  {
    count: Type.Integer({ minimum: 1, maximum: 20 }),
    roles: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      minItems: 1,
      maxItems: 20,
      description: 'Names of roles, of which an approver holds one where the targets are',
    }),
  },
  { additionalProperties: false },
)

const KindRulesSchema = Type.Object(
  {
    approvals: Type.Array(NeededApprovalsSchema, { minItems: 1, maxItems: 10 }),
    waitMinutes: Type.Integer({
      minimum: 0,
      maximum: 43_200,
      description: 'Between the last approval and the execution',
    }),
  },
  { additionalProperties: false },
)

const Patterns = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 100, description })

export const ApprovalRulesSchema = Type.Object(
  {
    collectHours: Type.Integer({
      minimum: 1,
      maximum: 720,
      description: 'How long approvals of a request may be collected',
    }),
    executeHours: Type.Integer({
      minimum: 1,
      maximum: 720,
      description: 'How long after its last approval and wait a request may be carried out',
    }),
    freshMinutes: Type.Integer({
      minimum: 1,
      maximum: 1_440,
      description: 'How long ago an approver’s second factor may have been shown',
    }),
    openPerRequester: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      description: 'Requests of one person or robot that wait at once',
    }),
    voluntary: KindRulesSchema,
    kinds: Type.Record(Type.String({ pattern: '^[a-z][a-z-]*$' }), KindRulesSchema, {
      description: 'By kind of request; kinds that are not named need what `others` says',
    }),
    others: KindRulesSchema,
    wideTokens: Type.Object(
      {
        everywhere: Patterns('A token whose role allows one of these everywhere is wide'),
        withoutBudget: Patterns(
          'A token whose role allows one of these, and that has no budget for it, is wide',
        ),
        permissions: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
          maxItems: 100,
          description: 'A token whose role allows one of these actions of the API is wide',
        }),
      },
      {
        additionalProperties: false,
        description: 'Which tokens of robots others have to agree to, as requests of kind `token`',
      },
    ),
  },
  { additionalProperties: false },
)
export type ApprovalRules = Static<typeof ApprovalRulesSchema>

const one = { approvals: [{ count: 1, roles: ['approver', 'owner'] }], waitMinutes: 0 }

export const defaultApprovalRules: ApprovalRules = {
  collectHours: 24,
  executeHours: 24,
  freshMinutes: 5,
  openPerRequester: 50,
  // What is asked for approval though the policy would let it pass.
  voluntary: one,
  kinds: { policy: one, role: one, binding: one },
  others: one,
  wideTokens: {
    everywhere: ['risk:critical'],
    withoutBudget: ['risk:critical'],
    // Whoever holds these changes who may do what, what chargers trust, or what the record can tell.
    permissions: [
      'people.write',
      'tokens.write',
      'policy.write',
      'fleet.credentials',
      'firmware.write',
      'audit.manage',
      'audit.erase',
      'break-glass.prepare',
      'break-glass.review',
    ],
  },
}
