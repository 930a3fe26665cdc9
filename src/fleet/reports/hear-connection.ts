import { subprotocolOf } from '../../ocpp/versions.ts'
import { noteAlive, noteClosed, noteOpened } from '../conditions/note.ts'
import { later } from '../rows.ts'
import type { Happened, Hand } from './hand.ts'
import { putState, sourceOf } from './hand.ts'
import type { Admitting, Alive, Closed, Issued, Opened, Violating } from './report.ts'
import type { ChargerState } from './state-store.ts'

/** A connection is live when no newer one came and its own end has not been told. */
export function hearOpened(hand: Hand, state: ChargerState, report: Opened): Happened {
  noteOpened(hand, state, report)
  hand.changed.opened.push({
    charger: report.identity,
    epoch: report.epoch,
    openedAt: report.at,
    protocol: subprotocolOf(report.version),
    remoteAddress: report.remoteAddress,
    gateway: report.gateway,
  })
  const isNews = report.epoch > state.epoch || (report.epoch === state.epoch && !state.connected)
  if (!isNews || report.epoch <= state.closedEpoch) return []
  putState(hand, {
    ...state,
    connected: true,
    epoch: report.epoch,
    issuedEpoch: Math.max(state.issuedEpoch, report.epoch),
    version: report.version,
    connectedAt: report.at,
    gateway: report.gateway,
    lastSeenAt: later(state.lastSeenAt, report.at),
    roundTripMs: null,
  })
  const { identity, epoch, gateway, remoteAddress } = report
  const data = { protocol: subprotocolOf(report.version), epoch, gateway, remoteAddress }
  return [{ type: 'charger.connected', at: report.at, charger: identity, data }]
}

/** The end of an older connection changes nothing about the live one. */
export function hearClosed(hand: Hand, state: ChargerState, report: Closed): Happened {
  noteClosed(hand, report)
  hand.changed.closed.push({
    charger: report.identity,
    epoch: report.epoch,
    closedAt: report.at,
    reason: report.reason,
    detail: report.detail,
  })
  const ends = report.epoch === state.epoch && state.connected
  if (!ends && report.epoch <= state.closedEpoch) return []
  putState(hand, {
    ...state,
    closedEpoch: Math.max(state.closedEpoch, report.epoch),
    connected: ends ? false : state.connected,
    lastSeenAt: ends ? later(state.lastSeenAt, report.at) : state.lastSeenAt,
  })
  if (!ends) return []
  const data = { reason: report.reason, detail: report.detail }
  return [{ type: 'charger.disconnected', at: report.at, charger: report.identity, data }]
}

/** Also brings back a connection that was given up because its gateway had fallen silent. */
export function hearAlive(hand: Hand, state: ChargerState, report: Alive): Happened {
  if (report.epoch !== state.epoch || report.epoch <= state.closedEpoch) return []
  noteAlive(hand, state, report)
  putState(hand, {
    ...state,
    connected: true,
    gateway: report.gateway,
    lastSeenAt: later(state.lastSeenAt, report.lastInboundAt),
    heardHeartbeatAt:
      report.lastHeartbeatAt === undefined
        ? state.heardHeartbeatAt
        : later(state.heardHeartbeatAt, report.lastHeartbeatAt),
    roundTripMs: report.roundTripMs ?? state.roundTripMs,
  })
  if (state.connected) return []
  const data = { gateway: report.gateway, epoch: report.epoch }
  return [{ type: 'charger.connected', at: report.lastInboundAt, charger: report.identity, data }]
}

const displacementWindowMs = 3_600_000
/** More are not counted; far fewer are an alarm. */
const mostDisplacements = 100

/** Gives out a fencing number, unless the live connection is authenticated more strongly. */
export function hearAdmitting(hand: Hand, state: ChargerState, report: Admitting): Issued {
  const epoch = hand.epochs.shift()
  if (epoch === undefined) throw new Error('no epoch was taken for an admission')
  const incumbent = state.connected && state.epoch > state.closedEpoch
  if (incumbent && report.authentication < state.authentication)
    return { displaces: false, displacements: 0 }
  const displaces = report.willSpeak && state.issuedEpoch > state.closedEpoch
  const recently = state.displacedAt.filter((at) => at > report.at - displacementWindowMs)
  const displacedAt = displaces && state.connected ? [...recently, report.at] : recently
  putState(hand, {
    ...state,
    ...(report.willSpeak ? { issuedEpoch: epoch, ...identified(state, report) } : {}),
    displacedAt: displacedAt.slice(-mostDisplacements),
  })
  return { epoch, displaces, displacements: displacedAt.length }
}

/** A certificate is dated from when it was first shown; showing it again changes nothing. */
function identified(
  state: ChargerState,
  { authentication, certificate: shown, at }: Admitting,
): Pick<ChargerState, 'authentication' | 'certificate' | 'certificateAt'> {
  const certificate = shown ?? null
  const certificateAt =
    certificate === null ? null : certificate === state.certificate ? state.certificateAt : at
  return { authentication, certificate, certificateAt }
}

export function hearViolating(hand: Hand, state: ChargerState, report: Violating): Happened {
  const source = sourceOf(report)
  const key = `${report.identity}\n${source}`
  if (hand.knownViolations.has(key)) return []
  hand.knownViolations.add(key)
  putState(hand, { ...state, violations: state.violations + 1 })
  hand.changed.violations.push({
    charger: report.identity,
    source,
    at: report.at,
    kind: report.violation,
    action: report.action ?? null,
    path: report.path ?? null,
    detail: report.detail,
    frame: report.frame,
  })
  return []
}
