import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ownerOf, productProcess } from '../kit/product-process.ts'
import { testDatabase } from '../kit/database.ts'
import { natsForTests, natsPrefix } from '../kit/nats-server.ts'
import {
  chargerCount,
  flowing,
  kills as killsOfOne,
  seeded,
  startChargers,
  startTraffic,
} from './traffic.ts'
import { assertTruth, waitForEnds } from './truth.ts'

// The same fence is tried more often where everything is one process.
const kills = Math.ceil(killsOfOne / 2)

test(
  'the control process killed while the gateway lives on: the same',
  { timeout: 600_000 },
  async (t) => {
    const nats = await natsForTests()
    if ('missing' in nats) return t.skip(nats.missing)
    const { url, sql } = await testDatabase(t)
    const shared = { OTA_NATS_URL: nats.url, OTA_NATS_PREFIX: natsPrefix() }
    const gateway = await productProcess(t, { ...shared, OTA_ROLE: 'gateway' })
    const control = await productProcess(t, {
      ...shared,
      OTA_ROLE: 'control',
      OTA_DATABASE_URL: url,
    })
    await Promise.all([gateway.start(), control.start()])
    const owner = ownerOf(control.place)
    const chargers = await startChargers(owner, gateway.place, chargerCount)
    t.after(() => Promise.all(chargers.map((charger) => charger.stop())))
    const random = seeded(2)
    const traffic = startTraffic(owner, chargers, random)
    for (let kill = 0; kill < kills; kill += 1) {
      await flowing(traffic)
      await pause(random() * 250)
      await control.kill()
      await control.start()
    }
    await traffic.stop()
    await waitForEnds(sql, 120_000)
    const { commands, frames } = await assertTruth(owner, sql, chargers, traffic)
    t.diagnostic(`${kills} kills, ${commands} commands, ${frames} frames`)
    assert.ok(frames > kills, 'too little traffic to mean anything')
  },
)
