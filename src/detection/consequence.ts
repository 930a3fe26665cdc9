import type { Spoken } from '../policy/decision.ts'
import type { DetectionRules } from '../policy/rules/detection.ts'
import type { Finding } from './detector.ts'

const minute = 60_000

/** What a finding means for the decision. */
export function consequenceOf(finding: Finding, rules: DetectionRules): Spoken {
  const { detector, sentence, observed, baseline, windowMs, chargers, until } = finding
  const said = {
    rule: `detection.${detector}`,
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
      return { ...said, says: 'denies', sentence: `${sentence}; held until somebody reviews it` }
  }
}
