import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../../kernel/json.ts'
import type { ChargerFacts } from '../../facts.ts'
import { accepted, notYet, operation, planner, refusedBecause } from '../../operation.ts'

const params = Type.Object(
  {
    reservation: Type.Integer({
      minimum: 0,
      maximum: 2_147_483_647,
      description: 'The number reservation.make gave it',
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call, call2x } = planner<Params>()
const minute = 60_000

const request = ({ reservation }: Params) => ({ reservationId: reservation })
const answers = {
  Accepted: accepted,
  Rejected: refusedBecause('the charger has no such reservation'),
} as const

export const reservationCancel = operation({
  name: 'reservation.cancel',
  title: 'Cancel a reservation',
  description:
    'Lets go of a reserved connector. Worked when the connector is reported free again, or the charger says that the reservation is over.',
  risk: 'routine',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 30 * minute,
  conflict: { when: 'never' },
  // Which connector it is about is what was known when the CALL was made: afterwards it is Reserved no longer.
  expects: ({ reservation }, charger) => ({ evse: reservedEvse(reservation, charger) ?? null }),
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the connector is reported free again',
    withinMs: minute,
    seen(facts, since, { reservation }, { expects }) {
      const known = facts.reservations.find(({ id }) => id === reservation)
      if (known?.over !== undefined && known.over.receivedAt > since)
        return { seen: 'yes', result: { reservation, how: known.over.how } }
      const evse = evseIn(expects)
      if (evse === undefined) return notYet
      const free = facts.connectors.find(
        (one) => one.evse === evse && one.receivedAt > since && freeStates.has(one.status),
      )
      return free === undefined
        ? notYet
        : { seen: 'yes', result: { reservation, evse, status: free.status } }
    },
  },
  undo: 'reservation.make',
  versions: {
    '1.6': call('1.6', 'CancelReservation', { request, answers }),
    ...call2x('CancelReservation', { request, answers }),
  },
})

/** Not because somebody came: then it would be in use. */
const freeStates: ReadonlySet<string> = new Set(['Available', 'Unavailable'])

/** The EVSE held by this reservation and reported so: its own, or the only one that is Reserved. */
function reservedEvse(reservation: number, { reservations, connectors }: ChargerFacts) {
  const reserved = connectors.filter(({ status }) => status === 'Reserved')
  const own = reservations.find(({ id }) => id === reservation)?.evse
  if (own !== undefined) return reserved.some(({ evse }) => evse === own) ? own : undefined
  return reserved.length === 1 ? reserved[0]?.evse : undefined
}

function evseIn(expects: Json): number | undefined {
  const evse = (expects as { readonly evse?: Json } | null)?.evse
  return typeof evse === 'number' ? evse : undefined
}
