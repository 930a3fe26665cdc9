import type { OutboundRequest, OutboundResponse } from '../src/ocpp/versions.ts'
import type { Table16 } from './answers-16.ts'
import type { Profile } from './profiles.ts'
import { compositeSchedule, inUnit, withProfile } from './profiles.ts'
import type { Body } from './speaker.ts'
import type { Speaker16 } from './speaker-16.ts'
import { evseOf } from './state.ts'

type Profile16 = OutboundRequest<'1.6', 'SetChargingProfile'>['csChargingProfiles']

const purposes = {
  ChargePointMaxProfile: 'charger-max',
  TxDefaultProfile: 'default',
  TxProfile: 'session',
} as const

/** Smart charging as 1.6 has it (3.13, 5.16). */
export function charging16(body: Body, speaker: Speaker16): Table16 {
  return {
    SetChargingProfile({ connectorId, csChargingProfiles }) {
      if (!fits(body, speaker, connectorId, csChargingProfiles)) {
        return { answer: { status: 'Rejected' } }
      }
      return {
        answer: { status: 'Accepted' },
        act: () => {
          const key = evseOf(body.state, connectorId)?.transaction?.key
          body.profiles = withProfile(
            body.profiles,
            profileFrom16(connectorId, csChargingProfiles, key),
          )
          body.limitsChanged()
        },
      }
    },
    ClearChargingProfile({ id, connectorId, chargingProfilePurpose, stackLevel }) {
      const kept = body.profiles.filter(
        (profile) =>
          !(
            (id === undefined || profile.id === id) &&
            (connectorId === undefined || profile.evse === connectorId) &&
            (chargingProfilePurpose === undefined ||
              profile.purpose === purposes[chargingProfilePurpose]) &&
            (stackLevel === undefined || profile.stackLevel === stackLevel)
          ),
      )
      if (kept.length === body.profiles.length) return { answer: { status: 'Unknown' } }
      return {
        answer: { status: 'Accepted' },
        act: () => {
          body.profiles = kept
          body.limitsChanged()
        },
      }
    },
    GetCompositeSchedule: (request) => ({ answer: composite(body, speaker, request) }),
  }
}

/** Whether the charger can take the profile where it is meant to go. */
function fits(body: Body, speaker: Speaker16, connectorId: number, profile: Profile16): boolean {
  const { chargingProfilePurpose: purpose, chargingSchedule, stackLevel, transactionId } = profile
  const periods = chargingSchedule.chargingSchedulePeriod
  const evse = evseOf(body.state, connectorId)
  if (connectorId !== 0 && evse === undefined) return false
  if (purpose === 'ChargePointMaxProfile' && connectorId !== 0) return false
  if (purpose === 'TxProfile') {
    const key = evse?.transaction?.key
    if (key === undefined) return false
    if (transactionId !== undefined && speaker.transactionId(key) !== transactionId) return false
  }
  const { settings } = speaker
  return (
    periods[0]?.startPeriod === 0 &&
    periods.length <= settings.number('ChargingScheduleMaxPeriods') &&
    stackLevel <= settings.number('ChargeProfileMaxStackLevel')
  )
}

export function profileFrom16(
  connectorId: number,
  profile: Profile16,
  transactionKey: string | undefined,
): Profile {
  const { chargingSchedule: schedule } = profile
  return {
    id: profile.chargingProfileId,
    evse: connectorId,
    stackLevel: profile.stackLevel,
    purpose: purposes[profile.chargingProfilePurpose],
    kind: profile.chargingProfileKind,
    recurrency: profile.recurrencyKind,
    validFrom: time(profile.validFrom),
    validTo: time(profile.validTo),
    transactionKey: profile.chargingProfilePurpose === 'TxProfile' ? transactionKey : undefined,
    startsAt: time(schedule.startSchedule),
    durationMs: schedule.duration === undefined ? undefined : schedule.duration * 1000,
    unit: schedule.chargingRateUnit,
    periods: schedule.chargingSchedulePeriod.map(({ startPeriod, limit, numberPhases }) => ({
      startMs: startPeriod * 1000,
      limit,
      phases: numberPhases ?? 3,
    })),
    original: profile,
  }
}

function time(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text)
}

function composite(
  body: Body,
  speaker: Speaker16,
  request: OutboundRequest<'1.6', 'GetCompositeSchedule'>,
): OutboundResponse<'1.6', 'GetCompositeSchedule'> {
  const { connectorId, duration, chargingRateUnit: unit = 'W' } = request
  const evse = evseOf(body.state, connectorId)
  if (evse === undefined && connectorId !== 0) return { status: 'Rejected' }
  const now = body.clock.now()
  const plan = compositeSchedule(
    body.profiles,
    now,
    duration * 1000,
    {
      evse: connectorId,
      transactionKey: evse?.transaction?.key,
      startedAt: evse?.transaction?.startedAt,
    },
    speaker.conduct().maxWatts,
  )
  const start = body.stamp(now)
  return {
    status: 'Accepted',
    connectorId,
    scheduleStart: start,
    chargingSchedule: {
      duration,
      startSchedule: start,
      chargingRateUnit: unit,
      chargingSchedulePeriod: plan.map(({ startMs, watts }) => ({
        startPeriod: Math.round(startMs / 1000),
        limit: inUnit(watts, unit),
      })),
    },
  }
}
