import type { Clock, ManualClock } from '../../src/kernel/clock.ts'
import type { GatewayWorld } from './gateway-world.ts'
import { liveWorld, timedWorld } from './gateway-world.ts'

type Options = Parameters<typeof liveWorld>[0]

/** A test body with a gateway on real time, closed whatever happens. */
export function live(options: Options, body: (world: GatewayWorld<Clock>) => Promise<void>) {
  return async (): Promise<void> => {
    const world = await liveWorld(options)
    try {
      await body(world)
    } finally {
      await world.close()
    }
  }
}

/** A test body with a gateway whose time moves only when told. */
export function timed(options: Options, body: (world: GatewayWorld<ManualClock>) => Promise<void>) {
  return async (): Promise<void> => {
    const world = await timedWorld(options)
    try {
      await body(world)
    } finally {
      await world.close()
    }
  }
}
