import type {
  InboundAction,
  InboundRequest,
  InboundResponse,
  Version,
} from '../../ocpp/versions.ts'

/** What an answer may need beyond the message itself; everything is decided before an answer is written. */
export interface Given {
  /** Our time, ISO 8601. */
  readonly now: string
  readonly boot: {
    readonly status: 'Accepted' | 'Pending' | 'Rejected'
    /** Heartbeat interval when accepted, else the time until the next BootNotification. */
    readonly intervalSeconds: number
  }
  /** OCPP 1.6: the id of the transaction that was started. */
  readonly transactionId: number
  readonly token: TokenAnswer
  /** Whether a request for a certificate is taken. */
  readonly certificate: 'Accepted' | 'Rejected'
}

/** What is said of a token that a charger asks about. */
export interface TokenAnswer {
  readonly status: TokenStatus
  /** The token of its group, so that one of the group may end what another began. */
  readonly parent?: string
  /** When what the charger remembers of this answer is out of date, ms since the epoch. */
  readonly until?: number
}

/** Why a token may charge or not; each version has its own words for it. */
export type TokenStatus =
  | 'Accepted'
  | 'Blocked'
  | 'Expired'
  | 'Unknown'
  | 'NotYetValid'
  /** It is charging elsewhere, and may not do so twice. */
  | 'ConcurrentTx'

export type WriteAnswer<V extends Version, A extends InboundAction<V>> = (
  given: Given,
  message: InboundRequest<V, A>,
) => InboundResponse<V, A>

/**
 * What is done with an action and how it is answered.
 * `read`: a signal is read from it. `noted`: acknowledged, and nothing is kept, because of the reason.
 * `declined`: the valid answer that says no, because of the reason.
 */
export type Treatment<V extends Version, A extends InboundAction<V>> =
  | { readonly read: true; readonly answer: WriteAnswer<V, A> }
  | { readonly noted: string; readonly answer: WriteAnswer<V, A> }
  | { readonly declined: string; readonly answer: WriteAnswer<V, A> }

/** One treatment for every action a charger may send: a forgotten one does not compile. */
export type Treatments<V extends Version> = { readonly [A in InboundAction<V>]: Treatment<V, A> }

/** The answer without content, which acknowledges. */
export const acknowledge = (): Record<string, never> => ({})
