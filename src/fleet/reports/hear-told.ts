import type { ProductEvent } from '../../bus/events.ts'
import { noteBoot, noteClock } from '../conditions/note.ts'
import { later } from '../rows.ts'
import type { Happened, Hand } from './hand.ts'
import { putState } from './hand.ts'
import { hearTransaction } from './hear-transaction.ts'
import type { Told } from './report.ts'
import {
  bootEvent,
  hearFault,
  hearNotice,
  hearReadings,
  hearStatus,
  isReplayed,
  timesOf,
} from './told-records.ts'
import {
  afterAsked,
  afterBoot,
  afterJob,
  afterMeterValues,
  afterPart,
  afterReservation,
  withClock,
  withVersion,
} from './told-state.ts'

export interface ToldResult {
  readonly happened: Happened
  readonly transactionId?: number
}

/** Applies one message of a charger: what it says of the clock first, because the rest is read by it. */
export function hearTold(hand: Hand, told: Told): ToldResult {
  const before = hand.states.get(told.identity)!
  let state = withVersion(withClock(before, told), told)
  const happened: ProductEvent[] = []
  let transactionId: number | undefined
  for (const [index, signal] of told.signals.entries()) {
    switch (signal.kind) {
      case 'charger.booted':
        state = afterBoot(state, told, signal)
        happened.push(bootEvent(told, signal))
        hearNotice(hand, state, told, signal, index, { provoked: told.provoked })
        noteBoot(hand, told, signal)
        break
      case 'charger.alive':
        state = { ...state, heardHeartbeatAt: later(state.heardHeartbeatAt, told.receivedAt) }
        break
      case 'connector.status':
        if (isReplayed(hand, state, told, signal)) break
        state = { ...state, heardStatusAt: later(state.heardStatusAt, told.receivedAt) }
        happened.push(...hearStatus(hand, state, told, signal))
        break
      case 'fault.reported':
        happened.push(...hearFault(hand, state, told, signal))
        break
      case 'transaction.started':
      case 'transaction.updated':
      case 'transaction.ended': {
        const at = 'at' in signal ? signal.at : undefined
        const result = hearTransaction(hand, told, signal, timesOf(state, told, at))
        happened.push(...result.happened)
        transactionId = result.transactionId ?? transactionId
        state = afterAsked(state, told, signal)
        break
      }
      case 'meter.sampled':
        if (!signal.inTransaction) state = afterMeterValues(state, told, signal)
        happened.push(...hearReadings(hand, state, told, signal))
        break
      case 'report.part':
        state = afterPart(hand, state, told, signal)
        break
      case 'monitor.event':
        hearNotice(hand, state, told, signal, index)
        break
      case 'security.event':
      case 'firmware.status':
      case 'firmware.publication':
      case 'log.status':
      case 'diagnostics.status':
      case 'data.transferred':
        state = afterAsked(afterJob(state, told, signal), told, signal)
        hearNotice(hand, state, told, signal, index)
        break
      case 'certificate.requested':
        state = afterAsked(state, told, signal)
        break
      case 'reservation.ended':
        state = afterReservation(state, told, signal)
        break
      case 'token.presented':
        break
    }
  }
  if (state !== before) putState(hand, state)
  noteClock(hand, told.receivedAt, before, state)
  return transactionId === undefined ? { happened } : { happened, transactionId }
}
