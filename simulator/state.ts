/**
 * What a virtual charger is, apart from how it speaks. Times are ms since the epoch of the injected
 * clock, energy is Wh, power is W. `transitions.ts` changes it, `speaker-*.ts` tells it.
 */
export interface ChargerState {
  /** The charger as a whole takes new sessions (survives a restart). */
  readonly operative: boolean
  /** A fault of the whole charger. */
  readonly fault: string | undefined
  /** Restarts once no session runs. */
  readonly awaitingReset: { readonly bootReason: BootReason } | undefined
  readonly restarting: Restart | undefined
  readonly evses: readonly Evse[]
  /** Makes transaction keys; never goes back. */
  readonly transactionsBegun: number
}

/** An EVSE with its one connector. */
export interface Evse {
  readonly id: number
  readonly plugged: boolean
  /** ChangeAvailability at the level of the EVSE. While a session runs the change shows only after it. */
  readonly operative: boolean
  /** ChangeAvailability at the level of the connector (2.x). */
  readonly connectorOperative: boolean
  /** Somebody may charge here and has not plugged in yet. */
  readonly authorisation: Authorisation | undefined
  readonly transaction: Transaction | undefined
  readonly suspendedBy: 'EV' | 'EVSE' | undefined
  /** A session ended and the cable is still in. */
  readonly finished: boolean
  readonly fault: string | undefined
  readonly reservation: Reservation | undefined
  readonly awaitingReset: boolean
  readonly restarting: Restart | undefined
  /** The lock cannot be released. */
  readonly jammed: boolean
  /** The energy register at `energyAt`. */
  readonly energyWh: number
  readonly energyAt: number
  readonly watts: number
  /** What charging profiles allow. */
  readonly limitWatts: number
}

export interface Authorisation {
  readonly token: string
  readonly group: string | undefined
  readonly remoteStartId: number | undefined
  /** Forgotten when no cable came by then. */
  readonly until: number
}

export interface Transaction {
  /** The charger's own name for it; what goes over the wire is the speaker's matter. */
  readonly key: string
  readonly evse: number
  readonly startedAt: number
  readonly startWh: number
  readonly token: string | undefined
  readonly group: string | undefined
  readonly remoteStartId: number | undefined
  readonly reservationId: number | undefined
  readonly chargingState: ChargingState
}

export interface Reservation {
  readonly id: number
  readonly token: string
  readonly group: string | undefined
  readonly until: number
}

export interface Restart {
  readonly bootReason: BootReason
  /** What becomes of sessions that were running when the power went. */
  readonly sessions: 'resume' | StopReason
}

/** OCPP 2.x ChargingStateEnumType. */
export type ChargingState = 'Charging' | 'EVConnected' | 'SuspendedEV' | 'SuspendedEVSE' | 'Idle'

/** OCPP 2.x BootReasonEnumType, as far as it occurs here; 1.6 does not tell it. */
export type BootReason =
  | 'PowerUp'
  | 'RemoteReset'
  | 'ScheduledReset'
  | 'LocalReset'
  | 'Watchdog'
  | 'ApplicationReset'
  | 'FirmwareUpdate'

/** Why a session ended; each version spells it its own way. */
export type StopReason =
  | 'local'
  | 'remote'
  | 'unplugged'
  | 'soft-reset'
  | 'hard-reset'
  | 'immediate-reset'
  | 'unlock'
  | 'deauthorised'
  | 'timeout'
  | 'fault'
  | 'power-loss'
  | 'stopped-by-ev'

/** OCPP 2.x TriggerReasonEnumType, as far as it occurs here. */
export type Trigger =
  | 'Authorized'
  | 'CablePluggedIn'
  | 'ChargingStateChanged'
  | 'RemoteStart'
  | 'RemoteStop'
  | 'StopAuthorized'
  | 'EVCommunicationLost'
  | 'EVConnectTimeout'
  | 'Deauthorized'
  | 'ResetCommand'
  | 'UnlockCommand'
  | 'AbnormalCondition'
  | 'MeterValuePeriodic'
  | 'MeterValueClock'
  | 'Trigger'
  | 'TxResumed'

/** OCPP 2.x TxStartPoint values that are simulated. 1.6 starts when the power path closes. */
export type StartPoint = 'EVConnected' | 'Authorized' | 'PowerPathClosed'

/** How this charger is built and set, as far as its state depends on it. */
export interface Rules {
  readonly startPoints: readonly StartPoint[]
  readonly stopOnUnplug: boolean
  readonly maxWatts: number
}

/** OCPP 1.6 ChargePointStatus, the finer of the two vocabularies. */
export type Status =
  | 'Available'
  | 'Preparing'
  | 'Charging'
  | 'SuspendedEVSE'
  | 'SuspendedEV'
  | 'Finishing'
  | 'Reserved'
  | 'Unavailable'
  | 'Faulted'

export type Status2x = 'Available' | 'Occupied' | 'Reserved' | 'Unavailable' | 'Faulted'

/** Below 6 A on one phase (IEC 61851) an EV draws nothing. */
export const leastWatts = 1380

export function newCharger(evses: number, maxWatts: number, now: number): ChargerState {
  return {
    operative: true,
    fault: undefined,
    awaitingReset: undefined,
    restarting: undefined,
    transactionsBegun: 0,
    evses: Array.from({ length: evses }, (_, index) => ({
      id: index + 1,
      plugged: false,
      operative: true,
      connectorOperative: true,
      authorisation: undefined,
      transaction: undefined,
      suspendedBy: undefined,
      finished: false,
      fault: undefined,
      reservation: undefined,
      awaitingReset: false,
      restarting: undefined,
      jammed: false,
      energyWh: 0,
      energyAt: now,
      watts: 0,
      limitWatts: maxWatts,
    })),
  }
}

export function evseOf(state: ChargerState, id: number): Evse | undefined {
  return state.evses[id - 1]
}

/** The energy register of an EVSE in Wh. */
export function energyWh(evse: Evse, now: number): number {
  return evse.energyWh + (evse.watts * Math.max(0, now - evse.energyAt)) / 3_600_000
}

export function chargingStateOf(evse: Evse): ChargingState {
  if (!evse.plugged) return 'Idle'
  if (evse.transaction?.token === undefined) return 'EVConnected'
  if (evse.suspendedBy === 'EV') return 'SuspendedEV'
  if (evse.suspendedBy === 'EVSE' || evse.limitWatts < leastWatts) return 'SuspendedEVSE'
  return 'Charging'
}

/** Whether ChangeAvailability leaves this EVSE usable, session or not. */
export function isOperative(state: ChargerState, evse: Evse): boolean {
  return state.operative && evse.operative && evse.connectorOperative
}

export function statusOf(state: ChargerState, evse: Evse): Status {
  if (evse.fault !== undefined || state.fault !== undefined) return 'Faulted'
  if (evse.restarting !== undefined) return 'Unavailable'
  if (evse.transaction !== undefined) return statusInSession(evse)
  if (!isOperative(state, evse)) return 'Unavailable'
  if (state.awaitingReset !== undefined || evse.awaitingReset) return 'Unavailable'
  if (evse.plugged && evse.finished) return 'Finishing'
  if (evse.plugged || evse.authorisation !== undefined) return 'Preparing'
  return evse.reservation === undefined ? 'Available' : 'Reserved'
}

function statusInSession(evse: Evse): Status {
  switch (chargingStateOf(evse)) {
    case 'Charging':
      return 'Charging'
    case 'SuspendedEV':
      return 'SuspendedEV'
    case 'SuspendedEVSE':
      return 'SuspendedEVSE'
    case 'EVConnected':
      return 'Preparing'
    case 'Idle':
      return evse.transaction?.token === undefined ? 'Preparing' : 'SuspendedEV'
  }
}

export function status2xOf(state: ChargerState, evse: Evse): Status2x {
  const status = statusOf(state, evse)
  if (status === 'Faulted' || status === 'Unavailable' || status === 'Reserved') return status
  return evse.plugged ? 'Occupied' : 'Available'
}

/** The status of the charger itself (1.6 connectorId 0). */
export function chargerStatusOf(state: ChargerState): 'Available' | 'Unavailable' | 'Faulted' {
  if (state.fault !== undefined) return 'Faulted'
  return state.operative ? 'Available' : 'Unavailable'
}

export function runningTransactions(state: ChargerState): Transaction[] {
  return state.evses.flatMap((evse) => (evse.transaction === undefined ? [] : [evse.transaction]))
}

/** Whether this token may begin a session on this EVSE now. */
export function mayBegin(state: ChargerState, evse: Evse, token: string, group?: string): boolean {
  if (state.restarting !== undefined || state.awaitingReset !== undefined) return false
  if (state.fault !== undefined || evse.fault !== undefined) return false
  if (evse.restarting !== undefined || evse.awaitingReset) return false
  if (!isOperative(state, evse) || evse.authorisation !== undefined) return false
  if (evse.transaction?.token !== undefined) return false
  return evse.reservation === undefined || isFor(evse.reservation, token, group)
}

function isFor(reservation: Reservation, token: string, group: string | undefined): boolean {
  if (reservation.token.toLowerCase() === token.toLowerCase()) return true
  return group !== undefined && reservation.group === group
}

/** The EVSE for a start that names none: one with a cable in first, then any free one. */
export function evseFor(state: ChargerState, token: string): Evse | undefined {
  const free = state.evses.filter((evse) => mayBegin(state, evse, token))
  return free.find((evse) => evse.plugged) ?? free[0]
}

/** When something in the state runs out next. */
export function nextDeadline(state: ChargerState): number | undefined {
  let next: number | undefined
  for (const evse of state.evses) {
    for (const until of [evse.authorisation?.until, evse.reservation?.until]) {
      if (until !== undefined && (next === undefined || until < next)) next = until
    }
  }
  return next
}
