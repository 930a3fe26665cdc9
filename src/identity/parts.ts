import { createHmac } from 'node:crypto'
import type { Recorded } from '../audit/record.ts'
import type { Bus } from '../bus/bus.ts'
import type { Context } from '../kernel/actor.ts'
import type { Log } from '../kernel/log.ts'
import type { Query, Tx } from '../storage/database.ts'
import type { SecondFactors } from './factors/second-factor.ts'
import type { IdentityFigures } from './figures.ts'
import type { Passwords } from './people/passwords.ts'
import type { OpenSessions } from './sessions/open-sessions.ts'
import type { FollowGroups } from './single-sign-on/unlink.ts'

/** What the deeds of this room share. */
export interface IdentityShared extends Recorded {
  readonly bus: Bus
  readonly log: Log
  /** The figures that hold now. */
  readonly figures: () => IdentityFigures
  readonly passwords: Passwords
  readonly sessions: OpenSessions
  readonly secondFactors: SecondFactors
  /** Shared by all nodes. */
  readonly key: Buffer
  readonly bindRole?: BindRole
  readonly followGroups?: FollowGroups
  readonly shuttingOut?: ShuttingOut
  readonly owners?: Owners
}

/** Gives a new person the role of their invitation, in the transaction that makes them. The policy's to do. */
export type BindRole = (
  tx: Tx,
  context: Context,
  given: { readonly person: string; readonly role: string; readonly reason: string },
) => Promise<void>

/** People who are owner everywhere now. The policy's to know. */
export type Owners = (query: Query) => Promise<readonly string[]>

/**
 * Tells the rooms above, within the transaction and before anything is recorded in it, who begins nothing any more, and
 * who does again.
 */
export interface ShuttingOut {
  shutOut(
    tx: Tx,
    actor: { readonly actor: string; readonly because: string; readonly at: number },
  ): Promise<void>
  letIn(tx: Tx, actor: string): Promise<void>
}

/**
 * Stands for a name that may be nobody's: what is typed there may be a password, so it is kept nowhere
 * as it is. The same name has the same stand-in.
 */
export function standIn(key: Buffer, name: string): string {
  return createHmac('sha256', key).update(`name:${name}`).digest('base64url').slice(0, 22)
}
