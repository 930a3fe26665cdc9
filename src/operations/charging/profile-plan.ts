import { strictRequest } from '../../ocpp/validation.ts'
import type { Version } from '../../ocpp/versions.ts'
import { resolvePlace } from '../address.ts'
import type { Address } from '../address.ts'
import { clockTrouble } from '../clock.ts'
import type { ChargerFacts } from '../facts.ts'
import { isRefusal, refuse } from '../operation.ts'
import type { Fresh, Refusal } from '../operation.ts'
import { chargingAbilities } from './abilities.ts'
import { runningAt } from './measured.ts'
import { readMoment } from './moment.ts'
import type { ChargingProfile, ChargingSchedule, SchedulePeriod } from './profile.ts'
import type { ProfileParam } from './profile-param.ts'
import { wordOf } from './purpose.ts'
import { firstOwnId, lastOwnId } from './slots.ts'
import { clockToleranceMs } from './timing.ts'

export interface ProfileParams extends Address {
  readonly profile: ProfileParam
}

export interface PlannedProfile {
  readonly evse: number
  readonly profile: ChargingProfile
}

/** What no charger takes, whatever its version. */
export function checkProfile({ profile }: ProfileParams): Refusal | undefined {
  const { id, purpose, kind, recurrencyKind, schedules } = profile
  if (purpose === 'external')
    return refuse(
      'limits from outside are told by the charger and never set (OCPP 2.0.1 K01.FR.22)',
      'profile.purpose',
    )
  if (id !== undefined && id >= firstOwnId && id <= lastOwnId)
    return refuse(
      `ids from ${firstOwnId} to ${lastOwnId} belong to power.limit and power.default`,
      'profile.id',
    )
  if (kind === 'Recurring' && recurrencyKind === undefined)
    return refuse('say Daily or Weekly', 'profile.recurrencyKind')
  if (kind !== 'Recurring' && recurrencyKind !== undefined)
    return refuse('only a Recurring profile has one', 'profile.recurrencyKind')
  for (const name of ['validFrom', 'validTo'] as const) {
    const text = profile[name]
    const moment = text === undefined ? 0 : readMoment(text, `profile.${name}`)
    if (typeof moment !== 'number') return moment
  }
  return schedules
    .map((schedule, index) => checkSchedule(schedule, kind, `profile.schedules[${index}]`))
    .find((refusal) => refusal !== undefined)
}

function checkSchedule(
  { startSchedule, periods }: ProfileParam['schedules'][number],
  kind: ProfileParam['kind'],
  field: string,
): Refusal | undefined {
  const byClock = kind === 'Absolute' || kind === 'Recurring'
  if (byClock && startSchedule === undefined)
    return refuse(`an ${kind} schedule says when it starts`, `${field}.startSchedule`)
  if (kind === 'Relative' && startSchedule !== undefined)
    return refuse('a Relative schedule starts with the session', `${field}.startSchedule`)
  const starts =
    startSchedule === undefined ? 0 : readMoment(startSchedule, `${field}.startSchedule`)
  if (typeof starts !== 'number') return starts
  if (periods[0]?.startPeriod !== 0)
    return refuse('the first period starts at 0', `${field}.periods[0].startPeriod`)
  const late = periods.findIndex(
    ({ startPeriod }, index) => index > 0 && startPeriod <= periods[index - 1]!.startPeriod,
  )
  if (late === -1) return undefined
  return refuse('each period starts after the one before', `${field}.periods[${late}].startPeriod`)
}

/** The profile for this charger, or why it would not take it. */
export function planProfile(
  params: ProfileParams,
  charger: ChargerFacts,
  version: Version,
  fresh: Pick<Fresh, 'now' | 'number'>,
): PlannedProfile | Refusal {
  const { profile: asked } = params
  const place = placeOf(params, charger, version)
  if (isRefusal(place)) return place
  const beyond = beyondAbilities(asked, charger, version)
  if (beyond !== undefined) return beyond
  const untimely = timeProblem(asked, charger, fresh.now)
  if (untimely !== undefined) return untimely
  const { id, stackLevel, purpose, kind, recurrencyKind, validFrom, validTo, schedules, ...rest } =
    asked
  return {
    evse: place.evse,
    profile: {
      id: id ?? 1 + (fresh.number % (firstOwnId - 1)),
      stackLevel,
      purpose,
      kind,
      ...(recurrencyKind === undefined ? {} : { recurrencyKind }),
      ...(validFrom === undefined ? {} : { validFrom: Date.parse(validFrom) }),
      ...(validTo === undefined ? {} : { validTo: Date.parse(validTo) }),
      ...(place.transactionId === undefined ? {} : { transactionId: place.transactionId }),
      schedules: schedules.map(scheduleOf),
      further: rest,
    },
  }
}

function scheduleOf(asked: ProfileParam['schedules'][number]): ChargingSchedule {
  const { unit, startSchedule, duration, periods, ...rest } = asked
  return {
    unit,
    ...(startSchedule === undefined ? {} : { startSchedule: Date.parse(startSchedule) }),
    ...(duration === undefined ? {} : { duration }),
    periods: periods.map(({ startPeriod, limit, ...further }): SchedulePeriod => {
      const limits = limit === undefined ? {} : { limit }
      return { startPeriod, ...limits, further: further }
    }),
    further: rest,
  }
}

/** Where the profile goes; a session's is bound to the one that runs there. */
function placeOf(
  params: ProfileParams,
  charger: ChargerFacts,
  version: Version,
): { readonly evse: number; readonly transactionId?: string } | Refusal {
  const { purpose } = params.profile
  const place = resolvePlace(params, charger)
  if (isRefusal(place)) return place
  const evse = place.evse ?? 0
  if (wordOf(purpose, version) === undefined)
    return refuse(`OCPP ${version} has no profiles for ${purpose}`, 'profile.purpose')
  if (purpose === 'max' && evse !== 0)
    return refuse('the greatest limit is of the whole charger: name no evse', 'evse')
  if (purpose !== 'session') return { evse }
  const running = runningAt(charger, evse)
  const [only] = running
  if (only === undefined)
    return refuse(
      'a profile for a session is bound to one that runs, and none runs there',
      'profile.purpose',
    )
  if (running.length > 1) return refuse('several sessions run: name the evse of one', 'evse')
  return { evse: only.evse, transactionId: only.transactionId }
}

function beyondAbilities(
  { purpose, kind, stackLevel, schedules }: ProfileParam,
  charger: ChargerFacts,
  version: Version,
): Refusal | undefined {
  const { units, maxStackLevel, maxPeriods, without } = chargingAbilities(charger)
  const no = without(purpose)
  if (no !== undefined) return refuse(no, 'profile.purpose')
  if (kind === 'Dynamic' && version !== '2.1')
    return refuse('Dynamic profiles came with OCPP 2.1', 'profile.kind')
  if (maxStackLevel !== undefined && stackLevel > maxStackLevel)
    return refuse(`the charger takes stack levels up to ${maxStackLevel}`, 'profile.stackLevel')
  if (version === '1.6' && schedules.length > 1)
    return refuse('an OCPP 1.6 profile has one schedule', 'profile.schedules[1]')
  for (const [index, { unit, periods }] of schedules.entries()) {
    const field = `profile.schedules[${index}]`
    if (units !== undefined && !units.includes(unit))
      return refuse(`the charger takes limits in ${units.join(', ')} only`, `${field}.unit`)
    if (maxPeriods !== undefined && periods.length > maxPeriods)
      return refuse(
        `it has ${periods.length} periods, and the charger takes ${maxPeriods}`,
        `${field}.periods`,
      )
  }
  return undefined
}

function timeProblem(
  { kind, validFrom, validTo }: ProfileParam,
  charger: ChargerFacts,
  now: number,
): Refusal | undefined {
  if (validTo !== undefined && Date.parse(validTo) <= now)
    return refuse('it lies in the past', 'profile.validTo')
  if (validFrom !== undefined && validTo !== undefined)
    if (Date.parse(validTo) <= Date.parse(validFrom))
      return refuse('it must be after validFrom', 'profile.validTo')
  const byClock = kind === 'Absolute' || kind === 'Recurring'
  if (!byClock && validFrom === undefined && validTo === undefined) return undefined
  const { relativeOnly } = chargingAbilities(charger)
  const trouble = (byClock ? relativeOnly : undefined) ?? clockTrouble(charger, clockToleranceMs)
  if (trouble === undefined) return undefined
  return refuse(`times by the clock would come to nothing: ${trouble}`, 'profile.kind')
}

/** A payload, unless fields in it do not fit the version. */
export function fitting<P extends object>(version: Version, payload: P): P | Refusal {
  const wrong = strictRequest(version, 'SetChargingProfile', payload)
  return wrong === undefined
    ? payload
    : refuse(`OCPP ${version} does not know this: ${wrong}`, 'profile')
}
