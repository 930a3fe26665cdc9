import type { AskedKind, JobKind } from '../../operations/facts.ts'
import type { Signal, SignalFor } from '../../signals/catalog.ts'
import { observe } from '../clock-skew.ts'
import { forgetFirmware } from '../learned/learned.ts'
import { idsOf, withPart } from '../learned/reports.ts'
import type { ForgottenReport } from '../learned/store.ts'
import { later } from '../rows.ts'
import { readingsIn, withoutSecrets } from '../settings/report-readings.ts'
import type { Hand } from './hand.ts'
import { deliveryOf } from './hand.ts'
import type { Told } from './report.ts'
import type { ChargerState } from './state-store.ts'
import type { NoticeSignal } from './told-records.ts'

/*
 * What a message changes of the charger's own state: one function for each kind of thing that is told.
 */

/** The newest moment a message names: the one that shows what the charger's clock said when it was sent. */
export function withClock(state: ChargerState, told: Told): ChargerState {
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

/** The version may be known here before the gateway's report of the connection has come. */
export function withVersion(state: ChargerState, told: Told): ChargerState {
  return state.version === told.version || told.epoch < state.epoch
    ? state
    : { ...state, version: told.version }
}

/** How many EVSEs of a charger are remembered as heard of; those heard of last. */
const mostMeters = 64

export function afterMeterValues(
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

const bootStates = { accept: 'accepted', pending: 'pending', reject: 'rejected' } as const

/** What a boot does not say is as it was. A boot ends no session: its stop is told later. */
export function afterBoot(
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

export function afterPart(
  hand: Hand,
  state: ChargerState,
  told: Told,
  signal: SignalFor<'report.part'>,
): ChargerState {
  const { report: kind, requestId, more } = signal
  const items = kind === 'device-model' ? withoutSecrets(signal.items) : signal.items
  const bytes = Buffer.byteLength(JSON.stringify(items))
  const part = { ...signal, items: items.length, bytes, ids: idsOf(items) }
  const added = withPart(state.reports, part, told.receivedAt, deliveryOf(told))
  if (added === undefined) return state
  const { receivedAt } = told
  const charger = told.identity
  for (const report of added.forgotten) forgetReport(hand, { charger, ...report })
  const after = { ...state, reports: added.records }
  const { seqNo } = added
  if (seqNo === undefined) return after
  hand.changed.parts.push({ charger, kind, requestId, seqNo, receivedAt, more, items })
  if (kind === 'device-model')
    for (const reading of readingsIn(items))
      hand.changed.settings.push({ ...reading, charger, at: receivedAt })
  return after
}

/** Its parts go as well: those stored, and those this batch would store. */
function forgetReport({ changed }: Hand, report: ForgottenReport): void {
  const { charger, kind, requestId } = report
  const isIt = (one: ForgottenReport): boolean =>
    one.charger === charger && one.kind === kind && one.requestId === requestId
  changed.forgottenReports.push(report)
  changed.parts = changed.parts.filter((part) => !isIt(part))
}

const jobs: Partial<Record<Signal['kind'], JobKind>> = {
  'firmware.status': 'firmware',
  'firmware.publication': 'firmware-publication',
  'log.status': 'log',
  'diagnostics.status': 'diagnostics',
}

/** The newest word on a job. `Idle` is an answer to being asked and says nothing of the job that ended before. */
export function afterJob(
  state: ChargerState,
  { receivedAt }: Told,
  signal: NoticeSignal,
): ChargerState {
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
export function afterAsked(state: ChargerState, told: Told, { kind }: Signal): ChargerState {
  const what = told.provoked ? askedKinds[kind] : undefined
  if (what === undefined) return state
  return { ...state, asked: { ...state.asked, [what]: told.receivedAt } }
}

export function afterReservation(
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
