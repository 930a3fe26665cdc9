import type { NeededApprovals, Needs, RiskAssessment } from '../decision.ts'
import type { Question, RuleResult } from '../question.ts'
import type { RiskNeeds, RiskRules } from '../rules/risk.ts'
import { assess } from './assess.ts'

const minute = 60_000

/** What its risk asks of whoever wants it. Robots show no factors: for them a budget stands in (`guard.robot-budget`). */
export function riskRule(question: Question): RuleResult {
  const assessment = assess(question)
  return { spoken: neededFor(question, assessment) }
}

export function neededFor(
  { who, rules }: Pick<Question, 'who' | 'rules'>,
  assessment: RiskAssessment,
): RuleResult['spoken'] {
  if (who.actor.kind === 'system') return []
  const all = needsAt(rules.risk, assessment.score)
  const needs = who.actor.kind === 'robot' ? withoutFactor(all) : all
  if (Object.keys(needs).length === 0) return []
  const { level, score, factors } = assessment
  const why = factors.map(({ sentence }) => sentence).join(' ')
  return [
    {
      rule: 'risk',
      says: 'requires',
      sentence: `The risk is ${level} (${score}), so it needs ${needsWords(needs)}. ${why}`,
      needs,
    },
  ]
}

function withoutFactor({ ticket, approvals, waitMs }: Partial<Needs>): Partial<Needs> {
  return {
    ...(ticket === undefined ? {} : { ticket }),
    ...(approvals === undefined ? {} : { approvals }),
    ...(waitMs === undefined ? {} : { waitMs }),
  }
}

/** What a score needs: all that is asked from lower scores on, too. */
export function needsAt({ levels, beyond }: RiskRules, score: number): Partial<Needs> {
  const reached = [levels.moderate, levels.high, levels.severe, ...beyond]
    .filter(({ from }) => score >= from)
    .map(({ needs }) => needs)
  return reached.reduce<Partial<Needs>>(withNeeds, {})
}

function withNeeds(before: Partial<Needs>, more: RiskNeeds): Partial<Needs> {
  const { ticket, freshWithinMinutes: fresh, approvals, waitMinutes: wait } = more
  return {
    ...before,
    ...(ticket === true ? { ticket } : {}),
    ...(fresh === undefined
      ? {}
      : { freshWithinMs: Math.min(before.freshWithinMs ?? Infinity, fresh * minute) }),
    ...(approvals === undefined
      ? {}
      : { approvals: mergedApprovals([...(before.approvals ?? []), ...approvals]) }),
    ...(wait === undefined ? {} : { waitMs: Math.max(before.waitMs ?? 0, wait * minute) }),
  }
}

/** Of the same roles the greater number. */
function mergedApprovals(approvals: readonly NeededApprovals[]): NeededApprovals[] {
  const groups = Map.groupBy(approvals, ({ roles }) => roles.toSorted().join('\n'))
  return [...groups.values()].map((same) => ({
    roles: same[0]!.roles,
    count: Math.max(...same.map(({ count }) => count)),
  }))
}

export function needsWords({
  ticket,
  freshWithinMs,
  approvals = [],
  waitMs,
}: Partial<Needs>): string {
  const words = [
    ...(ticket === true ? ['a ticket'] : []),
    ...(freshWithinMs === undefined
      ? []
      : [`a second factor shown within the last ${minutesWords(freshWithinMs)}`]),
    ...approvals.map(
      ({ count, roles }) =>
        `the approval of ${count === 1 ? 'one person' : `${count} people`} with role ${roles.join(' or ')}`,
    ),
    ...(waitMs === undefined ? [] : [`a wait of ${minutesWords(waitMs)}`]),
  ]
  return words.length <= 1 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function minutesWords(ms: number): string {
  const minutes = Math.round(ms / minute)
  if (minutes % 60 === 0 && minutes > 0) return `${minutes / 60} h`
  return `${minutes} min`
}
