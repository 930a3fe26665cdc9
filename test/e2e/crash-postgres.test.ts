import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { clientConfig } from '../../src/storage/connection.ts'
import { ownerOf, productProcess } from '../kit/product-process.ts'
import {
  chargerCount,
  flowing,
  kills as killsOfControl,
  seeded,
  startChargers,
  startTraffic,
} from './traffic.ts'
import { assertTruth, waitForEnds } from './truth.ts'

// Coming back takes the database longer than control.
const kills = Math.ceil(killsOfControl / 3)

test(
  'PostgreSQL killed under the product: it comes back, and the same holds',
  { timeout: 600_000 },
  async (t) => {
    const product = await productProcess(t)
    await product.start()
    const owner = ownerOf(product.place)
    const chargers = await startChargers(owner, product.place, chargerCount)
    t.after(() => Promise.all(chargers.map((charger) => charger.stop())))
    const random = seeded(3)
    const traffic = startTraffic(owner, chargers, random)
    const pid = product.pid()
    for (let kill = 0; kill < kills; kill += 1) {
      await flowing(traffic)
      await pause(random() * 800)
      const { pid: killed } = await postmasterOf(product.place.dataDir)
      process.kill(killed, 'SIGKILL')
      await postmasterOf(product.place.dataDir, killed)
    }
    await traffic.stop()
    assert.equal(product.pid(), pid, 'the product itself ended')
    const { socket } = await postmasterOf(product.place.dataDir)
    const place = { ...socket, user: 'ota_control', database: 'ota_control' }
    const client = new pg.Client(clientConfig(place, 'test'))
    await client.connect()
    try {
      const sql = <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) =>
        client.query<Row>(text, values === undefined ? [] : [...values])
      await waitForEnds(sql, 120_000)
      const { commands, frames } = await assertTruth(owner, sql, chargers, traffic)
      t.diagnostic(`${kills} kills, ${commands} commands, ${frames} frames`)
    } finally {
      await client.end()
    }
  },
)

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
