import type { JsonObject } from '../../kernel/json.ts'

/**
 * The EVSE that parameters name; undefined where they mean the whole charger, or leave open which (on OCPP 1.6
 * a connector may be named in its place, and that depends on the version).
 */
export function evseIn({ evse }: JsonObject): number | undefined {
  return typeof evse === 'number' ? evse : undefined
}

/** Sessions that run where it acts. */
export function sessionsThere(sessionsAt: readonly number[], params: JsonObject): number {
  const evse = evseIn(params)
  return evse === undefined ? sessionsAt.length : sessionsAt.filter((at) => at === evse).length
}
