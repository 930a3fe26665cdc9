import type { ProductEvent } from '../../bus/events.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { AskedKind, JobKind } from '../../operations/facts.ts'
import type { Signal, SignalFor } from '../../signals/catalog.ts'
import { corrected, observe, skewOf } from '../clock-skew.ts'
import { noteBoot, noteClock } from '../conditions/note.ts'
import { isOlderReplay } from '../connectors/status-order.ts'
import type { ConnectorRecord } from '../connectors/store.ts'
import type { FaultRecord } from '../faults/fault.ts'
import { faultChange } from '../faults/fault.ts'
import { forgetFirmware } from '../learned/learned.ts'
import { idsOf, withPart } from '../learned/reports.ts'
import { later } from '../rows.ts'
import { readingsIn, withoutSecrets } from '../settings/report-readings.ts'
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

/** The newest moment a message names: the one that shows what the charger's clock said when it was sent. */
function withClock(state: ChargerState, told: Told): ChargerState {
  const moments = told.signals.flatMap(momentsOf)
  if (moments.length === 0) return state
  const at = Math.max(...moments)
  return { ...state, skew: observe(state.skew, at, told.receivedAt, state.roundTripMs) }
}

function momentsOf(signal: Signal): number[] {
  if (signal.kind === 'meter.sampled')
    return signal.readings.flatMap(({ at }) => (at === undefined ? [] : [at]))
  return 'at' in signal && signal.at !== undefined ? [signal.at] : []
}

/** How many EVSEs of a charger are remembered as heard of; those heard of last. */
const mostMeters = 64

function afterMeterValues(
  state: ChargerState,
  { receivedAt }: Told,
  { evse }: SignalFor<'meter.sampled'>,
): ChargerState {
  const heardMeterValuesAt = later(state.heardMeterValuesAt, receivedAt)
  if (evse === undefined) return { ...state, heardMeterValuesAt }
  const before = state.heardMeters[evse] ?? null
  const heard: Record<string, number> = { ...state.heardMeters, [evse]: later(before, receivedAt) }
  const newest = Object.entries(heard).sort(([, one], [, other]) => other - one)
  return {
    ...state,
    heardMeterValuesAt,
    heardMeters: Object.fromEntries(newest.slice(0, mostMeters)),
  }
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
  const changedFirmware =
    boot.firmware !== undefined && state.firmware !== null && boot.firmware !== state.firmware
  return {
    ...state,
    ...(changedFirmware ? { capabilities: forgetFirmware(state.capabilities) } : {}),
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

function afterPart(
  hand: Hand,
  state: ChargerState,
  told: Told,
  signal: SignalFor<'report.part'>,
): ChargerState {
  const { report: kind, requestId, more } = signal
  const items = kind === 'device-model' ? withoutSecrets(signal.items) : signal.items
  const part = { ...signal, items: items.length, ids: idsOf(items) }
  const added = withPart(state.reports, part, told.receivedAt, deliveryOf(told))
  if (added === undefined) return state
  const { receivedAt } = told
  const charger = told.identity
  const { seqNo } = added
  hand.changed.parts.push({ charger, kind, requestId, seqNo, receivedAt, more, items })
  if (kind === 'device-model')
    for (const reading of readingsIn(items))
      hand.changed.settings.push({ ...reading, charger, at: receivedAt })
  return { ...state, reports: added.records }
}

const jobs: Partial<Record<Signal['kind'], JobKind>> = {
  'firmware.status': 'firmware',
  'firmware.publication': 'firmware-publication',
  'log.status': 'log',
  'diagnostics.status': 'diagnostics',
}

/** The newest word on a job. `Idle` is an answer to being asked and says nothing of the job that ended before. */
function afterJob(state: ChargerState, { receivedAt }: Told, signal: NoticeSignal): ChargerState {
  const kind = jobs[signal.kind]
  if (kind === undefined || !('status' in signal) || signal.status === 'Idle') return state
  const { status } = signal
  const requestId = 'requestId' in signal ? signal.requestId : undefined
  const job = { status, receivedAt, ...(requestId === undefined ? {} : { requestId }) }
  return { ...state, jobs: { ...state.jobs, [kind]: job } }
}

const askedKinds: Partial<Record<Signal['kind'], AskedKind>> = {
  'firmware.status': 'firmware-status',
  'log.status': 'log-status',
  'diagnostics.status': 'diagnostics-status',
  'transaction.updated': 'transaction',
  'certificate.requested': 'certificate-request',
}

/** A message that came because we asked for it. */
function afterAsked(state: ChargerState, told: Told, { kind }: Signal): ChargerState {
  const what = told.provoked ? askedKinds[kind] : undefined
  if (what === undefined) return state
  return { ...state, asked: { ...state.asked, [what]: told.receivedAt } }
}

function afterReservation(
  state: ChargerState,
  { receivedAt }: Told,
  { reservation, how }: SignalFor<'reservation.ended'>,
): ChargerState {
  if (!state.reservations.some(({ id }) => id === reservation)) return state
  const over = { how, receivedAt }
  const reservations = state.reservations.map((one) =>
    one.id === reservation ? { ...one, over } : one,
  )
  return { ...state, reservations }
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

/** A status of a connector that is older than what is known of it: it says nothing of now. */
function isReplayed(
  hand: Hand,
  state: ChargerState,
  told: Told,
  signal: SignalFor<'connector.status'> | SignalFor<'fault.reported'>,
): boolean {
  const known = hand.connectors.get(placeKey(told.identity, signal))
  const incoming = { at: signal.at, receivedAt: told.receivedAt }
  return isOlderReplay(incoming, known?.reportedAt ?? null, skewOf(state.skew))
}

function hearStatus(
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
function hearFault(
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
  | 'charger.booted'
  | 'monitor.event'
  | 'security.event'
  | 'firmware.status'
  | 'firmware.publication'
  | 'log.status'
  | 'diagnostics.status'
  | 'data.transferred'
>

function hearNotice(
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
