import type { Profile } from './profiles.ts'
import { compositeSchedule, limitWattsAt } from './profiles.ts'
import type { ChargerState } from './state.ts'

const planAheadMs = 3_600_000

export interface Limits {
  /** Only EVSEs whose limit is another one now. */
  readonly limits: readonly { readonly evse: number; readonly watts: number }[]
  /** When to look again; undefined: no profile says anything. */
  readonly nextTurnMs: number | undefined
}

/** What the charging profiles allow each EVSE at this moment. */
export function limitsOf(
  state: ChargerState,
  profiles: readonly Profile[],
  now: number,
  maxWatts: number,
): Limits {
  const limits: { evse: number; watts: number }[] = []
  let nextTurnMs: number | undefined
  for (const { id, limitWatts, transaction } of state.evses) {
    const occupancy = {
      evse: id,
      transactionKey: transaction?.key,
      startedAt: transaction?.startedAt,
    }
    const watts = limitWattsAt(profiles, now, occupancy, maxWatts)
    if (watts !== limitWatts) limits.push({ evse: id, watts })
    if (profiles.length === 0) continue
    const plan = compositeSchedule(profiles, now, planAheadMs, occupancy, maxWatts)
    const turnMs = plan[1]?.startMs ?? planAheadMs
    nextTurnMs = Math.min(nextTurnMs ?? turnMs, turnMs)
  }
  return { limits, nextTurnMs }
}
