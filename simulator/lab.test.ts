import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock, systemClock } from '../src/kernel/clock.ts'
import { silentLog } from '../src/kernel/log.ts'
import { startFleet } from './fleet.ts'
import { labRoster, startLab } from './lab.ts'
import { live } from './life.ts'
import { personas } from './personas.ts'
import { seededRandom } from './random.ts'
import { scene } from './scene.ts'
import { ScriptedServer } from './scripted-server.ts'

test('the Lab has a dozen chargers, four of each version, with names that do not change', () => {
  const roster = labRoster()
  assert.deepEqual(
    roster.map(({ identity }) => identity),
    Array.from({ length: 12 }, (_, index) => `LAB-${String(index + 1).padStart(2, '0')}`),
  )
  for (const version of ['1.6', '2.0.1', '2.1']) {
    assert.equal(roster.filter((entry) => entry.version === version).length, 4)
  }
  assert.ok(roster.filter(({ persona }) => persona === 'honest').length >= 6)
})

test('the Lab connects with the credentials it is given and boots', async (t) => {
  const clock = new ManualClock()
  const server = await ScriptedServer.open(clock)
  const lab = startLab({
    url: server.url,
    password: (identity) => `secret of ${identity}`,
    clock,
    log: silentLog,
    seed: 1,
  })
  t.after(async () => {
    await lab.stop()
    await server.close()
  })
  await clock.advance(3_000)
  await server.until(() => lab.chargers.every(({ online }) => online))
  assert.equal(server.handshakes.length, 12)
  for (const { identity, authorization = '' } of server.handshakes) {
    const text = Buffer.from(authorization.slice(6), 'base64').toString()
    assert.equal(text, `${identity}:secret of ${identity}`)
  }
  assert.deepEqual(server.violations, [])
})

test('drivers come and go, and the same seed brings them at the same moments', async (t) => {
  const day = async (): Promise<unknown[]> => {
    const setting = await scene(t, { version: '1.6', connectors: 1 })
    const life = live({
      charger: setting.charger,
      connectors: 1,
      clock: setting.clock,
      random: seededRandom(5),
      tokens: ['A', 'B'],
      pauseMs: [60_000, 120_000],
      sessionMs: [180_000, 300_000],
    })
    await setting.pass(3_600_000)
    life.stop()
    return setting.server
      .calls('StartTransaction')
      .map(({ payload }) => [payload['idTag'], payload['timestamp']])
  }
  const first = await day()
  assert.ok(first.length >= 5, `${first.length} sessions in an hour`)
  assert.deepEqual(await day(), first)
})

test('a driver brings the cable to a remote start, and takes it away after a remote stop', async (t) => {
  const setting = await scene(t, { version: '2.0.1', connectors: 1 })
  const { charger, clock, answers, pass } = setting
  const life = live({
    charger,
    connectors: 1,
    clock,
    random: seededRandom(5),
    tokens: ['A'],
    pauseMs: [3_600_000, 3_600_001],
    sessionMs: [3_600_000, 3_600_001],
  })
  t.after(() => life.stop())
  const start = { evseId: 1, remoteStartId: 1, idToken: { idToken: 'R', type: 'Central' } }
  await answers('RequestStartTransaction', start, 'Accepted')
  await pass(10_000)
  const transactionId = charger.state.evses[0]?.transaction?.id
  assert.notEqual(transactionId, undefined)
  await answers('RequestStopTransaction', { transactionId }, 'Accepted')
  await pass(10_000)
  assert.equal(charger.state.evses[0]?.status, 'Available')
})

test('a fleet connects steadily and counts what it sees', async (t) => {
  const server = await ScriptedServer.open(systemClock)
  const fleet = startFleet({
    url: server.url,
    chargers: 30,
    prefix: 'SIM-',
    version: 'mixed',
    persona: personas.honest,
    connectors: 1,
    connectPerSecond: 300,
    password: () => 'p',
    seed: 1,
    clock: systemClock,
    heartbeatSeconds: undefined,
    meterSeconds: 30,
    drivers: false,
    validates: true,
  })
  t.after(async () => {
    await fleet.stop()
    await server.close()
  })
  await server.until(() => fleet.totals().online === 30)
  await server.call('SIM-00001', 'ClearCache', {})
  const totals = fleet.totals()
  assert.deepEqual(
    [totals.boots, totals.callsReceived, totals.callsByAction, totals.invalidReceived],
    [30, 1, { ClearCache: 1 }, 0],
  )
  assert.deepEqual(server.violations, [])
})
