import { memoryBus } from '../../src/bus/memory.ts'
import type { Bus } from '../../src/bus/bus.ts'
import type { Gateway, GatewayOptions } from '../../src/gateway/gateway.ts'
import { openGateway } from '../../src/gateway/gateway.ts'
import type { GatewayLimits } from '../../src/gateway/limits.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { ManualClock, systemClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { ScriptedControl } from './scripted-control.ts'
import { until } from './until.ts'
import type { WireCharger, WireOptions } from './wire-charger.ts'
import { connectCharger } from './wire-charger.ts'

export interface GatewayWorld<C extends Clock> {
  readonly clock: C
  readonly bus: Bus
  readonly control: ScriptedControl
  readonly gateway: Gateway
  readonly connect: (identity: string, options?: WireOptions) => Promise<WireCharger>
  /** A second gateway beside the first, on the same bus. */
  readonly another: (options?: Partial<GatewayOptions>) => Promise<Gateway>
  close(): Promise<void>
}

type WorldOptions = Partial<Omit<GatewayOptions, 'limits'>> & {
  limits?: Partial<GatewayLimits>
  anchors?: readonly string[]
  /** Whether the scripted control takes counted frames; without it somebody else does. */
  countsFrames?: boolean
}

/** A gateway with a scripted control on real time. */
export function liveWorld(options: WorldOptions = {}): Promise<GatewayWorld<Clock>> {
  return openWorld(systemClock, options)
}

/** A gateway with a scripted control whose time moves only when told. Sockets stay real. */
export function timedWorld(options: WorldOptions = {}): Promise<GatewayWorld<ManualClock>> {
  return openWorld(new ManualClock(), options)
}

async function openWorld<C extends Clock>(
  clock: C,
  options: WorldOptions,
): Promise<GatewayWorld<C>> {
  const bus = options.bus ?? memoryBus({ clock, freeze: true })
  const control = new ScriptedControl(bus, options.countsFrames)
  control.anchors = options.anchors ?? []
  const opened: Gateway[] = []
  const chargers: WireCharger[] = []
  async function open(patch: Partial<GatewayOptions>): Promise<Gateway> {
    const gateway = await openGateway({
      address: { host: '127.0.0.1', port: 0 },
      bus,
      clock,
      log: silentLog,
      name: `gateway-${opened.length + 1}`,
      newId: uuid7(clock),
      random: () => 0.5,
      ...options,
      ...patch,
    })
    opened.push(gateway)
    return gateway
  }
  const gateway = await open({})
  return {
    clock,
    bus,
    control,
    gateway,
    another: (patch = {}) => open(patch),
    async connect(identity, wire) {
      const tls = wire?.ca === undefined ? undefined : gateway.tlsAddress()
      const charger = await connectCharger(tls ?? gateway.address(), identity, wire)
      chargers.push(charger)
      return charger
    },
    async close() {
      for (const charger of chargers) charger.socket.terminate()
      await Promise.all(opened.map((one) => one.close()))
      await bus.close()
    },
  }
}

/** Lets simulated time pass until something happened that I/O and time bring about together. */
export async function advanceUntil(
  clock: ManualClock,
  stepMs: number,
  condition: () => boolean,
  what: string,
): Promise<void> {
  for (let step = 0; step < 400 && !condition(); step++) {
    await clock.advance(stepMs)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await until(condition, what, 1_000)
}
