import type { Connection } from './connection.ts'

/** Control may ask so much later again; a boot may end the wait sooner than it would last. */
const mostMs = 5_000

/** How much longer this charger is to be left alone, because its model cannot bear a CALL now; 0 when it can. */
export function quietMs(connection: Connection): number {
  const { policy, openedMono, bootAnsweredMono, bootState } = connection
  const { quietAfterOpenMs = 0, awaitBootMs = 0, quietAfterBootMs = 0 } = policy
  let until = openedMono + quietAfterOpenMs
  if (bootAnsweredMono === undefined) until = Math.max(until, openedMono + awaitBootMs)
  else if (bootState === 'accepted') until = Math.max(until, bootAnsweredMono + quietAfterBootMs)
  return Math.min(mostMs, Math.max(0, until - connection.house.clock.monotonic()))
}
