import { phases, volts } from './meter.ts'

/** A charging profile as the charger keeps it, apart from OCPP's versions. Times in ms since the epoch. */
export interface Profile {
  readonly id: number
  /** 0: the whole charger. */
  readonly evse: number
  readonly stackLevel: number
  readonly purpose: 'charger-max' | 'external' | 'default' | 'session' | 'priority'
  readonly kind: 'Absolute' | 'Recurring' | 'Relative'
  readonly recurrency: 'Daily' | 'Weekly' | undefined
  readonly validFrom: number | undefined
  readonly validTo: number | undefined
  /** Key of the session a `session` profile belongs to. */
  readonly transactionKey: string | undefined
  readonly startsAt: number | undefined
  readonly durationMs: number | undefined
  readonly unit: 'W' | 'A'
  readonly periods: readonly Period[]
  /** Key of the session a `priority` profile is in force for. */
  readonly inForceFor?: string | undefined
  /** As it came, for GetChargingProfiles. */
  readonly original: object
}

export interface Period {
  readonly startMs: number
  readonly limit: number
  readonly phases: number
}

/** The facts of an EVSE a limit depends on. */
export interface Occupancy {
  readonly evse: number
  readonly transactionKey: string | undefined
  /** When the session began; relative profiles count from there. */
  readonly startedAt: number | undefined
}

const dayMs = 86_400_000

/** The list with `added` in it. It replaces one with its id, or with its purpose, stack level and EVSE (1.6 5.16.4, 2.x K01.FR.05). */
export function withProfile(list: readonly Profile[], added: Profile): Profile[] {
  return [
    ...list.filter(
      (other) =>
        other.id !== added.id &&
        !(
          other.purpose === added.purpose &&
          other.stackLevel === added.stackLevel &&
          other.evse === added.evse
        ),
    ),
    added,
  ]
}

/** What a charger may draw at an EVSE, in W: the least across purposes, the highest stack level within one. */
export function limitWattsAt(
  list: readonly Profile[],
  at: number,
  occupancy: Occupancy,
  maxWatts: number,
): number {
  let limit = maxWatts
  for (const purpose of ['charger-max', 'external'] as const) {
    const found = highest(list, purpose, [0], at, occupancy)
    if (found !== undefined) limit = Math.min(limit, found)
  }
  if (occupancy.evse === 0) return limit
  const own =
    highest(list, 'priority', [0, occupancy.evse], at, occupancy) ??
    highest(list, 'session', [occupancy.evse], at, occupancy) ??
    highest(list, 'default', [occupancy.evse], at, occupancy) ??
    highest(list, 'default', [0], at, occupancy)
  return own === undefined ? limit : Math.min(limit, own)
}

function highest(
  list: readonly Profile[],
  purpose: Profile['purpose'],
  evses: readonly number[],
  at: number,
  occupancy: Occupancy,
): number | undefined {
  let best: { stackLevel: number; watts: number } | undefined
  for (const profile of list) {
    if (profile.purpose !== purpose || !evses.includes(profile.evse)) continue
    if (purpose === 'session' && profile.transactionKey !== occupancy.transactionKey) continue
    if (purpose === 'priority' && !isInForce(profile, occupancy)) continue
    if (best !== undefined && best.stackLevel >= profile.stackLevel) continue
    const watts = wattsOf(profile, at, occupancy)
    if (watts !== undefined) best = { stackLevel: profile.stackLevel, watts }
  }
  return best?.watts
}

function isInForce({ inForceFor }: Profile, { transactionKey }: Occupancy): boolean {
  return inForceFor !== undefined && inForceFor === transactionKey
}

/** The limit of one profile at a moment, in W; undefined where it says nothing. */
function wattsOf(profile: Profile, at: number, occupancy: Occupancy): number | undefined {
  if (profile.validFrom !== undefined && at < profile.validFrom) return undefined
  if (profile.validTo !== undefined && at >= profile.validTo) return undefined
  const origin = originOf(profile, at, occupancy)
  if (origin === undefined || at < origin) return undefined
  if (profile.durationMs !== undefined && at >= origin + profile.durationMs) return undefined
  const period = profile.periods.findLast((candidate) => at - origin >= candidate.startMs)
  if (period === undefined) return undefined
  return profile.unit === 'W' ? period.limit : period.limit * volts * period.phases
}

/** The moment this profile's first period counts from. */
function originOf(profile: Profile, at: number, occupancy: Occupancy): number | undefined {
  if (profile.kind === 'Relative') return occupancy.startedAt ?? at
  if (profile.startsAt === undefined) return profile.validFrom ?? 0
  if (profile.kind === 'Absolute') return profile.startsAt
  const turn = profile.recurrency === 'Weekly' ? 7 * dayMs : dayMs
  return profile.startsAt + Math.floor((at - profile.startsAt) / turn) * turn
}

export interface CompositePeriod {
  readonly startMs: number
  readonly watts: number
}

/** The plan that comes out of all profiles together from `from` on, neighbouring equal periods joined. */
export function compositeSchedule(
  list: readonly Profile[],
  from: number,
  durationMs: number,
  occupancy: Occupancy,
  maxWatts: number,
): CompositePeriod[] {
  const plan: CompositePeriod[] = []
  for (const at of turningPoints(list, from, from + durationMs, occupancy)) {
    const watts = limitWattsAt(list, at, occupancy, maxWatts)
    if (plan.at(-1)?.watts !== watts) plan.push({ startMs: at - from, watts })
  }
  return plan
}

/** Every moment within a window where some profile may begin, end or change its limit. */
function turningPoints(
  list: readonly Profile[],
  from: number,
  until: number,
  occupancy: Occupancy,
): number[] {
  const points = new Set([from])
  const note = (at: number | undefined): void => {
    if (at !== undefined && at > from && at < until) points.add(at)
  }
  for (const profile of list) {
    note(profile.validFrom)
    note(profile.validTo)
    const turn = profile.recurrency === 'Weekly' ? 7 * dayMs : dayMs
    let origin = originOf(profile, from, occupancy)
    while (origin !== undefined && origin < until) {
      note(origin)
      for (const period of profile.periods) note(origin + period.startMs)
      if (profile.durationMs !== undefined) note(origin + profile.durationMs)
      if (profile.kind !== 'Recurring') break
      origin += turn
    }
  }
  return [...points].sort((a, b) => a - b)
}

/** A limit in the unit asked for. */
export function inUnit(watts: number, unit: 'W' | 'A'): number {
  return unit === 'W' ? Math.round(watts) : Math.round((watts / volts / phases) * 10) / 10
}
