import type { Clock } from '../kernel/clock.ts'
import type { Json } from '../kernel/json.ts'
import { RequestTimeoutError } from './bus.ts'

/** How late a timeout may be, milliseconds. */
const patrolMs = 50

/** A request that has not been answered. A link of the list it waits in. */
export class PendingRequest {
  readonly subject: string
  readonly message: Json
  readonly timeoutMs: number
  readonly resolve: (answer: Json) => void
  readonly reject: (error: Error) => void
  deadline = 0
  before: PendingRequest | undefined = undefined
  after: PendingRequest | undefined = undefined

  constructor(
    subject: string,
    message: Json,
    timeoutMs: number,
    resolve: (answer: Json) => void,
    reject: (error: Error) => void,
  ) {
    this.subject = subject
    this.message = message
    this.timeoutMs = timeoutMs
    this.resolve = resolve
    this.reject = reject
  }
}

/**
 * Requests waiting for their answers. Nearly all are answered within a millisecond, so they get no timer
 * each: one walks the list now and then, and joining and leaving it allocates nothing.
 */
export class PendingRequests {
  readonly #clock: Clock
  #first: PendingRequest | undefined
  #patrolling = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(request: PendingRequest): void {
    request.deadline = this.#clock.monotonic() + request.timeoutMs
    request.after = this.#first
    if (this.#first !== undefined) this.#first.before = request
    this.#first = request
    if (this.#patrolling) return
    this.#patrolling = true
    this.#clock.after(patrolMs, () => this.#patrol())
  }

  remove(request: PendingRequest): void {
    const { before, after } = request
    if (before !== undefined) before.after = after
    else if (this.#first === request) this.#first = after
    if (after !== undefined) after.before = before
    request.before = undefined
    request.after = undefined
  }

  /** Nobody will answer any more. */
  endAll(): void {
    this.#end(Infinity)
  }

  #patrol(): void {
    this.#end(this.#clock.monotonic())
    this.#patrolling = this.#first !== undefined
    if (this.#patrolling) this.#clock.after(patrolMs, () => this.#patrol())
  }

  #end(deadline: number): void {
    let request = this.#first
    while (request !== undefined) {
      const { after } = request
      if (request.deadline <= deadline) {
        this.remove(request)
        request.reject(new RequestTimeoutError(request.subject, request.timeoutMs))
      }
      request = after
    }
  }
}
