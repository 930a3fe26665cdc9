import type { JsonObject } from '../../kernel/json.ts'
import type { OutboundRequest, Version } from '../../ocpp/versions.ts'
import type { RateUnit } from './amount.ts'
import { purposeWords } from './purpose.ts'
import type { Purpose } from './purpose.ts'

/** A charging profile apart from versions. Times are ms since the epoch. */
export interface ChargingProfile {
  readonly id: number
  readonly stackLevel: number
  readonly purpose: Purpose
  /** `Dynamic` is of 2.1. */
  readonly kind: 'Absolute' | 'Recurring' | 'Relative' | 'Dynamic'
  readonly recurrencyKind?: 'Daily' | 'Weekly'
  readonly validFrom?: number
  readonly validTo?: number
  /** OCPP's transactionId as text; with purpose `session`. */
  readonly transactionId?: string
  /** One; up to three on 2.x, for cars that choose (ISO 15118). */
  readonly schedules: readonly ChargingSchedule[]
  readonly further?: Further
}

/** Fields of the version spoken that mean nothing to us; they go to the charger as they are. */
export type Further = JsonObject

export interface ChargingSchedule {
  readonly unit: RateUnit
  readonly startSchedule?: number
  /** Seconds. */
  readonly duration?: number
  readonly periods: readonly SchedulePeriod[]
  readonly further?: Further
}

export interface SchedulePeriod {
  /** Seconds from the beginning of the schedule. */
  readonly startPeriod: number
  /** In the unit of the schedule; 2.1 also knows periods without. */
  readonly limit?: number
  readonly further?: Further
}

type Request<V extends Version> = OutboundRequest<V, 'SetChargingProfile'>
type Purpose16 = keyof (typeof purposeWords)['1.6']
type Purpose20 = keyof (typeof purposeWords)['2.0.1']
type Kind16 = Exclude<ChargingProfile['kind'], 'Dynamic'>

/** A profile that 1.6 can say. */
export interface ChargingProfile16 extends ChargingProfile {
  readonly purpose: Purpose16
  readonly kind: Kind16
}
/** A profile that 2.0.1 can say. */
export interface ChargingProfile20 extends ChargingProfile {
  readonly purpose: Purpose20
  readonly kind: Kind16
}

/** OCPP 1.6 5.16. */
export function request16(evse: number, profile: ChargingProfile16): Request<'1.6'> {
  const [schedule] = profile.schedules
  if (schedule === undefined) throw new Error('a charging profile has a schedule')
  const { transactionId } = profile
  return {
    connectorId: evse,
    csChargingProfiles: {
      chargingProfileId: profile.id,
      // Not a number where the charger's own could not be: then the connector alone says which.
      ...(Number.isSafeInteger(Number(transactionId))
        ? { transactionId: Number(transactionId) }
        : {}),
      stackLevel: profile.stackLevel,
      chargingProfilePurpose: purposeWords['1.6'][profile.purpose],
      chargingProfileKind: profile.kind,
      ...validity(profile),
      chargingSchedule: {
        ...times(schedule),
        chargingRateUnit: schedule.unit,
        chargingSchedulePeriod: periods(schedule) as Periods16,
        ...asTheyAre(schedule.further),
      },
      ...asTheyAre(profile.further),
    },
  }
}

/** OCPP 2.0.1 K01, in words 2.1 knows too. */
export function request20(
  evse: number,
  profile: ChargingProfile20,
): Request<'2.0.1'> & Request<'2.1'> {
  return {
    evseId: evse,
    chargingProfile: {
      ...profile2x(profile),
      chargingProfilePurpose: purposeWords['2.0.1'][profile.purpose],
      chargingProfileKind: profile.kind,
    },
  }
}

/** OCPP 2.1 K01. */
export function request21(evse: number, profile: ChargingProfile): Request<'2.1'> {
  return {
    evseId: evse,
    chargingProfile: {
      ...profile2x(profile),
      chargingProfilePurpose: purposeWords['2.1'][profile.purpose],
      chargingProfileKind: profile.kind,
    },
  }
}

type Periods16 = Request<'1.6'>['csChargingProfiles']['chargingSchedule']['chargingSchedulePeriod']
type Schedules2x = (Request<'2.0.1'> & Request<'2.1'>)['chargingProfile']['chargingSchedule']

function profile2x(profile: ChargingProfile) {
  const { transactionId } = profile
  return {
    id: profile.id,
    stackLevel: profile.stackLevel,
    ...validity(profile),
    ...(transactionId === undefined ? {} : { transactionId }),
    chargingSchedule: profile.schedules.map((schedule, index) => ({
      id: index + 1,
      ...times(schedule),
      chargingRateUnit: schedule.unit,
      chargingSchedulePeriod: periods(schedule),
      ...asTheyAre(schedule.further),
    })) as unknown as Schedules2x,
    ...asTheyAre(profile.further),
  }
}

function periods({ periods: all }: ChargingSchedule): object[] {
  return all.map(({ startPeriod, limit, further }) => ({
    startPeriod,
    ...(limit === undefined ? {} : { limit }),
    ...asTheyAre(further),
  }))
}

/** Checked against the version's schema by whoever lets them in. */
function asTheyAre(further: Further | undefined): object {
  return further ?? {}
}

function validity({ recurrencyKind, validFrom, validTo }: ChargingProfile) {
  return {
    ...(recurrencyKind === undefined ? {} : { recurrencyKind }),
    ...(validFrom === undefined ? {} : { validFrom: text(validFrom) }),
    ...(validTo === undefined ? {} : { validTo: text(validTo) }),
  }
}

function times({ startSchedule, duration }: ChargingSchedule) {
  return {
    ...(startSchedule === undefined ? {} : { startSchedule: text(startSchedule) }),
    ...(duration === undefined ? {} : { duration }),
  }
}

function text(at: number): string {
  return new Date(at).toISOString()
}
