import type { Version } from '../ocpp/versions.ts'

/** A CALL nobody waits for any more. */
export interface LateCall {
  readonly identity: string
  readonly version: Version
  readonly action: string
  readonly sentMono: number
  /** The gateway's own: its answer is no news to anybody. */
  readonly own: boolean
}

/**
 * CALLs whose answer did not come in time or whose socket went. An answer that comes after all, on this
 * connection or the next, is recognised by its id. Bounded: the oldest give way.
 */
export class LateCalls {
  readonly #max: number
  readonly #calls = new Map<string, LateCall>()

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#calls.size
  }

  put(callId: string, call: LateCall): void {
    this.#calls.set(callId, call)
    if (this.#calls.size <= this.#max) return
    const oldest = this.#calls.keys().next()
    if (oldest.done !== true) this.#calls.delete(oldest.value)
  }

  /** The CALL of this charger with this id. */
  peek(callId: string, identity: string): LateCall | undefined {
    const call = this.#calls.get(callId)
    return call?.identity === identity ? call : undefined
  }

  /** The same, which is then forgotten. */
  take(callId: string, identity: string): LateCall | undefined {
    const call = this.peek(callId, identity)
    if (call !== undefined) this.#calls.delete(callId)
    return call
  }
}
