import type { Clock } from '../src/kernel/clock.ts'
import { systemClock } from '../src/kernel/clock.ts'
import type { Log } from '../src/kernel/log.ts'
import type { Version } from '../src/ocpp/versions.ts'
import { VirtualCharger } from './body.ts'
import type { Counters, ReceivedCall } from './counters.ts'
import type { ClientIdentity } from './own-certificate.ts'
import type { Persona } from './personas.ts'
import { personaCalled } from './personas.ts'
import type { BootStatus } from './speaker.ts'
import type { Evse, Status, Status2x } from './state.ts'

export interface SimulationOptions {
  /** The charger plane's address without the identity, e.g. `ws://127.0.0.1:9000/ocpp`. */
  readonly url: string
  readonly identity: string
  /** Basic-auth password; text as it is, or the bytes themselves. */
  readonly password?: string | Uint8Array
  readonly version: Version
  /** For an address with `wss:`: whom it trusts, and its own certificate, if it comes with one. */
  readonly tls?: { readonly ca: string; readonly identity?: ClientIdentity }
  /** A persona, its name, or several names joined with `+`. Honest by default. */
  readonly persona?: Persona | string
  /** EVSEs with one connector each. */
  readonly connectors?: number
  readonly seed: number | string
  readonly clock: Clock
  readonly log?: Log
  /** What it says it is in its boot; by default as the persona says, else a charger of the Lab. */
  readonly vendor?: string
  readonly model?: string
  readonly firmware?: string
  /** What `received` holds at most; 0 keeps nothing and saves memory. 1000 by default. */
  readonly history?: number
  /** Checks what the server sends against its schemas. On by default. */
  readonly validates?: boolean
  /** Initial settings: 1.6 keys, or 2.x `Component.Variable` paths. */
  readonly settings?: Readonly<Record<string, string>>
  /** Time without power when restarting. 3 s by default. */
  readonly rebootMs?: number
  /** Beats at this interval, whatever the server asks for. */
  readonly heartbeatIntervalMs?: number
  /** How long the charger waits for answers. 30 s by default. */
  readonly answerTimeoutMs?: number
  /** Pause before a lost connection is tried again: doubles with every failure, and a random part is added. */
  readonly reconnect?: Backoff
  readonly maxWatts?: number
  /** A driver at hand who pulls the cable this long after it has been unlocked. */
  readonly pullsCableAfterUnlockMs?: number
  /** permessage-deflate. By default 2.x offers it. */
  readonly compression?: boolean
}

export interface Backoff {
  readonly leastMs: number
  readonly randomMs: number
  /** How often the pause doubles at most. */
  readonly doublings: number
}

export interface ChargerEvents {
  /** A CALL came in. */
  call: ReceivedCall
  /** A CALL of the charger went out. */
  sent: { readonly action: string; readonly payload: object }
  opened: undefined
  closed: { readonly code: number }
  booted: undefined
  restarting: undefined
}

export interface Snapshot {
  readonly connected: boolean
  /** No power: between a reset and the boot after it. */
  readonly restarting: boolean
  readonly boot: BootStatus
  readonly operative: boolean
  /** A CALL of the charger awaits its answer. */
  readonly talking: boolean
  /** Transaction messages not yet delivered. */
  readonly undelivered: number
  /** The charger's clock minus the injected one. */
  readonly clockSkewMs: number
  readonly evses: readonly EvseSnapshot[]
}

export interface EvseSnapshot {
  readonly id: number
  /** In the words of the charger's OCPP version. */
  readonly status: Status | Status2x
  readonly plugged: boolean
  readonly fault: string | undefined
  readonly operative: boolean
  readonly watts: number
  readonly limitWatts: number
  readonly energyWh: number
  readonly reservation: number | undefined
  /** Somebody may charge here and has yet to plug in. */
  readonly awaitsCable: boolean
  readonly transaction:
    | {
        /** OCPP's transactionId; undefined while a 1.6 start is unanswered. */
        readonly id: string | number | undefined
        readonly token: string | undefined
        readonly remoteStartId: number | undefined
        readonly chargingState: string
        readonly startedAt: number
      }
    | undefined
}

/** A virtual charger in the hands of a test or of the Lab. EVSEs count from 1. */
export interface SimulatedCharger {
  readonly identity: string
  readonly version: Version
  readonly state: Snapshot
  /** Its socket is open. */
  readonly connected: boolean
  /** Connected, and its boot was accepted since it last started. */
  readonly online: boolean
  readonly counters: Readonly<Counters>
  /** The newest CALLs received, oldest first. */
  readonly received: readonly ReceivedCall[]
  /** Switches it on; resolves when the first connection has been opened or refused. */
  start(): Promise<void>
  /** Switches it off for good. */
  stop(): Promise<void>
  plugIn(evse: number): void
  unplug(evse: number): void
  /** A driver shows a token: begins a session, or ends the one it began. False when nothing came of it. */
  presentToken(evse: number, token: string): Promise<boolean>
  /** The car pauses, or charges on. */
  suspendByCar(evse: number): void
  resume(evse: number): void
  /** A 1.6 error code or a 2.x techCode; EVSE 0 is the charger itself. */
  fault(evse: number, code: string): void
  clearFault(evse: number): void
  /** The lock of this connector sticks, or is repaired. */
  jamLock(evse: number, jammed?: boolean): void
  /** The network is gone until `goOnline`; the server sees the connection break. */
  goOffline(): void
  goOnline(): void
  /** The path changes: the old socket stays half-open unnoticed, and a new connection is made at once. */
  changeNetwork(): void
  /** Power fails; it starts again after `rebootMs`. */
  cutPower(): void
  /** From now on it behaves like this. What is decided at connecting waits for the next connection. */
  become(persona: Persona | string): void
  /** A setting in effect: a 1.6 key, or a 2.x `Component.Variable`. */
  setting(name: string): string
  on<E extends keyof ChargerEvents>(
    event: E,
    listener: (what: ChargerEvents[E]) => void,
  ): () => void
  /** Resolves once the condition holds; rejects after `deadlineMs` of real time (10 s by default). */
  until(condition: (charger: SimulatedCharger) => boolean, deadlineMs?: number): Promise<void>
}

/** A virtual charger, switched off. It reaches the server over its socket and in no other way. */
export function simulate(options: SimulationOptions): SimulatedCharger {
  const persona =
    typeof options.persona === 'object'
      ? options.persona
      : personaCalled(options.persona ?? 'honest')
  const charger = new VirtualCharger(options, persona)
  const evse = (id: number): Evse => {
    const found = charger.state.evses[id - 1]
    if (found === undefined) throw new RangeError(`${options.identity} has no EVSE ${id}`)
    return found
  }
  const self: SimulatedCharger = {
    identity: options.identity,
    version: options.version,
    get state() {
      return charger.snapshot()
    },
    get connected() {
      return charger.isConnected
    },
    get online() {
      return charger.isOnline
    },
    counters: charger.counters,
    received: charger.received,
    start: () => charger.start(),
    stop: () => charger.stop(),
    plugIn: (id) => charger.apply({ do: 'plug-in', evse: evse(id).id }),
    unplug: (id) => charger.apply({ do: 'unplug', evse: evse(id).id }),
    presentToken: (id, token) => charger.presentToken(evse(id).id, token),
    suspendByCar: (id) => charger.apply({ do: 'suspend', evse: evse(id).id, by: 'EV' }),
    resume: (id) => charger.apply({ do: 'resume', evse: evse(id).id }),
    fault: (id, code) => charger.apply({ do: 'fault', evse: id, code }),
    clearFault: (id) => charger.apply({ do: 'clear-fault', evse: id }),
    jamLock: (id, jammed = true) => charger.apply({ do: 'jam', evse: evse(id).id, jammed }),
    goOffline: () => charger.goOffline(),
    goOnline: () => charger.goOnline(),
    changeNetwork: () => charger.changeNetwork(),
    cutPower: () => charger.cutPower(),
    become: (next) => charger.become(typeof next === 'string' ? personaCalled(next) : next),
    setting: (name) => charger.setting(name),
    on: (event, listener) => charger.listeners.on(event, listener),
    until: (condition, deadlineMs = 10_000) =>
      waitUntil(charger, () => condition(self), deadlineMs),
  }
  return self
}

function waitUntil(
  charger: VirtualCharger,
  holds: () => boolean,
  deadlineMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (holds()) return resolve()
    const timer = systemClock.after(deadlineMs, () => {
      stopWatching()
      reject(
        new Error(
          `${charger.identity} did not get there within ${deadlineMs} ms: ` +
            JSON.stringify({ state: charger.snapshot(), counters: charger.counters }),
        ),
      )
    })
    const stopWatching = charger.listeners.watch(() => {
      if (!holds()) return
      timer.cancel()
      stopWatching()
      resolve()
    })
  })
}
