import type { RiskAssessment, RiskLevel } from '../decision.ts'
import { isWithin } from '../hours.ts'
import type { Question } from '../question.ts'
import type { RiskRules } from '../rules/risk.ts'
import { counted } from '../words.ts'

/** What the risk is computed from. */
export type RiskyQuestion = Pick<Question, 'what' | 'targets' | 'rules' | 'now'>

type Factor = RiskAssessment['factors'][number]

/** Operation class x number of targets x running sessions x hour x recent failures. Pure. */
export function assess({ what, targets, rules, now }: RiskyQuestion): RiskAssessment {
  const { risk } = rules
  const { name, risk: operationClass } = what.operation
  const own = risk.operations[name]
  const base = own ?? risk.classes[operationClass]
  const sessions = sum(targets.map(({ runningSessions }) => runningSessions))
  const failures = sum(targets.map(({ recentFailures }) => recentFailures))
  const factors: Factor[] = [
    {
      factor: 'operation',
      weight: base,
      sentence: `${name} is ${own === undefined ? operationClass : 'weighed by itself'}: ${base}.`,
    },
    ...stepFactor('targets', risk.targets, targets.length, counted(targets.length, 'charger')),
    ...stepFactor(
      'sessions',
      risk.sessions,
      sessions,
      `${counted(sessions, 'session')} running on ${targets.length === 1 ? 'it' : 'them'}`,
    ),
    ...stepFactor(
      'failures',
      risk.failures,
      failures,
      `it failed there ${failures === 1 ? 'once' : `${failures} times`} within the last hour`,
    ),
    ...hourFactor(risk, now),
  ]
  const score = round(factors.reduce((product, { weight }) => product * weight, 1))
  return { level: levelOf(risk, score), score, factors }
}

export function levelOf({ levels }: Pick<RiskRules, 'levels'>, score: number): RiskLevel {
  if (score >= levels.severe.from) return 'severe'
  if (score >= levels.high.from) return 'high'
  return score >= levels.moderate.from ? 'moderate' : 'low'
}

/** The greatest of the steps reached, so that more is never less whatever somebody wrote down. */
function stepFactor(
  factor: string,
  steps: RiskRules['targets'],
  count: number,
  words: string,
): Factor[] {
  const reached = steps.filter(({ from }) => count >= from).map(({ times }) => times)
  const times = Math.max(1, ...reached)
  return times === 1
    ? []
    : [{ factor, weight: times, sentence: `${capital(words)}: times ${times}.` }]
}

function hourFactor({ hours, timeZone }: RiskRules, now: number): Factor[] {
  const [most] = hours
    .filter((one) => isWithin(one, timeZone, now))
    .sort((one, other) => other.times - one.times)
  if (most === undefined || most.times === 1) return []
  const { name, times } = most
  return [
    { factor: 'hour', weight: times, sentence: `It is ${name} (${timeZone}): times ${times}.` },
  ]
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function round(score: number): number {
  return Math.round(score * 100) / 100
}
