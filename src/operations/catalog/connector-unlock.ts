import Type from 'typebox'
import type { Static } from 'typebox'
import { limitsOf } from '../../models/limits.ts'
import { addressParams, isAt, resolvePlace } from '../address.ts'
import type { Place } from '../address.ts'
import {
  accepted,
  isRefusal,
  notYet,
  operation,
  planner,
  refuse,
  unsupportedBecause,
} from '../operation.ts'
import type { Refusal, Verdict } from '../operation.ts'
import type { ChargerFacts } from '../facts.ts'

const params = Type.Object(
  {
    ...addressParams,
    evenWithSession: Type.Optional(
      Type.Boolean({
        description:
          'Unlock although a session runs there. OCPP 1.6 ends that session first (1.6 5.18); 2.x refuses.',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call, call2x } = planner<Params>()
const minute = 60_000
const unlockFailed: Verdict = {
  meaning: 'failed',
  detail: 'the charger tried and could not unlock the connector',
}

export const connectorUnlock = operation({
  name: 'connector.unlock',
  title: 'Unlock a stuck cable',
  description:
    'Releases the connector lock for a driver whose cable is stuck. It is no way to stop a session: refused while one runs, unless said knowingly. ' +
    'Worked when the charger reports Unlocked and the cable is seen gone.',
  risk: 'critical',
  params,
  repeatable: false,
  whilePending: false,
  expiresAfterMs: 2 * minute,
  conflict: {
    when: 'refuse',
    scope: ({ evse, connector }) => `place ${evse ?? '-'}.${connector ?? '-'}`,
  },
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the connector reports Available afterwards: the cable is gone',
    withinMs: 2 * minute,
    seen(facts, since, asked) {
      const place = resolvePlace(asked, facts)
      if (isRefusal(place) || place.evse === undefined) return notYet
      if (limitsOf(facts).availableWithCable) return notYet
      const concerned = facts.connectors.filter((one) => isAt(place, one.evse, one.connector))
      const gone = concerned.every((one) => one.status === 'Available' && one.receivedAt > since)
      return concerned.length > 0 && gone ? { seen: 'yes' } : notYet
    },
  },
  versions: {
    '1.6': call('1.6', 'UnlockConnector', {
      request(asked, charger) {
        const place = lockOf(asked, charger)
        return isRefusal(place) ? place : { connectorId: place.evse }
      },
      answers: {
        Unlocked: accepted,
        UnlockFailed: unlockFailed,
        NotSupported: unsupportedBecause(
          'this charger has no connector lock it could open, or does not know the connector',
        ),
      },
    }),
    ...call2x('UnlockConnector', {
      request(asked, charger) {
        const place = lockOf(asked, charger)
        return isRefusal(place) ? place : { evseId: place.evse, connectorId: place.connector ?? 1 }
      },
      answers: {
        Unlocked: accepted,
        UnlockFailed: unlockFailed,
        OngoingAuthorizedTransaction: {
          meaning: 'refused',
          detail: 'an authorised session runs on this connector',
        },
        UnknownConnector: {
          meaning: 'refused',
          detail: 'the charger does not know this connector',
        },
      },
    }),
  },
})

/** The lock meant, unless a session runs behind it. */
function lockOf(asked: Params, charger: ChargerFacts): (Place & { evse: number }) | Refusal {
  const place = resolvePlace(asked, charger)
  if (isRefusal(place)) return place
  const { evse } = place
  if (evse === undefined) return refuse('say which lock to open', 'evse')
  const session = charger.sessions.find((one) => one.endedAt === undefined && one.evse === evse)
  if (session !== undefined && asked.evenWithSession !== true) {
    return refuse(
      `session ${session.transactionId} runs there: stop it with session.stop, or say evenWithSession knowingly`,
      'evenWithSession',
    )
  }
  return { ...place, evse }
}
