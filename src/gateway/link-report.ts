/** What a connection shows of its charger, each part where it has changed since it was told last. */
export interface LinkReport {
  /** Round trips of pings. */
  readonly roundTripsMs?: readonly number[]
  /** How long nothing may come before it is strange. */
  readonly quietMs?: number
  /** What became of our CALLs. */
  readonly calls?: CallTally
}

/** CALLs of control on one connection; the gateway's own do not count. */
export interface CallTally {
  /** The latest ones in a row. */
  readonly unanswered: number
  /** At least one was answered. */
  readonly answered: boolean
  /** When the first of the unanswered was sent. */
  readonly since?: number
  readonly actions?: readonly string[]
}
