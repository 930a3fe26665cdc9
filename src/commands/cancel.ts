import type { Audit } from '../audit/audit.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import type { Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Change as Recordable } from '../audit/record.ts'
import { change } from '../storage/database.ts'
import type { Database, Tx, Write } from '../storage/database.ts'
import type { Advancer } from './advance.ts'
import type { Operation } from '../operations/operation.ts'
import { unchanged, type Dispatch, type Progress } from './dispatch.ts'
import { dropWaiting } from './life/ends.ts'
import type { CommandQueries } from './queries.ts'

interface Cancellation {
  readonly id: string
  readonly at: number
  readonly because: string
}

const markCancelled: Write<Cancellation> = {
  name: 'command.cancel',
  stage: 'state',
  async apply(tx, items) {
    await tx.query(
      `UPDATE command c SET cancelled_at = n.at, cancelled_because = n.because
       FROM json_to_recordset($1::json) AS n (id uuid, at bigint, because text)
       WHERE c.id = n.id AND c.cancelled_at IS NULL`,
      [JSON.stringify(items)],
    )
    return items.map(() => undefined)
  },
}

export interface CancellerOptions {
  readonly database: Database
  readonly audit: Audit
  readonly clock: Clock
  readonly queries: CommandQueries
  readonly advance: Advancer
}

/**
 * Cancels what has not left yet. What was sent goes its way: a frame cannot be called back. What was on its
 * way to a gateway that does not take it is cancelled when its turn comes again, and counts as too late here.
 * Where the command has chargers outside the scope, theirs goes on, and so does what is on its way.
 */
export function canceller({ database, audit, clock, queries, advance }: CancellerOptions) {
  return async (
    context: Context,
    id: string,
    reason: string,
    scope: Scope = 'everywhere',
  ): Promise<{ cancelled: number; tooLate: number }> => {
    const why = reason.trim()
    if (why === '')
      throw new ProblemError('invalid-input', 'say why: a reason is required to cancel', 'reason')
    const command = await queries.summary(id, scope)
    const waiting = await queries.waiting(id, scope)
    const at = clock.now()
    const because = becauseOf(context, why)
    await database.commit(
      ...(command.hidden === 0 ? [change(markCancelled, { id, at, because })] : []),
      change(audit.append, {
        at,
        actor: context.actor,
        origin: context.origin,
        event: 'command.cancel-requested',
        command: id,
        reason: why,
        detail: { operation: command.operation, targets: waiting.length },
      }),
    )
    await advance.all(waiting, (dispatch, operation, now) =>
      dropCancelled(dispatch, operation, now, because),
    )
    const { cancelled, total } = await queries.cancelled(id, scope)
    return { cancelled, tooLate: total - cancelled }
  }
}

/** Takes back a target that waits. One that was sent goes its way. */
export function dropCancelled(
  dispatch: Dispatch,
  operation: Operation,
  now: number,
  because: string,
): Progress {
  return dispatch.state === 'queued'
    ? dropWaiting(dispatch, operation, 'cancelled', now, because)
    : unchanged(dispatch)
}

/** Who cancelled it and why, as its targets are told. */
function becauseOf({ actor }: Pick<Context, 'actor'>, why: string): string {
  return `cancelled by ${actor.name}: ${why}`
}

/**
 * Cancels whatever somebody has waiting, in the transaction that shuts them out: nothing begins in their name after it.
 * Targets that wait are told by the next sweep. Answers what is to be recorded of it.
 */
export async function withdrawAll(
  tx: Tx,
  context: Context,
  { actor, reason, at }: { readonly actor: string; readonly reason: string; readonly at: number },
): Promise<Recordable[]> {
  const { rows } = await tx.query<{ id: string; operation: string; targets: number }>(
    `UPDATE command c SET cancelled_at = $2, cancelled_because = $3
     FROM (SELECT command, count(*) AS targets FROM dispatch WHERE state = 'queued' GROUP BY command) w
     WHERE c.id = w.command AND c.actor->>'id' = $1 AND c.cancelled_at IS NULL
     RETURNING c.id, c.operation, w.targets`,
    [actor, at, becauseOf(context, reason)],
  )
  return rows.map(({ id, operation, targets }) => ({
    ...{ context, event: 'command.cancel-requested', command: id, reason },
    detail: { operation, targets },
  }))
}
