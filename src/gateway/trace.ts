import type { Parsed } from '../ocpp/frame.ts'
import type { Connection } from './connection.ts'
import type { House } from './house.ts'
import { maskForTrace } from './mask.ts'
import { Outbox } from './outbox.ts'
import { subjects } from './protocol.ts'
import type { TraceFrame, TraceOrder } from './trace-protocol.ts'
import { forEver } from './trace-protocol.ts'

/** Of a message, so many characters are kept. */
const keptChars = 4_000
const longestName = 100
/** About how long a frame is without its text, characters. */
const baseChars = 300

/** That a connection is traced, and how far its trace has come. */
export interface Traced {
  /** ms since the epoch. */
  until: number
  /** Of the last frame. */
  sequence: number
  /** Frames that could not be kept since. */
  missed: number
}

type About = Pick<TraceFrame, 'type' | 'direction'> &
  Partial<Pick<TraceFrame, 'action' | 'messageId' | 'roundTripMs'>>

/**
 * Gives the frames of traced connections to control. What is not traced costs one comparison a frame.
 * Bounded: where control does not keep up, frames are left out, counted, and the gap is told.
 */
export class TraceLine {
  readonly #house: Pick<House, 'bus' | 'clock' | 'log' | 'limits'>
  readonly #outbox: Outbox<TraceFrame>
  #gathered: TraceFrame[] = []

  constructor(house: Pick<House, 'bus' | 'clock' | 'log' | 'limits'>) {
    this.#house = house
    this.#outbox = new Outbox(subjects.trace, house)
  }

  /** Frames control has not taken yet. */
  get size(): number {
    return this.#gathered.length + this.#outbox.size
  }

  received(connection: Connection, parsed: Parsed, text: string): void {
    if (!this.#isTraced(connection)) return
    if (!parsed.ok) {
      const { id, action } = parsed
      return this.#put(connection, text, {
        direction: 'in',
        type: 'unreadable',
        ...(action === undefined ? {} : { action }),
        ...(id === undefined ? {} : { messageId: id }),
      })
    }
    const { frame } = parsed
    const about = { direction: 'in', type: frame.type, messageId: frame.id } as const
    if (frame.type === 'call' || frame.type === 'send')
      return this.#put(connection, text, { ...about, action: frame.action })
    this.#put(connection, text, { ...about, ...answeredBy(connection, frame.id) })
  }

  /** A frame whose text is nobody's guess. */
  receivedBinary(connection: Connection, bytes: number): void {
    if (this.#isTraced(connection))
      this.#put(connection, `(a binary frame of ${bytes} bytes)`, {
        direction: 'in',
        type: 'unreadable',
      })
  }

  /** `text` is a frame of ours, so it begins as OCPP-J wants it. */
  sent(connection: Connection, text: string, action?: string, roundTripMs?: number): void {
    if (!this.#isTraced(connection)) return
    const [, number, id] = ownFrame.exec(text) ?? []
    this.#put(connection, text, {
      direction: 'out',
      type: ownTypes[number ?? ''] ?? 'unreadable',
      ...(id === undefined ? {} : { messageId: id }),
      ...(action === undefined ? {} : { action }),
      ...(roundTripMs === undefined ? {} : { roundTripMs: Math.round(roundTripMs) }),
    })
  }

  /** The connection is gone: what could not be kept before it went is told now. */
  ended(connection: Connection): void {
    const { traced } = connection
    if (traced === undefined || traced.missed === 0) return
    this.#gathered.push({ ...this.#base(connection, traced), type: 'gap', text: '', length: 0 })
  }

  obey(order: TraceOrder, find: (identity: string) => Connection | undefined): void {
    for (const { identity, until } of order.chargers) {
      const connection = find(identity)
      if (connection !== undefined) trace(connection, until)
    }
  }

  /** Hands on what was gathered. */
  flush(): void {
    const gathered = this.#gathered
    if (gathered.length === 0) return
    this.#gathered = []
    for (const frame of gathered) this.#outbox.put(frame, baseChars + frame.text.length)
  }

  empty(): Promise<void> {
    this.flush()
    return this.#outbox.empty()
  }

  stop(): void {
    this.#outbox.stop()
  }

  #isTraced({ traced }: Connection): boolean {
    return traced !== undefined && this.#house.clock.now() < traced.until
  }

  #put(connection: Connection, text: string, about: About): void {
    const traced = connection.traced!
    if (this.size >= this.#house.limits.maxTraceWaiting) {
      traced.missed += 1
      traced.sequence += 1
      return
    }
    const { action, messageId } = about
    this.#gathered.push({
      ...this.#base(connection, traced),
      ...about,
      ...(action === undefined ? {} : { action: name(action) }),
      ...(messageId === undefined ? {} : { messageId: name(messageId) }),
      text: maskForTrace(text, keptChars),
      length: text.length,
    })
  }

  #base(
    { identity, epoch }: Connection,
    traced: Traced,
  ): Pick<TraceFrame, 'identity' | 'epoch' | 'sequence' | 'at' | 'missed'> {
    traced.sequence += 1
    const { missed, sequence } = traced
    traced.missed = 0
    const at = this.#house.clock.now()
    return { identity, epoch, sequence, at, ...(missed === 0 ? {} : { missed }) }
  }
}

/** Begins, prolongs or ends the trace of a connection. */
export function trace(connection: Connection, until: number): void {
  if (connection.traced !== undefined) connection.traced.until = until
  else if (until > 0) connection.traced = { until, sequence: 0, missed: 0 }
}

export function traceAll(connections: readonly Connection[]): void {
  for (const connection of connections) trace(connection, forEver)
}

const ownFrame = /^\[(\d),"((?:[^"\\]|\\.)*)"/
const ownTypes: Readonly<Record<string, TraceFrame['type']>> = {
  2: 'call',
  3: 'result',
  4: 'error',
  5: 'result-error',
  6: 'send',
}

/** The CALL of ours that the charger answers, as far as it is known. */
function answeredBy(
  { house, identity, outstanding }: Connection,
  id: string,
): Partial<Pick<TraceFrame, 'action' | 'roundTripMs'>> {
  const call = outstanding?.callId === id ? outstanding : house.lateCalls.peek(id, identity)
  if (call === undefined) return {}
  const roundTripMs = Math.round(house.clock.monotonic() - call.sentMono)
  return { action: call.action, roundTripMs }
}

function name(text: string): string {
  return text.slice(0, longestName).toWellFormed()
}
