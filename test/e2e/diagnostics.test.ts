import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { versions } from '../../src/ocpp/versions.ts'
import type { World } from './world.ts'
import { world } from './world.ts'

describe('fetching logs through the public API', () => {
  let house: World
  const ends: (() => void | Promise<void>)[] = []
  before(async () => {
    house = await world({ after: (end) => void ends.push(end) })
  })
  after(async () => {
    for (const end of ends) await end()
  })

  for (const version of versions) {
    test(`a log arrives whole, and the record holds no address that could be used, on ${version}`, async () => {
      const charger = await house.charger(version)
      for (const operation of ['diagnostics.fetch', 'security-log.fetch']) {
        const { state, detail, result } = await house.run(charger, operation)
        assert.equal(state, 'succeeded', `${operation}: ${detail}`)
        const { file, size } = result as { file: string; size: number }
        const shown = await house.owner('GET', `/files/${file}`)
        assert.equal(shown.status, 200, JSON.stringify(shown.body))
        const { charger: whose, size: kept } = shown.body as { charger: string; size: number }
        assert.deepEqual([whose, kept], [charger.identity, size])
        assert.ok(size > 20)
      }
      const audit = await house.owner('GET', `/audit?charger=${charger.identity}&limit=500`)
      const text = JSON.stringify(audit.body)
      assert.match(text, /otau\.\*\*\*/)
      assert.doesNotMatch(text, /otau\.[A-Za-z0-9_-]{10}/)
    })

    test(`a charger that pretends uploads nothing and is not believed, on ${version}`, async () => {
      const charger = await house.charger(version, { persona: 'lying' })
      const { state } = await house.run(charger, 'diagnostics.fetch', {}, 3_000)
      assert.equal(state, 'accepted')
    })

    test(`a charger that refuses has refused, on ${version}`, async () => {
      const charger = await house.charger(version, { persona: 'refusing' })
      const { state } = await house.run(charger, 'security-log.fetch')
      assert.equal(state, 'refused')
    })
  }
})
