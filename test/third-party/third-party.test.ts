import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { testDatabase } from '../kit/database.ts'
import { ownerOf, productProcess } from '../kit/product-process.ts'
import type { Owner } from '../kit/product-process.ts'
import { ThirdPartyCharger } from './charger.ts'
import { stacks } from './stacks.ts'

/** What is asked of a charger on somebody else's stack, in this order, and how it has to end. */
function table(version: string): readonly (readonly [string, object, string])[] {
  const key = version === '1.6' ? 'HeartbeatInterval' : 'OCPPCommCtrlr/HeartbeatInterval'
  return [
    ['charger.report', { what: 'status', evse: 1 }, 'succeeded'],
    ['settings.read', { keys: [key] }, 'succeeded'],
    ['settings.write', { key, value: '120' }, 'succeeded'],
    ['session.start', { token: 'ABC123', evse: 1 }, 'succeeded'],
    ['session.stop', {}, 'succeeded'],
    ['charger.availability', { availability: 'inoperative', evse: 1 }, 'succeeded'],
    ['charger.availability', { availability: 'operative', evse: 1 }, 'succeeded'],
    ['charger.reset', { mode: 'now' }, 'succeeded'],
    ['tokens.clear-cache', {}, 'accepted-unverified'],
  ]
}

const onTheWay = ['submitted', 'queued', 'sending', 'sent', 'accepted']

describe('chargers built on other people’s stacks are operated alike', () => {
  const ends: (() => void | Promise<void>)[] = []
  let owner: Owner
  let address: string
  before(async () => {
    const lasting = { after: (end: () => void | Promise<void>) => void ends.push(end) }
    const { url } = await testDatabase(lasting)
    const product = await productProcess(lasting, { OTA_DATABASE_URL: url, OTA_INTERVIEW: 'off' })
    await product.start()
    owner = ownerOf(product.place)
    address = product.place.chargers
  })
  after(async () => {
    for (const end of ends.reverse()) await end()
  })

  async function run(charger: string, operation: string, params: object) {
    const submitted = await owner('POST', '/commands', {
      operation,
      params,
      target: { chargers: [charger] },
      reason: 'third party',
    })
    assert.equal(submitted.status, 202, JSON.stringify(submitted.body))
    const { id } = submitted.body as { id: string }
    for (const deadline = performance.now() + 15_000; ;) {
      const { body } = await owner('GET', `/commands/${id}`)
      const [target] = (body as { targets: [{ state: string; detail: string | null }] }).targets
      if (!onTheWay.includes(target.state) || performance.now() > deadline) return target
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  for (const [index, kind] of stacks.entries())
    test(`${kind.name} on OCPP ${kind.version}`, async (t) => {
      const identity = `THIRD-${index}`
      const { body } = await owner('POST', '/chargers', { identity })
      const { credential } = body as { credential: string }
      const charger = await ThirdPartyCharger.connect(kind, address, identity, credential)
      t.after(() => charger.close())
      for (const [operation, params, expected] of table(kind.version)) {
        const { state, detail } = await run(identity, operation, params)
        assert.equal(state, expected, `${operation}: ${detail}`)
      }
      const shown = await owner('GET', `/chargers/${identity}/violations`)
      assert.deepEqual((shown.body as { items: unknown[] }).items, [])
    })
})
