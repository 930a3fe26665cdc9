import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { simulate } from '../../simulator/charger.ts'
import type { SimulatedCharger, SimulationOptions } from '../../simulator/charger.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import { testDatabase } from '../kit/database.ts'
import type { Lasting } from '../kit/database.ts'
import { ownerOf, productProcess } from '../kit/product-process.ts'
import type { Owner, ProductPlace } from '../kit/product-process.ts'

/** The running product with Lab chargers, driven through the public API. */
export interface World {
  readonly owner: Owner
  readonly place: ProductPlace
  /** Registers a charger and brings it online. */
  charger(version: Version, options?: Partial<SimulationOptions>): Promise<SimulatedCharger>
  /** Runs a command on one charger and waits until it has left the states on the way. */
  run(
    charger: SimulatedCharger,
    operation: string,
    params?: object,
    withinMs?: number,
  ): Promise<Ended>
}

export interface Ended {
  readonly state: string
  readonly detail: string | null
  readonly result: unknown
  readonly events: readonly string[]
}

const onTheWay = ['submitted', 'queued', 'sending', 'sent', 'accepted']

/** The product as a process of its own, for a whole group of tests. */
export async function world(
  t: Lasting,
  environment: Readonly<Record<string, string>> = {},
): Promise<World> {
  const { url } = await testDatabase(t)
  const product = await productProcess(t, { OTA_DATABASE_URL: url, ...environment })
  await product.start()
  const owner = ownerOf(product.place)
  let count = 0
  return {
    owner,
    place: product.place,
    async charger(version, options = {}) {
      count += 1
      const identity = `E2E-${version}-${count}`
      const { status, body } = await owner('POST', '/chargers', { identity })
      assert.equal(status, 201)
      const charger = simulate({
        url: `ws://${product.place.chargers}/ocpp`,
        identity,
        password: (body as { credential: string }).credential,
        version,
        seed: count,
        clock: systemClock,
        rebootMs: 30,
        reconnect: { leastMs: 20, randomMs: 20, doublings: 1 },
        connectors: 2,
        ...options,
      })
      t.after(() => charger.stop())
      await charger.start()
      await charger.until((one) => one.online)
      return charger
    },
    // An answer that got lost on a busy machine is asked for again after a minute: that is an end as well.
    async run({ identity }, operation, params = {}, withinMs = 150_000) {
      const submitted = await owner('POST', '/commands', {
        operation,
        params,
        target: { chargers: [identity] },
        reason: 'e2e',
      })
      assert.equal(submitted.status, 202, JSON.stringify(submitted.body))
      const { id } = submitted.body as { id: string }
      for (const deadline = performance.now() + withinMs; ;) {
        const { body } = await owner('GET', `/commands/${id}`)
        const { targets, history } = body as { targets: [Ended]; history: { event: string }[] }
        const [target] = targets
        const waitedEnough = performance.now() > deadline
        if (!onTheWay.includes(target.state) || waitedEnough)
          return { ...target, events: history.map((entry) => entry.event) }
        await pause(15)
      }
    },
  }
}
