/** One CALL as the charger received it. */
export interface ReceivedCall {
  readonly action: string
  readonly messageId: string
  readonly payload: unknown
  /** Ms since the epoch, injected clock. */
  readonly at: number
}

/** What a charger has counted since it was made. */
export interface Counters {
  /** Connections opened. */
  connections: number
  /** Handshakes answered with something other than 101, by HTTP status. */
  refusals: Record<number, number>
  /** BootNotifications accepted. */
  boots: number
  /** Restarts, whatever the cause. */
  restarts: number
  /** CALLs received. */
  calls: number
  callsByAction: Record<string, number>
  /** CALLs whose message id had come before, on this connection or an earlier one. */
  duplicates: number
  /** CALLs that came while an earlier one was still unanswered. */
  overlapping: number
  /** CALLs and answers from the server that break their schema or the protocol. */
  invalid: number
  /** The first 20 of them. */
  invalidDetails: string[]
  answered: number
  errorsAnswered: number
  /** CALLs left without an answer on purpose. */
  ignored: number
  /** Connections dropped on purpose on receiving a CALL. */
  dropped: number
  /** CALLs sent. */
  sent: number
  errorsReceived: number
  /** CALLs of ours that were never answered in time. */
  timeouts: number
  sessionsStarted: number
  sessionsEnded: number
}

export function newCounters(): Counters {
  return {
    connections: 0,
    refusals: {},
    boots: 0,
    restarts: 0,
    calls: 0,
    callsByAction: {},
    duplicates: 0,
    overlapping: 0,
    invalid: 0,
    invalidDetails: [],
    answered: 0,
    errorsAnswered: 0,
    ignored: 0,
    dropped: 0,
    sent: 0,
    errorsReceived: 0,
    timeouts: 0,
    sessionsStarted: 0,
    sessionsEnded: 0,
  }
}

/** Counts something the server sent that it should not have. */
export function noteInvalid(counters: Counters, detail: string): void {
  counters.invalid += 1
  if (counters.invalidDetails.length < 20) counters.invalidDetails.push(detail)
}
