import type { Clock } from '../src/kernel/clock.ts'
import type { ClockFault } from './personas.ts'

const localOffsetMs = 2 * 3_600_000

/** The charger's own idea of the time: right, wrong, or oddly written. */
export class LocalClock {
  readonly #clock: Clock
  readonly #fault: ClockFault
  #skewMs = 0

  constructor(clock: Clock, fault: ClockFault = { synchronises: true }) {
    this.#clock = clock
    this.#fault = fault
    this.restart()
  }

  /** The charger's clock minus the injected one. */
  get skewMs(): number {
    return this.#skewMs
  }

  /** A clock without battery begins anew. */
  restart(): void {
    const { startsAt, offsetMs } = this.#fault
    if (startsAt !== undefined) this.#skewMs = startsAt - this.#clock.now()
    else if (offsetMs !== undefined) this.#skewMs = offsetMs
  }

  /** Takes the time from a boot or heartbeat answer. */
  synchronise(currentTime: unknown): void {
    if (!this.#fault.synchronises || typeof currentTime !== 'string') return
    const told = Date.parse(currentTime)
    if (Number.isFinite(told)) this.#skewMs = told - this.#clock.now()
  }

  /** A moment of the injected clock as this charger writes it. */
  stamp(at: number = this.#clock.now()): string {
    const time = at + this.#skewMs
    const utc = new Date(time).toISOString()
    switch (this.#fault.writes ?? 'utc') {
      case 'utc':
        return utc
      case 'offset':
        return `${local(time)}+02:00`
      case 'short-offset':
        return `${local(time)}+02`
      case 'local-as-utc':
        return `${local(time)}Z`
    }
  }
}

function local(time: number): string {
  return new Date(time + localOffsetMs).toISOString().slice(0, -1)
}
