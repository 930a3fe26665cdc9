import type { Audit } from '../audit/audit.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import type { Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import { change } from '../storage/database.ts'
import type { Database, Write } from '../storage/database.ts'
import type { Advancer } from './advance.ts'
import { unchanged } from './dispatch.ts'
import { dropWaiting } from './life/ends.ts'
import type { CommandQueries } from './queries.ts'

interface Cancellation {
  readonly id: string
  readonly at: number
}

const markCancelled: Write<Cancellation> = {
  name: 'command.cancel',
  stage: 'state',
  async apply(tx, items) {
    await tx.query(
      `UPDATE command c SET cancelled_at = coalesce(c.cancelled_at, n.at)
       FROM json_to_recordset($1::json) AS n (id uuid, at bigint) WHERE c.id = n.id`,
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
    await database.commit(
      ...(command.hidden === 0 ? [change(markCancelled, { id, at })] : []),
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
    const detail = `cancelled by ${context.actor.name}: ${why}`
    await advance.all(waiting, (dispatch, operation, now) =>
      dispatch.state === 'queued'
        ? dropWaiting(dispatch, operation, 'cancelled', now, detail)
        : unchanged(dispatch),
    )
    const { cancelled, total } = await queries.cancelled(id, scope)
    return { cancelled, tooLate: total - cancelled }
  }
}
