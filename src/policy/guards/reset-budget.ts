import { durationWords } from '../../operations/clock.ts'
import type { Reservation, Spoken } from '../decision.ts'
import type { Question, TargetStanding } from '../question.ts'
import type { GuardRules } from '../rules/guards.ts'
import { ago, counted, momentWords, mostNamed, named } from '../words.ts'
import type { Guard } from './guard.ts'
import { about, nothingSaid } from './guard.ts'
import { hintAt } from './root-cause.ts'

const rule = 'guard.reset-budget'
const minute = 60_000
const dayMs = 24 * 60 * minute

type Resets = GuardRules['resets']

export const resetBudget: Guard = {
  rule,
  title: 'Resets of one charger',
  because:
    'A charger that needs reset after reset has a fault that resets hide, and every reset takes it from drivers.',
  figures: ({ resets }) => [
    `after a reset the next one waits: ${resets.pausesMinutes.map((one) => durationWords(one * minute)).join(', then ')}`,
    `more than ${counted(resets.perDay, 'reset')} of a charger in 24 h need approval by ${resets.approverRoles.join(' or ')}`,
    `from ${counted(resets.hintFrom, 'reset')} on, the likely root cause is named`,
  ],
  decide(question) {
    if (question.what.operation.name !== 'charger.reset') return nothingSaid
    const { targets, rules, now } = question
    const { resets } = rules.guards
    const known = targets.map((target) => lookAt(target, resets, now))
    return {
      spoken: [...paused(known, now), ...overBudget(known, resets), ...hints(known, resets)],
      reservations: together(question, resets),
    }
  },
}

interface Looked {
  readonly target: TargetStanding
  readonly count: number
  readonly last: number
  /** When the next one may leave. */
  readonly from: number
}

function lookAt(target: TargetStanding, { pausesMinutes }: Resets, now: number): Looked {
  const recent = target.resets.filter(({ at }) => at > now - dayMs)
  const count = recent.length
  const last = Math.max(0, ...recent.map(({ at }) => at))
  const pause = count === 0 ? 0 : (pausesMinutes[count - 1] ?? pausesMinutes.at(-1) ?? 0)
  return { target, count, last, from: count === 0 ? 0 : last + pause * minute }
}

function paused(known: readonly Looked[], now: number): Spoken[] {
  const early = known.filter(({ from }) => from > now)
  const [only] = early
  if (only === undefined) return []
  const until = Math.max(...early.map(({ from }) => from))
  const names = early.map(({ target }) => target.charger)
  const sentence =
    early.length === 1
      ? `${only.target.charger} was reset ${times(only.count)} within 24 h, the last time ${ago(only.last, now)}; the next reset may leave at ${momentWords(only.from)}. Find out first what the last one did not mend.`
      : `${early.length} of ${known.length} chargers were reset a short while ago and pause, the longest until ${momentWords(until)}: ${named(names)}. Leave them out, or wait.`
  return [{ rule, says: 'denies', sentence, until, ...about(early.map(({ target }) => target)) }]
}

function overBudget(known: readonly Looked[], { perDay, approverRoles: roles }: Resets): Spoken[] {
  const over = known.filter(({ count }) => count >= perDay)
  if (over.length === 0) return []
  const names = named(over.map(({ target }) => target.charger))
  const most = Math.max(...over.map(({ count }) => count))
  return [
    {
      rule,
      says: 'requires',
      sentence: `${names} ${over.length === 1 ? 'was' : 'were each'} reset ${over.length === 1 ? times(most) : `${perDay} times or more`} within 24 h; more than ${perDay} need approval, because resets do not mend what comes back.`,
      needs: { approvals: [{ count: 1, roles }] },
      ...about(over.map(({ target }) => target)),
    },
  ]
}

function hints(known: readonly Looked[], { hintFrom }: Resets): Spoken[] {
  return known
    .filter(({ count }) => count >= hintFrom)
    .slice(0, mostNamed)
    .map(({ target, count }) => {
      const { cause, sentence } = hintAt(target)
      return {
        rule,
        says: 'notes' as const,
        sentence,
        chargers: [target.charger],
        detail: { cause, resets: count },
      }
    })
}

/** Two that are decided on at the same moment see the same past: only one of them gets through. */
function together({ targets }: Question, { pausesMinutes }: Resets): Reservation[] {
  const windowMs = Math.min(...pausesMinutes) * minute
  if (windowMs <= 0) return []
  return targets.map(({ charger }) => ({
    key: `reset/${charger}`,
    amount: 1,
    limit: 1,
    windowMs,
    rule,
    sentence: `${charger} was asked to reset less than ${durationWords(windowMs)} ago.`,
  }))
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
