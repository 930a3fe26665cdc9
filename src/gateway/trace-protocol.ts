/** What gateways and control nodes say to each other about traced chargers, see `protocol.ts`. */

/** A message of a traced charger as it went over the wire, or a gap where some could not be kept. */
export interface TraceFrame {
  readonly identity: string
  readonly epoch: number
  /** Of the frame on its connection, from 1. */
  readonly sequence: number
  readonly at: number
  /** `in`: from the charger. Absent for a gap. */
  readonly direction?: 'in' | 'out'
  readonly type: 'call' | 'result' | 'error' | 'result-error' | 'send' | 'unreadable' | 'gap'
  /** Of a result or error, the action of the CALL it answers, where that is known. */
  readonly action?: string
  readonly messageId?: string
  /** Cut, and secrets masked. */
  readonly text: string
  /** Characters before it was cut. */
  readonly length: number
  /** Of a result or error: how long after its CALL. */
  readonly roundTripMs?: number
  /** Frames right before this one that could not be kept. */
  readonly missed?: number
}

export interface TraceOrder {
  /** Every charger is traced. */
  readonly all?: true
  /** Until when, ms since the epoch; 0 ends it. */
  readonly chargers: readonly { readonly identity: string; readonly until: number }[]
}

/** As a moment nobody reaches, ms since the epoch: the year 9999. */
export const forEver = 253_402_300_799_000
