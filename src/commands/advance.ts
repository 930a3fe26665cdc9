import type { CallOutcome } from '../gateway/protocol.ts'
import type { Clock } from '../kernel/clock.ts'
import { operationNamed } from '../operations/catalogue.ts'
import type { Operation } from '../operations/operation.ts'
import { change } from '../storage/database.ts'
import type { Database } from '../storage/database.ts'
import type { After } from './aftermath.ts'
import { unchanged } from './dispatch.ts'
import type { Dispatch, Progress } from './dispatch.ts'
import { onOutcome } from './life/outcome.ts'
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
  readonly after: After
}

export function advancer({ database, writes, clock, after }: AdvancerOptions): Advancer {
  async function commitAll(
    items: readonly {
      key: { id: string } | { callId: string }
      at: number
      decide: (dispatch: Dispatch) => Progress
    }[],
  ): Promise<Written[]> {
    // All are handed over in one turn of the event loop, so that one group commit takes them in order.
    const results = await Promise.all(
      items.map((item) => database.commit(change(writes.advance, item))),
    )
    const made = results.flatMap(([progress]) => (progress === undefined ? [] : [progress]))
    for (const progress of made) after(progress)
    return made
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
    async outcomes(outcomes) {
      await commitAll(
        outcomes.map((outcome) => ({
          key: { callId: outcome.callId },
          at: outcome.at,
          decide: (dispatch) =>
            decideKnown(dispatch, (operation) => onOutcome(dispatch, operation, outcome)),
        })),
      )
    },
  }
}

/** A command of an operation that a newer release dropped stays as it is. */
function decideKnown(dispatch: Dispatch, decide: (operation: Operation) => Progress): Progress {
  const operation = operationNamed(dispatch.operation)
  return operation === undefined ? unchanged(dispatch) : decide(operation)
}
