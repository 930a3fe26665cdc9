import type { Json } from '../../kernel/json.ts'
import { resolvePlace } from '../address.ts'
import type { Address } from '../address.ts'
import type { ChargerFacts } from '../facts.ts'
import { isRefusal, refuse } from '../operation.ts'
import type { Refusal } from '../operation.ts'
import { chargingAbilities } from './abilities.ts'
import type { ChargingAbilities } from './abilities.ts'
import {
  amountOf,
  amountWords,
  assumedPhases,
  inUnit,
  leastAmperes,
  volts,
  wattsOf,
} from './amount.ts'
import type { Amount, AmountParams, RateUnit } from './amount.ts'
import type { Expected } from './composite.ts'
import type { ChargingProfile } from './profile.ts'
import { displaces, profileId, stackLevels } from './slots.ts'
import type { Layer } from './slots.ts'
import { defaultTargets, targetsOf } from './targets.ts'
import type { Target } from './targets.ts'
import { timingsOf } from './timing.ts'
import type { Timing, Timings, When } from './timing.ts'

/** What is asked of one charger. */
export interface LimitParams extends Address, AmountParams, When {
  readonly phases?: number | undefined
  readonly layer: Layer
  /** A limit of 0 is meant, even where it ends the session. */
  readonly evenIfSessionEnds?: boolean | undefined
  /** It holds for so long after the connection is lost (2.1). */
  readonly offlineMinutes?: number | undefined
}

/** One profile and where it goes; EVSE 0 is the charger. */
export interface LimitOrder {
  readonly evse: number
  readonly profile: ChargingProfile & {
    readonly purpose: 'max' | 'default' | 'session'
    readonly kind: Timing['kind']
  }
}

export interface LimitPlan {
  /** In the order in which they are sent. Those of running sessions come last. */
  readonly orders: readonly LimitOrder[]
  /** Ids of ours that may be left of a limit this one replaces: the part of a weekly one for after the change of clocks. */
  readonly leftovers: readonly number[]
  /** EVSEs whose composite schedule shows it; each must keep to `expected`. */
  readonly reads: readonly number[]
  readonly expected: Expected
  /** Seconds to look ahead; undefined where it begins too late to be seen. */
  readonly lookAhead?: number
  /** What was chosen and assumed, for the result. */
  readonly told: { readonly [name: string]: Json }
}

/** Picks purpose, stack level, kind and unit from what the charger supports, or says why nothing serves. */
export function planLimit(
  params: LimitParams,
  charger: ChargerFacts,
  now: number,
): LimitPlan | Refusal {
  const place = resolvePlace(params, charger)
  if (isRefusal(place)) return place
  const targets = targetsOf(place.evse ?? 0, charger, chargingAbilities(charger))
  return isRefusal(targets) ? targets : planAt(targets, params, charger, now)
}

/** The same for what holds where nothing else does, on every EVSE alike. */
export function planDefault(
  params: Omit<LimitParams, 'layer'>,
  charger: ChargerFacts,
  now: number,
): LimitPlan | Refusal {
  const targets = defaultTargets(charger, chargingAbilities(charger))
  return isRefusal(targets)
    ? targets
    : planAt(targets, { ...params, layer: 'default' }, charger, now)
}

function planAt(
  targets: readonly [Target, ...Target[]],
  params: LimitParams,
  charger: ChargerFacts,
  now: number,
): LimitPlan | Refusal {
  const amount = amountOf(params)
  if (isRefusal(amount)) return amount
  const { offlineMinutes } = params
  if (offlineMinutes !== undefined && charger.version !== '2.1')
    return refuse(
      'profiles that end when the connection is lost came with OCPP 2.1; power.default says what holds then',
      'offlineMinutes',
    )
  const abilities = chargingAbilities(charger)
  const timings = timingsOf(params, amount, charger, abilities, now)
  if (isRefusal(timings)) return timings
  const unit = unitFor(amount, abilities)
  const phases = params.phases ?? assumedPhases
  const endsSession = zeroProblem(params, timings, abilities)
  if (endsSession !== undefined) return endsSession
  const share = targets[0].share
  const sent = (value: number): number =>
    inUnit(raised({ unit: amount.unit, value: value * share }, phases, abilities), unit, phases)
      .value
  return {
    orders: targets.flatMap((target) =>
      ordersFor(target, timings, params, { unit, sent }, abilities),
    ),
    leftovers: targets.flatMap((target) => leftoversAt(target, timings, params, abilities)),
    reads: [...new Set(targets.map(({ evse }) => evse))],
    expected: {
      unit,
      phases,
      steps: timings.steps.map(([from, value]) => [from, value === null ? null : sent(value)]),
    },
    ...(timings.lookAhead === undefined ? {} : { lookAhead: timings.lookAhead }),
    told: told({ params, amount, unit, phases, sent, targets, timings, abilities }),
  }
}

/** The unit that is given, unless the charger knows only the other. */
function unitFor({ unit }: Amount, { units }: ChargingAbilities): RateUnit {
  return units === undefined || units.includes(unit) ? unit : (units[0] ?? unit)
}

function zeroProblem(
  { evenIfSessionEnds }: LimitParams,
  timings: Timings,
  { leastWatts }: ChargingAbilities,
): Refusal | undefined {
  const pauses = timings.of('max').some(({ periods }) => periods.some(({ limit }) => limit === 0))
  if (leastWatts === undefined || !pauses || evenIfSessionEnds === true) return undefined
  return refuse(
    `this model ends the session when its limit is 0: give a limit from ${leastWatts} W on, stop the session with session.stop, or say evenIfSessionEnds`,
    'evenIfSessionEnds',
  )
}

/** A limit between 0 and what keeps the session alive is raised to that. */
function raised(amount: Amount, phases: number, { leastWatts }: ChargingAbilities): Amount {
  const tooLow =
    leastWatts !== undefined && amount.value > 0 && wattsOf(amount, phases) < leastWatts
  return tooLow ? { unit: 'W', value: leastWatts } : amount
}

interface Sending {
  readonly unit: RateUnit
  /** The value that is sent for one that was given. */
  readonly sent: (value: number) => number
}

function ordersFor(
  { purpose, evse, transactionId }: Target,
  timings: Timings,
  { layer, offlineMinutes }: LimitParams,
  { unit, sent }: Sending,
  { maxStackLevel }: ChargingAbilities,
): LimitOrder[] {
  const levels = stackLevels(layer, timings.lasting, maxStackLevel)
  return timings.of(purpose).map((timing, index) => {
    const stackLevel = levels[index] ?? levels[0]
    const { kind, recurrencyKind, startSchedule, duration, validFrom, validTo, periods } = timing
    return {
      evse,
      profile: {
        id: profileId({ purpose, evse, stackLevel }),
        stackLevel,
        purpose,
        kind,
        ...(recurrencyKind === undefined ? {} : { recurrencyKind }),
        ...(validFrom === undefined ? {} : { validFrom }),
        ...(validTo === undefined ? {} : { validTo }),
        ...(transactionId === undefined ? {} : { transactionId }),
        ...(offlineMinutes === undefined
          ? {}
          : { further: { maxOfflineDuration: offlineMinutes * 60 } }),
        schedules: [
          {
            unit,
            ...(startSchedule === undefined ? {} : { startSchedule }),
            ...(duration === undefined ? {} : { duration }),
            periods: periods.map(({ startPeriod, limit }) => ({ startPeriod, limit: sent(limit) })),
          },
        ],
      },
    }
  })
}

function leftoversAt(
  { purpose, evse }: Target,
  timings: Timings,
  { layer }: LimitParams,
  { maxStackLevel }: ChargingAbilities,
): number[] {
  return stackLevels(layer, timings.lasting, maxStackLevel)
    .slice(timings.of(purpose).length)
    .map((stackLevel) => profileId({ purpose, evse, stackLevel }))
}

function told(plan: {
  readonly params: LimitParams
  readonly amount: Amount
  readonly unit: RateUnit
  readonly phases: number
  readonly sent: Sending['sent']
  readonly targets: readonly Target[]
  readonly timings: Timings
  readonly abilities: ChargingAbilities
}): LimitPlan['told'] {
  const { params, amount, unit, phases, sent, targets, timings, abilities } = plan
  const value = sent(amount.value)
  const limits = timings.of('max').flatMap(({ periods }) => periods.map(({ limit }) => sent(limit)))
  const pausing = limits.some((limit) => {
    const amperes = inUnit({ unit, value: limit }, 'A', phases).value
    return amperes > 0 && amperes < leastAmperes
  })
  const others = displaces(params.layer, timings.lasting, abilities.maxStackLevel)
  const notes = [
    ...(targets[0]?.share === 1
      ? []
      : [
          `the charger takes no limit as a whole, so each of its ${targets.length} EVSEs gets its part`,
        ]),
    ...(value >
    inUnit({ ...amount, value: amount.value * (targets[0]?.share ?? 1) }, unit, phases).value
      ? [`this model ends the session below ${abilities.leastWatts} W, so it gets that much`]
      : []),
    ...(pausing ? [`with less than ${leastAmperes} A on a phase a car pauses`] : []),
    ...(others.length === 0
      ? []
      : [`the charger has too few stack levels, so this takes the place of ${others.join(', ')}`]),
  ]
  return {
    limit: amountWords({ unit, value }),
    unit,
    value,
    ...(unit === amount.unit
      ? {}
      : {
          converted: {
            from: amountWords(amount),
            volts,
            phases,
            phasesAre: params.phases === undefined ? 'assumed' : 'given',
          },
        }),
    ...(notes.length === 0 ? {} : { notes }),
  }
}
