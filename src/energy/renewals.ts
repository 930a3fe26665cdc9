import { systemContext } from '../kernel/actor.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { SplitParts } from './split.ts'
import { dueWeeklyLimits, renewalKey } from './store.ts'

const batch = 500
/** A charger that is away longer keeps the schedule it has. */
const longestWaitMs = 30 * 24 * 3_600_000
const hour = 3_600_000

/**
 * Sends weekly limits again whose clocks have changed: chargers count weeks in UTC. The schedule for the
 * time after the change is in the charger already; this gives it the one after that.
 */
export async function renewWeeklyLimits({
  database,
  commands,
  clock,
  log,
}: Pick<SplitParts, 'database' | 'commands' | 'clock' | 'log'>): Promise<void> {
  const now = clock.now()
  const due = await dueWeeklyLimits(database, now - longestWaitMs + hour, now, batch)
  for (const { charger, place, params, after } of due) {
    const day = new Date(after).toISOString().slice(0, 10)
    try {
      await commands.submit(systemContext, {
        operation: 'power.limit',
        params,
        target: { chargers: [charger] },
        reason: `the clocks changed on ${day}: the weekly limit is sent again`,
        notAfter: new Date(after + longestWaitMs).toISOString(),
        idempotencyKey: renewalKey(charger, place, after),
      })
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      log.warn({ err: error, charger }, 'a weekly limit could not be sent again')
    }
  }
}
