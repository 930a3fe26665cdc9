import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { canDo } from '../../../models/capability.ts'
import { addressParams } from '../../address.ts'
import { amountOf, amountParams } from '../../charging/amount.ts'
import { compare, compositeOf, compositeResult } from '../../charging/composite.ts'
import type { CompositeSchedule } from '../../charging/composite.ts'
import {
  asJson,
  drawnBefore,
  limitLooksLike,
  limitSeen,
  limitSeenWithinMs,
  progressOf,
} from '../../charging/limit-effect.ts'
import type { LimitProgress } from '../../charging/limit-effect.ts'
import { planLimit } from '../../charging/limit-plan.ts'
import type { LimitOrder, LimitParams, LimitPlan } from '../../charging/limit-plan.ts'
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

/** What comes next, apart from versions: another profile, a look at the composite schedule, or the effect. */
type Next =
  | { readonly do: 'send'; readonly order: LimitOrder; readonly stored: Json }
  | {
      readonly do: 'read'
      readonly evse: number
      readonly duration: number
      readonly unit: 'A' | 'W'
      readonly stored: Json
    }
  | { readonly do: 'end'; readonly verdict: Verdict | undefined }

function nextOf(stored: Json, asked: Params, charger: ChargerFacts, fresh: Fresh): Next {
  const plan = planFor(asked, charger, fresh.now)
  if (isRefusal(plan)) return { do: 'end', verdict: undefined }
  const before = progressOf(stored)
  const { told, expected, orders, reads, lookAhead } = plan
  const progress: LimitProgress = {
    // Without an answer to the first, nothing more is sent: only what became of it is looked at.
    step: stepOf(stored) ?? orders.length,
    told: { ...told, evses: [...reads] },
    expected,
    composites: before?.composites ?? [],
  }
  const order = orders[progress.step]
  if (order !== undefined) {
    const sending = order.profile.purpose === 'session' ? 'session' : 'lasting'
    return { do: 'send', order, stored: asJson({ ...progress, sending }) }
  }
  const evse = reads[progress.composites.length]
  const tells = canDo(charger.capabilities, 'GetCompositeSchedule').can !== false
  if (evse === undefined || lookAhead === undefined || !tells)
    return { do: 'end', verdict: { meaning: 'accepted', result: asJson(progress) } }
  const reading = asJson({ ...progress, readAt: fresh.now })
  return { do: 'read', evse, duration: lookAhead, unit: expected.unit, stored: reading }
}

function stepOf(stored: Json): number | undefined {
  const step: unknown = (stored as JsonObject | null)?.['step']
  return typeof step === 'number' ? step : undefined
}

/** A profile after the first was answered. */
function sentOne(isTaken: boolean, stored: Json): Verdict {
  const progress = progressOf(stored)
  if (progress === undefined) return { meaning: 'failed', detail: 'it is not known what was sent' }
  // The session may have ended meanwhile; the default holds for the next, and the effect is looked at.
  if (!isTaken && progress.sending !== 'session')
    return { meaning: 'failed', detail: 'the charger took only a part of the limit' }
  return { meaning: 'accepted', result: asJson({ ...progress, step: progress.step + 1 }) }
}

/** The charger told its composite schedule, or that it has none. */
function readOne(composite: CompositeSchedule | undefined, stored: Json): Verdict {
  const progress = progressOf(stored)
  if (progress === undefined) return { meaning: 'failed', detail: 'it is not known what was sent' }
  const { composites, expected, readAt = 0, told } = progress
  const found = compare(composite, expected, readAt)
  const evse = evseAt(told, composites.length)
  const schedule = composite === undefined ? null : compositeResult(composite)
  const read =
    typeof found === 'string'
      ? { evse, shows: found, schedule }
      : { evse, shows: 'exceeds' as const, why: found.exceeds, schedule }
  return {
    meaning: 'accepted',
    result: asJson({ ...progress, composites: [...composites, read] }),
  }
}

function evseAt({ evses }: JsonObject, index: number): number {
  const evse: unknown = Array.isArray(evses) ? evses[index] : undefined
  return typeof evse === 'number' ? evse : 0
}

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
        next(stored, asked, charger, fresh) {
          const next = nextOf(stored, asked, charger, fresh)
          if (next.do === 'end') return next.verdict
          if (next.do === 'send')
            return {
              action: 'SetChargingProfile',
              payload: request16(next.order.evse, next.order.profile),
              stored: next.stored,
            }
          const { evse, duration, unit } = next
          return {
            action: 'GetCompositeSchedule',
            payload: { connectorId: evse, duration, chargingRateUnit: unit },
            stored: next.stored,
          }
        },
        judge: {
          SetChargingProfile: ({ status }, _asked, stored) =>
            sentOne(status === 'Accepted', stored),
          GetCompositeSchedule: ({ chargingSchedule, scheduleStart }, _asked, stored) =>
            readOne(
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
        next(stored, asked, charger, fresh) {
          const next = nextOf(stored, asked, charger, fresh)
          if (next.do === 'end') return next.verdict
          if (next.do === 'send')
            return {
              action: 'SetChargingProfile',
              payload: request20(next.order.evse, next.order.profile),
              stored: next.stored,
            }
          const { evse, duration, unit } = next
          return {
            action: 'GetCompositeSchedule',
            payload: { evseId: evse, duration, chargingRateUnit: unit },
            stored: next.stored,
          }
        },
        judge: {
          SetChargingProfile: ({ status }, _asked, stored) =>
            sentOne(status === 'Accepted', stored),
          GetCompositeSchedule: ({ schedule }, _asked, stored) =>
            readOne(compositeOf(schedule, schedule?.scheduleStart), stored),
        },
      },
    ),
  },
})
