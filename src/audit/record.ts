import type { Context } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Database, Tx } from '../storage/database.ts'
import type { Audit } from './audit.ts'

/** What a change by a person needs: where it is stored, and where it is recorded. */
export interface Recorded {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
  readonly newId: NewId
}

export interface Change {
  readonly context: Context
  /** Dotted, e.g. `charger.registered`. */
  readonly event: string
  readonly charger?: string
  readonly dispatch?: string
  readonly reason?: string
  /** Never a secret. */
  readonly detail: JsonObject
}

/**
 * Writes the audit entries of changes into their own transaction. To be called last in it: the end of
 * the record stays locked until the commit.
 */
export async function recorded(
  tx: Tx,
  { audit, clock }: Pick<Recorded, 'audit' | 'clock'>,
  changes: readonly Change[],
): Promise<void> {
  if (changes.length === 0) return
  const at = clock.now()
  const events = changes.map(({ context, ...change }) => ({
    at,
    actor: context.actor,
    origin: context.origin,
    ...change,
  }))
  await audit.append.apply(tx, events, () => {
    throw new Error('an audit entry adds no further changes')
  })
}
