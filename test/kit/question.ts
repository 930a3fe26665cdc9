import { operationNamed } from '../../src/operations/catalogue.ts'
import type { Operation } from '../../src/operations/operation.ts'
import type {
  FleetStanding,
  GrantedApproval,
  Intent,
  Question,
  TargetStanding,
} from '../../src/policy/question.ts'
import type { GuardRules } from '../../src/policy/rules/guards.ts'
import type { RiskRules } from '../../src/policy/rules/risk.ts'
import { defaultRules } from '../../src/policy/rules/rules.ts'

/** A weekday at noon, when nothing is special. */
export const noon = Date.parse('2026-03-04T12:00:00Z')

export function operation(name: string): Operation {
  const found = operationNamed(name)
  if (found === undefined) throw new Error(`there is no operation ${name}`)
  return found
}

/** A connected, idle charger of which nothing is wrong. */
export function target(over: Partial<TargetStanding> = {}): TargetStanding {
  const { sessionsAt = [] } = over
  return {
    charger: 'CP-1',
    group: 'North/Main Street',
    site: 'North/Main Street',
    vendor: 'ACME',
    model: 'Wall 22',
    connected: true,
    runningSessions: sessionsAt.length,
    sessionsAt,
    watts: null,
    faults: [],
    conditions: [],
    maintenance: false,
    resets: [],
    recentFailures: 0,
    ...over,
  }
}

export function targets(count: number, over: Partial<TargetStanding> = {}): TargetStanding[] {
  return Array.from({ length: count }, (_, index) =>
    target({ charger: `CP-${index + 1}`, ...over }),
  )
}

export interface AskedQuestion {
  readonly operation?: string
  readonly params?: Intent['params']
  readonly acknowledges?: Intent['acknowledges']
  readonly targets?: readonly TargetStanding[]
  readonly fleet?: Partial<FleetStanding>
  readonly who?: Partial<Question['who']>
  readonly approval?: GrantedApproval
  readonly guards?: { readonly [S in keyof GuardRules]?: Partial<GuardRules[S]> }
  readonly risk?: Partial<RiskRules>
  readonly now?: number
}

/** Pat, a person, resets an idle charger at noon, unless said otherwise. */
export function question(asked: AskedQuestion = {}): Question {
  const { now = noon } = asked
  const known = asked.targets ?? [target()]
  const guards = Object.fromEntries(
    Object.entries(defaultRules.guards).map(([section, figures]) => [
      section,
      { ...figures, ...asked.guards?.[section as keyof GuardRules] },
    ]),
  ) as unknown as GuardRules
  return {
    who: { actor: { kind: 'person', id: 'p-1', name: 'Pat' }, bindings: [], ...asked.who },
    what: {
      operation: operation(asked.operation ?? 'charger.reset'),
      params: asked.params ?? (asked.operation === undefined ? { mode: 'now' } : {}),
      reason: 'a test',
      acknowledges: asked.acknowledges ?? [],
      notAfter: now + 600_000,
    },
    targets: known,
    fleet: {
      chargers: Math.max(100, known.length),
      perSite: { 'North/Main Street': Math.max(10, known.length) },
      disturbed: { total: 0, perSite: {}, chargers: [] },
      wattsChangedLastMinute: 0,
      wattsPerMinuteGranted: 0,
      ...asked.fleet,
    },
    findings: [],
    ...(asked.approval === undefined ? {} : { approval: asked.approval }),
    rules: { ...defaultRules, guards, risk: { ...defaultRules.risk, ...asked.risk } },
    now,
  }
}

export const approved: GrantedApproval = {
  id: 'a-1',
  digest: 'd',
  approvers: [{ id: 'p-2', roles: ['approver'] }],
  requestedAt: noon - 60_000,
}

export const robot = { kind: 'robot', id: 'r-1', name: 'Night job' } as const
export const system = { kind: 'system', id: 'system', name: 'OTA control' } as const
