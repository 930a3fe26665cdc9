import type { Profile } from './profiles.ts'
import { compositeSchedule, limitWattsAt } from './profiles.ts'
import type { ChargerState } from './state.ts'
import { runningTransactions } from './state.ts'

const planAheadMs = 3_600_000
const theCharger = { evse: 0, transactionKey: undefined, startedAt: undefined }

export interface Limits {
  /** Only EVSEs whose limit is another one now. */
  readonly limits: readonly { readonly evse: number; readonly watts: number }[]
  /** When to look again; undefined: no profile says anything. */
  readonly nextTurnMs: number | undefined
}

/**
 * What the charging profiles allow each EVSE at this moment. What the charger may draw as a whole is shared
 * out evenly among the EVSEs where sessions run.
 */
export function limitsOf(
  state: ChargerState,
  profiles: readonly Profile[],
  now: number,
  maxWatts: number,
): Limits {
  const limits: { evse: number; watts: number }[] = []
  let nextTurnMs: number | undefined
  const whole = limitWattsAt(profiles, now, theCharger, Infinity)
  const sharing = runningTransactions(state).length
  for (const { id, limitWatts, transaction } of state.evses) {
    const occupancy = {
      evse: id,
      transactionKey: transaction?.key,
      startedAt: transaction?.startedAt,
    }
    const share = transaction === undefined ? whole : whole / sharing
    const watts = Math.min(limitWattsAt(profiles, now, occupancy, maxWatts), share)
    if (watts !== limitWatts) limits.push({ evse: id, watts })
    if (profiles.length === 0) continue
    const plan = compositeSchedule(profiles, now, planAheadMs, occupancy, maxWatts)
    const turnMs = plan[1]?.startMs ?? planAheadMs
    nextTurnMs = Math.min(nextTurnMs ?? turnMs, turnMs)
  }
  return { limits, nextTurnMs }
}
