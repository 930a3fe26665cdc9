import type { Address } from '../address.ts'

/** Under which number a limit is remembered: the EVSE, as asked or else as sent, or 0 for the whole charger. */
export function limitPlace({ evse, connector }: Address, sentTo: number): number {
  if (evse !== undefined) return evse
  return connector === undefined ? 0 : sentTo || connector
}
