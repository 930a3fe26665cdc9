import type { Belonging } from '../../access/access.ts'
import type { ProductEvent } from '../../bus/events.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { Signal } from '../../signals/catalog.ts'
import type { CallTally } from '../connections/link.ts'

/**
 * What is reported of a charger, by itself or by the gateway that holds its connection. Reports are applied
 * one after the other for each charger, many chargers' together.
 */
export type Report = Told | Opened | Closed | Alive | Admitting | Violating

/** A message of the charger, understood. */
export interface Told {
  readonly kind: 'told'
  readonly identity: string
  readonly epoch: number
  readonly version: Version
  readonly messageId: string
  /** ms since the epoch, our clock, like all times here unless said otherwise. */
  readonly receivedAt: number
  /** We had asked for it with TriggerMessage. */
  readonly provoked: boolean
  readonly signals: readonly Signal[]
}

export interface Opened {
  readonly kind: 'opened'
  readonly gateway: string
  readonly identity: string
  readonly epoch: number
  readonly version: Version
  readonly remoteAddress: string
  readonly at: number
}

export interface Closed {
  readonly kind: 'closed'
  readonly gateway: string
  readonly identity: string
  readonly epoch: number
  readonly at: number
  readonly reason: string
  readonly detail: string
  /** It was displaced while it still lived. */
  readonly contested?: boolean
}

export interface Alive {
  readonly kind: 'alive'
  readonly gateway: string
  readonly identity: string
  readonly epoch: number
  readonly lastInboundAt: number
  readonly lastHeartbeatAt?: number
  readonly roundTripMs?: number
  /** Those measured since the last report that had any. */
  readonly roundTripsMs?: readonly number[]
  /** How long nothing may come before it is strange, where that has changed. */
  readonly quietMs?: number
  /** What became of our CALLs, where that has changed. */
  readonly calls?: CallTally
}

/** The charger has shown its credential and wants a connection. */
export interface Admitting {
  readonly kind: 'admitting'
  readonly identity: string
  readonly at: number
  /** How strongly it is authenticated: OCPP's security profile. A connection is displaced only by one at least as strong. */
  readonly authentication: number
  /** SHA-256 of the certificate it showed, hex. */
  readonly certificate?: string
  /** A version can be agreed on, so that the connection will carry OCPP and replace an older one. */
  readonly willSpeak: boolean
}

export interface Violating {
  readonly kind: 'violating'
  readonly identity: string
  readonly at: number
  /** OCPP's violation kinds, see `ocpp/violation.ts`. */
  readonly violation: string
  readonly action?: string
  readonly path?: string
  readonly detail: string
  readonly frame: string
}

/** What came of a report. */
export interface Heard {
  /** Whether such a charger is registered; if not, nothing was changed. */
  readonly known: boolean
  readonly bootState: BootState
  /** How a BootNotification is answered. */
  readonly boot: 'Accepted' | 'Pending' | 'Rejected'
  /** OCPP 1.6: the id for the StartTransaction. */
  readonly transactionId?: number
  /** Where the charger belongs, given where it shows a token. */
  readonly belonging?: Belonging
  readonly admission?: Issued
  /** The security profile of the connection a message came over; 0 where a newer connection was let in since. */
  readonly securityProfile?: number
  /** To be published once it is committed. */
  readonly happened: readonly ProductEvent[]
}

export type BootState = 'unknown' | 'pending' | 'rejected' | 'accepted'

/** The decision on a connection that showed the right credential. */
export interface Issued {
  /** Undefined where the live connection is authenticated more strongly. */
  readonly epoch?: number
  /** There may be an older connection, which has to give way. */
  readonly displaces: boolean
  /** How often a live connection was displaced in the last hour, this time included. */
  readonly displacements: number
}
