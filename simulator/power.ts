import type { Line } from './line.ts'
import type { Persona } from './personas.ts'
import type { Random } from './random.ts'
import type { Rhythm } from './rhythm.ts'
import type { BootReason, ChargerState } from './state.ts'
import type { Input } from './transitions.ts'

export interface PowerSettings {
  readonly rebootMs: number
  readonly rhythm: Rhythm
  readonly random: Random
  readonly line: Line
  readonly persona: () => Persona
  readonly state: () => ChargerState
  readonly apply: (input: Input) => void
  readonly onLeaving: () => void
  /** Power is gone, and with it what is kept in RAM. */
  readonly onOff: () => void
  /** Power is back; nothing runs yet. */
  readonly onPower: () => void
  /** The charger's state is up again; it connects next. */
  readonly onAwake: () => void
}

const patienceMs = 10_000

/** Restarts: of one EVSE or of the whole charger, in good order or not, asked for or by whim. */
export class Power {
  readonly #settings: PowerSettings

  constructor(settings: PowerSettings) {
    this.#settings = settings
  }

  /** In good order, sessions' ends are told before the power goes, but not waited for endlessly. */
  leave(evse: number, graceful: boolean): void {
    const { rhythm, rebootMs, apply, line, onLeaving } = this.#settings
    if (evse !== 0) {
      rhythm.once(`restart-${evse}`, rebootMs, () => apply({ do: 'restarted', evse }))
      return
    }
    onLeaving()
    const mayGo = !graceful || !line.connection.isOnline || line.outbox.waiting === 0
    if (mayGo) this.#cycle(graceful)
    else rhythm.once('leave', patienceMs, () => this.#cycle(true))
  }

  /** Everything told: goes now rather than later. */
  leaveIfDone(): void {
    const { rhythm, line } = this.#settings
    if (rhythm.runs('leave') && line.outbox.waiting === 0) this.#cycle(true)
  }

  fail(bootReason: BootReason): void {
    const { apply } = this.#settings
    apply({ do: 'reset', evse: 0, how: 'at-once', bootReason, stopReason: 'power-loss' })
  }

  /** A persona that restarts by itself does so after a while. */
  armWhims(): void {
    const { rhythm, random, persona } = this.#settings
    const { rebootsEveryMs } = persona()
    if (rebootsEveryMs === undefined) rhythm.cancel('whim')
    else rhythm.once('whim', random.between(...rebootsEveryMs), () => this.fail('Watchdog'))
  }

  #cycle(clean: boolean): void {
    const { state, rhythm, line, rebootMs, onOff } = this.#settings
    const bootReason = state().restarting?.bootReason ?? 'PowerUp'
    rhythm.stop()
    line.counters.restarts += 1
    line.connection.powerOff(clean)
    onOff()
    rhythm.once('power-on', rebootMs, () => this.#wake(bootReason))
  }

  #wake(bootReason: BootReason): void {
    const { apply, state, line, persona, onPower, onAwake } = this.#settings
    onPower()
    apply({ do: 'restarted', evse: 0 })
    for (const { id, restarting } of state().evses) {
      if (restarting !== undefined) apply({ do: 'restarted', evse: id })
    }
    if (persona().forgetsAvailability === true)
      apply({ do: 'availability', level: 'everything', evse: 0, operative: true })
    onAwake()
    this.armWhims()
    void line.connection.powerOn(bootReason)
  }
}
