import type { Clock } from '../src/kernel/clock.ts'
import { isJsonObject } from '../src/kernel/json.ts'
import type { Backoff } from './charger.ts'
import type { CallEnd, Link } from './link.ts'
import type { LocalClock } from './local-clock.ts'
import type { ClientIdentity } from './own-certificate.ts'
import type { Outbox, Outgoing } from './outbox.ts'
import type { Random } from './random.ts'
import { Rhythm } from './rhythm.ts'
import type { BootStatus } from './speaker.ts'
import type { BootReason } from './state.ts'

export interface ConnectionSettings {
  readonly clock: Clock
  readonly random: Random
  readonly link: Link
  readonly outbox: Outbox
  readonly localClock: LocalClock
  readonly backoff: () => Backoff
  readonly bootsOnlyWhenAsked: () => boolean
  readonly bootPayload: (reason: BootReason | 'Triggered') => object
  readonly heartbeatIntervalMs: () => number
  /** The first boot after a start was accepted. */
  readonly onBooted: (heartbeatIntervalSeconds: number) => void
  /** Connected again without having restarted. */
  readonly onReopened: (offlineForMs: number) => void
}

const shortestBootRetryMs = 1_000
const bootRetryWithoutAnswerMs = 30_000

/**
 * Power, network, reconnecting, and the boot conversation. The boot status belongs to the charger:
 * it outlives the socket and ends with the power (1.6 4.2, 2.x B01 to B03).
 */
export class Connection {
  readonly #settings: ConnectionSettings
  readonly #rhythm: Rhythm
  #powered = false
  #reachable = true
  #password: string | Uint8Array | undefined
  #certificate: ClientIdentity | undefined
  #bootReason: BootReason = 'PowerUp'
  #failures = 0
  #leastPauseMs = 0
  #lostAt: number | undefined
  #firstOutcome: (() => void) | undefined
  bootStatus: BootStatus = 'none'

  constructor(
    settings: ConnectionSettings,
    password: string | Uint8Array | undefined,
    certificate: ClientIdentity | undefined,
  ) {
    this.#settings = settings
    this.#certificate = certificate
    this.#rhythm = new Rhythm(settings.clock)
    this.#password = password
  }

  get isOnline(): boolean {
    return this.#settings.link.isOpen && this.bootStatus === 'accepted'
  }

  /** Resolves when the first attempt to connect has an outcome, whichever. */
  powerOn(reason: BootReason): Promise<void> {
    this.#powered = true
    this.#bootReason = reason
    this.bootStatus = 'none'
    this.#lostAt = undefined
    this.#failures = 0
    const outcome = new Promise<void>((resolve) => (this.#firstOutcome = resolve))
    if (this.#reachable) this.#connect()
    else this.#settle()
    return outcome
  }

  /** `clean`: the WebSocket is closed properly; else the line just breaks. */
  powerOff(clean: boolean): void {
    this.#powered = false
    this.bootStatus = 'none'
    this.#rhythm.stop()
    if (clean) this.#settings.link.close(1001)
    else this.#settings.link.cut()
  }

  /** Off for good. */
  close(): void {
    this.powerOff(false)
    this.#rhythm.close()
  }

  goOffline(): void {
    this.#reachable = false
    this.#rhythm.cancel('connect')
    this.#settings.link.cut()
  }

  goOnline(): void {
    if (this.#reachable) return
    this.#reachable = true
    this.#failures = 0
    if (this.#powered) this.#connect()
  }

  changeNetwork(): void {
    this.#settings.link.abandon()
    if (this.#powered && this.#reachable) this.#connect()
  }

  changeCertificate(identity: ClientIdentity): void {
    this.#certificate = identity
    this.#settings.link.close(1000)
  }

  changePassword(password: string | Uint8Array): void {
    this.#password = password
    this.#settings.link.close(1000)
  }

  mayGo(message: Outgoing): boolean {
    return this.bootStatus === 'accepted' || message.provoked === true
  }

  opened(): void {
    this.#settle()
    if (this.bootStatus === 'accepted') {
      const { clock } = this.#settings
      this.#settings.onReopened(clock.now() - (this.#lostAt ?? clock.now()))
      this.#settings.outbox.pump()
    } else if (!this.#settings.bootsOnlyWhenAsked()) {
      this.boot()
    }
  }

  /** The next attempt to connect comes no earlier than this (HTTP Retry-After). */
  waitAtLeast(pauseMs: number): void {
    this.#leastPauseMs = pauseMs
  }

  closed(): void {
    this.#lostAt ??= this.#settings.clock.now()
    this.#settings.outbox.lineLost()
    this.#settle()
    if (!this.#powered || !this.#reachable) return
    const { leastMs, randomMs, doublings } = this.#settings.backoff()
    const pause =
      leastMs * 2 ** Math.min(this.#failures, doublings) +
      this.#settings.random.between(0, randomMs)
    this.#failures += 1
    this.#rhythm.once('connect', Math.max(pause, this.#leastPauseMs), () => this.#connect())
    this.#leastPauseMs = 0
  }

  /** A CALL of ours was answered: this server is worth talking to. */
  proven(): void {
    this.#failures = 0
    this.#lostAt = undefined
  }

  /** Sends a BootNotification ahead of everything else. */
  boot(): void {
    const reason = this.bootStatus === 'accepted' ? 'Triggered' : this.#bootReason
    this.#rhythm.cancel('boot')
    this.#settings.outbox.sendFirst({
      action: 'BootNotification',
      provoked: true,
      payload: () => this.#settings.bootPayload(reason),
      settled: (end) => this.#bootEnded(end),
    })
  }

  #bootEnded(end: CallEnd): void {
    if (!this.#powered || end.end === 'lost') return
    const answer = end.end === 'answered' && isJsonObject(end.payload) ? end.payload : undefined
    if (answer !== undefined) this.#settings.localClock.synchronise(answer['currentTime'])
    const interval = typeof answer?.['interval'] === 'number' ? answer['interval'] : 0
    if (answer?.['status'] === 'Accepted') return this.#accepted(interval)
    if (this.bootStatus === 'accepted') return
    if (answer?.['status'] === 'Rejected') this.bootStatus = 'rejected'
    if (answer?.['status'] === 'Pending') this.bootStatus = 'pending'
    const retryMs =
      interval > 0 ? Math.max(shortestBootRetryMs, interval * 1000) : bootRetryWithoutAnswerMs
    this.#rhythm.once('boot', retryMs, () => {
      if (this.#settings.link.isOpen) this.boot()
    })
  }

  #accepted(interval: number): void {
    const first = this.bootStatus !== 'accepted'
    this.bootStatus = 'accepted'
    if (first) this.#settings.onBooted(interval)
    this.beat()
    this.#settings.outbox.pump()
  }

  /** Heartbeats at the interval now in force. */
  beat(): void {
    if (this.bootStatus !== 'accepted') return
    this.#rhythm.repeat('heartbeat', this.#settings.heartbeatIntervalMs(), () => {
      if (this.isOnline) this.heartbeat(false)
    })
  }

  heartbeat(provoked: boolean): void {
    this.#settings.outbox.send({
      action: 'Heartbeat',
      provoked,
      payload: () => ({}),
      settled: (end) => {
        if (end.end === 'answered' && isJsonObject(end.payload)) {
          this.#settings.localClock.synchronise(end.payload['currentTime'])
        }
      },
    })
  }

  #connect(): void {
    this.#rhythm.cancel('connect')
    if (!this.#powered || !this.#reachable) return
    // Security profile 3 knows no password.
    const password = this.#certificate === undefined ? this.#password : undefined
    this.#settings.link.connect(password, this.#certificate)
  }

  #settle(): void {
    this.#firstOutcome?.()
    this.#firstOutcome = undefined
  }
}
