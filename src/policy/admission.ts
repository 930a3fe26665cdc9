import type { Scope } from '../fleet/groups/scope.ts'
import type { Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import type { JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import { change } from '../storage/database.ts'
import type { ApprovedRequests } from './approved.ts'
import type { AttemptEnd, Watch, Watched } from './attempt.ts'
import { decideBy, type Judges } from './decide.ts'
import type { Decision, Spoken } from './decision.ts'
import type { Figures } from './figures.ts'
import type { Admission, Asked, Gate } from './gate.ts'
import { lookedAtAgain, momentary } from './guards/guards.ts'
import { takeReservations } from './ledger/take.ts'
import type { Caller } from './policy.ts'
import { coversOperation } from './operation-pattern.ts'
import type { Question } from './question.ts'
import type { RefusalRecord } from './refusals.ts'
import { reachingInto, type Rights } from './rights.ts'
import type { PolicyRules } from './rules/rules.ts'
import type { Standings } from './standings.ts'

export interface AdmissionParts {
  readonly clock: Clock
  readonly judges: Judges
  readonly figures: Pick<Figures, 'now'>
  readonly refusals: RefusalRecord
  readonly standings: Standings
  readonly approved: ApprovedRequests
  readonly watch: Watch
  rightsOf(caller: Caller): Rights | Promise<Rights>
}

/** The door in front of commands. */
export function openGate(parts: AdmissionParts): Gate {
  const { clock, standings, approved } = parts

  async function decide(
    caller: Caller,
    asked: Asked,
    within: Scope = 'everywhere',
  ): Promise<Decided> {
    const now = clock.now()
    const figures = parts.figures.now().rules
    const rules = asked.keepsSite === true ? forSites(figures) : figures
    const [held, standing, grant] = await Promise.all([
      parts.rightsOf(caller),
      standings.of(caller.actor, asked, rules, now),
      asked.approval === undefined
        ? undefined
        : approved.granted(asked.approval, caller.actor.id, asked),
    ])
    const rights = reachingInto(held, within)
    const granted = grant !== undefined && !('because' in grant) ? grant : undefined
    const refused: Spoken[] =
      grant !== undefined && 'because' in grant
        ? [{ rule: 'approval', says: 'denies', sentence: grant.because }]
        : []
    const { operation } = asked.intent
    const watched = await parts.watch(
      {
        actor: caller.actor,
        roles: rolesFor(rights, operation),
        operation: operation.name,
        risk: operation.risk,
        targets: standing.targets,
        at: now,
      },
      rules.detection,
      rules.risk.timeZone,
    )
    const findings = [...refused, ...watched.findings]
    const question: Question = {
      who: {
        actor: caller.actor,
        ...(caller.authentication === undefined ? {} : { authentication: caller.authentication }),
        bindings: rights.bindings,
        ...(rights.budgets === undefined ? {} : { budgets: rights.budgets }),
        ...(rights.breakGlass === undefined ? {} : { breakGlass: rights.breakGlass }),
      },
      what: asked.intent,
      ...standing,
      findings,
      ...(granted === undefined ? {} : { approval: granted }),
      rules,
      now,
    }
    const first = decideBy(parts.judges, question)
    // What rules found room for by themselves may be taken already.
    const full = await standings.withoutRoom(first.reservations, now)
    const decision =
      full.length === 0
        ? first
        : decideBy(parts.judges, { ...question, findings: [...findings, ...full] })
    return { decision, granted, now, watched }
  }

  return {
    looksAgain: ({ name }) => lookedAtAgain.has(name),
    async against(actor, { charger, ...waited }) {
      const now = clock.now()
      const { rules } = parts.figures.now()
      const what = { ...waited, reason: '', notAfter: now }
      const asked = { intent: what, chargers: [charger] }
      const standing = await standings.of(actor, asked, rules, now)
      const question: Question = {
        ...{ who: { actor, bindings: [] }, what, ...standing, findings: [], rules, now },
      }
      const denied = momentary
        .flatMap((guard) => guard.decide(question).spoken)
        .find(({ says }) => says === 'denies')
      return denied && { rule: denied.rule, sentence: denied.sentence }
    },

    explain: async (caller, asked, within) => (await decide(caller, asked, within)).decision,

    async admit(context, asked): Promise<Admission> {
      const { decision, granted, now, watched } = await decide(context, asked)
      const isAttempt = decision.outcome === 'allow' || !isByItself(context, asked)
      if (isAttempt) watched.end(endOf(decision, watched))
      if (decision.outcome !== 'allow') {
        record(parts.refusals, context, asked, decision)
        throw problemOf(decision)
      }
      return {
        decision,
        changes: [
          ...(decision.reservations.length === 0
            ? []
            : [change(takeReservations, { reservations: decision.reservations, at: now })]),
          ...(granted === undefined ? [] : [approved.use(granted, context)]),
        ],
        ...(granted === undefined ? {} : { approval: { id: granted.id, digest: granted.digest } }),
      }
    },
  }
}

/** The same figures, of which none asks for the consent of others or counts the fleet's power. */
function forSites(rules: PolicyRules): PolicyRules {
  const { moderate, high, severe } = rules.risk.levels
  const alone = <Level extends typeof severe>({ from, needs }: Level) => ({
    from,
    needs:
      needs.freshWithinMinutes === undefined
        ? {}
        : { freshWithinMinutes: needs.freshWithinMinutes },
  })
  return {
    ...rules,
    guards: { ...rules.guards, power: { ...rules.guards.power, operations: [] } },
    risk: {
      ...rules.risk,
      levels: { moderate: alone(moderate), high: alone(high), severe: alone(severe) },
      beyond: rules.risk.beyond.map(alone),
    },
  }
}

interface Decided {
  readonly watched: Watched
  readonly decision: Decision
  readonly granted: Question['approval']
  readonly now: number
}

function endOf({ outcome, reasons }: Decision, { holding }: Watched): AttemptEnd {
  if (outcome !== 'deny') return outcome === 'allow' ? 'allowed' : 'asked'
  const denying = reasons.filter(({ says }) => says === 'denies')
  const onlyHeld = denying.length > 0 && denying.every(({ rule }) => holding.includes(rule))
  return onlyHeld ? 'held' : 'refused'
}

/** Whether the product carries an approved request out: nobody tries anything where that is refused. */
function isByItself({ origin }: Context, { approval }: Asked): boolean {
  return approval !== undefined && origin.face === 'system'
}

/** Names of the roles that let them use an operation. */
function rolesFor({ bindings }: Rights, operation: Asked['intent']['operation']): string[] {
  const fitting = bindings.filter(({ role }) => coversOperation(role.operations, operation))
  return [...new Set(fitting.map(({ role }) => role.name))]
}

function record(refusals: RefusalRecord, context: Context, asked: Asked, decision: Decision): void {
  const { actor, origin } = context
  const { intent, chargers, approval } = asked
  const against = decision.reasons.filter(({ says }) => says === 'denies' || says === 'requires')
  const rules = [...new Set(against.map(({ rule }) => rule))].sort().join('\n')
  const [only] = chargers
  const event = {
    actor,
    origin,
    event: 'command.denied',
    ...(chargers.length === 1 && only !== undefined ? { charger: only } : {}),
    reason: intent.reason,
    detail: {
      operation: intent.operation.name,
      params: intent.params,
      targets: chargers.length,
      outcome: decision.outcome,
      risk: decision.risk.level,
      reasons: against.map(({ rule, sentence }) => ({ rule, sentence })),
      ...(intent.ticket === undefined ? {} : { ticket: intent.ticket }),
      ...(approval === undefined ? {} : { approval }),
    },
  }
  if (approval !== undefined && isByItself(context, asked))
    refusals.noteChanged(approval, rules, event)
  else refusals.note([actor.id, intent.operation.name, rules].join('\n'), event)
}

/** What was decided against a command, as the faces answer it. */
export function problemOf(decision: Decision): ProblemError {
  const { outcome, needs } = decision
  const members = { reasons: decision.reasons.map(shownReason), risk: decision.risk.level }
  const why = decision.reasons
    .filter(({ says, rule }) =>
      outcome === 'deny' ? says === 'denies' : says === 'requires' && rule.startsWith('needs.'),
    )
    .map(({ sentence }) => sentence)
  const detail = why.length === 0 ? 'no rule allows it' : why.join('; ')
  if (outcome === 'deny') return new ProblemError('denied', detail, undefined, members)
  if (outcome === 'approval')
    return new ProblemError('approval-needed', detail, undefined, {
      ...members,
      needs: JSON.parse(JSON.stringify(needs)) as JsonObject,
    })
  const maxAgeSeconds = Math.floor((needs.freshWithinMs ?? 0) / 1000)
  return new ProblemError('step-up-needed', detail, undefined, {
    ...members,
    maxAgeSeconds,
    acrValues: ['mfa'],
  })
}

export function shownReason({ rule, says, sentence, chargers, until, detail }: Spoken): JsonObject {
  return {
    rule,
    says,
    sentence,
    ...(chargers === undefined ? {} : { chargers }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    ...(detail === undefined ? {} : { detail }),
  }
}
