import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ownerOf, productProcess } from '../kit/product-process.ts'
import { testDatabase } from '../kit/database.ts'
import { chargerCount, flowing, kills, seeded, startChargers, startTraffic } from './traffic.ts'
import { assertTruth, waitForEnds } from './truth.ts'

test(
  'the control process killed again and again: nothing twice, nothing forgotten, nothing unrecorded',
  { timeout: 600_000 },
  async (t) => {
    const { url, sql } = await testDatabase(t)
    const product = await productProcess(t, { OTA_DATABASE_URL: url })
    await product.start()
    const owner = ownerOf(product.place)
    const chargers = await startChargers(owner, product.place, chargerCount)
    t.after(() => Promise.all(chargers.map((charger) => charger.stop())))
    const random = seeded(1)
    const traffic = startTraffic(owner, chargers, random)
    for (let kill = 0; kill < kills; kill += 1) {
      await flowing(traffic)
      await pause(random() * 250)
      await product.kill()
      await product.start()
    }
    await traffic.stop()
    await waitForEnds(sql, 60_000)
    const { commands, frames } = await assertTruth(owner, sql, chargers, traffic)
    t.diagnostic(`${kills} kills, ${commands} commands, ${frames} frames`)
    assert.ok(frames > kills, 'too little traffic to mean anything')
  },
)
