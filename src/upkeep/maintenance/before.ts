import type { Taken } from '../../commands/asked.ts'
import type { ChargerFacts, ConnectorFacts } from '../../operations/facts.ts'
import type { Before } from './stay.ts'

/** Statuses that say nothing of whether a connector is in service. */
const unclear: readonly ConnectorFacts['status'][] = [
  'Unavailable',
  'Faulted',
  'Charging',
  'SuspendedEV',
  'SuspendedEVSE',
  'Finishing',
  'Occupied',
]

/** The connectors proper; on OCPP 1.6 the charger itself reports as EVSE 0. */
export function connectorsOf({ connectors }: ChargerFacts): readonly ConnectorFacts[] {
  return connectors.filter(({ evse }) => evse > 0)
}

/** Whether what was asked of the charger before has to be known as well. */
export function needsHistory(facts: ChargerFacts): boolean {
  return connectorsOf(facts).some(({ status }) => unclear.includes(status))
}

/**
 * How the connectors are, before anything is told. `taken`: the changes of availability the charger accepted,
 * oldest first: they tell who put a connector out of service, and of one that charges or is faulted whether
 * it will be out of service afterwards.
 */
export function howItIs(facts: ChargerFacts, taken: readonly Taken[]): readonly Before[] {
  return connectorsOf(facts).map((one) => {
    const { evse, connector, status } = one
    const asked = lastWord(one, taken, facts.version === '1.6')
    if (unclear.includes(status) && asked === 'inoperative')
      return { evse, connector, availability: 'inoperative', by: 'us' }
    if (status === 'Unavailable')
      return { evse, connector, availability: 'inoperative', by: 'somebody else' }
    return { evse, connector, availability: 'operative' }
  })
}

/** What a place was last told; what the whole charger is told counts for each. On OCPP 1.6 connector N is EVSE N. */
function lastWord(
  { evse, connector }: ConnectorFacts,
  taken: readonly Taken[],
  flat: boolean,
): 'operative' | 'inoperative' | undefined {
  const last = taken.findLast(({ params }) => {
    if (flat) return [evse, undefined].includes((params.evse ?? params.connector) as number)
    const inEvse = params.evse === undefined || params.evse === evse
    return inEvse && (params.connector === undefined || params.connector === connector)
  })
  const word = last?.params.availability
  return word === 'operative' || word === 'inoperative' ? word : undefined
}

/**
 * What was remembered, in the light of what shows now. A connector that was out of service without our doing
 * and comes back by itself was out for a reason that has passed (a restart, an update), so it counts as
 * operative before; and so does one first seen now. Nothing becomes inoperative by what we do ourselves.
 */
export function reconsidered(before: readonly Before[], facts: ChargerFacts): readonly Before[] {
  const connectors = connectorsOf(facts)
  const known = before.map((one): Before => {
    const now = connectors.find((other) => isSame(one, other))
    const back = one.by === 'somebody else' && now !== undefined && shows(now)
    const { evse, connector } = one
    return back ? { evse, connector, availability: 'operative' } : one
  })
  const added = connectors
    .filter((one) => !before.some((other) => isSame(one, other)))
    .map(({ evse, connector }): Before => ({ evse, connector, availability: 'operative' }))
  const changed = added.length > 0 || known.some((one, index) => one !== before[index])
  return changed ? [...known, ...added] : before
}

/** It shows that it is in service. */
export function shows({ status }: ConnectorFacts): boolean {
  return status !== 'Unavailable' && status !== 'Faulted'
}

export function isSame(
  one: { readonly evse: number; readonly connector: number },
  other: { readonly evse: number; readonly connector: number },
): boolean {
  return one.evse === other.evse && one.connector === other.connector
}
