import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { simulate } from '../../simulator/charger.ts'
import type { SimulatedCharger, SimulationOptions } from '../../simulator/charger.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import { testDatabase } from '../kit/database.ts'
import type { Lasting } from '../kit/database.ts'
import { ownerOf, productProcess } from '../kit/product-process.ts'
import type { Owner, ProductProcess } from '../kit/product-process.ts'

/** The product as a process that can be restarted, with Lab chargers that outlive it. */
export interface UpkeepScene {
  readonly owner: Owner
  readonly product: ProductProcess
  charger(version: Version, options?: Partial<SimulationOptions>): Promise<SimulatedCharger>
  /** Switches a charger off and another one with its identity on. */
  replaced(
    charger: SimulatedCharger,
    options: Partial<SimulationOptions>,
  ): Promise<SimulatedCharger>
  /** Asks for this until it is as expected. */
  readonly sees: <Body>(
    route: string,
    isIt: (body: Body) => boolean,
    withinMs?: number,
  ) => Promise<Body>
}

export async function upkeepScene(
  t: Lasting,
  environment: Readonly<Record<string, string>> = {},
): Promise<UpkeepScene> {
  const { url } = await testDatabase(t)
  const product = await productProcess(t, { OTA_DATABASE_URL: url, ...environment })
  await product.start()
  const owner = ownerOf(product.place)
  const passwords = new Map<string, string>()
  let count = 0

  async function switchedOn(
    identity: string,
    version: Version,
    options: Partial<SimulationOptions>,
  ): Promise<SimulatedCharger> {
    const password = passwords.get(identity)
    const charger = simulate({
      ...{ url: `ws://${product.place.chargers}/ocpp`, identity, version, clock: systemClock },
      ...{ seed: identity, rebootMs: 30, connectors: 2 },
      ...(password === undefined ? {} : { password }),
      reconnect: { leastMs: 20, randomMs: 20, doublings: 1 },
      ...options,
    })
    t.after(() => charger.stop())
    await charger.start()
    await charger.until((one) => one.online)
    return charger
  }

  return {
    owner,
    product,
    async charger(version, options = {}) {
      count += 1
      const identity = `UP-${version}-${count}`
      const { status, body } = await owner('POST', '/chargers', { identity })
      assert.equal(status, 201)
      passwords.set(identity, (body as { credential: string }).credential)
      return switchedOn(identity, version, options)
    },
    async replaced(charger, options) {
      await charger.stop()
      return switchedOn(charger.identity, charger.version, options)
    },
    async sees<Body>(route: string, isIt: (body: Body) => boolean, withinMs = 25_000) {
      for (const deadline = performance.now() + withinMs; ;) {
        const { body } = await owner('GET', route)
        if (isIt(body as Body)) return body as Body
        if (performance.now() > deadline) throw new Error(`${route}: ${JSON.stringify(body)}`)
        await pause(30)
      }
    },
  }
}
