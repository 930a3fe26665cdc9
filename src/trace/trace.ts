import type { Context } from '../kernel/actor.ts'
import type { Page, PageRequest } from '../kernel/page.ts'
import type { Subscription } from '../bus/bus.ts'
import type { TraceFrame } from '../gateway/trace-protocol.ts'

/** A message as the faces show it. */
export interface ShownFrame {
  readonly at: string
  /** Of the connection, and within it the number of the message from 1: together they give the order. */
  readonly epoch: number
  readonly sequence: number
  /** `in`: from the charger. Null for a gap. */
  readonly direction: 'in' | 'out' | null
  readonly type: TraceFrame['type']
  /** Of a result or error, the action of the CALL it answers. */
  readonly action: string | null
  readonly messageId: string | null
  /** Cut to 4,000 characters, secrets masked, drivers' tokens shortened. */
  readonly text: string
  /** Characters before it was cut. */
  readonly length: number
  /** Of a result or error: how long after its CALL. */
  readonly roundTripMs: number | null
  /** Messages right before this one that could not be kept. */
  readonly missed: number
}

/** All parts given must match. A gap matches everything: nobody knows what it held. */
export interface TraceFilter {
  readonly direction?: 'in' | 'out'
  readonly action?: string
  readonly messageId?: string
  /** ms since the epoch. */
  readonly since?: number
}

/** The place of a message in a charger's trace. */
export interface FrameKey {
  readonly epoch: number
  readonly sequence: number
}

export interface TraceState {
  readonly charger: string
  /** Until when its messages are kept. */
  readonly until: string
  readonly reason: string | null
}

/** The messages of traced chargers, kept and live. Unknown chargers are a ProblemError `not-found`. */
export interface Trace {
  /** Begins or prolongs a trace. `until` is ISO 8601; without it `minutes` count from now. */
  begin(
    context: Context,
    identity: string,
    order: { readonly until?: string; readonly minutes?: number; readonly reason: string },
  ): Promise<TraceState>
  /** Ends it. What was kept stays until its time is over. */
  end(context: Context, identity: string, reason?: string): Promise<void>
  /** Newest first. */
  frames(identity: string, page: PageRequest, filter: TraceFilter): Promise<Page<ShownFrame>>
  /** Oldest first, those that follow `after`. */
  following(
    identity: string,
    after: FrameKey,
    filter: TraceFilter,
    limit: number,
  ): Promise<ShownFrame[]>
  /** Tells of messages as soon as they are kept, whichever node kept them. */
  watch(identity: string, hear: (frames: readonly ShownFrame[]) => void): Subscription
}
