import { Type } from 'typebox'
import { count, mostConnectors, mostEvses } from './read.ts'

/** Where at the charger: EVSE 0 with connector 0 is the charger itself. */
export interface Place {
  readonly evse: number
  readonly connector: number
}

export const evseSchema = Type.Integer({ minimum: 0, maximum: mostEvses })
export const connectorSchema = Type.Integer({ minimum: 0, maximum: mostConnectors })

/** OCPP 1.6 knows connectors only: connector n is EVSE n with one connector. */
export function placeOfConnector(connectorId: unknown): Place | undefined {
  const evse = count(connectorId, mostEvses)
  return evse === undefined ? undefined : { evse, connector: evse === 0 ? 0 : 1 }
}

/** An OCPP 2.x EVSE; where only the EVSE is named, its first connector stands for it. */
export function placeOfEvse(evseId: unknown, connectorId?: unknown): Place | undefined {
  const evse = count(evseId, mostEvses)
  if (evse === undefined) return undefined
  if (evse === 0) return { evse: 0, connector: 0 }
  return { evse, connector: count(connectorId, mostConnectors) ?? 1 }
}
