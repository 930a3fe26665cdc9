import type { TraceFrame } from '../gateway/trace-protocol.ts'
import type { FrameKey, ShownFrame, TraceFilter } from './trace.ts'

export function showFrame(frame: TraceFrame): ShownFrame {
  return {
    at: new Date(frame.at).toISOString(),
    epoch: frame.epoch,
    sequence: frame.sequence,
    direction: frame.direction ?? null,
    type: frame.type,
    action: frame.action ?? null,
    messageId: frame.messageId ?? null,
    text: frame.text,
    length: frame.length,
    roundTripMs: frame.roundTripMs ?? null,
    missed: frame.missed ?? 0,
  }
}

/** The frame where it matches; of another the gap before it, which is never kept quiet about. */
export function filtered(frame: ShownFrame, filter: TraceFilter): ShownFrame | undefined {
  if (matches(frame, filter)) return frame
  return frame.missed > 0 ? gapBefore(frame) : undefined
}

function matches(frame: ShownFrame, { direction, action, messageId, since }: TraceFilter): boolean {
  if (since !== undefined && Date.parse(frame.at) < since) return false
  if (frame.type === 'gap') return true
  return (
    (direction === undefined || frame.direction === direction) &&
    (action === undefined || frame.action?.toLowerCase() === action.toLowerCase()) &&
    (messageId === undefined || frame.messageId === messageId)
  )
}

export function gapBefore(frame: ShownFrame): ShownFrame {
  const nothing = { direction: null, action: null, messageId: null, roundTripMs: null }
  return { ...frame, ...nothing, type: 'gap', text: '', length: 0 }
}

export function isLater(one: FrameKey, other: FrameKey): boolean {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.sequence > other.sequence)
}
