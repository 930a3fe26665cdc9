import type { Context } from '../../kernel/actor.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Recorded } from '../record.ts'
import { recorded } from '../record.ts'
import { unknownCharger } from '../registry/view.ts'
import { checkReason } from '../rules.ts'
import type { TracedCharger } from './store.ts'
import { lockTrace, setTrace, tracedNow, traceEnds } from './store.ts'

/** Of which chargers every message is kept, on somebody's word and for a time. */
export interface Tracing {
  /** `until` is ms since the epoch. A trace that is on goes on until then. */
  begin(
    context: Context,
    identity: string,
    order: { readonly until: number; readonly reason: string },
  ): Promise<TracedCharger>
  /** Whether it was on. */
  end(context: Context, identity: string, reason?: string): Promise<boolean>
  /** Until when each is traced, null where it is not; unknown identities are absent. */
  untilOf(identities: readonly string[]): Promise<ReadonlyMap<string, number | null>>
  /** All whose trace is on. */
  traced(): Promise<TracedCharger[]>
}

/** Beyond these a trace is no look at something any more; `OTA_TRACE=all` is for that. */
const longestMs = 7 * 86_400_000
const mostTraced = 500

export function openTracing(house: Recorded): Tracing {
  const { database, clock } = house
  return {
    async begin(context, identity, { until, reason }) {
      const checked = checkReason(reason)
      checkUntil(until, clock.now())
      await database.transaction(async (tx) => {
        if ((await lockTrace(tx, identity)) === undefined) throw unknownCharger(identity)
        await setTrace(tx, identity, until, checked)
        const others = await tracedNow(tx, clock.now(), mostTraced + 1)
        if (others.length > mostTraced)
          throw new ProblemError(
            'invalid-input',
            `${mostTraced} chargers are traced already; end another trace first`,
          )
        const detail = { until: new Date(until).toISOString() }
        const change = { context, event: 'trace.begun', charger: identity, reason: checked, detail }
        await recorded(tx, house, [change])
      })
      return { identity, until, reason: checked }
    },

    end(context, identity, reason) {
      const why = reason === undefined ? {} : { reason: checkReason(reason) }
      return database.transaction(async (tx) => {
        const before = await lockTrace(tx, identity)
        if (before === undefined) throw unknownCharger(identity)
        if (before.until === null || before.until <= clock.now()) return false
        await setTrace(tx, identity, null, null)
        const change = { context, event: 'trace.ended', charger: identity, ...why, detail: {} }
        await recorded(tx, house, [change])
        return true
      })
    },

    untilOf: (identities) => traceEnds(database, identities),
    traced: () => tracedNow(database, clock.now(), mostTraced),
  }
}

function checkUntil(until: number, now: number): void {
  if (!(until > now)) throw new ProblemError('invalid-input', 'must be in the future', 'until')
  if (until - now > longestMs)
    throw new ProblemError('invalid-input', 'must be within seven days', 'until')
}
