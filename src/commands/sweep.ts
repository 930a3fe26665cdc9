import type { Clock } from '../kernel/clock.ts'
import type { Advancer } from './advance.ts'
import { unchanged } from './dispatch.ts'
import { expire } from './life/ends.ts'
import { onNoOutcome } from './life/outcome.ts'
import type { CommandQueries } from './queries.ts'
import type { Watch } from './watch.ts'

export interface SweepOptions {
  readonly queries: Pick<CommandQueries, 'expired' | 'overdueAnswers'>
  readonly advance: Pick<Advancer, 'all'>
  readonly watch: Pick<Watch, 'settleOverdue'>
  /** Cancels what those who were shut out have waiting. */
  readonly tellShutOut: () => Promise<void>
  readonly clock: Clock
}

/** How many targets of a kind one sweep looks at. */
const batchSize = 1_000

/** Looks at every deadline once. What fails for one kind of deadline is told when all kinds have been looked at. */
export async function sweepDeadlines({
  queries,
  advance,
  watch,
  tellShutOut,
  clock,
}: SweepOptions): Promise<void> {
  const now = clock.now()
  const kinds = [
    async () => {
      await advance.all(await queries.expired(now, batchSize), (dispatch, operation, at) =>
        dispatch.state === 'queued' && dispatch.notAfter <= at
          ? expire(dispatch, operation, at)
          : unchanged(dispatch),
      )
    },
    async () => {
      await advance.all(await queries.overdueAnswers(now, batchSize), (dispatch, operation, at) =>
        dispatch.calling && dispatch.answerBy !== null && dispatch.answerBy <= at
          ? onNoOutcome(dispatch, operation, at)
          : unchanged(dispatch),
      )
    },
    () => watch.settleOverdue(),
    tellShutOut,
  ]
  const errors: unknown[] = []
  for (const look of kinds) await look().catch((error: unknown) => errors.push(error))
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new AggregateError(errors, 'several kinds of deadlines failed')
}
