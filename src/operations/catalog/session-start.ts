import Type from 'typebox'
import type { Static } from 'typebox'
import { addressParams, resolvePlace } from '../address.ts'
import {
  accepted,
  isRefusal,
  notYet,
  operation,
  planner,
  refuse,
  refusedBecause,
} from '../operation.ts'
import type { ChargerFacts, SessionFacts } from '../facts.ts'

const tokenTypes = [
  'Central',
  'eMAID',
  'ISO14443',
  'ISO15693',
  'KeyCode',
  'Local',
  'MacAddress',
  'NoAuthorization',
] as const

const params = Type.Object(
  {
    ...addressParams,
    token: Type.String({
      minLength: 1,
      maxLength: 36,
      description:
        'The idTag (1.6, at most 20 characters) or idToken (2.x, at most 36) the session is started for',
    }),
    tokenType: Type.Optional(
      Type.Enum([...tokenTypes], {
        description: 'OCPP 2.x IdTokenEnumType; Central when absent. OCPP 1.6 has no types.',
      }),
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
    'Asks the charger to start a session for a token. Worked when a transaction for this very request starts; the driver may have to plug in first.',
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
      request(asked, charger) {
        if (asked.token.length > 20)
          return refuse('an OCPP 1.6 idTag holds at most 20 characters', 'token')
        if (asked.tokenType !== undefined)
          return refuse('OCPP 1.6 knows no token types', 'tokenType')
        const place = resolvePlace(asked, charger)
        if (isRefusal(place)) return place
        const connector = place.evse === undefined ? {} : { connectorId: place.evse }
        return { idTag: asked.token, ...connector }
      },
      answers,
    }),
    ...call2x('RequestStartTransaction', {
      request(asked, charger, fresh) {
        const place = resolvePlace(asked, charger)
        if (isRefusal(place)) return place
        const evse = place.evse === undefined ? {} : { evseId: place.evse }
        const idToken = { idToken: asked.token, type: asked.tokenType ?? 'Central' }
        return { idToken, remoteStartId: fresh.number, ...evse }
      },
      answers,
    }),
  },
})

function isTheSession(
  session: SessionFacts,
  facts: ChargerFacts,
  since: number,
  asked: Params,
  remoteStartId: number,
): boolean {
  if (session.startReceivedAt <= since) return false
  if (session.remoteStartId !== undefined) return session.remoteStartId === remoteStartId
  if (session.token !== asked.token || session.startedAt < since - clockToleranceMs) return false
  const place = resolvePlace(asked, facts)
  return isRefusal(place) || place.evse === undefined || place.evse === session.evse
}
