import type { Json } from '../kernel/json.ts'
import type { Violation } from '../ocpp/violation.ts'
import type { Connection } from './connection.ts'
import type { House } from './house.ts'
import { maskFrame } from './mask.ts'
import { Outbox } from './outbox.ts'
import type { CallOutcome, ConnectionReport, ViolationReport } from './protocol.ts'
import { subjects } from './protocol.ts'
import { Throttle } from './throttle.ts'

/** Of a frame that breaks the rules, this much is kept. */
const maxFrameExcerpt = 2_000
/** About how long an outcome or report is without its payload, characters. */
const baseChars = 250
/** Violations in one message to control: with frames of 2,000 characters it stays within what a bus carries. */
const violationsPerMessage = 50

/** What a gateway tells control, gathered so that a report costs no message of its own. */
export class Reports {
  readonly outcomes: Outbox<CallOutcome>
  readonly connections: Outbox<ConnectionReport>
  readonly #house: Omit<House, 'reports' | 'connections'>
  readonly #violationRate: Throttle
  #violations: ViolationReport[] = []
  #droppedViolations = 0
  #alive: Connection[] = []

  constructor(house: Omit<House, 'reports' | 'connections'>) {
    this.#house = house
    this.outcomes = new Outbox(subjects.outcomes, house)
    this.connections = new Outbox(subjects.connections, house)
    const { violationBurst, violationRegainMs, maxTracked } = house.limits
    this.#violationRate = new Throttle(
      { burst: violationBurst, regainMs: violationRegainMs },
      maxTracked,
    )
  }

  /** `frameChars` is the length of the charger's frame that the outcome carries. */
  outcome(outcome: CallOutcome, frameChars = 0): void {
    this.outcomes.put(outcome, baseChars + frameChars)
  }

  connection(report: ConnectionReport): void {
    this.connections.put(report, baseChars)
  }

  /** Notes that the charger gave a sign of life; it is reported with the next batch. */
  alive(connection: Connection): void {
    if (connection.unreported) return
    connection.unreported = true
    this.#alive.push(connection)
  }

  /** Sends the newest of every connection that gave a sign of life. While control does not listen, the signs wait. */
  flushAlive(): void {
    if (this.#alive.length === 0 || this.connections.size > this.#house.limits.maxBatch) return
    const alive = this.#alive
    this.#alive = []
    const { clock, name } = this.#house
    const nowToMono = clock.now() - clock.monotonic()
    for (const connection of alive) {
      connection.unreported = false
      if (connection.closed || connection.displaced) continue
      this.connection({
        kind: 'alive',
        gateway: name,
        identity: connection.identity,
        epoch: connection.epoch,
        lastInboundAt: Math.round(connection.lastInboundMono + nowToMono),
        ...(connection.lastHeartbeatAt !== undefined && {
          lastHeartbeatAt: connection.lastHeartbeatAt,
        }),
        ...(connection.roundTripMs !== undefined && { roundTripMs: connection.roundTripMs }),
        ...connection.news.take(connection),
      })
    }
  }

  /** Reports what is wrong with a frame, as far as the charger's allowance goes. Whether it was reported. */
  violations(identity: string, violations: readonly Violation[], frame: string): boolean {
    if (violations.length === 0) return false
    for (const violation of violations) this.#house.metrics.violation(violation.kind)
    const now = this.#house.clock.monotonic()
    if (this.#violationRate.waitMs(identity, now) > 0) return false
    if (this.#violations.length >= this.#house.limits.maxViolationsWaiting) {
      this.#droppedViolations += 1
      return false
    }
    this.#violationRate.spend(identity, now)
    const at = this.#house.clock.now()
    const masked = maskFrame(frame, maxFrameExcerpt)
    for (const violation of violations)
      this.#violations.push({
        ...violation,
        detail: masked.detail(violation.detail),
        identity,
        at,
        frame: masked.excerpt,
      })
    return true
  }

  flushViolations(): void {
    const { bus, log } = this.#house
    const waiting = this.#violations
    if (waiting.length === 0) return
    this.#violations = []
    for (let at = 0; at < waiting.length; at += violationsPerMessage)
      bus.publish(
        subjects.violations,
        waiting.slice(at, at + violationsPerMessage) as unknown as Json,
      )
    if (this.#droppedViolations === 0) return
    log.warn({ dropped: this.#droppedViolations }, 'too many violations at once; some are dropped')
    this.#droppedViolations = 0
  }
}
