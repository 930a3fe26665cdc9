import type { Context } from '../kernel/actor.ts'
import type { Change } from '../storage/database.ts'
import type { Asked } from './gate.ts'
import type { GrantedApproval } from './question.ts'

/**
 * Approved requests, as the gate asks for them when one is carried out. The room of approvals gives it; without
 * it nothing is ever granted.
 */
export interface ApprovedRequests {
  /**
   * The grant, where the request is approved, its wait is over and what is asked now is to the letter what was
   * approved: actor, operation, parameters, chargers, reason, ticket and acknowledgements. Else why not.
   */
  granted(approval: string, actor: string, asked: Asked): Promise<GrantedApproval | NotGranted>
  /**
   * Uses it up, in the transaction of what it was granted for. Fails, and the transaction with it, where the
   * request was used, vetoed or ran out meanwhile.
   */
  use(granted: GrantedApproval, context: Context): Change
}

export interface NotGranted {
  /** For the person who asked. */
  readonly because: string
}

/** As long as nobody can approve anything. */
export const nothingApproved: ApprovedRequests = {
  granted: () => Promise.resolve({ because: 'there are no approvals here' }),
  use() {
    throw new Error('nothing was granted that could be used')
  },
}
