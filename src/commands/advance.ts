import type { CallOutcome } from '../gateway/protocol.ts'
import { isPassing } from '../intake/passing.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { operationNamed } from '../operations/catalogue.ts'
import type { Operation } from '../operations/operation.ts'
import { change } from '../storage/database.ts'
import type { Database } from '../storage/database.ts'
import type { After } from './aftermath.ts'
import { unchanged } from './dispatch.ts'
import type { Dispatch, Progress } from './dispatch.ts'
import type { EarlierCall } from './dispatch-row.ts'
import { onEarlierOutcome } from './earlier-frame.ts'
import { onOutcome } from './life/outcome.ts'
import { notTaken } from './not-taken.ts'
import { recordable } from './recordable.ts'
import type { Advance, CommandWrites, Written } from './store.ts'

export type Decide = (dispatch: Dispatch, operation: Operation, at: number) => Progress

export interface Advancer {
  /**
   * Decides for each of the targets, durably, and tells who waits. One that can never be written is logged
   * and left, whatever becomes of the others; fails where the database is away.
   */
  all(ids: readonly string[], decide: Decide): Promise<void>
  /** Takes the gateways' reports. They may come twice, or for CALLs given up long ago. */
  outcomes(outcomes: readonly CallOutcome[]): Promise<void>
}

export interface AdvancerOptions {
  readonly database: Database
  readonly writes: CommandWrites
  readonly clock: Clock
  readonly log: Log
  readonly after: After
  /** The charger's order was not sent after all. */
  readonly retry: (charger: string) => void
}

/** Changes handed over at once: what waits to be committed is bounded, and others have changes as well. */
const atOnce = 2_000

export function advancer({
  database,
  writes,
  clock,
  log,
  after,
  retry,
}: AdvancerOptions): Advancer {
  /** All are handed over in one turn of the event loop, so that one group commit takes them in order. */
  async function commitEach(
    items: readonly Advance[],
    tell: (written: Written) => void,
  ): Promise<void> {
    const results = await Promise.allSettled(
      items.map((item) => database.commit(change(writes.advance, item))),
    )
    const passing: unknown[] = []
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') {
        const [written] = result.value
        if (written !== undefined) tell(written)
      } else if (isPassing(result.reason)) passing.push(result.reason)
      else log.error({ err: result.reason as unknown, ...items[index]!.key }, notWritten)
    }
    if (passing.length > 0) throw passing[0]
  }

  return {
    async all(ids, decide) {
      for (let first = 0; first < ids.length; first += atOnce) {
        const at = clock.now()
        const items = ids.slice(first, first + atOnce).map((id) => ({
          key: { id },
          at,
          decide: (dispatch: Dispatch) =>
            decideKnown(dispatch, (operation) => decide(dispatch, operation, at)),
        }))
        await commitEach(items, (written) => after(written))
      }
    },
    /**
     * Gateways repeat their reports until they are taken, so one that can never be taken must not hold up
     * the others: the command it was about becomes unknown at its deadline.
     */
    async outcomes(reported) {
      const kept = reported.map(recordable)
      const unsent = new Set(kept.flatMap((one) => (one.kind === 'not-sent' ? [one.callId] : [])))
      const items = kept.map((outcome) => ({
        key: { callId: outcome.callId },
        at: outcome.at,
        decide: (dispatch: Dispatch, earlier?: EarlierCall) =>
          decideKnown(dispatch, (operation) =>
            earlier === undefined
              ? onReport(dispatch, operation, outcome)
              : onEarlierOutcome(dispatch, operation, outcome, earlier),
          ),
      }))
      await commitEach(items, (written) => {
        const { charger, notTaken: refusal } = written.dispatch
        if (refusal === null || !unsent.has(refusal.callId)) return after(written)
        after(written, 'later')
        retry(charger)
      })
    },
  }
}

const notWritten = 'what became of a command could not be recorded; it stays as it was'

function onReport(dispatch: Dispatch, operation: Operation, outcome: CallOutcome): Progress {
  const progress = onOutcome(dispatch, operation, outcome)
  return outcome.kind === 'not-sent' && dispatch.calling
    ? notTaken(dispatch, progress, outcome.reason)
    : progress
}

/** A command of an operation that a newer release dropped stays as it is. */
function decideKnown(dispatch: Dispatch, decide: (operation: Operation) => Progress): Progress {
  const operation = operationNamed(dispatch.operation)
  return operation === undefined ? unchanged(dispatch) : decide(operation)
}
