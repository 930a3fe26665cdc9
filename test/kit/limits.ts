import { dialogue } from './dialogue.ts'
import type { Asked, Dialogue } from './dialogue.ts'
import { sessionFacts } from './facts.ts'
import type { Capabilities, CapabilityName, CapabilityValue } from '../../src/models/capability.ts'
import { ordinaryProfile } from '../../src/models/profile.ts'
import type { Quirk } from '../../src/models/quirk.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import { powerLimit } from '../../src/operations/catalog/energy/power-limit.ts'
import type { ChargerFacts } from '../../src/operations/facts.ts'

/** The moment limits are given at. */
export const now = Date.parse('2026-05-05T12:00:00Z')
const minute = 60_000
/** A session that has been running for an hour. */
export const charging = { sessions: [sessionFacts({ startedAt: now - 60 * minute })] }

export function quirks(...list: readonly Quirk[]): Partial<ChargerFacts> {
  const grounds = { why: 'seen in the field', evidence: [], from: 'acme/one' }
  return { profile: { ...ordinaryProfile, quirks: list.map((one) => ({ ...one, ...grounds })) } }
}

export function able(
  known: Partial<Record<CapabilityName, CapabilityValue>>,
): Partial<ChargerFacts> {
  const capabilities = Object.fromEntries(
    Object.entries(known).map(([name, value]) => [
      name,
      { value, source: 'probed', since: 0, why: 'it said so' },
    ]),
  ) as Capabilities
  return { capabilities }
}

/** A composite schedule of one period, in the words of the version. */
export function composite(version: Version, limit: number, unit: string, startPeriod = 0) {
  const schedule = {
    chargingRateUnit: unit,
    chargingSchedulePeriod: [{ startPeriod, limit }],
  }
  const scheduleStart = new Date(now).toISOString()
  return version === '1.6'
    ? { status: 'Accepted', connectorId: 1, scheduleStart, chargingSchedule: schedule }
    : { status: 'Accepted', schedule: { ...schedule, evseId: 1, duration: 300, scheduleStart } }
}

/** A charger that accepts and plans with this limit; without one it tells no plan. */
export function accepting(version: Version, planned?: number) {
  return ({ action, payload }: Asked): unknown => {
    if (action !== 'GetCompositeSchedule') return { status: 'Accepted' }
    const unit = payload['chargingRateUnit'] as string
    return planned === undefined ? { status: 'Rejected' } : composite(version, planned, unit)
  }
}

export function limit(
  version: Version,
  params: object,
  facts: Partial<ChargerFacts> = {},
  planned?: number,
): Dialogue {
  return dialogue(powerLimit, version, params, accepting(version, planned), {
    facts,
    fresh: { now },
  })
}

export interface Sent {
  readonly evse: number
  readonly id: number
  readonly purpose: string
  readonly kind: string
  readonly stackLevel: number
  readonly transactionId: unknown
  readonly unit: string
  readonly limits: readonly number[]
  readonly schedule: Readonly<Record<string, unknown>>
  readonly profile: Readonly<Record<string, unknown>>
}

/** The profiles that were sent, in the same words for all versions. */
export function sent({ calls }: Dialogue): Sent[] {
  return calls
    .filter(({ action }) => action === 'SetChargingProfile')
    .map(({ payload }) => {
      const profile = (payload['csChargingProfiles'] ?? payload['chargingProfile']) as Record<
        string,
        unknown
      >
      const schedules = profile['chargingSchedule']
      const schedule = (Array.isArray(schedules) ? schedules[0] : schedules) as Record<
        string,
        unknown
      >
      const periods = schedule['chargingSchedulePeriod'] as { limit: number }[]
      return {
        evse: (payload['connectorId'] ?? payload['evseId']) as number,
        id: (profile['chargingProfileId'] ?? profile['id']) as number,
        purpose: profile['chargingProfilePurpose'] as string,
        kind: profile['chargingProfileKind'] as string,
        stackLevel: profile['stackLevel'] as number,
        transactionId: profile['transactionId'],
        unit: schedule['chargingRateUnit'] as string,
        limits: periods.map((period) => period.limit),
        schedule,
        profile,
      }
    })
}

export const shortly = (one: Sent): unknown[] => [
  one.evse,
  one.id,
  one.purpose,
  one.kind,
  one.stackLevel,
  one.unit,
  ...one.limits,
]
