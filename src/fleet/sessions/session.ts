import { createHash } from 'node:crypto'
import type { SignalFor } from '../../signals/catalog.ts'
import type { SequenceNumbers } from './sequence-numbers.ts'
import { covers, withNumber } from './sequence-numbers.ts'

/**
 * A charging session and how reports change it. Pure: the same reports in any order and repeated any
 * number of times lead to the same session, except where OCPP 1.6 leaves nothing to tell them apart by.
 *
 * A session runs from its start until its stop is told. A BootNotification does not end it: chargers
 * report the stop of an interrupted transaction later, and some carry on with it. What does end it is a
 * newer transaction on the same EVSE, because an EVSE serves one vehicle at a time: the older session's
 * stop was lost, and it ends as `superseded`. Should its stop come after all, it fills in the truth.
 * Ended sessions never run again.
 */
export interface SessionRecord {
  readonly id: string
  readonly charger: string
  /** What makes a repeated start recognisable. */
  readonly startKey: string
  /** What makes a repeated stop recognisable that names no transaction of ours. */
  readonly stopKey: string | null
  readonly transactionId: string
  readonly evse: number
  readonly connector: number
  readonly token: string | null
  /** seqNo of the event the token is from: the earliest counts. */
  readonly tokenSeq: number | null
  readonly remoteStartId: number | null
  readonly state: 'running' | 'ended'
  /** By our clock, as far as the charger's is understood. ms since the epoch, like all times here. */
  readonly startedAt: number
  readonly startReceivedAt: number
  /** The start itself was told; otherwise `startedAt` is the earliest sign of the session. */
  readonly startSeen: boolean
  readonly endedAt: number | null
  readonly endReceivedAt: number | null
  /** The stop itself was told; false for a superseded session. */
  readonly endSeen: boolean
  readonly stopReason: string | null
  readonly meterStartWh: number | null
  readonly meterStopWh: number | null
  readonly seqFirst: number | null
  readonly seqLast: number | null
  readonly seqSeen: SequenceNumbers
  readonly complete: boolean
}

/** What a report is, beside what it says. */
export interface Telling {
  readonly charger: string
  readonly receivedAt: number
  /** When it happened, by our clock; our time of arrival where the charger's is unknown. */
  readonly happenedAt: number
}

export type NumberedStart = Extract<SignalFor<'transaction.started'>, { numbering: 'ours' }>
export type NumberedStop = Extract<SignalFor<'transaction.ended'>, { numbering: 'ours' }>
export type TransactionEvent = Omit<
  Extract<SignalFor<'transaction.started'>, { numbering: 'theirs' }>,
  'kind'
>
export type EventPhase = 'started' | 'updated' | 'ended'

/** Stop reason of a session whose stop was never told. */
export const superseded = 'superseded'
/** Stop reason of a session whose charger was removed. */
export const chargerRemoved = 'charger removed'

function keyOf(kind: string, ...parts: readonly unknown[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return `${kind}:${digest.slice(0, 40)}`
}

/**
 * OCPP 1.6: two StartTransactions are one when connector, idTag, timestamp and meterStart agree. Where the
 * clock was never set the timestamp tells nothing, and only the same message delivered twice is one.
 */
export function startKey(start: NumberedStart, delivery: string): string {
  const parts = [start.evse, start.token, start.reportedAt, start.meterStartWh]
  return start.at === undefined ? keyOf('start', ...parts, delivery) : keyOf('start', ...parts)
}

export function stopKey(stop: NumberedStop): string {
  return keyOf('stop', stop.transactionId, stop.reportedAt, stop.meterStopWh)
}

/** OCPP 2.x: the charger's own transaction id says it all. */
export function eventKey(transactionId: string): string {
  return `transaction:${transactionId}`
}

function newSession(id: string, telling: Telling): SessionRecord {
  return {
    id,
    charger: telling.charger,
    startKey: '',
    stopKey: null,
    transactionId: '',
    evse: 0,
    connector: 0,
    token: null,
    tokenSeq: null,
    remoteStartId: null,
    state: 'running',
    startedAt: telling.happenedAt,
    startReceivedAt: telling.receivedAt,
    startSeen: false,
    endedAt: null,
    endReceivedAt: null,
    endSeen: false,
    stopReason: null,
    meterStartWh: null,
    meterStopWh: null,
    seqFirst: null,
    seqLast: null,
    seqSeen: [],
    complete: true,
  }
}

/** A session begun by a StartTransaction, under the id it is given. */
export function started(
  id: string,
  transactionId: number,
  start: NumberedStart,
  telling: Telling,
  delivery: string,
): SessionRecord {
  return {
    ...newSession(id, telling),
    startKey: startKey(start, delivery),
    transactionId: String(transactionId),
    evse: start.evse,
    connector: start.connector,
    token: start.token ?? null,
    startSeen: true,
    meterStartWh: start.meterStartWh ?? null,
  }
}

/** A stop nobody can tell the session of, kept so that no energy is lost from sight. */
export function orphanedStop(id: string, stop: NumberedStop, telling: Telling): SessionRecord {
  return ended(
    {
      ...newSession(id, telling),
      startKey: stopKey(stop),
      transactionId: stop.transactionId,
      token: stop.token ?? null,
    },
    stop,
    telling,
  )
}

/** The session with its stop. One whose stop is known already stays as it is. */
export function ended(
  session: SessionRecord,
  stop: { readonly stopReason?: string; readonly meterStopWh?: number },
  telling: Telling,
): SessionRecord {
  if (session.endSeen) return session
  return {
    ...session,
    state: 'ended',
    endedAt: Math.max(telling.happenedAt, session.startedAt),
    endReceivedAt: session.endReceivedAt ?? telling.receivedAt,
    endSeen: true,
    stopReason: stop.stopReason ?? null,
    meterStopWh: stop.meterStopWh ?? null,
  }
}

/** How far the clocks of a start and a stop may disagree. */
const toleranceMs = 60_000

/**
 * The session a StopTransaction ends. The id alone where it is one of ours; otherwise (-1, 0, 2^63-1, the
 * charger's own number) the one running session it can belong to, if there is exactly one.
 */
export function sessionOfStop(
  sessions: readonly SessionRecord[],
  stop: NumberedStop,
  telling: Telling,
): SessionRecord | undefined {
  const key = stopKey(stop)
  const repeated = sessions.find((session) => session.stopKey === key || session.startKey === key)
  if (repeated !== undefined) return repeated
  const named = sessions.find(
    (session) => session.startSeen && session.transactionId === stop.transactionId,
  )
  if (named !== undefined) return named
  const fitting = sessions.filter(
    (session) =>
      session.state === 'running' &&
      session.startedAt <= telling.happenedAt + toleranceMs &&
      (session.meterStartWh === null ||
        stop.meterStopWh === undefined ||
        session.meterStartWh <= stop.meterStopWh),
  )
  return fitting.length === 1 ? fitting[0] : undefined
}

/** Sessions a newly begun one shows to have ended without our hearing of it. */
export function supersededBy(
  begun: SessionRecord,
  sessions: readonly SessionRecord[],
): SessionRecord[] {
  if (begun.evse === 0 || begun.state === 'ended') return []
  return sessions
    .filter(
      (session) =>
        session.id !== begun.id &&
        session.state === 'running' &&
        session.evse === begun.evse &&
        session.startedAt <= begun.startedAt,
    )
    .map((session) => ({
      ...session,
      state: 'ended' as const,
      endedAt: begun.startedAt,
      endReceivedAt: begun.startReceivedAt,
      stopReason: superseded,
    }))
}

/** OCPP 2.x: the session after a TransactionEvent, whatever came before it and in whatever order. */
export function afterEvent(
  before: SessionRecord | undefined,
  newId: () => string,
  phase: EventPhase,
  event: TransactionEvent,
  telling: Telling,
): SessionRecord {
  const base = before ?? {
    ...newSession(newId(), telling),
    startKey: eventKey(event.transactionId),
    transactionId: event.transactionId,
    complete: false,
  }
  const told: SessionRecord = {
    ...base,
    ...tokenAfter(base, phase, event),
    ...startAfter(base, phase, event, telling),
    evse: Math.max(base.evse, event.evse ?? 0),
    connector: Math.max(base.connector, event.connector ?? 0),
    remoteStartId: base.remoteStartId ?? event.remoteStartId ?? null,
    seqSeen: withNumber(base.seqSeen, event.seqNo),
    seqFirst: phase === 'started' ? event.seqNo : base.seqFirst,
    seqLast: phase === 'ended' ? event.seqNo : base.seqLast,
  }
  const after = phase === 'ended' ? ended(told, stopOf(event), telling) : told
  return { ...after, endedAt: endAfter(after), complete: isComplete(after) }
}

function stopOf(event: TransactionEvent): { stopReason?: string; meterStopWh?: number } {
  return {
    ...(event.stopReason === undefined ? {} : { stopReason: event.stopReason }),
    ...(event.meterWh === undefined ? {} : { meterStopWh: event.meterWh }),
  }
}

/** The token of whoever began it; the one in `Ended` is of whoever stopped it. */
function tokenAfter(base: SessionRecord, phase: EventPhase, event: TransactionEvent) {
  if (event.token === undefined || phase === 'ended') return {}
  if (base.tokenSeq !== null && base.tokenSeq <= event.seqNo) return {}
  return { token: event.token, tokenSeq: event.seqNo }
}

function startAfter(
  base: SessionRecord,
  phase: EventPhase,
  event: TransactionEvent,
  telling: Telling,
) {
  if (base.startSeen) return {}
  if (phase !== 'started') return { startedAt: Math.min(base.startedAt, telling.happenedAt) }
  return {
    startSeen: true,
    startedAt: telling.happenedAt,
    meterStartWh: event.meterWh ?? null,
  }
}

/** A session does not end before it starts, whichever of the two was told first. */
function endAfter(session: SessionRecord): number | null {
  return session.endedAt === null ? null : Math.max(session.endedAt, session.startedAt)
}

function isComplete({ startSeen, endSeen, seqFirst, seqLast, seqSeen }: SessionRecord): boolean {
  return (
    startSeen &&
    endSeen &&
    seqFirst !== null &&
    seqLast !== null &&
    covers(seqSeen, seqFirst, seqLast)
  )
}
