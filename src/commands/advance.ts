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
import { onOutcome } from './life/outcome.ts'
import { recordable } from './recordable.ts'
import type { CommandWrites, Written } from './store.ts'

export type Decide = (dispatch: Dispatch, operation: Operation, at: number) => Progress

export interface Advancer {
  /** Decides for each of the targets, durably, and tells who waits. */
  all(ids: readonly string[], decide: Decide): Promise<readonly Progress[]>
  /** Takes the gateways' reports. They may come twice, or for CALLs given up long ago. */
  outcomes(outcomes: readonly CallOutcome[]): Promise<void>
}

export interface AdvancerOptions {
  readonly database: Database
  readonly writes: CommandWrites
  readonly clock: Clock
  readonly log: Log
  readonly after: After
}

interface Item {
  readonly key: { readonly id: string } | { readonly callId: string }
  readonly at: number
  readonly decide: (dispatch: Dispatch) => Progress
}

export function advancer({ database, writes, clock, log, after }: AdvancerOptions): Advancer {
  async function commitAll(items: readonly Item[]): Promise<Written[]> {
    // All are handed over in one turn of the event loop, so that one group commit takes them in order.
    const results = await Promise.all(
      items.map((item) => database.commit(change(writes.advance, item))),
    )
    const made = results.flatMap(([progress]) => (progress === undefined ? [] : [progress]))
    for (const progress of made) after(progress)
    return made
  }

  /**
   * Gateways repeat their reports until they are taken, so one that can never be taken must not hold up the
   * others: it is logged and left, and the command it was about becomes unknown at its deadline.
   */
  async function settleEach(items: readonly Item[]): Promise<Written[]> {
    const results = await Promise.allSettled(
      items.map((item) => database.commit(change(writes.advance, item))),
    )
    return results.flatMap((result) => {
      if (result.status === 'fulfilled')
        return result.value[0] === undefined ? [] : [result.value[0]]
      if (isPassing(result.reason)) throw result.reason
      log.error({ err: result.reason as unknown }, 'what became of a CALL could not be recorded')
      return []
    })
  }

  return {
    all(ids, decide) {
      const at = clock.now()
      return commitAll(
        ids.map((id) => ({
          key: { id },
          at,
          decide: (dispatch) =>
            decideKnown(dispatch, (operation) => decide(dispatch, operation, at)),
        })),
      )
    },
    async outcomes(reported) {
      const made = await settleEach(
        reported.map(recordable).map((outcome) => ({
          key: { callId: outcome.callId },
          at: outcome.at,
          decide: (dispatch) =>
            decideKnown(dispatch, (operation) => onOutcome(dispatch, operation, outcome)),
        })),
      )
      for (const progress of made) after(progress)
    },
  }
}

/** A command of an operation that a newer release dropped stays as it is. */
function decideKnown(dispatch: Dispatch, decide: (operation: Operation) => Progress): Progress {
  const operation = operationNamed(dispatch.operation)
  return operation === undefined ? unchanged(dispatch) : decide(operation)
}
