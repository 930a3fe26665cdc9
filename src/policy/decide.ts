import { strongSince } from '../kernel/actor.ts'
import type {
  Bounds,
  Decision,
  NeededApprovals,
  Needs,
  Outcome,
  Reservation,
  RiskAssessment,
  Spoken,
} from './decision.ts'
import type { Question, Rule } from './question.ts'

/** Everything that decides. */
export interface Judges {
  readonly rules: readonly Rule[]
  readonly assess: (question: Question) => RiskAssessment
}

/**
 * What the rules say together. Pure. A denial outweighs everything; without the word of the role rule nothing is
 * allowed; needs add up, and what is met of them is taken off.
 */
export function decideBy({ rules, assess }: Judges, question: Question): Decision {
  const results = rules.map((rule) => rule(question))
  const reservations = results.flatMap((result) => result.reservations ?? [])
  // What was found from outside speaks against it or asks for more; it never allows.
  const found = question.findings.filter(({ says }) => says !== 'allows')
  const said = [...results.flatMap(({ spoken }) => spoken), ...found]
  const needs = addedUp(said)
  const unmet = unmetOf(needs, question, reservations)
  const reasons = [...said, ...unmet.map(({ reason }) => reason)]
  return {
    outcome: outcomeOf(
      reasons,
      unmet.map(({ outcome }) => outcome),
    ),
    reasons,
    needs,
    risk: assess(question),
    reservations,
    bounds: tightest(results.flatMap(({ bounds }) => bounds ?? [])),
  }
}

function outcomeOf(reasons: readonly Spoken[], unmet: readonly Outcome[]): Outcome {
  const allowed = reasons.some(({ rule, says }) => rule === 'role' && says === 'allows')
  if (!allowed || reasons.some(({ says }) => says === 'denies')) return 'deny'
  return unmet.includes('approval') ? 'approval' : unmet.includes('step-up') ? 'step-up' : 'allow'
}

/** All bounds together. */
export function tightest(all: readonly Bounds[]): Bounds {
  const ends = all.flatMap(({ notAfter }) => notAfter ?? [])
  const paces = all.flatMap(({ pace }) => pace ?? [])
  return {
    ...(ends.length === 0 ? {} : { notAfter: Math.min(...ends) }),
    ...(paces.length === 0
      ? {}
      : {
          pace: {
            perMinute: Math.min(...paces.map(({ perMinute }) => perMinute)),
            jitter: Math.max(...paces.map(({ jitter }) => jitter)),
            wattsPerMinute: Math.min(...paces.map(({ wattsPerMinute }) => wattsPerMinute)),
          },
        }),
  }
}

/** All needs together: the strictest of each kind. */
export function addedUp(said: readonly Spoken[]): Partial<Needs> {
  const all = said.flatMap(({ says, needs }) => (says === 'requires' ? (needs ?? []) : []))
  const fresh = all.flatMap(({ freshWithinMs }) => freshWithinMs ?? [])
  const waits = all.flatMap(({ waitMs }) => waitMs ?? [])
  const approvals = mostOfEach(all.flatMap(({ approvals = [] }) => approvals))
  return {
    ...(all.some(({ ticket }) => ticket === true) ? { ticket: true } : {}),
    ...(fresh.length === 0 ? {} : { freshWithinMs: Math.min(...fresh) }),
    ...(approvals.length === 0 ? {} : { approvals }),
    ...(waits.length === 0 ? {} : { waitMs: Math.max(...waits) }),
  }
}

function mostOfEach(needed: readonly NeededApprovals[]): NeededApprovals[] {
  const byRoles = new Map<string, NeededApprovals>()
  for (const { count, roles } of needed) {
    const sorted = [...new Set(roles)].sort()
    const key = sorted.join('\n')
    byRoles.set(key, { count: Math.max(count, byRoles.get(key)?.count ?? 0), roles: sorted })
  }
  return [...byRoles.values()]
}

interface Unmet {
  readonly outcome: Outcome
  readonly reason: Spoken
}

/** What is still missing. The product's own deeds follow orders that were decided on when they were given. */
function unmetOf(
  needs: Partial<Needs>,
  question: Question,
  reservations: readonly Reservation[],
): Unmet[] {
  if (question.who.actor.kind === 'system') return []
  return [
    ...ticketMissing(needs, question),
    ...approvalMissing(needs, question),
    ...factorMissing(needs, question, reservations),
  ]
}

function ticketMissing({ ticket }: Partial<Needs>, { what }: Question): Unmet[] {
  if (ticket !== true || what.ticket !== undefined) return []
  return [
    {
      outcome: 'deny',
      reason: { rule: 'needs.ticket', says: 'denies', sentence: 'it needs a ticket; name one' },
    },
  ]
}

function approvalMissing(
  { approvals = [], waitMs = 0 }: Partial<Needs>,
  { approval, now }: Question,
): Unmet[] {
  const missing = approvals.filter(({ count, roles }) => {
    const fitting = (approval?.approvers ?? []).filter((one) =>
      one.roles.some((role) => roles.includes(role)),
    )
    return new Set(fitting.map(({ id }) => id)).size < count
  })
  const waited = waitMs === 0 || (approval !== undefined && now - approval.requestedAt >= waitMs)
  if (missing.length === 0 && waited) return []
  const people = missing.map(({ count, roles }) => `${count} of ${roles.join(' or ')}`)
  const parts = [
    ...(people.length === 0 ? [] : [`the approval of ${people.join(' and of ')}`]),
    ...(waited ? [] : [`to be asked for ${Math.ceil(waitMs / 60_000)} min ahead`]),
  ]
  return [
    {
      outcome: 'approval',
      reason: {
        rule: 'needs.approval',
        says: 'requires',
        sentence: `it still needs ${parts.join(', and ')}: make a request for it`,
      },
    },
  ]
}

function factorMissing(
  { freshWithinMs }: Partial<Needs>,
  { who, approval, now }: Question,
  reservations: readonly Reservation[],
): Unmet[] {
  if (freshWithinMs === undefined) return []
  if (who.actor.kind === 'robot') {
    if (reservations.some(({ rule }) => rule === 'guard.robot-budget')) return []
    const sentence = 'a person would have to show a second factor, and no budget stands in for it'
    return [{ outcome: 'deny', reason: { rule: 'needs.factor', says: 'denies', sentence } }]
  }
  const since = strongSince(who)
  const age = approval?.freshMs ?? (since === undefined ? undefined : Math.max(0, now - since))
  if (age !== undefined && age <= freshWithinMs) return []
  const minutes = Math.ceil(freshWithinMs / 60_000)
  return [
    {
      outcome: 'step-up',
      reason: {
        rule: 'needs.factor',
        says: 'requires',
        sentence: `a second factor has to have been shown within ${minutes} min`,
        needs: { freshWithinMs },
      },
    },
  ]
}
