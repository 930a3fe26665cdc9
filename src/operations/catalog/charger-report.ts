import Type from 'typebox'
import type { Static } from 'typebox'
import type { JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { limitsOf } from '../../models/limits.ts'
import { addressParams, resolvePlace } from '../address.ts'
import type { AskedKind, ChargerFacts } from '../facts.ts'
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
import type { Refusal } from '../operation.ts'

const kinds = [
  'boot',
  'status',
  'heartbeat',
  'meter-values',
  'firmware-status',
  'diagnostics-status',
  'log-status',
  'transaction',
] as const
type What = (typeof kinds)[number]

const params = Type.Object(
  {
    what: Type.Enum([...kinds], {
      description:
        'Which report to ask for. diagnostics-status is of OCPP 1.6, log-status and transaction are of 2.x.',
    }),
    ...addressParams,
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call, call2x } = planner<Params>()
const minute = 60_000

const messages16 = {
  boot: 'BootNotification',
  status: 'StatusNotification',
  heartbeat: 'Heartbeat',
  'meter-values': 'MeterValues',
  'firmware-status': 'FirmwareStatusNotification',
  'diagnostics-status': 'DiagnosticsStatusNotification',
} as const
const messages2x = {
  boot: 'BootNotification',
  status: 'StatusNotification',
  heartbeat: 'Heartbeat',
  'meter-values': 'MeterValues',
  'firmware-status': 'FirmwareStatusNotification',
  'log-status': 'LogStatusNotification',
  transaction: 'TransactionEvent',
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

/** Reports about a connector (OCPP 1.6 5.17, 2.0.1 F06); the others concern the whole charger. */
const placed: ReadonlySet<What> = new Set(['status', 'meter-values', 'transaction'])

function withoutPlace({ what, evse, connector }: Params): Refusal | undefined {
  const named = evse !== undefined || connector !== undefined
  return named && !placed.has(what)
    ? refuse(`a ${what} report concerns the whole charger`, 'evse')
    : undefined
}

export const chargerReport = operation({
  name: 'charger.report',
  title: 'Ask a charger for a report',
  description:
    'Asks for a boot, status, heartbeat, meter value, transaction or job report now. Worked when the report arrives.',
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
    seen(facts, since, { what }, { payload }) {
      const at = heardAt(facts, what, placeIn(payload))
      return at !== undefined && at > since ? { seen: 'yes', result: { receivedAt: at } } : notYet
    },
  },
  check: withoutPlace,
  versions: {
    '1.6': call('1.6', 'TriggerMessage', {
      request(asked, charger) {
        const { what } = asked
        const harm = harmful(what, charger)
        if (harm !== undefined) return harm
        if (what === 'log-status') return refuse('on OCPP 1.6 security.report asks for it', 'what')
        if (what === 'transaction')
          return refuse('OCPP 1.6 has no transaction reports; ask for meter-values', 'what')
        const place = resolvePlace(asked, charger)
        if (isRefusal(place)) return place
        const connector = place.evse === undefined ? {} : { connectorId: place.evse }
        return { requestedMessage: messages16[what], ...connector }
      },
      answers,
    }),
    ...call2x('TriggerMessage', {
      request(asked, charger) {
        const { what } = asked
        const harm = harmful(what, charger)
        if (harm !== undefined) return harm
        if (what === 'diagnostics-status')
          return refuse('on OCPP 2.x it is called log-status', 'what')
        const place = resolvePlace(asked, charger)
        if (isRefusal(place)) return place
        const requestedMessage = messages2x[what]
        if (place.evse === undefined) return { requestedMessage }
        const connector = place.connector === undefined ? {} : { connectorId: place.connector }
        return { requestedMessage, evse: { id: place.evse, ...connector } }
      },
      answers,
    }),
  },
})

function harmful(what: What, charger: ChargerFacts): Refusal | undefined {
  return what === 'boot' && limitsOf(charger).neverTriggersBoot
    ? refuse('this model connects again and again when it is asked to boot', 'what')
    : undefined
}

/** The place a trigger names; undefined where it names none. EVSE 0 is the charger itself. */
interface Named {
  readonly evse: number
  readonly connector?: number
}

function placeIn({ connectorId, evse }: JsonObject): Named | undefined {
  if (typeof connectorId === 'number') return { evse: connectorId }
  if (!isJsonObject(evse) || typeof evse['id'] !== 'number') return undefined
  const connector = evse['connectorId']
  return { evse: evse['id'], ...(typeof connector === 'number' ? { connector } : {}) }
}

/** When the report last came; about the place named only where it says which it is about. */
function heardAt(facts: ChargerFacts, what: What, place: Named | undefined): number | undefined {
  const { heard, asked } = facts
  if (!(what in heardAs)) return asked[what as AskedKind]
  if (place !== undefined && what === 'status') return statusAt(facts, place)
  if (place !== undefined && what === 'meter-values') return heard.meters?.[place.evse]
  return heard[heardAs[what as keyof typeof heardAs]]
}

function statusAt({ connectors }: ChargerFacts, { evse, connector }: Named): number | undefined {
  const times = connectors
    .filter((one) => one.evse === evse && (connector ?? one.connector) === one.connector)
    .map(({ receivedAt }) => receivedAt)
  return times.length === 0 ? undefined : Math.max(...times)
}
