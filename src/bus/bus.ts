import type { Json } from '../kernel/json.ts'

/**
 * How processes talk. Two implementations, memory and NATS, pass one test suite
 * (`bus.contract.test.ts`); nothing above may know which one it has.
 *
 * Delivery is at most once and keeps the order of one publisher to one subscriber.
 * What must not be lost is repeated by its sender until answered.
 */
export interface Bus {
  /** Sends to every subscriber of the subject; nobody listening is not an error. */
  publish(subject: string, message: Json): void
  /**
   * Sends to one server of the subject and waits for its answer.
   * Rejects with `NoServerError`, `RequestTimeoutError`, `MessageTooLargeError`, or `RemoteError`
   * when the server threw.
   */
  request(subject: string, message: Json, options: { timeoutMs: number }): Promise<Json>
  /** Hears every message published to the subject. */
  subscribe(subject: string, hear: (message: Json) => void): Subscription
  /**
   * Answers requests. All servers of one subject name the same group, or none, and share the work:
   * each request goes to one of them.
   */
  serve(
    subject: string,
    options: { group?: string },
    answer: (message: Json) => Promise<Json>,
  ): Subscription
  /** Resolves when everything subscribed and published so far has reached the bus. */
  flush(): Promise<void>
  /** Stops hearing, then lets go of the connection. Idempotent. */
  close(): Promise<void>
  /** Whether the bus can carry messages now. */
  healthy(): boolean
}

export interface Subscription {
  close(): void
}

/** Nobody serves the subject: the message has certainly not been handled. */
export class NoServerError extends Error {
  constructor(subject: string) {
    super(`nobody serves ${subject}`)
    this.name = 'NoServerError'
  }
}

/** No answer in time: whether the message was handled is unknown. */
export class RequestTimeoutError extends Error {
  constructor(subject: string, timeoutMs: number) {
    super(`no answer on ${subject} within ${timeoutMs} ms`)
    this.name = 'RequestTimeoutError'
  }
}

/** The server's handler threw. Only its message travels. */
export class RemoteError extends Error {
  constructor(subject: string, message: string) {
    super(`the server of ${subject} failed: ${message}`)
    this.name = 'RemoteError'
  }
}

/** The message is larger than the bus carries: it has certainly not been handled, and never will be. */
export class MessageTooLargeError extends Error {
  constructor(subject: string, bytes: number) {
    super(`a message of ${bytes} bytes is too large for ${subject}`)
    this.name = 'MessageTooLargeError'
  }
}
