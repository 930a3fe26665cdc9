import type { Clock, Timer } from '../src/kernel/clock.ts'
import { every } from '../src/kernel/clock.ts'
import type { Version } from '../src/ocpp/versions.ts'
import { versions } from '../src/ocpp/versions.ts'
import type { SimulatedCharger } from './charger.ts'
import { simulate } from './charger.ts'
import { coarseClock } from './coarse-clock.ts'
import { live } from './life.ts'
import type { Persona } from './personas.ts'
import { seededRandom } from './random.ts'

export interface FleetOptions {
  readonly url: string
  readonly chargers: number
  readonly prefix: string
  readonly version: Version | 'mixed'
  readonly persona: Persona
  readonly connectors: number
  readonly connectPerSecond: number
  readonly password: (identity: string) => string | undefined
  readonly seed: number | string
  readonly clock: Clock
  /** Overrides the interval the server gives, when set. */
  readonly heartbeatSeconds: number | undefined
  readonly meterSeconds: number | undefined
  /** Drivers come and go. */
  readonly drivers: boolean
  readonly validates: boolean
}

export interface FleetTotals {
  readonly chargers: number
  readonly connected: number
  /** Connected and accepted. */
  readonly online: number
  readonly boots: number
  readonly connections: number
  readonly refusals: Readonly<Record<string, number>>
  readonly callsReceived: number
  readonly callsByAction: Readonly<Record<string, number>>
  readonly invalidReceived: number
  readonly invalidDetails: readonly string[]
  readonly callsSent: number
  readonly timeouts: number
  readonly errorsReceived: number
  readonly sessionsStarted: number
  readonly sessionsEnded: number
}

export interface VirtualFleet {
  readonly chargers: readonly SimulatedCharger[]
  totals(): FleetTotals
  stop(): Promise<void>
}

const tickMs = 50
const connectEveryMs = 50
const minutesMs = 60_000

/** The identities of a fleet: prefix and number, e.g. `SIM-00042`. */
export function fleetIdentities(prefix: string, chargers: number): string[] {
  return Array.from({ length: chargers }, (_, index) => prefix + String(index + 1).padStart(5, '0'))
}

/** Thousands of chargers in one process: no history, shared timers, connecting at a steady rate. */
export function startFleet(options: FleetOptions): VirtualFleet {
  const clock = coarseClock(options.clock, tickMs)
  const identities = fleetIdentities(options.prefix, options.chargers)
  const chargers = identities.map((identity, index) => make(options, clock, identity, index))
  const lives = options.drivers
    ? chargers.map((charger) =>
        live({
          charger,
          connectors: options.connectors,
          clock,
          random: seededRandom(`${options.seed}/life/${charger.identity}`),
          tokens: ['04A1B2C3D4E580', '04F00DCAFE1180', '04BEEF00112280'],
          pauseMs: [0.2 * minutesMs, 10 * minutesMs],
          sessionMs: [2 * minutesMs, 15 * minutesMs],
        }),
      )
    : []
  const opening = connectSteadily(options.clock, chargers, options.connectPerSecond)
  return {
    chargers,
    totals: () => totalsOf(chargers),
    async stop() {
      opening.cancel()
      for (const life of lives) life.stop()
      await Promise.all(chargers.map((charger) => charger.stop()))
    },
  }
}

function make(
  options: FleetOptions,
  clock: Clock,
  identity: string,
  index: number,
): SimulatedCharger {
  const version =
    options.version === 'mixed' ? (versions[index % versions.length] ?? '1.6') : options.version
  const { heartbeatSeconds, meterSeconds } = options
  const password = options.password(identity)
  return simulate({
    url: options.url,
    identity,
    version,
    persona: options.persona,
    connectors: options.connectors,
    seed: options.seed,
    clock,
    history: 0,
    validates: options.validates,
    compression: false,
    pullsCableAfterUnlockMs: 4_000,
    settings: {
      ...(meterSeconds === undefined ? {} : { [meterSetting(version)]: String(meterSeconds) }),
    },
    ...(heartbeatSeconds === undefined ? {} : { heartbeatIntervalMs: heartbeatSeconds * 1000 }),
    ...(password === undefined ? {} : { password }),
  })
}

function meterSetting(version: Version): string {
  return version === '1.6' ? 'MeterValueSampleInterval' : 'SampledDataCtrlr.TxUpdatedInterval'
}

function connectSteadily(
  clock: Clock,
  chargers: readonly SimulatedCharger[],
  perSecond: number,
): Timer {
  const startedAt = clock.monotonic()
  let opened = 0
  return every(
    clock,
    connectEveryMs,
    () => {
      const due = Math.ceil(((clock.monotonic() - startedAt) * perSecond) / 1000)
      const until = Math.min(chargers.length, due)
      for (; opened < until; opened++) void chargers[opened]?.start()
    },
    () => undefined,
  )
}

function totalsOf(chargers: readonly SimulatedCharger[]): FleetTotals {
  const sum = (of: (charger: SimulatedCharger) => number): number =>
    chargers.reduce((total, charger) => total + of(charger), 0)
  const merged = (
    of: (charger: SimulatedCharger) => Readonly<Record<string, number>>,
  ): Record<string, number> => {
    const all: Record<string, number> = {}
    for (const charger of chargers) {
      for (const [key, count] of Object.entries(of(charger))) all[key] = (all[key] ?? 0) + count
    }
    return all
  }
  return {
    chargers: chargers.length,
    connected: sum(({ connected }) => Number(connected)),
    online: sum(({ online }) => Number(online)),
    boots: sum(({ counters }) => counters.boots),
    connections: sum(({ counters }) => counters.connections),
    refusals: merged(({ counters }) => counters.refusals),
    callsReceived: sum(({ counters }) => counters.calls),
    callsByAction: merged(({ counters }) => counters.callsByAction),
    invalidReceived: sum(({ counters }) => counters.invalid),
    invalidDetails: chargers.flatMap(({ counters }) => counters.invalidDetails).slice(0, 10),
    callsSent: sum(({ counters }) => counters.sent),
    timeouts: sum(({ counters }) => counters.timeouts),
    errorsReceived: sum(({ counters }) => counters.errorsReceived),
    sessionsStarted: sum(({ counters }) => counters.sessionsStarted),
    sessionsEnded: sum(({ counters }) => counters.sessionsEnded),
  }
}
