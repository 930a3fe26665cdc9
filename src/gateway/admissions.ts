import { NoServerError } from '../bus/bus.ts'
import type { Json } from '../kernel/json.ts'
import type { Attempt, Refusal } from './handshake.ts'
import type { House } from './house.ts'
import type { Admission, AdmissionRequest } from './protocol.ts'
import { subjects } from './protocol.ts'
import { Throttle } from './throttle.ts'

export type Admitted = Extract<Admission, { admitted: true }>

/** Control or the gateway's own limits said no. */
export interface Refused {
  readonly refusal: Refusal
  /** It came too often, which whoever looks after the charger should know. */
  readonly throttled: boolean
}

/** The client of a handshake. */
export interface Client {
  /** It went away while it waited. */
  isGone(): boolean
  /** Completes the handshake, at once: nothing may come between the decision and the live connection. */
  accept(admission: Admitted): void
}

const hourMs = 3_600_000
const retryNoServerMs = 250

/** Handshakes of one identity being decided, and the greatest epoch known to live meanwhile. */
interface Underway {
  count: number
  newestEpoch: number
}

/**
 * Asks control who may connect, a bounded number at a time, so that a storm of reconnects neither drowns
 * control nor fills memory. What is known to be too much is refused without asking.
 */
export class Admissions {
  readonly #house: House
  readonly #random: () => number
  readonly #connects: Throttle
  readonly #refusedIdentities: Throttle
  readonly #refusedAddresses: Throttle
  readonly #underway = new Map<string, Underway>()
  #running = 0
  #waiting: (() => void)[] = []
  #firstWaiting = 0

  constructor(house: House, random: () => number) {
    const { limits } = house
    this.#house = house
    this.#random = random
    const { connectsPerHour, refusedRegainMs, maxTracked } = limits
    this.#connects = new Throttle(
      { burst: connectsPerHour, regainMs: hourMs / connectsPerHour },
      maxTracked,
    )
    const refused = (burst: number) =>
      new Throttle({ burst, regainMs: refusedRegainMs }, maxTracked)
    this.#refusedIdentities = refused(limits.refusedPerIdentity)
    this.#refusedAddresses = refused(limits.refusedPerAddress)
  }

  get waiting(): number {
    return this.#waiting.length - this.#firstWaiting
  }

  /** Decides one handshake. Resolves with the refusal, or with nothing once it was accepted or the client has gone. */
  async decide(attempt: Attempt, client: Client): Promise<Refused | undefined> {
    if (this.#house.draining) return this.#unavailable('the gateway is stopping')
    const throttled = this.#throttled(attempt)
    if (throttled !== undefined) return throttled
    if (!(await this.#turn())) return this.#unavailable('too many chargers connect at once')
    try {
      return client.isGone() ? undefined : await this.#decideInTurn(attempt, client)
    } finally {
      this.#endTurn()
    }
  }

  /** A connection with this epoch was admitted somewhere: an older one still being decided must not open. */
  noteDisplacement(identity: string, epoch: number): void {
    const underway = this.#underway.get(identity)
    if (underway !== undefined) underway.newestEpoch = Math.max(underway.newestEpoch, epoch)
  }

  async #decideInTurn(attempt: Attempt, client: Client): Promise<Refused | undefined> {
    const { identity } = attempt
    const underway = this.#underway.get(identity) ?? { count: 0, newestEpoch: 0 }
    underway.count += 1
    this.#underway.set(identity, underway)
    try {
      const admission = await this.#ask(attempt)
      if (admission === undefined) return this.#unavailable('control cannot decide now')
      if (!admission.admitted) return this.#refusedByControl(attempt, admission)
      this.#connects.spend(identity, this.#house.clock.monotonic())
      const incumbent = this.#house.connections.find(identity)?.epoch ?? 0
      if (Math.max(underway.newestEpoch, incumbent) > admission.epoch)
        return this.#unavailable('a newer connection of this charger is live')
      if (!client.isGone()) client.accept(admission)
      return undefined
    } finally {
      underway.count -= 1
      if (underway.count === 0) this.#underway.delete(identity)
    }
  }

  /** Control's decision; undefined when it gives none in time. A control that is just starting is asked again. */
  async #ask(attempt: Attempt): Promise<Admission | undefined> {
    const { bus, clock, limits, log } = this.#house
    const request = admissionRequest(this.#house.name, attempt) as unknown as Json
    const deadline = clock.monotonic() + limits.admissionTimeoutMs
    for (;;) {
      const left = deadline - clock.monotonic()
      try {
        const answer = await bus.request(subjects.admission, request, { timeoutMs: left })
        return answer as unknown as Admission
      } catch (error) {
        if (!(error instanceof NoServerError) || left <= retryNoServerMs) {
          log.warn({ err: error, identity: attempt.identity }, 'control did not decide a handshake')
          return undefined
        }
      }
      await new Promise<void>((resolve) => clock.after(retryNoServerMs, resolve))
    }
  }

  #refusedByControl(
    attempt: Attempt,
    { status, reason, retryAfterSeconds }: Extract<Admission, { admitted: false }>,
  ): Refused {
    if (status === 503) return this.#unavailable(reason, retryAfterSeconds)
    if (status === 429) return this.#tooMany(reason, (retryAfterSeconds ?? 60) * 1000)
    const now = this.#house.clock.monotonic()
    this.#refusedIdentities.spend(pairOf(attempt), now)
    this.#refusedAddresses.spend(attempt.remoteAddress, now)
    return { refusal: { status, reason }, throttled: false }
  }

  #throttled(attempt: Attempt): Refused | undefined {
    const now = this.#house.clock.monotonic()
    const connects = this.#connects.waitMs(attempt.identity, now)
    if (connects > 0) return this.#tooMany('this charger connects too often', connects)
    const refused = Math.max(
      this.#refusedIdentities.waitMs(pairOf(attempt), now),
      this.#refusedAddresses.waitMs(attempt.remoteAddress, now),
    )
    return refused > 0 ? this.#tooMany('too many refused attempts', refused) : undefined
  }

  #tooMany(reason: string, waitMs: number): Refused {
    const headers = { 'Retry-After': String(Math.ceil(waitMs / 1000)) }
    return { refusal: { status: 429, reason, headers }, throttled: true }
  }

  /** Those who are told to come back are spread out, or they would come back together. */
  #unavailable(reason: string, retryAfterSeconds?: number): Refused {
    const seconds = retryAfterSeconds ?? 5 + Math.floor(this.#random() * 25)
    const headers = { 'Retry-After': String(seconds) }
    return { refusal: { status: 503, reason, headers }, throttled: false }
  }

  /** Waits for a turn; false when too many wait already or it takes too long. */
  async #turn(): Promise<boolean> {
    const { limits, clock } = this.#house
    if (this.#running < limits.maxAdmissions) {
      this.#running += 1
      return true
    }
    if (this.waiting >= limits.maxAdmissionsWaiting) return false
    const since = clock.monotonic()
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (clock.monotonic() - since <= limits.admissionWaitMs) return true
    this.#endTurn()
    return false
  }

  /** Hands the turn to the next in line, or gives it back. */
  #endTurn(): void {
    const next = this.#waiting[this.#firstWaiting]
    if (next === undefined) {
      this.#running -= 1
      return
    }
    this.#firstWaiting += 1
    if (this.#firstWaiting > 1_000 || this.waiting === 0) {
      this.#waiting = this.#waiting.slice(this.#firstWaiting)
      this.#firstWaiting = 0
    }
    next()
  }
}

function pairOf(attempt: Attempt): string {
  return `${attempt.remoteAddress} ${attempt.identity}`
}

function admissionRequest(gateway: string, attempt: Attempt): AdmissionRequest {
  const { identity, remoteAddress, offered, chosen, basic, path, userAgent, tls } = attempt
  return {
    gateway,
    identity,
    remoteAddress,
    offeredProtocols: offered,
    path,
    ...(chosen !== undefined && { version: chosen.version }),
    ...(basic !== undefined && { basic }),
    ...(userAgent !== undefined && { userAgent }),
    ...(tls !== undefined && { tls }),
  }
}
