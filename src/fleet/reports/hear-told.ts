import type { ProductEvent } from '../../bus/events.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Signal, SignalFor } from '../../signals/catalog.ts'
import { corrected, observe, skewOf } from '../clock-skew.ts'
import { isOlderReplay } from '../connectors/status-order.ts'
import type { ConnectorRecord } from '../connectors/store.ts'
import type { FaultRecord } from '../faults/fault.ts'
import { faultChange } from '../faults/fault.ts'
import { later } from '../rows.ts'
import type { Telling } from '../sessions/session.ts'
import type { Happened, Hand } from './hand.ts'
import { deliveryOf, ownOf, placeKey, putState } from './hand.ts'
import { hearTransaction, placeOfTransaction } from './hear-transaction.ts'
import type { Told } from './report.ts'
import type { ChargerState } from './state-store.ts'

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
        break
      case 'charger.alive':
        state = { ...state, heardHeartbeatAt: later(state.heardHeartbeatAt, told.receivedAt) }
        break
      case 'connector.status':
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
        break
      }
      case 'meter.sampled':
        if (!signal.inTransaction)
          state = { ...state, heardMeterValuesAt: later(state.heardMeterValuesAt, told.receivedAt) }
        happened.push(...hearReadings(hand, state, told, signal))
        break
      case 'security.event':
      case 'firmware.status':
      case 'log.status':
      case 'diagnostics.status':
      case 'data.transferred':
        hearNotice(hand, state, told, signal, index)
        break
      case 'token.presented':
        break
    }
  }
  if (state !== before) putState(hand, state)
  return transactionId === undefined ? { happened } : { happened, transactionId }
}

/** The newest moment a message names: the one that shows what the charger's clock said when it was sent. */
function withClock(state: ChargerState, told: Told): ChargerState {
  const moments = told.signals.flatMap(momentsOf)
  if (moments.length === 0) return state
  return { ...state, skew: observe(state.skew, Math.max(...moments), told.receivedAt) }
}

function momentsOf(signal: Signal): number[] {
  if (signal.kind === 'meter.sampled')
    return signal.readings.flatMap(({ at }) => (at === undefined ? [] : [at]))
  return 'at' in signal && signal.at !== undefined ? [signal.at] : []
}

/** The version may be known here before the gateway's report of the connection has come. */
function withVersion(state: ChargerState, told: Told): ChargerState {
  return state.version === told.version || told.epoch < state.epoch
    ? state
    : { ...state, version: told.version }
}

/** When it happened by our clock, and when it came. */
function timesOf(state: ChargerState, told: Told, at: number | undefined): Telling {
  const { identity, receivedAt } = told
  const happenedAt = at === undefined ? receivedAt : corrected(at, skewOf(state.skew), receivedAt)
  return { charger: identity, receivedAt, happenedAt }
}

const bootStates = { accept: 'accepted', pending: 'pending', reject: 'rejected' } as const

/** What a boot does not say is as it was. A boot ends no session: its stop is told later. */
function afterBoot(
  state: ChargerState,
  told: Told,
  boot: SignalFor<'charger.booted'>,
): ChargerState {
  return {
    ...state,
    bootState: bootStates[state.bootPolicy],
    vendor: boot.vendor ?? state.vendor,
    model: boot.model ?? state.model,
    serialNumber: boot.serialNumber ?? state.serialNumber,
    firmware: boot.firmware ?? state.firmware,
    bootReason: boot.reason ?? null,
    bootProvoked: told.provoked,
    heardBootAt: later(state.heardBootAt, told.receivedAt),
  }
}

function bootEvent(told: Told, boot: SignalFor<'charger.booted'>): ProductEvent {
  return {
    type: 'charger.booted',
    at: told.receivedAt,
    charger: told.identity,
    data: { ...contentOf(boot), provoked: told.provoked },
  }
}

/** What a signal says, without its kind and time, which are kept beside it. */
function contentOf(signal: Signal): JsonObject {
  const beside = ['kind', 'at']
  return Object.fromEntries(Object.entries(signal).filter(([name]) => !beside.includes(name)))
}

function hearStatus(
  hand: Hand,
  state: ChargerState,
  told: Told,
  signal: SignalFor<'connector.status'>,
): Happened {
  const key = placeKey(told.identity, signal)
  const known = hand.connectors.get(key)
  const incoming = { at: signal.at, receivedAt: told.receivedAt }
  if (isOlderReplay(incoming, known?.reportedAt ?? null, skewOf(state.skew))) return []
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
function hearFault(
  hand: Hand,
  state: ChargerState,
  told: Told,
  signal: SignalFor<'fault.reported'>,
): Happened {
  const { identity } = told
  const { happenedAt } = timesOf(state, told, signal.at)
  if (signal.source === 'status') {
    const known = hand.connectors.get(placeKey(identity, signal))
    const incoming = { at: signal.at, receivedAt: told.receivedAt }
    if (isOlderReplay(incoming, known?.reportedAt ?? null, skewOf(state.skew))) return []
  }
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

function hearReadings(
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

type NoticeSignal = SignalFor<
  'security.event' | 'firmware.status' | 'log.status' | 'diagnostics.status' | 'data.transferred'
>

function hearNotice(
  hand: Hand,
  state: ChargerState,
  told: Told,
  signal: NoticeSignal,
  index: number,
): void {
  const at = 'at' in signal ? signal.at : undefined
  hand.changed.notices.push({
    id: hand.newId(),
    charger: told.identity,
    source: `${deliveryOf(told)}:${index}`,
    kind: signal.kind,
    at: at === undefined ? null : timesOf(state, told, at).happenedAt,
    receivedAt: told.receivedAt,
    detail: contentOf(signal),
  })
}
