import Type from 'typebox'
import type { ChargerFacts } from './facts.ts'
import { refuse } from './operation.ts'
import type { Refusal } from './operation.ts'

/** Where on a charger, in words that hold for every version. */
export const addressParams = {
  evse: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: 'EVSE number; on OCPP 1.6 the connector number',
    }),
  ),
  connector: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description:
        'Connector of the EVSE, counted from 1; on OCPP 1.6 the connector number when evse is absent',
    }),
  ),
}

export interface Address {
  readonly evse?: number | undefined
  readonly connector?: number | undefined
}

/** A place resolved against what is known of the charger; `evse` absent means the whole charger. */
export type Place =
  | { readonly evse?: undefined; readonly connector?: undefined }
  | { readonly evse: number; readonly connector?: number }

/**
 * Resolves an address. OCPP 1.6 knows connectors only (1.6 3.9: numbered from 1), so its connector N is
 * EVSE N here. On 2.x a connector without its EVSE is clear only where the charger has a single EVSE:
 * otherwise this refuses, because guessing could act on somebody else's car.
 */
export function resolvePlace(address: Address, charger: ChargerFacts): Place | Refusal {
  if (address.evse === undefined && address.connector === undefined) return {}
  const known = charger.connectors.filter((one) => one.evse > 0)
  const evses = [...new Set(known.map((one) => one.evse))]
  if (charger.version === '1.6') {
    if (address.evse !== undefined && address.connector !== undefined && address.connector !== 1) {
      return refuse(
        'OCPP 1.6 numbers connectors only: name either the evse or the connector',
        'connector',
      )
    }
    const connectorId = address.evse ?? address.connector ?? 0
    if (evses.length > 0 && !evses.includes(connectorId))
      return unknownPlace('connector', connectorId, evses)
    return { evse: connectorId }
  }
  const [onlyEvse] = evses
  const evse = address.evse ?? (evses.length === 1 ? onlyEvse : undefined)
  if (evse === undefined)
    return refuse(
      'this charger has several EVSEs or none is known yet: name the evse as well',
      'evse',
    )
  if (evses.length > 0 && !evses.includes(evse)) return unknownPlace('evse', evse, evses)
  if (address.connector === undefined) return { evse }
  const connectors = known.filter((one) => one.evse === evse).map((one) => one.connector)
  if (connectors.length > 0 && !connectors.includes(address.connector)) {
    return unknownPlace('connector', address.connector, connectors)
  }
  return { evse, connector: address.connector }
}

function unknownPlace(
  field: 'evse' | 'connector',
  asked: number,
  known: readonly number[],
): Refusal {
  return refuse(
    `this charger has no ${field} ${asked}; it reported ${[...known].sort((a, b) => a - b).join(', ')}`,
    field,
  )
}

/** Whether a report about `evse`/`connector` concerns the place. */
export function isAt(place: Place, evse: number, connector: number): boolean {
  if (place.evse === undefined) return true
  return place.evse === evse && (place.connector === undefined || place.connector === connector)
}
