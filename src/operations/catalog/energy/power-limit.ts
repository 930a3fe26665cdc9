import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../../kernel/json.ts'
import { addressParams } from '../../address.ts'
import { amountOf, amountParams } from '../../charging/amount.ts'
import { compositeOf } from '../../charging/composite.ts'
import {
  drawnBefore,
  limitLooksLike,
  limitSeen,
  limitSeenWithinMs,
} from '../../charging/limit-effect.ts'
import { planLimit } from '../../charging/limit-plan.ts'
import type { LimitOrder, LimitParams, LimitPlan } from '../../charging/limit-plan.ts'
import {
  compositeAnswered,
  leftoverAnswered,
  nextStep,
  profileAnswered,
} from '../../charging/limit-steps.ts'
import { limitPlace } from '../../charging/limit-place.ts'
import { request16, request20 } from '../../charging/profile.ts'
import { checkWhen, renewalOf } from '../../charging/timing.ts'
import { weeklySchema } from '../../charging/weekly.ts'
import type { ChargerFacts } from '../../facts.ts'
import type { Observation } from '../../observation.ts'
import {
  isRefusal,
  operation,
  planner,
  refusedBecause,
  unsupportedBecause,
} from '../../operation.ts'
import type { Fresh, Refusal, Verdict } from '../../operation.ts'
import { rejected } from './status-info.ts'

const params = Type.Object(
  {
    ...addressParams,
    ...amountParams,
    from: Type.Optional(
      Type.String({ description: 'When it begins, e.g. 2026-05-01T17:00:00Z; at once without it' }),
    ),
    to: Type.Optional(Type.String({ description: 'When it ends; never without it' })),
    weekly: Type.Optional(weeklySchema),
    phases: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 3,
        description:
          'Phases in use, for a charger that takes the other unit only; 3 are assumed without it',
      }),
    ),
    evenIfSessionEnds: Type.Optional(
      Type.Boolean({
        description: 'A limit of 0 is sent also to a model that ends the session on it',
      }),
    ),
    offlineMinutes: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 525_600,
        description:
          'OCPP 2.1: for so long it holds when the connection is lost, then the default of power.default; always without it',
      }),
    ),
    layer: Type.Optional(
      Type.Enum(['operator', 'site'], {
        description:
          'Which of our limits this is: `operator` (usual), or `site`, used by site limits',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenMore, call2xThenMore } = planner<Params>()
const minute = 60_000

function planFor(asked: Params, charger: ChargerFacts, now: number): LimitPlan | Refusal {
  const limit: LimitParams = { ...asked, layer: asked.layer ?? 'operator' }
  return planLimit(limit, charger, now)
}

/** The first profile; a plan always has one. */
function firstOf(
  asked: Params,
  charger: ChargerFacts,
  { now }: Pick<Fresh, 'now'>,
): LimitOrder | Refusal {
  const plan = planFor(asked, charger, now)
  if (isRefusal(plan)) return plan
  const [first] = plan.orders
  if (first === undefined) throw new Error('a limit is at least one profile')
  return first
}

const begun = (learned: readonly Observation[]): Verdict => ({
  meaning: 'accepted',
  result: { step: 1 },
  learned,
})

/** A weekly limit has to be sent again when the clocks have changed; any other one ends it. */
function renewal(
  asked: Params,
  evse: number,
  sent: { readonly validFrom?: string; readonly validTo?: string },
): readonly Observation[] {
  if (asked.layer === 'site') return []
  const { weekly } = asked
  const place = limitPlace(asked, evse)
  const moment = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Date.parse(text)
  const validFrom = moment(sent.validFrom)
  const validTo = moment(sent.validTo)
  const again =
    weekly &&
    renewalOf(weekly, {
      ...(validFrom === undefined ? {} : { validFrom }),
      ...(validTo === undefined ? {} : { validTo }),
    })
  if (again === undefined) return [{ kind: 'weekly-limit', place, again: null }]
  return [{ kind: 'weekly-limit', place, again: { params: asked, after: again } }]
}

/** What OCPP versions say differently in the CALLs of a limit. */
interface Words<Send extends object, Clear extends object, Place extends object> {
  readonly send: (order: LimitOrder) => Send
  readonly clear: (profileId: number) => Clear
  readonly read: (evse: number) => Place
}

/** The next step as a CALL. */
function following<Send extends object, Clear extends object, Place extends object>(
  words: Words<Send, Clear, Place>,
) {
  return (stored: Json, asked: Params, charger: ChargerFacts, { now }: Pick<Fresh, 'now'>) => {
    const plan = planFor(asked, charger, now)
    if (isRefusal(plan)) return undefined
    const step = nextStep(stored, plan, charger, now)
    switch (step.do) {
      case 'end':
        return step.verdict
      case 'send':
        return {
          action: 'SetChargingProfile',
          payload: words.send(step.order),
          stored: step.stored,
        } as const
      case 'clear':
        return {
          action: 'ClearChargingProfile',
          payload: words.clear(step.id),
          stored: step.stored,
        } as const
      case 'read':
        return {
          action: 'GetCompositeSchedule',
          payload: {
            ...words.read(step.evse),
            duration: step.duration,
            chargingRateUnit: step.unit,
          },
          stored: step.stored,
        } as const
    }
  }
}

const said = 'the charger rejected the charging profile'

export const powerLimit = operation({
  name: 'power.limit',
  title: 'Limit the power of a charger or connector',
  description:
    'Keeps a charger, or one EVSE, at or below so many amperes or kilowatts: always, from one moment to another, or on a weekly schedule in local time. ' +
    'What OCPP needs for that (purpose, stack level, kind, unit) is picked from what the charger supports. 0 pauses. ' +
    'Worked when the composite schedule keeps to it, and the power of running sessions where it is metered; a charger that accepts and draws more has failed.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: {
    when: 'supersede',
    scope: ({ evse, connector, layer }) =>
      `${layer ?? 'operator'} ${evse ?? '-'}.${connector ?? '-'}`,
  },
  check(asked) {
    const amount = amountOf(asked)
    return isRefusal(amount) ? amount : checkWhen(asked, amount)
  },
  expects(asked, charger, { now }) {
    const plan = planFor(asked, charger, now)
    return isRefusal(plan) ? null : drawnBefore(charger, plan.reads, plan.expected)
  },
  effect: {
    seenIn: 'behaviour',
    looksLike: limitLooksLike,
    withinMs: limitSeenWithinMs,
    seen: (facts, since, _asked, context) => limitSeen(facts, since, context),
  },
  undo: 'power.unlimit',
  versions: {
    '1.6': callThenMore(
      '1.6',
      'SetChargingProfile',
      {
        request(asked, charger, fresh) {
          const first = firstOf(asked, charger, fresh)
          return isRefusal(first) ? first : request16(first.evse, first.profile)
        },
        answers: {
          Accepted: (_response, asked, payload) => {
            const { connectorId, csChargingProfiles } = payload as unknown as ReturnType<
              typeof request16
            >
            return begun(renewal(asked, connectorId, csChargingProfiles))
          },
          Rejected: refusedBecause(said),
          NotSupported: unsupportedBecause('the charger does not support this charging profile'),
        },
      },
      {
        reconciles: true,
        next: following({
          send: ({ evse, profile }) => request16(evse, profile),
          clear: (id) => ({ id }),
          read: (evse) => ({ connectorId: evse }),
        }),
        judge: {
          SetChargingProfile: ({ status }, _asked, stored) =>
            profileAnswered(status === 'Accepted', stored),
          ClearChargingProfile: (_response, _asked, stored) => leftoverAnswered(stored),
          GetCompositeSchedule: ({ chargingSchedule, scheduleStart }, _asked, stored) =>
            compositeAnswered(
              compositeOf(chargingSchedule, scheduleStart ?? chargingSchedule?.startSchedule),
              stored,
            ),
        },
      },
    ),
    ...call2xThenMore(
      'SetChargingProfile',
      {
        request(asked, charger, fresh) {
          const first = firstOf(asked, charger, fresh)
          return isRefusal(first) ? first : request20(first.evse, first.profile)
        },
        answers: {
          Accepted: (_response, asked, payload) => {
            const { evseId, chargingProfile } = payload as unknown as ReturnType<typeof request20>
            return begun(renewal(asked, evseId, chargingProfile))
          },
          Rejected: rejected(said),
        },
      },
      {
        reconciles: true,
        next: following({
          send: ({ evse, profile }) => request20(evse, profile),
          clear: (chargingProfileId) => ({ chargingProfileId }),
          read: (evseId) => ({ evseId }),
        }),
        judge: {
          SetChargingProfile: ({ status }, _asked, stored) =>
            profileAnswered(status === 'Accepted', stored),
          ClearChargingProfile: (_response, _asked, stored) => leftoverAnswered(stored),
          GetCompositeSchedule: ({ schedule }, _asked, stored) =>
            compositeAnswered(compositeOf(schedule, schedule?.scheduleStart), stored),
        },
      },
    ),
  },
})
