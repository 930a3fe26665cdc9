import type { Random } from '../../simulator/random.ts'
import { seededRandom } from '../../simulator/random.ts'
import { operationNamed } from '../../src/operations/catalogue.ts'
import type { Attempt, AttemptEnd } from '../../src/policy/attempt.ts'
import type { TargetStanding } from '../../src/policy/question.ts'

/** An attempt with how it would end if detection said nothing. */
export interface Try {
  readonly attempt: Attempt
  readonly end: AttemptEnd
}

export interface Person {
  readonly id: string
  readonly name: string
  readonly kind: 'person' | 'robot'
  readonly role: string
  /** Indexes of the sites they look after. */
  readonly sites: readonly [number, number]
  /** Hours of the day, UTC; the second may be greater than 24. */
  readonly hours: readonly [number, number]
  /** 0 is Sunday. */
  readonly days: readonly number[]
  /** Operations with how often each happens in an hour of work. */
  readonly habits: readonly (readonly [operation: string, perHour: number])[]
  /** Now and then a command to several chargers of one site. */
  readonly bulk?: { readonly operation: string; readonly perDay: number; readonly chargers: number }
}

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
export const siteCount = 30
export const chargersPerSite = 20
const workdays = [1, 2, 3, 4, 5]
const everyDay = [0, 1, 2, 3, 4, 5, 6]

const operatorHabits = [
  ['session.stop', 2],
  ['charger.reset', 1.2],
  ['connector.unlock', 0.6],
  ['charger.availability', 0.3],
  ['session.start', 0.5],
  ['settings.read', 3],
] as const

/** A network operations team with two robots. */
export const team: readonly Person[] = [
  operator('p1', 'Ada', [0, 14], [6, 14], everyDay),
  operator('p2', 'Ben', [0, 14], [14, 22], everyDay),
  operator('p3', 'Cem', [15, 29], [6, 14], everyDay),
  operator('p4', 'Dua', [15, 29], [14, 22], everyDay),
  // Who is on call at night does so every night.
  operator('p5', 'Eli', [0, 29], [22, 30], everyDay),
  {
    id: 'p6',
    name: 'Fay',
    kind: 'person',
    role: 'engineer',
    sites: [0, 29],
    hours: [8, 17],
    days: workdays,
    habits: [
      ['settings.write', 1],
      ['charger.reset', 0.5],
      ['settings.read', 4],
      ['charger.availability', 0.3],
    ],
    bulk: { operation: 'settings.write', perDay: 1, chargers: 12 },
  },
  {
    id: 'r1',
    name: 'load management',
    kind: 'robot',
    role: 'operator',
    sites: [0, 29],
    hours: [0, 24],
    days: everyDay,
    habits: [['power.limit', 12]],
  },
  {
    id: 'r2',
    name: 'watchdog',
    kind: 'robot',
    role: 'operator',
    sites: [0, 29],
    hours: [0, 24],
    days: everyDay,
    habits: [
      ['charger.report', 6],
      ['charger.reset', 0.4],
    ],
  },
]

function operator(
  id: string,
  name: string,
  sites: Person['sites'],
  hours: Person['hours'],
  days: readonly number[],
): Person {
  return { id, name, kind: 'person', role: 'operator', sites, hours, days, habits: operatorHabits }
}

export function target(
  site: number,
  charger: number,
  known: Partial<TargetStanding> = {},
): TargetStanding {
  return {
    charger: `CP-${site}-${charger}`,
    group: `Network/Site ${site}`,
    site: `Network/Site ${site}`,
    vendor: 'Vendor',
    model: 'Model',
    connected: true,
    runningSessions: 0,
    sessionsAt: [],
    watts: 0,
    faults: [],
    conditions: [],
    maintenance: false,
    resets: [],
    recentFailures: 0,
    ...known,
  }
}

export function attempt(
  who: Pick<Person, 'id' | 'name' | 'kind' | 'role'>,
  at: number,
  operation: string,
  targets: readonly TargetStanding[],
): Attempt {
  const declared = operationNamed(operation)
  if (declared === undefined) throw new Error(`there is no operation ${operation}`)
  return {
    actor: { kind: who.kind, id: who.id, name: who.name },
    roles: [who.role],
    operation,
    risk: declared.risk,
    targets,
    at,
  }
}

/** How often something with this mean happens (Poisson). */
function times(mean: number, random: Random): number {
  const least = Math.exp(-mean)
  let count = 0
  for (let product = random.next(); product > least; product *= random.next()) count += 1
  return count
}

/** What the team does in some days, in the order of time. About one attempt in fifty is refused. */
export function* life(seed: string, from: number, days: number): Generator<Try> {
  const random: Random = seededRandom(seed)
  const between = (low: number, high: number) => low + Math.floor(random.next() * (high - low + 1))
  for (let day = 0; day < days; day += 1) {
    const start = from + day * dayMs
    const tries: Try[] = []
    for (const person of team) {
      if (!person.days.includes(new Date(start).getUTCDay())) continue
      const somewhere = () => between(...person.sites)
      const [begin, finish] = person.hours
      for (let hour = begin; hour < finish; hour += 1) {
        for (const [operation, mean] of person.habits)
          for (let count = times(mean, random); count > 0; count -= 1) {
            const at = start + hour * hourMs + Math.floor(random.next() * hourMs)
            const one = target(somewhere(), between(0, chargersPerSite - 1))
            const end = random.chance(0.02) ? 'refused' : 'allowed'
            tries.push({ attempt: attempt(person, at, operation, [one]), end })
          }
      }
      const { bulk } = person
      if (bulk !== undefined && random.chance(bulk.perDay)) {
        const site = somewhere()
        const at = start + between(begin, finish - 1) * hourMs + Math.floor(random.next() * hourMs)
        const targets = Array.from({ length: bulk.chargers }, (_, index) => target(site, index))
        tries.push({ attempt: attempt(person, at, bulk.operation, targets), end: 'allowed' })
      }
    }
    yield* tries.sort((one, other) => one.attempt.at - other.attempt.at)
  }
}
