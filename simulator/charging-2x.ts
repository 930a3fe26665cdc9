import type { OutboundRequest, OutboundResponse } from '../src/ocpp/versions.ts'
import type { Table2x } from './answers-2x.ts'
import type { Profile } from './profiles.ts'
import { compositeSchedule, inUnit, withProfile } from './profiles.ts'
import type { Body } from './speaker.ts'
import type { Speaker2x } from './speaker-2x.ts'
import { evseOf } from './state.ts'

type Profile2x = OutboundRequest<'2.1', 'SetChargingProfile'>['chargingProfile']
type Criteria = OutboundRequest<'2.1', 'GetChargingProfiles'>['chargingProfile']

const purposes: Readonly<Record<string, Profile['purpose']>> = {
  ChargingStationMaxProfile: 'charger-max',
  ChargingStationExternalConstraints: 'external',
  TxDefaultProfile: 'default',
  TxProfile: 'session',
  PriorityCharging: 'priority',
}

/** Smart charging as 2.x has it (part 2 K). */
export function charging2x(body: Body, speaker: Speaker2x): Table2x {
  return {
    SetChargingProfile({ evseId, chargingProfile }) {
      const why = objection(body, speaker, evseId, chargingProfile)
      if (why !== undefined) {
        return { answer: { status: 'Rejected', statusInfo: { reasonCode: why } } }
      }
      return {
        answer: { status: 'Accepted' },
        act: () => {
          const key = evseOf(body.state, evseId)?.transaction?.key
          body.profiles = withProfile(body.profiles, profileFrom2x(evseId, chargingProfile, key))
          body.limitsChanged()
        },
      }
    },
    ClearChargingProfile({ chargingProfileId, chargingProfileCriteria = {} }) {
      const { evseId, chargingProfilePurpose, stackLevel } = chargingProfileCriteria
      const kept = body.profiles.filter(
        (profile) =>
          !(
            (chargingProfileId === undefined || profile.id === chargingProfileId) &&
            (evseId === undefined || profile.evse === evseId) &&
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
    GetChargingProfiles({ requestId, evseId, chargingProfile: criteria }) {
      const found = body.profiles.filter(
        (profile) => (evseId === undefined || profile.evse === evseId) && meets(profile, criteria),
      )
      if (found.length === 0) return { answer: { status: 'NoProfiles' } }
      return {
        answer: { status: 'Accepted' },
        act: () => reportProfiles(body, requestId, found),
      }
    },
    GetCompositeSchedule: (request) => ({ answer: composite(body, speaker, request) }),
  }
}

/** Why the profile cannot go where it is meant to go, as a reason code. */
function objection(
  body: Body,
  speaker: Speaker2x,
  evseId: number,
  profile: Profile2x,
): string | undefined {
  const { chargingProfilePurpose: purpose, chargingSchedule, stackLevel, transactionId } = profile
  const evse = evseOf(body.state, evseId)
  if (evseId !== 0 && evse === undefined) return 'UnknownEvse'
  const isNew = purpose === 'PriorityCharging'
  if (purposes[purpose] === undefined || (isNew && speaker.version !== '2.1'))
    return 'UnsupportedPurpose'
  if (purpose === 'ChargingStationExternalConstraints') return 'InvalidProfile'
  if (purpose === 'ChargingStationMaxProfile' && evseId !== 0) return 'InvalidProfile'
  if (purpose === 'TxProfile') {
    const key = evse?.transaction?.key
    if (key === undefined) return 'TxNotFound'
    if (transactionId === undefined) return 'MissingParam'
    if (speaker.transactionId(key) !== transactionId) return 'TxNotFound'
  }
  const periods = chargingSchedule[0]?.chargingSchedulePeriod ?? []
  if (periods[0]?.startPeriod !== 0) return 'InvalidSchedule'
  const { model } = speaker
  if (periods.length > model.number('SmartChargingCtrlr.PeriodsPerSchedule')) {
    return 'InvalidSchedule'
  }
  if (stackLevel > model.number('SmartChargingCtrlr.ProfileStackLevel')) return 'InvalidStackLevel'
  return undefined
}

export function profileFrom2x(
  evse: number,
  profile: Profile2x,
  transactionKey: string | undefined,
): Profile {
  const schedule = profile.chargingSchedule[0]
  return {
    id: profile.id,
    evse,
    stackLevel: profile.stackLevel,
    purpose: purposes[profile.chargingProfilePurpose] ?? 'default',
    kind: profile.chargingProfileKind === 'Dynamic' ? 'Relative' : profile.chargingProfileKind,
    recurrency: profile.recurrencyKind,
    validFrom: time(profile.validFrom),
    validTo: time(profile.validTo),
    transactionKey: profile.chargingProfilePurpose === 'TxProfile' ? transactionKey : undefined,
    startsAt: time(schedule?.startSchedule),
    durationMs: schedule?.duration === undefined ? undefined : schedule.duration * 1000,
    unit: schedule?.chargingRateUnit ?? 'W',
    periods: (schedule?.chargingSchedulePeriod ?? []).map(
      ({ startPeriod, limit, numberPhases }) => ({
        startMs: startPeriod * 1000,
        limit: limit ?? Infinity,
        phases: numberPhases ?? 3,
      }),
    ),
    original: profile,
  }
}

function time(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text)
}

function meets(profile: Profile, criteria: Criteria): boolean {
  const { chargingProfileId, chargingProfilePurpose, stackLevel, chargingLimitSource } = criteria
  return (
    (chargingProfileId === undefined || chargingProfileId.includes(profile.id)) &&
    (chargingProfilePurpose === undefined ||
      profile.purpose === purposes[chargingProfilePurpose]) &&
    (stackLevel === undefined || profile.stackLevel === stackLevel) &&
    (chargingLimitSource === undefined || chargingLimitSource.includes('CSO'))
  )
}

/** One message per EVSE, `tbc` on all but the last (K09). */
function reportProfiles(body: Body, requestId: number, found: readonly Profile[]): void {
  const evses = [...new Set(found.map(({ evse }) => evse))]
  evses.forEach((evseId, index) => {
    const chargingProfile = found
      .filter(({ evse }) => evse === evseId)
      .map(({ original }) => original)
    body.send({
      action: 'ReportChargingProfiles',
      provoked: true,
      payload: () => ({
        requestId,
        chargingLimitSource: 'CSO',
        evseId,
        chargingProfile,
        tbc: index < evses.length - 1,
      }),
    })
  })
}

function composite(
  body: Body,
  speaker: Speaker2x,
  request: OutboundRequest<'2.1', 'GetCompositeSchedule'>,
): OutboundResponse<'2.0.1', 'GetCompositeSchedule'> {
  const { evseId, duration, chargingRateUnit: unit = 'W' } = request
  const evse = evseOf(body.state, evseId)
  if (evse === undefined && evseId !== 0) return { status: 'Rejected' }
  const now = body.clock.now()
  const plan = compositeSchedule(
    body.profiles,
    now,
    duration * 1000,
    {
      evse: evseId,
      transactionKey: evse?.transaction?.key,
      startedAt: evse?.transaction?.startedAt,
    },
    speaker.conduct().maxWatts,
  )
  return {
    status: 'Accepted',
    schedule: {
      evseId,
      duration,
      scheduleStart: body.stamp(now),
      chargingRateUnit: unit,
      chargingSchedulePeriod: plan.map(({ startMs, watts }) => ({
        startPeriod: Math.round(startMs / 1000),
        limit: inUnit(watts, unit),
      })),
    },
  }
}
