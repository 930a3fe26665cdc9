import Type from 'typebox'
import type { Static } from 'typebox'
import type { JsonObject } from '../../../kernel/json.ts'
import { limitsOf } from '../../../models/limits.ts'
import { knownCapabilities } from '../../../models/capability.ts'
import { addressParams, isAt, resolvePlace } from '../../address.ts'
import type { Place } from '../../address.ts'
import type { ChargerFacts } from '../../facts.ts'
import { idTokens2x, tokenParams, tokenProblem16 } from '../../id-token.ts'
import { momentOf, momentParam, momentProblem, wrongClock } from '../../moments.ts'
import { isRefusal, notYet, operation, planner, refuse, refusedBecause } from '../../operation.ts'
import type { Fresh, Refusal, Verdict } from '../../operation.ts'

/** OCPP 2.0.1 ConnectorEnumType. */
const connectorTypes = [
  'cCCS1',
  'cCCS2',
  'cG105',
  'cTesla',
  'cType1',
  'cType2',
  's309-1P-16A',
  's309-1P-32A',
  's309-3P-16A',
  's309-3P-32A',
  'sBS1361',
  'sCEE-7-7',
  'sType2',
  'sType3',
  'Other1PhMax16A',
  'Other1PhOver16A',
  'Other3Ph',
  'Pan',
  'wInductive',
  'wResonant',
  'Undetermined',
  'Unknown',
] as const

const params = Type.Object(
  {
    ...addressParams,
    ...tokenParams,
    connectorType: Type.Optional(
      Type.Enum([...connectorTypes], {
        description: 'Any connector of this type (2.x), instead of a certain one',
      }),
    ),
    until: momentParam('When the reservation ends if nobody comes'),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call, call2x } = planner<Params>()
const minute = 60_000
/** The longest a reservation may last: longer ones are mistakes. */
const mostAheadMs = 7 * 24 * 60 * minute

export const reservationMake = operation({
  name: 'reservation.make',
  title: 'Reserve a connector for a token',
  description:
    'Keeps a connector, or any free one, for a token until a time. Worked when the connector is reported Reserved. The result has the reservation’s number. ' +
    'Refused where the charger’s clock is wrong: it ends reservations by its own clock.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 5 * minute,
  conflict: {
    when: 'refuse',
    scope: ({ evse, connector }) => `place ${evse ?? '-'}.${connector ?? '-'}`,
  },
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the connector is reported Reserved',
    withinMs: minute,
    seen(facts, since, asked, { payload }) {
      const place = resolvePlace(asked, facts)
      if (isRefusal(place) || place.evse === undefined) return notYet
      const reserved = facts.connectors.find(
        (one) =>
          isAt(place, one.evse, one.connector) &&
          one.status === 'Reserved' &&
          one.receivedAt > since,
      )
      if (reserved === undefined) return notYet
      const { evse, connector } = reserved
      return { seen: 'yes', result: { reservation: numberIn(payload), evse, connector } }
    },
  },
  check: ({ until }) => momentProblem({ until }),
  undo: 'reservation.cancel',
  versions: {
    '1.6': call('1.6', 'ReserveNow', {
      request(asked, charger, fresh) {
        if (asked.connectorType !== undefined)
          return refuse('OCPP 1.6 knows no types of connectors', 'connectorType')
        const wrongToken = tokenProblem16(asked, charger)
        if (wrongToken !== undefined) return wrongToken
        const plan = planOf(asked, charger, fresh)
        if (isRefusal(plan)) return plan
        const connectorId = plan.place.evse ?? anyConnector(charger)
        if (typeof connectorId !== 'number') return connectorId
        return {
          connectorId,
          expiryDate: plan.until,
          idTag: asked.token,
          reservationId: fresh.number,
          ...(asked.groupToken === undefined ? {} : { parentIdTag: asked.groupToken }),
        }
      },
      answers: answersFor((payload) =>
        payload.connectorId === 0 ? undefined : payload.connectorId,
      ),
    }),
    ...call2x('ReserveNow', {
      request(asked, charger, fresh) {
        const plan = planOf(asked, charger, fresh)
        if (isRefusal(plan)) return plan
        return {
          id: fresh.number,
          expiryDateTime: plan.until,
          ...idTokens2x(asked),
          ...(plan.place.evse === undefined ? {} : { evseId: plan.place.evse }),
          ...(asked.connectorType === undefined ? {} : { connectorType: asked.connectorType }),
        }
      },
      answers: answersFor((payload) => payload.evseId),
    }),
  },
})

/** Where and until when, or why not. */
function planOf(
  asked: Params,
  charger: ChargerFacts,
  fresh: Fresh,
): { readonly place: Place; readonly until: string } | Refusal {
  const trouble = wrongClock(charger, 'until')
  if (trouble !== undefined) return trouble
  const until = momentOf(asked.until, 'until')
  if (typeof until !== 'string') return until
  const ahead = Date.parse(until) - fresh.now
  if (ahead <= 0) return refuse('that time is over already', 'until')
  if (ahead > mostAheadMs) return refuse('a reservation lasts 7 days at most', 'until')
  const place = resolvePlace(asked, charger)
  return isRefusal(place) ? place : { place, until }
}

/** OCPP 1.6 5.13: connectorId 0 reserves any, where ReserveConnectorZeroSupported says so. */
function anyConnector(charger: ChargerFacts): number | Refusal {
  const known = knownCapabilities(charger)['reservation-connector-zero']
  if (known?.value === false || limitsOf(charger).connectorForAny !== undefined)
    return refuse('this charger reserves single connectors only: name one', 'evse')
  return 0
}

function answersFor(placeIn: (payload: JsonObject) => unknown) {
  return {
    Accepted(_response: unknown, asked: Params, payload: JsonObject): Verdict {
      const evse = placeIn(payload)
      const id = numberIn(payload)
      const until = Date.parse(asked.until)
      const learned = [
        { kind: 'reservation', id, until, ...(typeof evse === 'number' ? { evse } : {}) } as const,
      ]
      const result = { reservation: id }
      return typeof evse === 'number'
        ? { meaning: 'accepted', result, learned }
        : {
            meaning: 'unverifiable',
            detail: 'accepted; OCPP shows nothing of a reservation without a connector',
            result,
            learned,
          }
    },
    Faulted: refusedBecause('the connector is faulted'),
    Occupied: refusedBecause('the connector is occupied, or reserved for somebody else'),
    Rejected: refusedBecause('the charger takes no reservations, or not for this connector'),
    Unavailable: refusedBecause('the connector is out of service'),
  } as const
}

function numberIn({ reservationId, id }: JsonObject): number {
  return Number(reservationId ?? id)
}
