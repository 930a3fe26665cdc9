import type { Attempt } from '../policy/attempt.ts'
import type { Spoken } from '../policy/decision.ts'
import type { DetectionRules } from '../policy/rules/detection.ts'
import type { Finding } from './detector.ts'

const minute = 60_000

export function ruleOf({ detector }: Pick<Finding, 'detector'>): string {
  return `detection.${detector}`
}

/** What a finding means for the decision about an attempt. Whoever is held can still read. */
export function consequenceOf(
  finding: Finding,
  { risk }: Pick<Attempt, 'risk'>,
  rules: DetectionRules,
): Spoken {
  const { sentence, observed, baseline, windowMs, chargers, until } = finding
  const said = {
    rule: ruleOf(finding),
    detail: { observed, baseline, windowMinutes: windowMs / minute },
    ...(chargers === undefined ? {} : { chargers }),
  }
  switch (finding.mode) {
    case 'observe':
      return { ...said, says: 'notes', sentence }
    case 'step-up':
      return {
        ...said,
        says: 'requires',
        sentence: `${sentence}; show a second factor`,
        needs: { freshWithinMs: rules.stepUpMinutes * minute },
      }
    case 'approval':
      return {
        ...said,
        says: 'requires',
        sentence: `${sentence}; somebody else has to agree`,
        needs: { approvals: [{ count: 1, roles: rules.approverRoles }] },
      }
    case 'throttle':
      return {
        ...said,
        says: 'denies',
        sentence: `${sentence}; wait`,
        ...(until === undefined ? {} : { until }),
      }
    case 'hold':
      return {
        ...said,
        says: risk === 'read' ? 'notes' : 'denies',
        sentence: `${sentence}; held until somebody reviews it`,
      }
  }
}
