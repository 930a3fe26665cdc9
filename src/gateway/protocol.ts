import type { Version } from '../ocpp/versions.ts'
import type { ErrorMeaning } from '../ocpp/error-codes.ts'
import type { Violation } from '../ocpp/violation.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { LinkReport } from './link-report.ts'

/**
 * What gateways and control nodes say to each other over the bus. Everything here is plain JSON.
 *
 * A gateway holds sockets and no authority: control decides who may connect, what is answered and
 * what is sent. Control never assumes which gateway holds a charger: it asks on the charger's subject.
 */

/** Subjects. Identities are hex so that any identity is one legal subject token. */
export const subjects = {
  /** control -> the gateway that holds this charger's socket: `CallOrder` -> `CallReceipt`. */
  call: (identity: string) => `charger.${Buffer.from(identity).toString('hex')}.call`,
  /** control -> the gateway that holds this charger's socket: `CloseOrder` -> `{}`. */
  close: (identity: string) => `charger.${Buffer.from(identity).toString('hex')}.close`,
  /** gateway -> any control node: `AdmissionRequest` -> `Admission`. */
  admission: 'control.admission',
  /** gateway -> any control node: `InboundCall` -> `InboundAnswer`. One at a time per connection, in order. */
  inbound: 'control.inbound',
  /** gateway -> any control node: `CallOutcome[]` -> `{}`. Repeated until answered. */
  outcomes: 'control.outcomes',
  /** gateway -> any control node: `ConnectionReport[]` -> `{}`. Repeated until answered. */
  connections: 'control.connections',
  /** gateway -> any control node, nobody answers: `ViolationReport[]`. */
  violations: 'control.violations',
  /** gateway -> any control node: `CountedFrame[]` -> `{}`. Repeated until answered. */
  frames: 'control.frames',
  /** control -> all gateways: `Displacement`. Only the gateway holding an older epoch acts. */
  displaced: 'gateways.displaced',
  /** gateway -> any control node: `{}` -> `TrustAnchors`. */
  trust: 'control.trust',
  /** gateway -> any control node: `TraceFrame[]` -> `{}`. Repeated until answered. */
  trace: 'control.trace',
  /** control -> all gateways: `TraceOrder`, at every change and every few seconds. */
  traced: 'gateways.traced',
} as const

/** The queue group of control nodes. */
export const controlGroup = 'control'

export interface AdmissionRequest {
  readonly gateway: string
  readonly identity: string
  readonly remoteAddress: string
  /** The client's offer, in its order; empty when the header is missing. */
  readonly offeredProtocols: readonly string[]
  /** The first offered protocol we speak, if any. */
  readonly version?: Version
  /** HTTP Basic authentication: the password's bytes as base64. */
  readonly basic?: { readonly username: string; readonly passwordBase64: string }
  /** The path before the identity, kept for the connection history. */
  readonly path: string
  readonly userAgent?: string
  /** Absent: the connection is in the clear. */
  readonly tls?: ShownTls
}

/** What a client showed by TLS. That it holds the certificate's key is certain; all else is control's to judge. */
export interface ShownTls {
  /** `TLSv1.2`, `TLSv1.3`. */
  readonly version: string
  readonly cipher: string
  /** No new handshake: the session before was taken up, with the certificate shown then. */
  readonly resumed: boolean
  readonly certificate?: ShownCertificate
}

export interface ShownCertificate {
  readonly derBase64: string
  /** Its chain leads to one of the anchors control had given, and is valid now. */
  readonly verified: boolean
  /** Why not, in OpenSSL's word. */
  readonly problem?: string
}

/** Whose certificates of chargers are trusted, PEM. */
export interface TrustAnchors {
  readonly anchors: readonly string[]
}

export type Admission =
  | {
      readonly admitted: true
      /** Fencing number of this connection: of two with one identity, the greater is the live one. */
      readonly epoch: number
      /** The version to speak, only where no subprotocol header came and the charger's record says which. */
      readonly version?: Version
      readonly bootState: BootState
      readonly policy: ConnectionPolicy
    }
  | {
      readonly admitted: false
      /** 401 wrong credential, 404 unknown identity, 429 too many attempts, 503 control cannot decide now. */
      readonly status: 401 | 404 | 429 | 503
      readonly reason: string
      readonly retryAfterSeconds?: number
    }

/** OCPP 1.6 6.x RegistrationStatus. `unknown` until a first BootNotification; then as after Accepted. */
export type BootState = 'unknown' | 'pending' | 'rejected' | 'accepted'

/** How a connection to this charger is held; comes from the model profile and the charger's record. */
export interface ConnectionPolicy {
  /** How long the charger may take to answer a CALL. */
  readonly callTimeoutMs: number
  /** Heartbeat interval we tell the charger; a connection with no inbound frame for three of them is dead. */
  readonly heartbeatIntervalSeconds: number
  /** WebSocket ping period; 0 sends none. */
  readonly pingIntervalSeconds: number
  /** Ask for a BootNotification when none came within this time after connecting; 0 never asks. */
  readonly triggerBootAfterMs: number
  /** No CALL of control's leaves for so long after the connection opened. */
  readonly quietAfterOpenMs?: number
  /** None leaves before the boot of this connection is answered, or so long after it opened where no boot comes. */
  readonly awaitBootMs?: number
  /** None leaves for so long after a boot was accepted. */
  readonly quietAfterBootMs?: number
  /** Words in answers that the schema does not know, and what they mean. */
  readonly answerMeanings?: readonly AnswerMeaning[]
  /** Until when every message is given to the trace, ms since the epoch; absent: none is. */
  readonly traceUntil?: number
}

/** In answers to `action`, the value of this member (names joined with dots) is taken for another. */
export interface AnswerMeaning {
  readonly action: string
  readonly field: string
  readonly value: string
  readonly means: string
}

export interface CallOrder {
  /** The OCPP message id of the CALL; unique for ever. */
  readonly callId: string
  readonly identity: string
  readonly action: string
  readonly payload: JsonObject
  /** The frame leaves before this moment (ms since the epoch) or not at all. */
  readonly notAfter: number
  readonly answerTimeoutMs: number
}

/** A CALL that left a gateway, counted where it leaves, whoever asked for it. */
export interface CountedFrame {
  readonly gateway: string
  /** One life of the gateway's process. */
  readonly run: string
  /** 1, 2, 3, ... within the run. */
  readonly number: number
  readonly callId: string
  readonly identity: string
  readonly action: string
  readonly at: number
  /** The gateway's own question for a boot, by the policy control gave it. */
  readonly own?: true
}

/** Whether the gateway took the order. `taken: false` promises that no frame has left or will leave. */
export type CallReceipt =
  | { readonly taken: true }
  | {
      readonly taken: false
      readonly reason:
        'not-connected' | 'busy' | 'too-late' | 'draining' | 'not-allowed-now' | 'invalid'
      readonly detail?: string
      /** When it is worth asking again. */
      readonly retryAfterMs?: number
    }

/** What became of an order that was taken. `sent` comes first, then exactly one of the others, later perhaps `late-answer`. */
export type CallOutcome =
  | {
      readonly kind: 'sent'
      readonly callId: string
      readonly identity: string
      readonly at: number
      readonly epoch: number
    }
  | {
      readonly kind: 'not-sent'
      readonly callId: string
      readonly identity: string
      readonly at: number
      readonly reason: string
    }
  | {
      readonly kind: 'answered'
      readonly callId: string
      readonly identity: string
      readonly at: number
      readonly payload: Json
      readonly violations: readonly Violation[]
      readonly valid: boolean
    }
  | {
      readonly kind: 'error'
      readonly callId: string
      readonly identity: string
      readonly at: number
      readonly code: string
      readonly description: string
      readonly details: Json
    }
  | {
      readonly kind: 'timeout'
      readonly callId: string
      readonly identity: string
      readonly at: number
    }
  /** The socket went while the answer was awaited. */
  | {
      readonly kind: 'connection-lost'
      readonly callId: string
      readonly identity: string
      readonly at: number
    }
  /** An answer to a CALL given up before; it may settle an unknown command. */
  | {
      readonly kind: 'late-answer'
      readonly callId: string
      readonly identity: string
      readonly at: number
      readonly answer:
        | { readonly payload: Json; readonly valid: boolean }
        | { readonly errorCode: string; readonly description: string }
    }

export interface InboundCall {
  readonly identity: string
  readonly epoch: number
  readonly version: Version
  readonly messageId: string
  readonly action: string
  /** Valid against the action's schema, mended where the meaning was clear; null where it could not be read at all. */
  readonly payload: Json
  /** False when the payload is not what the schema asks for, even after mending. */
  readonly valid: boolean
  readonly receivedAt: number
  /** We had asked for this message with TriggerMessage on this connection. */
  readonly provoked: boolean
  /** OCPP 2.1 SEND (type 6): not answered. */
  readonly unanswered: boolean
}

export type InboundAnswer =
  | {
      readonly kind: 'result'
      readonly payload: JsonObject
      /** How the connection is held from now on: with its boot the charger said what it is. */
      readonly policy?: ConnectionPolicy
    }
  | { readonly kind: 'error'; readonly code: ErrorMeaning; readonly description: string }

export type ConnectionReport =
  | {
      readonly kind: 'opened'
      readonly gateway: string
      readonly identity: string
      readonly epoch: number
      readonly version: Version
      readonly remoteAddress: string
      readonly at: number
    }
  | {
      readonly kind: 'closed'
      readonly gateway: string
      readonly identity: string
      readonly epoch: number
      readonly at: number
      readonly reason: CloseReason
      readonly code: number
      readonly detail: string
      /** It was displaced while it still lived: two devices may share the identity. */
      readonly contested?: boolean
    }
  /** Coalesced: the newest of the connection since the last report. */
  | ({
      readonly kind: 'alive'
      readonly gateway: string
      readonly identity: string
      readonly epoch: number
      readonly lastInboundAt: number
      readonly lastHeartbeatAt?: number
      readonly roundTripMs?: number
    } & LinkReport)

export type CloseReason =
  | 'charger-closed'
  | 'network-lost'
  | 'silent'
  | 'displaced'
  | 'protocol-error'
  | 'frame-too-large'
  | 'invalid-utf8'
  | 'no-common-protocol'
  | 'flooding'
  | 'not-reading'
  | 'operator'
  | 'shutdown'

export interface ViolationReport extends Violation {
  readonly identity: string
  readonly at: number
  /** The frame, cut to 2 kB, secrets masked. */
  readonly frame: string
}

export interface Displacement {
  readonly identity: string
  /** The epoch that lives; connections with a smaller one are probed, then closed. */
  readonly epoch: number
}

export interface CloseOrder {
  readonly identity: string
  readonly reason: CloseReason
  readonly detail: string
}
