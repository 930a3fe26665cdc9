import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../../kernel/json.ts'
import { canDo } from '../../../models/capability.ts'
import { amountOf, amountParams } from '../../charging/amount.ts'
import { compositeVerdict } from '../../charging/composite-verdict.ts'
import { compositeOf } from '../../charging/composite.ts'
import type { Expected } from '../../charging/composite.ts'
import { heldLooksLike, heldSeen, heldWithinMs } from '../../charging/held.ts'
import { planDefault } from '../../charging/limit-plan.ts'
import type { LimitPlan } from '../../charging/limit-plan.ts'
import { request16, request20 } from '../../charging/profile.ts'
import type { ChargerFacts } from '../../facts.ts'
import { listedAs } from '../../listed.ts'
import {
  isRefusal,
  operation,
  planner,
  refusedBecause,
  unsupportedBecause,
} from '../../operation.ts'
import type { Fresh, Refusal } from '../../operation.ts'
import { lookUp, shouldBeHeld, wantedIds } from './list-profiles.ts'
import { rejected } from './status-info.ts'

const params = Type.Object(
  {
    ...amountParams,
    phases: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 3,
        description:
          'Phases in use, for a charger that takes the other unit only; 3 are assumed without it',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenMore, call2xThenMore } = planner<Params>()
const minute = 60_000
const said = 'the charger rejected the charging profile'

/** How far it has been sent; kept as the command's `result` on the way. */
interface Sent {
  readonly step: number
  readonly told?: Json
}

function stepOf(stored: Json): number | undefined {
  return (stored as Partial<Sent> | null)?.step
}

function planned(asked: Params, charger: ChargerFacts, now: number): LimitPlan | Refusal {
  return planDefault(asked, charger, now)
}

function firstOf(asked: Params, charger: ChargerFacts, { now }: Fresh) {
  const plan = planned(asked, charger, now)
  if (isRefusal(plan)) return plan
  const [first] = plan.orders
  if (first === undefined) throw new Error('a default is at least one profile')
  return first
}

/** As a 2.x charger would list them. */
function listedOf(plan: LimitPlan): string[] {
  return plan.orders.flatMap(({ evse, profile }) => {
    const listed = listedAs(request20(evse, profile).chargingProfile)
    return listed === undefined ? [] : [listed]
  })
}

function idsOf(plan: LimitPlan): number[] {
  return plan.orders.map(({ profile }) => profile.id)
}

const begun = { meaning: 'accepted', result: { step: 1 } } as const

function sentOne(isTaken: boolean, stored: Json) {
  return isTaken
    ? ({ meaning: 'accepted', result: { step: (stepOf(stored) ?? 0) + 1 } } as const)
    : ({ meaning: 'failed', detail: 'the charger took the default for some EVSEs only' } as const)
}

export const powerDefault = operation({
  name: 'power.default',
  title: 'Set what a charger may draw when nothing else says so',
  description:
    'Leaves a default for all sessions in the charger, below every other limit. It holds where no other profile does, and it stays when the connection to us is lost. ' +
    'Worked when an OCPP 2.x charger lists it among its profiles; on OCPP 1.6 when the composite schedule keeps to it.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 24 * 60 * minute,
  conflict: { when: 'supersede', scope: () => 'default' },
  check(asked) {
    const amount = amountOf(asked)
    return isRefusal(amount) ? amount : undefined
  },
  expects(asked, charger, { now }) {
    const plan = planned(asked, charger, now)
    return isRefusal(plan) ? null : { ids: idsOf(plan), listed: listedOf(plan), told: plan.told }
  },
  effect: {
    seenIn: 'behaviour',
    looksLike: heldLooksLike,
    withinMs: heldWithinMs,
    seen(facts, _since, _asked, { fresh, expects }) {
      const {
        ids = [],
        listed = [],
        told = null,
      } = (expects ?? {}) as {
        ids?: number[]
        listed?: string[]
        told?: Json
      }
      const sighting = heldSeen(facts, fresh.number, ids, listed)
      return sighting.seen === 'yes' ? { ...sighting, result: told } : sighting
    },
  },
  undo: 'power.unlimit with layer default',
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
          Accepted: begun,
          Rejected: refusedBecause(said),
          NotSupported: unsupportedBecause('the charger does not support this charging profile'),
        },
      },
      {
        reconciles: true,
        next(stored, asked, charger, fresh) {
          const plan = planned(asked, charger, fresh.now)
          if (isRefusal(plan)) return plan
          const order = plan.orders[stepOf(stored) ?? plan.orders.length]
          if (order !== undefined)
            return { action: 'SetChargingProfile', payload: request16(order.evse, order.profile) }
          if (canDo(charger.capabilities, 'GetCompositeSchedule').can === false)
            return {
              meaning: 'unverifiable',
              detail: 'accepted; the charger tells no composite schedule that would show it',
              result: plan.told,
            }
          // Of an EVSE: what the whole charger may draw says nothing of a default.
          const connectorId = charger.connectors.find(({ evse }) => evse > 0)?.evse ?? 1
          return {
            action: 'GetCompositeSchedule',
            payload: { connectorId, duration: 60, chargingRateUnit: plan.expected.unit },
            stored: { expected: plan.expected, now: fresh.now } as unknown as Json,
          }
        },
        judge: {
          SetChargingProfile: ({ status }, _asked, stored) =>
            sentOne(status === 'Accepted', stored),
          GetCompositeSchedule({ chargingSchedule, scheduleStart }, _asked, stored) {
            const read = stored as unknown as { readonly expected: Expected; readonly now: number }
            return compositeVerdict(
              compositeOf(chargingSchedule, scheduleStart),
              read.expected,
              read.now,
            )
          },
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
        answers: { Accepted: begun, Rejected: rejected(said) },
      },
      {
        reconciles: true,
        next(stored, asked, charger, fresh) {
          const plan = planned(asked, charger, fresh.now)
          if (isRefusal(plan)) return plan
          const order = plan.orders[stepOf(stored) ?? plan.orders.length]
          if (order !== undefined)
            return { action: 'SetChargingProfile', payload: request20(order.evse, order.profile) }
          return lookUp(stored, wantedIds(idsOf(plan)), fresh)
        },
        judge: {
          SetChargingProfile: ({ status }, _asked, stored) =>
            sentOne(status === 'Accepted', stored),
          GetChargingProfiles: (response, _asked, stored) => shouldBeHeld(response, stored),
        },
      },
    ),
  },
})
