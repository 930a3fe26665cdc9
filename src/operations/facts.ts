import type { Version } from '../ocpp/versions.ts'

/**
 * What is known of a charger and remembered durably. Planning a command and seeing its effect are
 * pure functions of these, so that both survive a crash and do not care which process runs them.
 *
 * Two kinds of time: `receivedAt` is ours; `at` is the charger's own, corrected by its known skew.
 * Offline replays have an old `at` and a new `receivedAt`.
 */
export interface ChargerFacts {
  readonly identity: string
  /** The version spoken on the live connection, else on the last one; undefined before the first. */
  readonly version?: Version
  readonly connected: boolean
  /** Epoch of the live or last connection; 0 before the first. */
  readonly epoch: number
  readonly connectedAt?: number
  readonly bootState: 'unknown' | 'pending' | 'rejected' | 'accepted'
  readonly vendor?: string
  readonly model?: string
  readonly firmware?: string
  readonly boot?: {
    readonly receivedAt: number
    /** OCPP 2.x BootReasonEnumType; 1.6 gives none. */
    readonly reason?: string
    /** It came because we asked with TriggerMessage, so it proves no restart. */
    readonly provoked: boolean
  }
  readonly connectors: readonly ConnectorFacts[]
  /** Running sessions, and those that ended in the last hour. */
  readonly sessions: readonly SessionFacts[]
  /** When each kind of report last came. */
  readonly heard: {
    readonly boot?: number
    readonly heartbeat?: number
    readonly status?: number
    readonly meterValues?: number
  }
}

export interface ConnectorFacts {
  /** EVSE number. On 1.6, the connectorId. */
  readonly evse: number
  /** Connector of the EVSE. On 1.6 always 1. EVSE 0 / connector 0 is the charger itself (1.6 connectorId 0). */
  readonly connector: number
  readonly status: ConnectorStatus
  readonly receivedAt: number
  readonly at?: number
  /** The fault reported with the status, if any. */
  readonly error?: string
}

/** OCPP 1.6 ChargePointStatus, the finer of the two; 2.x `Occupied` is kept as it is. */
export type ConnectorStatus =
  | 'Available'
  | 'Preparing'
  | 'Charging'
  | 'SuspendedEVSE'
  | 'SuspendedEV'
  | 'Finishing'
  | 'Occupied'
  | 'Reserved'
  | 'Unavailable'
  | 'Faulted'

export interface SessionFacts {
  /** Ours. */
  readonly id: string
  /** OCPP's transactionId as text: an integer on 1.6, a string on 2.x. */
  readonly transactionId: string
  readonly evse: number
  readonly connector: number
  readonly token?: string
  /** OCPP 2.x remoteStartId, which ties a session to the start that asked for it. */
  readonly remoteStartId?: number
  readonly startedAt: number
  readonly startReceivedAt: number
  readonly endedAt?: number
  readonly endReceivedAt?: number
  readonly stopReason?: string
}
