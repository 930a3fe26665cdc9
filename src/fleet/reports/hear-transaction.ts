import type { ProductEvent } from '../../bus/events.ts'
import type { SignalFor } from '../../signals/catalog.ts'
import type { EventPhase, SessionRecord, Telling } from '../sessions/session.ts'
import {
  afterEvent,
  ended,
  eventKey,
  orphanedStop,
  sessionOfStop,
  started,
  startKey,
  stopKey,
  supersededBy,
} from '../sessions/session.ts'
import type { Happened, Hand } from './hand.ts'
import { deliveryOf, ownOf } from './hand.ts'
import type { Told } from './report.ts'

type TransactionSignal = SignalFor<
  'transaction.started' | 'transaction.updated' | 'transaction.ended'
>

/** Applies what a message says of a transaction; how is told in `sessions/session.ts`. */
export function hearTransaction(
  hand: Hand,
  told: Told,
  signal: TransactionSignal,
  telling: Telling,
): { readonly happened: Happened; readonly transactionId?: number } {
  if (signal.numbering === 'theirs') {
    const known = byStartKey(hand, telling.charger, eventKey(signal.transactionId))
    const after = afterEvent(known, hand.newId, phases[signal.kind], signal, telling)
    return { happened: put(hand, known, after) }
  }
  switch (signal.kind) {
    case 'transaction.started':
      return hearStart(hand, told, signal, telling)
    case 'transaction.updated':
      return { happened: [] }
    case 'transaction.ended':
      return { happened: hearStop(hand, signal, telling) }
  }
}

const phases: Readonly<Record<TransactionSignal['kind'], EventPhase>> = {
  'transaction.started': 'started',
  'transaction.updated': 'updated',
  'transaction.ended': 'ended',
}

function hearStart(
  hand: Hand,
  told: Told,
  signal: Extract<SignalFor<'transaction.started'>, { numbering: 'ours' }>,
  telling: Telling,
): { readonly happened: Happened; readonly transactionId: number } {
  const delivery = deliveryOf(told)
  const repeated = byStartKey(hand, telling.charger, startKey(signal, delivery))
  if (repeated !== undefined) return { happened: [], transactionId: Number(repeated.transactionId) }
  const transactionId = hand.transactionNumbers.shift()
  if (transactionId === undefined) throw new Error('no number was taken for a transaction')
  const session = started(hand.newId(), transactionId, signal, telling, delivery)
  return { happened: put(hand, undefined, session), transactionId }
}

function hearStop(
  hand: Hand,
  signal: Extract<SignalFor<'transaction.ended'>, { numbering: 'ours' }>,
  telling: Telling,
): Happened {
  const session = sessionOfStop(sessionsOf(hand, telling.charger), signal, telling)
  if (session === undefined)
    return put(hand, undefined, orphanedStop(hand.newId(), signal, telling))
  const after = ended(session, signal, telling)
  if (after === session) return []
  // A stop under a foreign id is known again by its own key, should it be repeated.
  const named = session.transactionId === signal.transactionId
  return put(hand, session, named ? after : { ...after, stopKey: stopKey(signal) })
}

function sessionsOf(hand: Hand, charger: string): SessionRecord[] {
  return [...ownOf(hand.sessions, charger).values()]
}

function byStartKey(hand: Hand, charger: string, key: string): SessionRecord | undefined {
  return sessionsOf(hand, charger).find((session) => session.startKey === key)
}

/** Where a transaction takes place, as far as it was told. */
export function placeOfTransaction(
  hand: Hand,
  charger: string,
  transactionId: string | undefined,
): { readonly evse: number; readonly connector: number } | undefined {
  if (transactionId === undefined) return undefined
  const session = byStartKey(hand, charger, eventKey(transactionId))
  return session === undefined || session.evse === 0
    ? undefined
    : { evse: session.evse, connector: session.connector }
}

function put(hand: Hand, before: SessionRecord | undefined, after: SessionRecord): Happened {
  const over = before === undefined ? supersededBy(after, sessionsOf(hand, after.charger)) : []
  for (const session of [...over, after]) {
    ownOf(hand.sessions, session.charger).set(session.id, session)
    hand.changed.sessions.set(session.id, session)
  }
  const happened = over.map(endEvent)
  if (before === undefined) happened.push(startEvent(after))
  if (before?.state !== 'ended' && after.state === 'ended') happened.push(endEvent(after))
  return happened
}

function startEvent(session: SessionRecord): ProductEvent {
  return {
    type: 'session.started',
    at: session.startedAt,
    charger: session.charger,
    data: {
      session: session.id,
      transactionId: session.transactionId,
      evse: session.evse,
      connector: session.connector,
      token: session.token,
    },
  }
}

function endEvent(session: SessionRecord): ProductEvent {
  return {
    type: 'session.ended',
    at: session.endedAt ?? session.startedAt,
    charger: session.charger,
    data: {
      session: session.id,
      transactionId: session.transactionId,
      evse: session.evse,
      connector: session.connector,
      stopReason: session.stopReason,
    },
  }
}
