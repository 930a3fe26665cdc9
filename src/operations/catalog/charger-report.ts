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
  unsupportedBecause,
} from '../operation.ts'

const params = Type.Object(
  {
    what: Type.Enum(['boot', 'status', 'heartbeat', 'meter-values'], {
      description: 'Which report to ask for',
    }),
    ...addressParams,
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call, call2x } = planner<Params>()
const minute = 60_000

const messages = {
  boot: 'BootNotification',
  status: 'StatusNotification',
  heartbeat: 'Heartbeat',
  'meter-values': 'MeterValues',
} as const
const heardAs = {
  boot: 'boot',
  status: 'status',
  heartbeat: 'heartbeat',
  'meter-values': 'meterValues',
} as const

const answers = {
  Accepted: accepted,
  Rejected: refusedBecause('the charger rejected the request for a report'),
  NotImplemented: unsupportedBecause('this charger cannot send that report on request'),
} as const

/** Boot and heartbeat concern the whole charger (OCPP 1.6 5.17, 2.0.1 F06). */
function withoutPlace({ what, evse, connector }: Params) {
  const placed = evse !== undefined || connector !== undefined
  return placed && (what === 'boot' || what === 'heartbeat')
    ? refuse(`a ${what} report concerns the whole charger`, 'evse')
    : undefined
}

export const chargerReport = operation({
  name: 'charger.report',
  title: 'Ask a charger for a report',
  description:
    'Asks for a boot, status, heartbeat or meter value report now. Worked when the report arrives.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the report arrives',
    withinMs: minute,
    seen(facts, since, { what }) {
      const heard = facts.heard[heardAs[what]]
      return heard !== undefined && heard > since
        ? { seen: 'yes', result: { receivedAt: heard } }
        : notYet
    },
  },
  check: withoutPlace,
  versions: {
    '1.6': call('1.6', 'TriggerMessage', {
      request(asked, charger) {
        const place = resolvePlace(asked, charger)
        if (isRefusal(place)) return place
        const connector = place.evse === undefined ? {} : { connectorId: place.evse }
        return { requestedMessage: messages[asked.what], ...connector }
      },
      answers,
    }),
    ...call2x('TriggerMessage', {
      request(asked, charger) {
        const place = resolvePlace(asked, charger)
        if (isRefusal(place)) return place
        const requestedMessage = messages[asked.what]
        if (place.evse === undefined) return { requestedMessage }
        const connector = place.connector === undefined ? {} : { connectorId: place.connector }
        return { requestedMessage, evse: { id: place.evse, ...connector } }
      },
      answers,
    }),
  },
})
