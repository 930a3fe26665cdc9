import Type from 'typebox'
import type { Static } from 'typebox'
import { addressParams, resolvePlace } from '../../address.ts'
import { compositeOf, compositeResult } from '../../charging/composite.ts'
import type { CompositeSchedule } from '../../charging/composite.ts'
import { isRefusal, operation, planner, refusedBecause } from '../../operation.ts'
import type { Verdict } from '../../operation.ts'
import { rejected } from './status-info.ts'

const params = Type.Object(
  {
    ...addressParams,
    minutes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_080, description: 'How far ahead; 60 without it' }),
    ),
    unit: Type.Optional(Type.Enum(['A', 'W'], { description: 'The charger chooses without it' })),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call, call2x } = planner<Params>()
const minute = 60_000

export const profileComposite = operation({
  name: 'profile.composite',
  title: 'Show what all charging profiles come to',
  description:
    'Asks the charger what it will allow at an EVSE, or as a whole, in the time ahead: the composite of all profiles it holds.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  versions: {
    '1.6': call('1.6', 'GetCompositeSchedule', {
      request(asked, charger) {
        const place = resolvePlace(asked, charger)
        if (isRefusal(place)) return place
        const { unit, minutes = 60 } = asked
        return {
          connectorId: place.evse ?? 0,
          duration: minutes * 60,
          ...(unit === undefined ? {} : { chargingRateUnit: unit }),
        }
      },
      answers: {
        Accepted: ({ chargingSchedule, scheduleStart }) =>
          shown(compositeOf(chargingSchedule, scheduleStart ?? chargingSchedule?.startSchedule)),
        Rejected: refusedBecause('the charger tells no composite schedule of it'),
      },
    }),
    ...call2x('GetCompositeSchedule', {
      request(asked, charger) {
        const place = resolvePlace(asked, charger)
        if (isRefusal(place)) return place
        const { unit, minutes = 60 } = asked
        return {
          evseId: place.evse ?? 0,
          duration: minutes * 60,
          ...(unit === undefined ? {} : { chargingRateUnit: unit }),
        }
      },
      answers: {
        Accepted: ({ schedule }) => shown(compositeOf(schedule, schedule?.scheduleStart)),
        Rejected: rejected('the charger tells no composite schedule of it'),
      },
    }),
  },
})

function shown(composite: CompositeSchedule | undefined): Verdict {
  return composite === undefined
    ? { meaning: 'done', result: { periods: [] }, detail: 'the charger names no limit' }
    : { meaning: 'done', result: compositeResult(composite) }
}
