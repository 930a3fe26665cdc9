import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Version } from '../../src/ocpp/versions.ts'
import { operations } from '../../src/operations/catalogue.ts'
import { samples } from '../e2e/catalogue-samples.ts'
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

/** What we refuse ourselves of this charger: no session runs, and its model has no vendor messages. */
const notAsked = new Set([
  'session.stop',
  'session.priority',
  'session.energy-transfer',
  'tariff.change',
  'vendor.message',
])

const onTheWay = ['submitted', 'queued', 'sending', 'sent', 'accepted']

describe('chargers built on other people’s stacks are operated alike', () => {
  const ends: (() => void | Promise<void>)[] = []
  let owner: Owner
  let address: string
  before(async () => {
    const lasting = { after: (end: () => void | Promise<void>) => void ends.push(end) }
    const { url } = await testDatabase(lasting)
    const product = await productProcess(lasting, {
      OTA_DATABASE_URL: url,
      OTA_INTERVIEW: 'off',
      OTA_ALLOWED_CHARGER_URLS: 'wss://csms.lab.example',
    })
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

  /** Tries the whole catalogue on a charger that says no, and gathers what did not end as a no. */
  async function refusedByAll(charger: ThirdPartyCharger, identity: string, version: Version) {
    const problems: string[] = []
    for (const { name, versions } of operations) {
      const sample = samples[name]
      if (sample === undefined || sample.elsewhere !== undefined) continue
      if ('absent' in versions[version] || notAsked.has(name)) continue
      const before = charger.received.length
      const params = name === 'connector.unlock' ? { evse: 1 } : sample.params(version, 1)
      const { state, detail } = await run(identity, name, params)
      // A stack that does not know an action answers without asking the charger on it.
      const answered = charger.received.length > before || state === 'unsupported'
      const no = ['refused', 'failed', 'unsupported'].includes(state) && detail !== null
      if (!answered || (!no && state !== sample.refusing))
        problems.push(`${name}: ${state} (${detail ?? ''})`)
    }
    return problems
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
      charger.refuses = true
      assert.deepEqual(await refusedByAll(charger, identity, kind.version), [])
      const shown = await owner('GET', `/chargers/${identity}/violations`)
      assert.deepEqual((shown.body as { items: unknown[] }).items, [])
    })
})
