import Type from 'typebox'
import type { Static } from 'typebox'
import { limitsOf } from '../../models/limits.ts'
import { addressParams, resolvePlace } from '../address.ts'
import type { Place } from '../address.ts'
import type { ChargerFacts, SessionFacts } from '../facts.ts'
import { idTokens2x, tokenParams, tokenProblem16 } from '../id-token.ts'
import {
  accepted,
  isRefusal,
  notYet,
  operation,
  planner,
  refuse,
  refusedBecause,
} from '../operation.ts'
import type { Refusal } from '../operation.ts'

const params = Type.Object(
  {
    ...addressParams,
    ...tokenParams,
    limit: Type.Optional(
      Type.Object(
        {
          unit: Type.Enum(['A', 'W'], { description: 'Ampere a phase, or watts' }),
          value: Type.Number({ minimum: 0, maximum: 1_000_000 }),
        },
        {
          additionalProperties: false,
          description: 'The most this session draws, sent with the start as a TxProfile',
        },
      ),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call, call2x } = planner<Params>()
const minute = 60_000
/** How far a charger's corrected clock may be behind ours before a start counts as an old one replayed. */
const clockToleranceMs = minute

const answers = {
  Accepted: accepted,
  Rejected: refusedBecause('the charger rejected the remote start'),
} as const

export const sessionStart = operation({
  name: 'session.start',
  title: 'Start a charging session',
  description:
    'Asks the charger to start a session for a token, with a limit if you like. Worked when a transaction for this very request starts; the driver may have to plug in first. ' +
    'Refused while the charger is under maintenance.',
  risk: 'routine',
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
    looksLike: 'a transaction starts with the same token (1.6) or remoteStartId (2.x)',
    withinMs: 3 * minute,
    seen(facts, since, asked, { fresh }) {
      const session = facts.sessions.find((one) =>
        isTheSession(one, facts, since, asked, fresh.number),
      )
      if (session === undefined) return notYet
      return {
        seen: 'yes',
        result: { session: session.id, transactionId: session.transactionId, evse: session.evse },
      }
    },
  },
  undo: 'session.stop',
  versions: {
    '1.6': call('1.6', 'RemoteStartTransaction', {
      request(asked, charger, fresh) {
        const wrongToken = tokenProblem16(asked, charger)
        if (wrongToken !== undefined) return wrongToken
        if (asked.groupToken !== undefined)
          return refuse('an OCPP 1.6 remote start carries no group', 'groupToken')
        const start = startOf(asked, charger, fresh.now)
        if (isRefusal(start)) return start
        const { connectorForAny } = limitsOf(charger)
        const connectorId = start.place.evse ?? connectorForAny
        const profile = profileOf(asked, fresh.number)
        return {
          idTag: asked.token,
          ...(connectorId === undefined ? {} : { connectorId }),
          ...(profile === undefined
            ? {}
            : { chargingProfile: { ...profile.head, chargingSchedule: profile.schedule } }),
        }
      },
      answers,
    }),
    ...call2x('RequestStartTransaction', {
      request(asked, charger, fresh) {
        const start = startOf(asked, charger, fresh.now)
        if (isRefusal(start)) return start
        const profile = profileOf(asked, fresh.number)
        return {
          ...idTokens2x(asked),
          remoteStartId: fresh.number,
          ...(start.place.evse === undefined ? {} : { evseId: start.place.evse }),
          ...(profile === undefined ? {} : { chargingProfile: profile2x(profile) }),
        }
      },
      answers,
    }),
  },
})

/** Where it starts, or why it does not. */
function startOf(
  asked: Params,
  charger: ChargerFacts,
  now: number,
): { readonly place: Place } | Refusal {
  const { maintenance } = charger
  if (maintenance !== undefined && (maintenance.until ?? Infinity) > now)
    return refuse(`${maintenance.by} has put the charger under maintenance: ${maintenance.why}`)
  const { limit } = asked
  if (limit !== undefined && !limitsOf(charger).rateUnits.includes(limit.unit))
    return refuse(`this charger takes no limits in ${limit.unit}`, 'limit.unit')
  const place = resolvePlace(asked, charger)
  return isRefusal(place) ? place : { place }
}

interface SessionProfile {
  readonly head: {
    chargingProfileId: number
    stackLevel: number
    chargingProfilePurpose: 'TxProfile'
    chargingProfileKind: 'Relative'
  }
  readonly schedule: {
    chargingRateUnit: 'A' | 'W'
    chargingSchedulePeriod: [{ startPeriod: number; limit: number }]
  }
}

/** OCPP 1.6 5.16.2, 2.x F01.FR.09: a profile that comes with a start is a TxProfile without transactionId. */
function profileOf({ limit }: Params, id: number): SessionProfile | undefined {
  if (limit === undefined) return undefined
  const { unit: chargingRateUnit, value } = limit
  return {
    head: {
      chargingProfileId: id,
      stackLevel: 0,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Relative',
    },
    schedule: { chargingRateUnit, chargingSchedulePeriod: [{ startPeriod: 0, limit: value }] },
  }
}

function profile2x({ head, schedule }: SessionProfile) {
  const { chargingProfileId, ...rest } = head
  const chargingSchedule = [{ id: 1, ...schedule }] as [typeof schedule & { id: number }]
  return { id: chargingProfileId, ...rest, chargingSchedule }
}

function isTheSession(
  session: SessionFacts,
  facts: ChargerFacts,
  since: number,
  asked: Params,
  remoteStartId: number,
): boolean {
  // Unique to this request; it may be told of a session that the cable began before (2.x F02.FR.05).
  if (session.remoteStartId !== undefined) return session.remoteStartId === remoteStartId
  if (session.startReceivedAt <= since) return false
  if (session.token !== asked.token || session.startedAt < since - clockToleranceMs) return false
  const place = resolvePlace(asked, facts)
  return isRefusal(place) || place.evse === undefined || place.evse === session.evse
}
