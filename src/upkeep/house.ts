import type { Audit } from '../audit/audit.ts'
import type { Bus } from '../bus/bus.ts'
import type { Commands } from '../commands/commands.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Gate } from '../policy/gate.ts'
import type { Database } from '../storage/database.ts'

/** What the parts of this room need of the rooms below. */
export interface House {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly fleet: Pick<Fleet, 'facts' | 'select' | 'show' | 'groups' | 'within'>
  readonly commands: Pick<Commands, 'submit' | 'cancel'>
  readonly policy: Pick<Gate, 'admit'>
  readonly bus: Bus
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
}
