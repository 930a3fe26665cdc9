import { Type, type Static } from 'typebox'
import { ApprovalRulesSchema, defaultApprovalRules } from './approvals.ts'
import { defaultDetectionRules, DetectionRulesSchema } from './detection.ts'
import { defaultGuardRules, GuardRulesSchema } from './guards.ts'
import { defaultIdentityRules, IdentityRulesSchema } from './identity.ts'
import { defaultRecordRules, RecordRulesSchema } from './record.ts'
import { defaultRiskRules, RiskRulesSchema } from './risk.ts'

/** The figures of the policy: data, versioned, changed through approval. */
export const PolicyRulesSchema = Type.Object(
  {
    identity: IdentityRulesSchema,
    risk: RiskRulesSchema,
    guards: GuardRulesSchema,
    detection: DetectionRulesSchema,
    approvals: ApprovalRulesSchema,
    record: RecordRulesSchema,
  },
  { additionalProperties: false },
)
export type PolicyRules = Static<typeof PolicyRulesSchema>

export const defaultRules: PolicyRules = {
  identity: defaultIdentityRules,
  risk: defaultRiskRules,
  guards: defaultGuardRules,
  detection: defaultDetectionRules,
  approvals: defaultApprovalRules,
  record: defaultRecordRules,
}
