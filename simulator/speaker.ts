import type { ClientIdentity } from './own-certificate.ts'
import type { Clock } from '../src/kernel/clock.ts'
import type { ErrorMeaning } from '../src/ocpp/error-codes.ts'
import type { Version } from '../src/ocpp/versions.ts'
import type { Backoff } from './charger.ts'
import type { FileJobs } from './file-jobs.ts'
import type { LocalList } from './local-list.ts'
import type { Outgoing } from './outbox.ts'
import type { Profile } from './profiles.ts'
import type { Random } from './random.ts'
import type { BootReason, ChargerState, Rules } from './state.ts'
import type { Happening } from './stage.ts'
import type { Input } from './transitions.ts'

/** The charger as its speaker sees it: everything that does not depend on the OCPP version. */
export interface Body {
  readonly identity: string
  readonly version: Version
  readonly vendor: string
  readonly model: string
  readonly serialNumber: string
  firmware: string
  /** Tells an installed firmware and keeps the old one. */
  readonly fakesFirmware: boolean
  /** Accepts a new certificate and goes on with the old one. */
  readonly keepsCertificate: boolean
  /** Asks for certificates in another's name. */
  readonly spoilsRequests: boolean
  readonly jobs: FileJobs
  /** Of every report in parts the part with this number gets lost. */
  readonly losesReportPart: number | undefined
  readonly clock: Clock
  readonly random: Random
  readonly state: ChargerState
  readonly isOnline: boolean
  readonly bootStatus: BootStatus
  /** Transaction messages wait for delivery. */
  readonly hasKept: boolean
  /** Survive a restart. */
  profiles: readonly Profile[]
  list: LocalList
  /** Does something when a moment has come, at once where it is over. */
  at(moment: string, deed: () => void): void
  /** The charger's own time as it writes it, of a moment of the injected clock. */
  stamp(at?: number): string
  apply(input: Input): void
  /** Sends a message that is not worth keeping when the line is down. */
  send(message: Outgoing): void
  /** Sends a transaction message: kept, in order, repeated. */
  keep(message: Outgoing): void
  /** Sends a BootNotification now, whatever was agreed. */
  bootAgain(): void
  heartbeatNow(): void
  reportStatus(evse: number, provoked: boolean): void
  /** Has the token checked and begins a session; false when it may not. */
  authorise(evse: number, token: string, via: StartedBy): Promise<boolean>
  /** Works out anew what the charging profiles allow. */
  limitsChanged(): void
  /** Timers follow changed settings. */
  settingsChanged(): void
  /** The lock has let go of the cable. */
  unlocked(evse: number): void
  /** The credential for the next handshake; the connection is made anew with it. */
  changePassword(password: string | Uint8Array): void
  /** The certificate for the next handshake; the connection is made anew with it. */
  changeCertificate(identity: ClientIdentity): void
}

export type BootStatus = 'none' | 'pending' | 'rejected' | 'accepted'

export interface StartedBy {
  readonly trigger: 'Authorized' | 'RemoteStart'
  readonly remoteStartId?: number | undefined
  /** Skip asking whether the token is good. */
  readonly trusted: boolean
}

/** What a charger does about a CALL: the answer first, then the deed. Making one changes nothing yet. */
export interface Reaction {
  readonly answer: object
  readonly act?: () => void
}

/** The CALL cannot be answered with a result. */
export interface Refusal {
  readonly error: ErrorMeaning
  readonly description: string
}

export function isRefusal(reaction: Reaction | Refusal): reaction is Refusal {
  return 'error' in reaction
}

/** Settings the body itself goes by. */
export interface Conduct extends Rules {
  readonly heartbeatIntervalMs: number
  readonly sampleIntervalMs: number
  readonly alignedIntervalMs: number
  readonly connectionTimeoutMs: number
  readonly messageAttempts: number
  readonly messageRetryMs: number
  readonly localPreAuthorize: boolean
  readonly localAuthorizeOffline: boolean
  readonly unknownOffline: boolean
  readonly localListEnabled: boolean
  /** After a longer time without connection every status is told again. */
  readonly offlineThresholdMs: number
  /** Where the settings say how to pause before connecting again. */
  readonly backoff: Backoff | undefined
}

export interface TokenVerdict {
  readonly accepted: boolean
  readonly group: string | undefined
}

/** One OCPP version spoken by the body. */
export interface Speaker {
  conduct(): Conduct
  boot(reason: BootReason | 'Triggered'): object
  /** The boot was accepted; the interval is the server's word for heartbeats. */
  acceptHeartbeatInterval(seconds: number): void
  authorize(token: string): object
  judgeToken(answer: unknown): TokenVerdict
  /** What there is to say about the status now; equal texts need not be said twice. Undefined: nothing ever. */
  statusKey(evse: number): string | undefined
  status(evse: number): object
  tell(happening: Happening): void
  /** Periodic meter values of a running session. */
  sample(evse: number): void
  /** Clock-aligned meter values of an EVSE. */
  sampleAligned(evse: number): void
  react(action: string, payload: unknown): Reaction | Refusal
  /** An answer that says no to this action. */
  refusal(action: string, payload: unknown): object | Refusal
  restarted(): void
  /** OCPP's id of a running session, where known. */
  transactionId(key: string): string | number | undefined
  setting(name: string): string
}
