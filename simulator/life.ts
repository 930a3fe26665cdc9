import type { Clock, Timer } from '../src/kernel/clock.ts'
import type { EvseSnapshot, SimulatedCharger } from './charger.ts'
import type { Random } from './random.ts'

export interface LifeOptions {
  readonly charger: SimulatedCharger
  readonly connectors: number
  readonly clock: Clock
  readonly random: Random
  /** Tokens the drivers carry. */
  readonly tokens: readonly [string, ...string[]]
  /** How long a connector stays free between drivers. */
  readonly pauseMs: readonly [least: number, most: number]
  readonly sessionMs: readonly [least: number, most: number]
}

type Wait = readonly [least: number, most: number]

const walkMs: Wait = [3_000, 8_000]
const lookAgainMs: Wait = [15_000, 30_000]

const startActions = ['RemoteStartTransaction', 'RequestStartTransaction']
const endActions = ['RemoteStopTransaction', 'RequestStopTransaction', 'UnlockConnector']

/** Drivers who come and go at a charger, one connector each at a time. Returns how to send them home. */
export function live(options: LifeOptions): { stop(): void } {
  const drivers = Array.from({ length: options.connectors }, (_, index) => {
    const driver = new Driver(options, index + 1)
    driver.next(options.pauseMs)
    return driver
  })
  const off = options.charger.on('call', ({ action }) => {
    // Whoever asked for a start stands there with the cable; whose session was ended comes back.
    const concerned = startActions.includes(action) || endActions.includes(action)
    if (concerned) for (const driver of drivers) driver.next(walkMs)
  })
  return {
    stop() {
      off()
      for (const driver of drivers) driver.leave()
    },
  }
}

class Driver {
  readonly #options: LifeOptions
  readonly #evse: number
  #timer: Timer | undefined
  #token: string | undefined
  #leavesAt = 0

  constructor(options: LifeOptions, evse: number) {
    this.#options = options
    this.#evse = evse
  }

  next([least, most]: Wait): void {
    const { clock, random } = this.#options
    this.#timer?.cancel()
    this.#timer = clock.after(random.between(least, most), () => this.#look())
  }

  leave(): void {
    this.#timer?.cancel()
  }

  /** Does whatever a driver would, seeing the connector as it is. */
  #look(): void {
    const { charger, pauseMs } = this.#options
    const evse = charger.state.evses[this.#evse - 1]
    if (evse === undefined || !charger.online) return this.next(lookAgainMs)
    if (evse.transaction !== undefined && evse.plugged) return this.#charging(evse.transaction)
    if (evse.awaitsCable || evse.transaction !== undefined) {
      charger.plugIn(this.#evse)
      return this.next(lookAgainMs)
    }
    if (evse.plugged) return this.#standing()
    if (evse.status === 'Available') return this.#arrive()
    this.next(pauseMs)
  }

  #arrive(): void {
    const { charger, random, tokens } = this.#options
    this.#token = random.pick(tokens)
    charger.plugIn(this.#evse)
    this.next(walkMs)
  }

  /** With the cable in and no session: shows the token once, then gives up or goes home. */
  #standing(): void {
    const { charger, pauseMs } = this.#options
    const token = this.#token
    this.#token = undefined
    if (token === undefined) {
      charger.unplug(this.#evse)
      return this.next(pauseMs)
    }
    void charger.presentToken(this.#evse, token)
    this.next(walkMs)
  }

  #charging(transaction: NonNullable<EvseSnapshot['transaction']>): void {
    const { charger, clock, random, sessionMs } = this.#options
    this.#token = undefined
    if (this.#leavesAt < transaction.startedAt) {
      this.#leavesAt = transaction.startedAt + random.between(...sessionMs)
    }
    if (clock.now() < this.#leavesAt) return this.next(lookAgainMs)
    if (transaction.token === undefined) charger.unplug(this.#evse)
    else void charger.presentToken(this.#evse, transaction.token)
    this.next(walkMs)
  }
}
