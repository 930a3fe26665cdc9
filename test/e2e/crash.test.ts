import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { testDatabase } from '../kit/database.ts'
import { natsForTests, natsPrefix } from '../kit/nats-server.ts'
import { ownerOf, productProcess } from '../kit/product-process.ts'
import { until } from '../kit/until.ts'
import { seeded, startChargers, startTraffic } from './traffic.ts'
import type { Traffic } from './traffic.ts'
import { assertTruth, waitForEnds } from './truth.ts'

/*
 * The moments of the kills are seeded, but what a kill hits is up to the machine: these tests look for
 * a broken promise at many moments, and none of them depends on hitting a certain one.
 */
const kills = Number(process.env['OTA_TEST_KILLS'] ?? 60)
const chargerCount = 9

function skipWithout(t: TestContext, missing: string): void {
  t.skip(missing)
}

test(
  'the control process killed 60 times: nothing twice, nothing forgotten, nothing unrecorded',
  { timeout: 300_000 },
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
      await pause(random() * 400)
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

test(
  'the control process killed 60 times while the gateway lives on: the same',
  { timeout: 300_000 },
  async (t) => {
    const nats = await natsForTests()
    if ('missing' in nats) return skipWithout(t, nats.missing)
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
      await pause(random() * 400)
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

test(
  'PostgreSQL killed under the product: it comes back, and the same holds',
  { timeout: 300_000 },
  async (t) => {
    const product = await productProcess(t)
    await product.start()
    const owner = ownerOf(product.place)
    const chargers = await startChargers(owner, product.place, chargerCount)
    t.after(() => Promise.all(chargers.map((charger) => charger.stop())))
    const random = seeded(3)
    const traffic = startTraffic(owner, chargers, random)
    const pid = product.pid()
    for (let kill = 0; kill < 15; kill += 1) {
      await flowing(traffic)
      await pause(random() * 800)
      const { pid: killed } = await postmasterOf(product.place.dataDir)
      process.kill(killed, 'SIGKILL')
      await postmasterOf(product.place.dataDir, killed)
    }
    await traffic.stop()
    assert.equal(product.pid(), pid, 'the product itself ended')
    const { socket } = await postmasterOf(product.place.dataDir)
    const client = new pg.Client({
      host: socket.host,
      port: socket.port,
      user: 'ota_control',
      database: 'ota_control',
    })
    await client.connect()
    try {
      const sql = <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) =>
        client.query<Row>(text, values === undefined ? [] : [...values])
      await waitForEnds(sql, 120_000)
      const { commands, frames } = await assertTruth(owner, sql, chargers, traffic)
      t.diagnostic(`15 kills, ${commands} commands, ${frames} frames`)
    } finally {
      await client.end()
    }
  },
)

/** Resolves when another command has been taken: kills are to hit work, not a system still starting. */
async function flowing(traffic: Traffic): Promise<void> {
  const before = traffic.answered()
  await until(() => traffic.answered() > before, 'a command is taken', 30_000)
}

/** What postmaster.pid says of a living server that is not the one before. Its lines: process id, data folder, start time, port, socket folder. */
async function postmasterOf(
  dataDir: string,
  before?: number,
): Promise<{ pid: number; socket: { host: string; port: number } }> {
  const deadline = performance.now() + 30_000
  for (;;) {
    const text = await readFile(path.join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(
      () => '',
    )
    const lines = text.split('\n').map((line) => line.trim())
    const pid = Number(lines[0])
    if (lines.length >= 6 && pid !== before && isAlive(pid))
      return { pid, socket: { host: lines[4] ?? '', port: Number(lines[3]) } }
    assert.ok(performance.now() < deadline, 'PostgreSQL never came back')
    await pause(10)
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
