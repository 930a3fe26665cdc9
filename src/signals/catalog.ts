import { chargerAlive } from './catalog/charger-alive.ts'
import { certificateRequested } from './catalog/certificate-requested.ts'
import { chargerBooted } from './catalog/charger-booted.ts'
import { connectorStatus } from './catalog/connector-status.ts'
import { dataTransferred } from './catalog/data-transferred.ts'
import { diagnosticsStatus } from './catalog/diagnostics-status.ts'
import { faultReported } from './catalog/fault-reported.ts'
import { firmwarePublication } from './catalog/firmware-publication.ts'
import { firmwareStatus } from './catalog/firmware-status.ts'
import { logStatus } from './catalog/log-status.ts'
import { meterSampled } from './catalog/meter-sampled.ts'
import { monitorEvent } from './catalog/monitor-event.ts'
import { reportPart } from './catalog/report-part.ts'
import { reservationEnded } from './catalog/reservation-ended.ts'
import { securityEvent } from './catalog/security-event.ts'
import { tokenPresented } from './catalog/token-presented.ts'
import { transactionEnded } from './catalog/transaction-ended.ts'
import { transactionStarted } from './catalog/transaction-started.ts'
import { transactionUpdated } from './catalog/transaction-updated.ts'
import type { SignalOf } from './signal.ts'

/** Every signal. A message's signals come in this order: a status before the fault it carries, a transaction before its meter values. */
export const signalCatalogue = [
  chargerBooted,
  chargerAlive,
  connectorStatus,
  faultReported,
  transactionStarted,
  transactionUpdated,
  transactionEnded,
  meterSampled,
  tokenPresented,
  securityEvent,
  monitorEvent,
  firmwareStatus,
  firmwarePublication,
  logStatus,
  diagnosticsStatus,
  dataTransferred,
  reportPart,
  reservationEnded,
  certificateRequested,
] as const

export type Signal = SignalOf<(typeof signalCatalogue)[number]>
export type SignalKind = Signal['kind']
/** The meaning of one kind, e.g. `SignalFor<'connector.status'>`. */
export type SignalFor<Kind extends SignalKind> = Extract<Signal, { kind: Kind }>
