import type { Audit, AuditEvent } from '../audit/audit.ts'
import type { Context } from '../kernel/actor.ts'
import { ProblemError } from '../kernel/problem.ts'
import { change, type Change, type Tx, type Write } from '../storage/database.ts'
import type { Use } from './kind.ts'
import { useRequests } from './store.ts'

export interface UsedRequest {
  readonly id: string
  readonly digest: string
  readonly at: number
  readonly context: Context
}

/** Whoever comes second, or when its time is over, is too late. */
export class UsedUp extends ProblemError {
  constructor() {
    super('too-late', 'the request was carried out, stopped or ran out')
  }
}

/**
 * Uses up approved requests. Whoever comes second, or too late, fails with everything in the same
 * transaction: this is why nothing is carried out twice.
 */
export function useWrite(audit: Pick<Audit, 'append'>): Write<UsedRequest> {
  return {
    name: 'approval.use',
    stage: 'state',
    async apply(tx, items, also) {
      const used = await useRequests(tx, items)
      const done = new Map(used.map((row) => [row.id, row]))
      for (const item of items) {
        const row = done.get(item.id)
        if (row === undefined || !done.delete(item.id)) throw new UsedUp()
        also(audit.append, executedEvent(item, row))
      }
      return items.map(() => undefined)
    },
  }
}

function executedEvent(
  { id, digest, at, context }: UsedRequest,
  { kind, reason, requestedBy, needs }: Awaited<ReturnType<typeof useRequests>>[number],
): AuditEvent {
  return {
    at,
    actor: context.actor,
    origin: context.origin,
    event: 'approval.executed',
    reason,
    detail: {
      approval: id,
      digest,
      kind,
      requestedBy: requestedBy.id,
      ...(needs.bootstrap ? { bootstrap: true } : {}),
    },
  }
}

/** The use of one request, for transactions of either make. */
export function useOf(write: Write<UsedRequest>, used: UsedRequest): Use {
  const made: Change = change(write, used)
  return {
    change: made,
    async within(tx: Tx) {
      const later: (() => Promise<unknown>)[] = []
      await write.apply(tx, [used], (other, item) => {
        later.push(() => other.apply(tx, [item], noFurther))
      })
      for (const one of later) await one()
    },
  }
}

function noFurther(): never {
  throw new Error('an audit entry adds no further changes')
}
