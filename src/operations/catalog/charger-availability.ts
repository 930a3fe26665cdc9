import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { addressParams, isAt, resolvePlace } from '../address.ts'
import type { Place } from '../address.ts'
import {
  accepted,
  isRefusal,
  notYet,
  operation,
  planner,
  refuse,
  refusedBecause,
} from '../operation.ts'
import type { ChargerFacts } from '../facts.ts'

const params = Type.Object(
  {
    availability: Type.Enum(['operative', 'inoperative'], {
      description:
        'operative: may charge. inoperative: out of service. It survives a reboot of the charger.',
    }),
    ...addressParams,
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call, call2x } = planner<Params>()
const words = { operative: 'Operative', inoperative: 'Inoperative' } as const
const minute = 60_000

const answers = {
  Accepted: accepted,
  Rejected: refusedBecause('the charger rejected the change of availability'),
  Scheduled: {
    meaning: 'accepted',
    detail: 'it will change when the running session has ended',
    result: { scheduled: true },
  },
} as const

function isScheduled(answer: Json): boolean {
  return isJsonObject(answer) && answer.scheduled === true
}

export const chargerAvailability = operation({
  name: 'charger.availability',
  title: 'Put a charger or connector in or out of service',
  description:
    'Changes the availability of the whole charger, one EVSE or one connector. With a session running the charger schedules it for afterwards. ' +
    'Worked when the connectors report the new state.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 24 * 60 * minute,
  conflict: {
    when: 'supersede',
    scope: ({ evse, connector }) => `place ${evse ?? '-'}.${connector ?? '-'}`,
  },
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the connectors concerned report the availability asked for',
    withinMs: (answer) => (isScheduled(answer) ? 24 * 60 * minute : 2 * minute),
    seen(facts, since, asked, { answered }) {
      const place = resolvePlace(asked, facts)
      if (isRefusal(place)) return notYet
      // Already in that state a charger accepts and reports nothing new (OCPP 1.6 5.2); without its answer only news counts.
      const news = answered ? -Infinity : since
      return everyConnector(facts, place, asked.availability === 'inoperative', news)
        ? { seen: 'yes' }
        : notYet
    },
  },
  undo: 'the same with the other availability',
  versions: {
    '1.6': call('1.6', 'ChangeAvailability', {
      request(asked, charger) {
        const place = underMaintenance(asked, charger) ?? resolvePlace(asked, charger)
        if (isRefusal(place)) return place
        return { connectorId: place.evse ?? 0, type: words[asked.availability] }
      },
      answers,
    }),
    ...call2x('ChangeAvailability', {
      request(asked, charger) {
        const place = underMaintenance(asked, charger) ?? resolvePlace(asked, charger)
        if (isRefusal(place)) return place
        const operationalStatus = words[asked.availability]
        if (place.evse === undefined) return { operationalStatus }
        const connector = place.connector === undefined ? {} : { connectorId: place.connector }
        return { operationalStatus, evse: { id: place.evse, ...connector } }
      },
      answers,
    }),
  },
})

/** Maintenance keeps it out of service; who ends it restores what was before. */
function underMaintenance({ availability }: Params, { maintenance }: ChargerFacts) {
  if (availability === 'inoperative' || maintenance === undefined) return undefined
  const { by, why } = maintenance
  return refuse(`it is under maintenance by ${by} (${why}): end that first`, 'availability')
}

/** A faulted connector shows neither state, so it proves nothing. */
function everyConnector(
  facts: ChargerFacts,
  place: Place,
  unavailable: boolean,
  since: number,
): boolean {
  const concerned = facts.connectors.filter(
    (one) => one.evse > 0 && isAt(place, one.evse, one.connector),
  )
  return (
    concerned.length > 0 &&
    concerned.every(
      (one) =>
        one.receivedAt > since &&
        one.status !== 'Faulted' &&
        (one.status === 'Unavailable') === unavailable,
    )
  )
}
