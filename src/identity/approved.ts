import type { Change, Tx } from '../storage/database.ts'

/** An approved request that is carried out by one of the deeds here: used up in the deed's own transaction. */
export interface Approved {
  readonly id: string
  readonly use: {
    readonly change: Change
    /** For a transaction of its own; before its entries in the record. */
    within(tx: Tx): Promise<void>
  }
}
