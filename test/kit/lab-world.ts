import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { SimulatedCharger } from '../../simulator/charger.ts'
import { simulate } from '../../simulator/charger.ts'
import type { PersonaName } from '../../simulator/personas.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import type { Lasting } from './database.ts'
import { testDatabase } from './database.ts'
import type { Owner } from './product-process.ts'
import { ownerOf, productProcess } from './product-process.ts'

/** How a command on one charger ended. */
export interface Ended {
  readonly state: string
  readonly detail: string | null
  readonly result: unknown
  readonly answer: unknown
}

export interface LabChargerOptions {
  readonly version?: Version
  readonly settings?: Readonly<Record<string, string>>
  readonly assumeProtocol?: Version
}

/** The product as a process of its own, and chargers of the Lab that behave like real models. */
export interface LabWorld {
  readonly owner: Owner
  /** Registers a charger and brings it online. */
  charger(persona: PersonaName, options?: LabChargerOptions): Promise<SimulatedCharger>
  /** Runs a command on one charger and waits until it has left the states on the way. */
  run(charger: SimulatedCharger, operation: string, params?: object): Promise<Ended>
  /** Waits until a violation of this kind by this charger is on record. */
  recorded(charger: SimulatedCharger, kind: string): Promise<void>
}

const onTheWay = ['submitted', 'queued', 'sending', 'sent', 'accepted']

export async function labWorld(t: Lasting): Promise<LabWorld> {
  const { url } = await testDatabase(t)
  const product = await productProcess(t, { OTA_DATABASE_URL: url })
  await product.start()
  const owner = ownerOf(product.place)
  const { chargers } = product.place
  let count = 0
  return {
    owner,
    async charger(persona, options = {}) {
      const { version = '1.6', settings = {}, assumeProtocol } = options
      count += 1
      const identity = `${persona}-${count}`
      const body = assumeProtocol === undefined ? { identity } : { identity, assumeProtocol }
      const registered = await owner('POST', '/chargers', body)
      assert.equal(registered.status, 201, JSON.stringify(registered.body))
      const { credential } = registered.body as { credential: string }
      const charger = simulate({
        url: `ws://${chargers}/ocpp`,
        identity,
        password: credential,
        version,
        persona,
        seed: count,
        clock: systemClock,
        rebootMs: 30,
        reconnect: { leastMs: 50, randomMs: 20, doublings: 1 },
        pullsCableAfterUnlockMs: 20,
        settings,
      })
      t.after(() => charger.stop())
      await charger.start()
      await charger.until((one) => one.online, 20_000)
      return charger
    },
    async run({ identity }, operation, params = {}) {
      const { status, body } = await owner('POST', '/commands', {
        operation,
        params,
        target: { chargers: [identity] },
        reason: 'replayed',
      })
      assert.equal(status, 202, JSON.stringify(body))
      const { id } = body as { id: string }
      for (const deadline = performance.now() + 20_000; ;) {
        const shown = await owner('GET', `/commands/${id}`)
        const [target] = (shown.body as { targets: [Ended] }).targets
        if (!onTheWay.includes(target.state) || performance.now() > deadline) return target
        await pause(15)
      }
    },
    async recorded({ identity }, kind) {
      for (const deadline = performance.now() + 15_000; ;) {
        const { body } = await owner('GET', `/chargers/${identity}/violations`)
        const { items } = body as { items: { kind: string }[] }
        if (items.some((one) => one.kind === kind)) return
        assert.ok(performance.now() < deadline, `no ${kind}: ${JSON.stringify(items)}`)
        await pause(50)
      }
    },
  }
}
