import type { ProductEvent } from '../../bus/events.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Signal, SignalFor } from '../../signals/catalog.ts'
import { corrected, skewOf } from '../clock-skew.ts'
import { isOlderReplay } from '../connectors/status-order.ts'
import type { ConnectorRecord } from '../connectors/store.ts'
import type { FaultRecord } from '../faults/fault.ts'
import { faultChange } from '../faults/fault.ts'
import type { Telling } from '../sessions/session.ts'
import type { Happened, Hand } from './hand.ts'
import { deliveryOf, ownOf, placeKey } from './hand.ts'
import { placeOfTransaction } from './hear-transaction.ts'
import type { Told } from './report.ts'
import type { ChargerState } from './state-store.ts'

/*
 * What a message puts into records beside the charger's state: connectors, faults, meters, notices.
 */

/** When it happened by our clock, and when it came. */
export function timesOf(state: ChargerState, told: Told, at: number | undefined): Telling {
  const { identity, receivedAt } = told
  const happenedAt = at === undefined ? receivedAt : corrected(at, skewOf(state.skew), receivedAt)
  return { charger: identity, receivedAt, happenedAt }
}

/** What a signal says, without its kind and time, which are kept beside it. */
function contentOf(signal: Signal): JsonObject {
  const beside = ['kind', 'at']
  return Object.fromEntries(Object.entries(signal).filter(([name]) => !beside.includes(name)))
}

export function bootEvent(told: Told, boot: SignalFor<'charger.booted'>): ProductEvent {
  return {
    type: 'charger.booted',
    at: told.receivedAt,
    charger: told.identity,
    data: { ...contentOf(boot), provoked: told.provoked },
  }
}

/** A status of a connector that is older than what is known of it: it says nothing of now. */
export function isReplayed(
  hand: Hand,
  state: ChargerState,
  told: Told,
  signal: SignalFor<'connector.status'> | SignalFor<'fault.reported'>,
): boolean {
  const known = hand.connectors.get(placeKey(told.identity, signal))
  const incoming = { at: signal.at, receivedAt: told.receivedAt }
  return isOlderReplay(incoming, known?.reportedAt ?? null, skewOf(state.skew))
}

export function hearStatus(
  hand: Hand,
  state: ChargerState,
  told: Told,
  signal: SignalFor<'connector.status'>,
): Happened {
  const key = placeKey(told.identity, signal)
  const known = hand.connectors.get(key)
  const error = signal.error ?? null
  const { happenedAt } = timesOf(state, told, signal.at)
  const now: ConnectorRecord = {
    charger: told.identity,
    evse: signal.evse,
    connector: signal.connector,
    status: signal.status,
    error,
    reportedAt: signal.at ?? null,
    at: signal.at === undefined ? null : happenedAt,
    receivedAt: told.receivedAt,
  }
  hand.connectors.set(key, now)
  hand.changed.connectors.set(key, now)
  if (known?.status === signal.status && known.error === error) return []
  const { evse, connector, status } = signal
  const data = { evse, connector, status, error }
  return [{ type: 'connector.status', at: happenedAt, charger: told.identity, data }]
}

/** A fault told with a status is as old as that status: an older replay raises and clears nothing. */
export function hearFault(
  hand: Hand,
  state: ChargerState,
  told: Told,
  signal: SignalFor<'fault.reported'>,
): Happened {
  const { identity } = told
  const { happenedAt } = timesOf(state, told, signal.at)
  if (signal.source === 'status' && isReplayed(hand, state, told, signal)) return []
  const own = ownOf(hand.faults, identity)
  const open = [...own.values()].filter((fault) => fault.clearedAt === null)
  const { raise, clear } = faultChange(open, signal)
  const happened: ProductEvent[] = []
  const put = (type: 'fault.raised' | 'fault.cleared', fault: FaultRecord): void => {
    own.set(fault.id, fault)
    hand.changed.faults.set(fault.id, fault)
    const { evse, connector, code } = fault
    const data = { fault: fault.id, evse, connector, code }
    happened.push({ type, at: happenedAt, charger: identity, data })
  }
  for (const fault of clear)
    put('fault.cleared', { ...fault, clearedAt: Math.max(happenedAt, fault.since) })
  if (raise !== undefined)
    put('fault.raised', {
      id: hand.newId(),
      charger: identity,
      evse: signal.evse,
      connector: signal.connector,
      source: signal.source,
      ...raise,
      info: signal.info ?? null,
      vendorCode: signal.vendorCode ?? null,
      since: happenedAt,
      clearedAt: null,
    })
  return happened
}

export function hearReadings(
  hand: Hand,
  state: ChargerState,
  told: Told,
  signal: SignalFor<'meter.sampled'>,
): Happened {
  const place =
    signal.evse === undefined || signal.connector === undefined
      ? placeOfTransaction(hand, told.identity, signal.transactionId)
      : { evse: signal.evse, connector: signal.connector }
  if (place === undefined || signal.readings.length === 0) return []
  const readings = signal.readings.map(({ measurand, phase, value, unit, at }) => ({
    measurand,
    phase,
    value,
    unit,
    at: timesOf(state, told, at).happenedAt,
  }))
  const where = placeKey(told.identity, place)
  for (const reading of readings) {
    const key = `${where}\n${reading.measurand}\n${reading.phase ?? ''}`
    const known = hand.changed.readings.get(key)
    if (known === undefined || reading.at >= known.at)
      hand.changed.readings.set(key, { charger: told.identity, ...place, ...reading })
  }
  const data = { ...place, readings }
  return [{ type: 'meter.sampled', at: told.receivedAt, charger: told.identity, data }]
}

export type NoticeSignal = SignalFor<
  | 'charger.booted'
  | 'monitor.event'
  | 'security.event'
  | 'firmware.status'
  | 'firmware.publication'
  | 'log.status'
  | 'diagnostics.status'
  | 'data.transferred'
>

export function hearNotice(
  hand: Hand,
  state: ChargerState,
  told: Told,
  signal: NoticeSignal,
  index: number,
  more: JsonObject = {},
): void {
  const at = 'at' in signal ? signal.at : undefined
  hand.changed.notices.push({
    id: hand.newId(),
    charger: told.identity,
    source: `${deliveryOf(told)}:${index}`,
    kind: signal.kind,
    at: at === undefined ? null : timesOf(state, told, at).happenedAt,
    receivedAt: told.receivedAt,
    detail: { ...contentOf(signal), ...more },
  })
}
