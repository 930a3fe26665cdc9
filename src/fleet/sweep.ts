import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Database } from '../storage/database.ts'
import { forgetConditions } from './conditions/store.ts'
import { forgetConnections } from './connections/store.ts'
import { forgetFaults } from './faults/store.ts'
import { forgetParts } from './learned/store.ts'
import { forgetNotices } from './notices/store.ts'
import type { Announce } from './publish.ts'
import { trimSettings } from './settings/store.ts'
import { loseConnections } from './reports/state-store.ts'

const dayMs = 86_400_000
/** How long history is kept. Sessions are kept for ever. */
const keptMs = {
  connections: 90 * dayMs,
  notices: 90 * dayMs,
  parts: 30 * dayMs,
  faults: 365 * dayMs,
}
/** And how much of it a charger, whatever it does. */
const mostConnections = 1_000
const mostFaults = 1_000
const mostSettings = 10_000
const forgetEveryMs = 3_600_000

export interface Sweep {
  /**
   * Housekeeping, to be run every minute or so on every node; several at once do no harm. Gives up
   * connections whose gateway has reported nothing for `silentAfterMs`, which must exceed the longest
   * silence a gateway lets a charger have, judges what time alone changes of chargers' conditions, and
   * once an hour forgets history past its time.
   */
  sweep(silentAfterMs: number): Promise<{ readonly forgotten: number; readonly lost: number }>
  /**
   * Gives up what one gateway held, or all connections there are: after it, or the process that played
   * every role, has started anew and holds none.
   */
  loseConnections(gateway?: string): Promise<number>
}

export function openSweep(house: {
  readonly database: Database
  readonly clock: Clock
  readonly announce: Announce
  readonly log: Log
  readonly judgeAll: () => Promise<void>
}): Sweep {
  const { database, clock, announce, log, judgeAll } = house

  async function lose(
    which: Parameters<typeof loseConnections>[1],
    detail: string,
  ): Promise<number> {
    const at = clock.now()
    const lost = await database.transaction((tx) => loseConnections(tx, which, at, detail))
    const data = { reason: 'network-lost', detail }
    announce.happened(lost.map((charger) => ({ type: 'charger.disconnected', at, charger, data })))
    announce.changed(lost)
    if (lost.length > 0) log.warn({ chargers: lost.length, detail }, 'connections were given up')
    return lost.length
  }

  function forget(now: number): Promise<number> {
    return database.transaction(
      async (tx) =>
        (await forgetConnections(tx, now - keptMs.connections, mostConnections)) +
        (await forgetNotices(tx, now - keptMs.notices)) +
        (await forgetParts(tx, now - keptMs.parts)) +
        (await trimSettings(tx, mostSettings)) +
        (await forgetConditions(tx, now - keptMs.faults, mostFaults)) +
        (await forgetFaults(tx, now - keptMs.faults, mostFaults)),
    )
  }

  let forgotAt: number | undefined
  return {
    async sweep(silentAfterMs) {
      const now = clock.now()
      const lost = await lose(
        { silentSince: now - silentAfterMs },
        'the gateway that held the connection reports nothing any more',
      )
      await judgeAll()
      if (forgotAt !== undefined && now - forgotAt < forgetEveryMs) return { forgotten: 0, lost }
      forgotAt = now
      return { forgotten: await forget(now), lost }
    },
    loseConnections: (gateway) =>
      lose({ gateway }, 'the gateway that held the connection started anew'),
  }
}
