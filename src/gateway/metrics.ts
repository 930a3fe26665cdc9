import type { ViolationKind } from '../ocpp/violation.ts'
import type { Version } from '../ocpp/versions.ts'
import type { CloseReason } from './protocol.ts'

/** The kinds of OCPP-J message. */
export type MessageKind = 'call' | 'result' | 'error' | 'result-error' | 'send' | 'unreadable'

/** How a CALL of ours ended. */
export type CallEnd = 'answered' | 'error' | 'timeout' | 'connection-lost' | 'late-answer'

/**
 * What a gateway counts. Called on the path of every message: implementations add to numbers and return.
 * `action` is one of the version's actions or `other`, so labels stay few.
 */
export interface GatewayMetrics {
  /** A charger's connection opened. */
  opened(version: Version): void
  /** A charger's connection closed; `openMs` is how long it lasted. No `version`: it was never `opened`. */
  closed(reason: CloseReason, openMs: number, version?: Version): void
  /** A handshake was answered with this HTTP status instead of 101. */
  handshakeRefused(status: number): void
  /** A TLS handshake failed, for this reason in OpenSSL's word. */
  tlsFailed(reason: string): void
  /** From the upgrade request to the 101 (or the refusal by control), milliseconds. */
  handshakeDecided(ms: number): void
  received(version: Version, kind: MessageKind, action: string): void
  sent(version: Version, kind: MessageKind, action: string): void
  /** From a CALL's arrival to our answer, milliseconds. */
  answeredCharger(action: string, ms: number): void
  /** From our CALL's frame to its end, milliseconds. */
  callEnded(action: string, end: CallEnd, ms: number): void
  violation(kind: ViolationKind): void
  /** A message had to be handed to control again. */
  controlRetried(): void
  /** A connection was stopped from sending for a moment. */
  paused(why: 'queue' | 'rate'): void
}

const nothing = () => {}

/** Counts nothing. */
export const noMetrics: GatewayMetrics = {
  opened: nothing,
  closed: nothing,
  handshakeRefused: nothing,
  tlsFailed: nothing,
  handshakeDecided: nothing,
  received: nothing,
  sent: nothing,
  answeredCharger: nothing,
  callEnded: nothing,
  violation: nothing,
  controlRetried: nothing,
  paused: nothing,
}
