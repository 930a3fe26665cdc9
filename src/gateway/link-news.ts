import type { Connection } from './connection.ts'
import type { CallTally, LinkReport } from './link-report.ts'

/** Round trips are told in so many at once, the first one as it comes. */
const roundTripsAtOnce = 5
const mostActions = 3
/** A charger that answers pings is strange when it leaves out so many. */
const missedPings = 3
/** Another may be as quiet as its heartbeats allow, and somewhat late with the second. */
const missedHeartbeats = 2
const lateMs = 30_000

/** What one connection shows of the charger, and what of it control has not been told. */
export class LinkNews {
  #roundTrips: number[] | undefined = undefined
  #answersPings = false
  #toldQuietMs = 0
  #unanswered = 0
  #answered = false
  #since = 0
  #actions: readonly string[] = []
  #callsChanged = false

  roundTrip(ms: number): void {
    this.#roundTrips ??= []
    this.#roundTrips.push(ms)
    // Control may be away; the newest are those that matter.
    if (this.#roundTrips.length > 4 * roundTripsAtOnce) this.#roundTrips.shift()
  }

  /** A CALL of ours got an answer, be it an error or late. */
  answered(): void {
    if (this.#answered && this.#unanswered === 0) return
    this.#answered = true
    this.#unanswered = 0
    this.#actions = []
    this.#callsChanged = true
  }

  /** `sentAt`: ms since the epoch. */
  unanswered(action: string, sentAt: number): void {
    if (this.#unanswered === 0) this.#since = sentAt
    this.#unanswered += 1
    const others = this.#actions.filter((one) => one !== action)
    this.#actions = [...others, action].slice(-mostActions)
    this.#callsChanged = true
  }

  /** What control is to be told with the next report, which is then told. */
  take(connection: Connection): LinkReport {
    return { ...this.#takeRoundTrips(), ...this.#takeQuiet(connection), ...this.#takeCalls() }
  }

  #takeRoundTrips(): Pick<LinkReport, 'roundTripsMs'> {
    const measured = this.#roundTrips
    if (measured === undefined) return {}
    if (this.#answersPings && measured.length < roundTripsAtOnce) return {}
    this.#answersPings = true
    this.#roundTrips = undefined
    return { roundTripsMs: measured }
  }

  #takeQuiet(connection: Connection): Pick<LinkReport, 'quietMs'> {
    const { policy, heartbeatIntervalSeconds } = connection
    const quietMs = this.#answersPings
      ? missedPings * policy.pingIntervalSeconds * 1000
      : missedHeartbeats * heartbeatIntervalSeconds * 1000 + lateMs
    if (quietMs === this.#toldQuietMs) return {}
    this.#toldQuietMs = quietMs
    return { quietMs }
  }

  #takeCalls(): { readonly calls?: CallTally } {
    if (!this.#callsChanged) return {}
    this.#callsChanged = false
    const told = { unanswered: this.#unanswered, answered: this.#answered }
    const calls =
      this.#unanswered === 0 ? told : { ...told, since: this.#since, actions: this.#actions }
    return { calls }
  }
}
