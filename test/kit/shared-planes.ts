import { after, type TestContext } from 'node:test'
import type { App } from '../../src/api/app.ts'
import { memoryBus } from '../../src/bus/memory.ts'
import type { Identity } from '../../src/identity/identity.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { apiWorld } from './api-world.ts'

/** What stands behind an operator plane for now. */
interface Behind {
  readonly identity: Identity
  readonly clock: Clock
}
interface Plane {
  readonly app: App
  readonly put: (behind: Behind) => void
}

interface PlaneOptions {
  readonly operatorUrl: string
  readonly trustedProxies: readonly string[]
}

const cleanUps: (() => void | Promise<void>)[] = []
// Of the whole file, as it is said while the file is read.
after(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})
const file = {
  after: (cleanUp: () => void | Promise<void>) => void cleanUps.push(cleanUp),
} as unknown as TestContext

const planes = new Map<string, Promise<Plane>>()

/**
 * An operator plane that one test of a file has after the other, each with its own identity behind it:
 * making one costs seconds. A file runs its tests one by one.
 */
export async function sharedPlane(
  node: number,
  options: PlaneOptions,
  behind: Behind,
): Promise<App> {
  const key = JSON.stringify([node, options])
  let plane = planes.get(key)
  if (plane === undefined) planes.set(key, (plane = makePlane(options, behind)))
  const { app, put } = await plane
  put(behind)
  return app
}

async function makePlane(
  { operatorUrl, trustedProxies }: PlaneOptions,
  first: Behind,
): Promise<Plane> {
  let current = first
  let worlds = 0
  const clock: Clock = {
    now: () => current.clock.now(),
    // A clock that never jumps back, though every test begins its own.
    monotonic: () => worlds * 1e12 + current.clock.monotonic(),
    after(delayMs, task) {
      const timer = setTimeout(task, delayMs)
      timer.unref()
      return { cancel: () => clearTimeout(timer) }
    },
  }
  const identity = new Proxy({} as Identity, {
    get: (_target, name): unknown => Reflect.get(current.identity, name),
  })
  const system = { version: '0', roles: [], startedAt: 0, listeners: () => ({}) }
  const { app } = await apiWorld(file, {
    parts: {
      ...{ identity, clock, bus: memoryBus({}), trustedProxies },
      system: { ...system, operatorUrl: () => operatorUrl },
    },
  })
  const put = (behind: Behind): void => {
    worlds += 1
    current = behind
  }
  return { app, put }
}
