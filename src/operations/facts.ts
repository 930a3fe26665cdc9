import type { Capabilities } from '../models/capability.ts'
import type { ResolvedProfile } from '../models/profile.ts'
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
  /** What is drawn at each connector while sessions run, by the charger's own meters. */
  readonly drawn: readonly DrawnFacts[]
  /** When each kind of report last came. */
  readonly heard: {
    readonly boot?: number
    readonly heartbeat?: number
    readonly status?: number
    readonly meterValues?: number
    /** When a MeterValues message last came of each EVSE. */
    readonly meters?: Readonly<Record<number, number>>
  }
  /** When a message of this kind last came because it was asked for. */
  readonly asked: Partial<Readonly<Record<AskedKind, number>>>
  /** What is known of its model: declared capabilities, quirks, allowed vendor messages. */
  readonly profile: ResolvedProfile
  /** What is known that it can do: found out, said by somebody, or declared for its model. */
  readonly capabilities: Capabilities
  /** How far jobs go that it was given, the newest word of each kind. */
  readonly jobs: Partial<Readonly<Record<JobKind, JobFacts>>>
  /** What it uploaded to our file plane, the newest ones, oldest first. */
  readonly uploads: readonly UploadFacts[]
  /** Reports told in several messages, the newest ones, oldest first. */
  readonly reports: readonly ReportFacts[]
  /** The local authorisation list it holds, as far as we know. */
  readonly localList?: LocalListFacts
  /** Reservations it accepted, the newest ones, oldest first. */
  readonly reservations: readonly ReservationFacts[]
  /** Its credentials, where it was given any over the air. */
  readonly credential?: CredentialFacts
  /** How it last proved who it is; absent before its first connection. */
  readonly security?: SecurityFacts
  /** It is under maintenance: out of service on somebody's word. */
  readonly maintenance?: MaintenanceFacts
  /** Its clock minus ours, corrected for latency. */
  readonly clockSkewMs?: number
}

/** The latest readings of a connector; `at` is when they were taken, corrected by the charger's skew. */
export interface DrawnFacts {
  readonly evse: number
  readonly connector: number
  /** Active power of all phases together, W. */
  readonly watts?: { readonly value: number; readonly at: number }
  /** Current of the phase that carries most, A. */
  readonly amperes?: { readonly value: number; readonly at: number }
}

/** A file that arrived whole. */
export interface UploadFacts {
  /** The command's part on this charger that asked for it. */
  readonly dispatch: string
  readonly file: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly receivedAt: number
}

export type JobKind = 'firmware' | 'log' | 'diagnostics' | 'firmware-publication'

export interface JobFacts {
  /** OCPP's word, e.g. `Downloading`. */
  readonly status: string
  /** The order it belongs to, where the charger says so. */
  readonly requestId?: number
  readonly receivedAt: number
}

/** What OCPP 2.x tells in several messages with a `requestId`. */
export type ReportKind =
  | 'device-model'
  | 'monitoring'
  | 'charging-profiles'
  | 'display-messages'
  | 'customer-information'
  | 'der-control'

export interface ReportFacts {
  readonly kind: ReportKind
  readonly requestId: number
  /** Of its newest part. */
  readonly receivedAt: number
  readonly parts: number
  /** Elements in all parts together. */
  readonly items: number
  /** The last part has come, and all before it. */
  readonly complete: boolean
  /** Numbers of parts that are missing below the greatest seen. */
  readonly missing: readonly number[]
  /** Why no more of its parts are kept, where the charger told too much. */
  readonly incomplete?: string
  /** The ids of its elements where they have any: of monitors, messages, profiles, controls; the first 200. */
  readonly ids: readonly string[]
}

/** Messages that come when they are asked for. */
export type AskedKind =
  'firmware-status' | 'log-status' | 'diagnostics-status' | 'transaction' | 'certificate-request'

export interface CredentialFacts {
  /** Sent, and not shown since. */
  readonly offered: number
  /** When it last showed one for the first time. */
  readonly provenAt?: number
}

export interface SecurityFacts {
  /** OCPP's security profile of the newest connection. */
  readonly profile: number
  /** The certificate it shows, and since when. */
  readonly certificate?: { readonly fingerprint: string; readonly at: number }
}

export interface ReservationFacts {
  readonly id: number
  /** Absent: any EVSE. */
  readonly evse?: number
  /** When it ends by itself. */
  readonly until: number
  /** When the charger accepted it. */
  readonly at: number
  /** The charger's word that it is over (2.x). */
  readonly over?: { readonly how: string; readonly receivedAt: number }
}

export interface LocalListFacts {
  /** The version number the charger was given with it, or told. */
  readonly version: number
  /** Which of our lists at which revision; absent where the charger holds something we did not send. */
  readonly list?: string
  readonly revision?: number
  /** Since when it holds this, as far as we know; hearing the same version again changes nothing. */
  readonly at: number
}

export interface MaintenanceFacts {
  readonly since: number
  readonly until?: number
  readonly by: string
  readonly why: string
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
