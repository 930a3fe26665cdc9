import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { LabWorld } from '../kit/lab-world.ts'
import { labWorld } from '../kit/lab-world.ts'
import { replay } from '../kit/replay.ts'

/** Personas of real models before the product as a process of its own, through its public API. */

describe('before the product, a charger of the Lab that is like', () => {
  let lab: LabWorld
  const ends: (() => void | Promise<void>)[] = []
  before(async () => {
    lab = await labWorld({ after: (end) => void ends.push(end) })
  })
  after(async () => {
    // An end may add further ones, to come after all the others.
    for (const end of ends) await end()
  })
  const charger: LabWorld['charger'] = (...args) => lab.charger(...args)
  const run: LabWorld['run'] = (...args) => lab.run(...args)
  const recorded: LabWorld['recorded'] = (...args) => lab.recorded(...args)

  test('an ABB Terra AC is not made to restart by a read', async () => {
    const abb = await charger('abb-terra-ac')
    const { state } = await run(abb, 'settings.read', { keys: ['MeterValuesSampledData'] })
    assert.equal(state, 'refused')
    const some = { keys: ['HeartbeatInterval', 'MeterValuesSampledData'] }
    assert.equal((await run(abb, 'settings.read', some)).state, 'succeeded')
    assert.equal(abb.counters.restarts, 0)
    assert.ok(abb.received.every(({ payload }) => !JSON.stringify(payload).includes('SampledData')))
  })

  test('an EVBox Elvi is read key by key, and not dropped by an early CALL', async () => {
    const elvi = await charger('evbox-elvi')
    const keys = ['HeartbeatInterval', 'NumberOfConnectors', 'MeterValueSampleInterval']
    const read = await run(elvi, 'settings.read', { keys })
    assert.equal(read.state, 'succeeded', JSON.stringify(read))
    const connections = elvi.counters.connections
    // Its model is known by now: after a reconnect it is left alone for its first second.
    const queued = run(elvi, 'settings.read', { keys: ['HeartbeatInterval'] })
    elvi.goOffline()
    elvi.goOnline()
    await queued
    const again = await run(elvi, 'settings.read', { keys: ['HeartbeatInterval'] })
    assert.equal(again.state, 'succeeded', JSON.stringify(again))
    assert.ok(elvi.counters.connections <= connections + 2)
  })

  test('an Entratek is asked for four keys at a time', async () => {
    const entratek = await charger('entratek-power-dot')
    const keys = [
      'HeartbeatInterval',
      'NumberOfConnectors',
      'MeterValueSampleInterval',
      'ConnectionTimeOut',
      'ResetRetries',
    ]
    assert.equal((await run(entratek, 'settings.read', { keys })).state, 'succeeded')
    assert.equal(entratek.counters.ignored, 0)
  })

  test('a Wallbox Pulsar Pro is woken by the question for its boot', async () => {
    const pulsar = await charger('wallbox-pulsar-pro')
    assert.ok(pulsar.counters.boots > 0)
  })

  test('a Wallbox with firmware 6 is never sent a CALL that it would ignore', async () => {
    const wallbox = await charger('wallbox-6')
    wallbox.cutPower()
    const read = await run(wallbox, 'settings.read', { keys: ['HeartbeatInterval'] })
    assert.equal(read.state, 'succeeded', JSON.stringify(read))
  })

  test('an older Wallbox Pulsar is not asked to unlock', async () => {
    const pulsar = await charger('wallbox-pulsar-old')
    assert.equal((await run(pulsar, 'connector.unlock', { evse: 1 })).state, 'unsupported')
    assert.equal(pulsar.counters.callsByAction['UnlockConnector'], undefined)
  })

  test('a Grizzl-E Smart without a header speaks what its record says, and its cut answer costs no wait', async () => {
    const grizzle = await charger('grizzl-e-smart', { assumeProtocol: '1.6' })
    const began = performance.now()
    const read = await run(grizzle, 'settings.read', { keys: ['NoSuchKey'] })
    assert.notEqual(read.state, 'succeeded')
    assert.ok(performance.now() - began < 10_000)
    await recorded(grizzle, 'malformed-json')
  })

  test('a Grizzl-E Smart Connect unlocks', async () => {
    const grizzle = await charger('grizzl-e-connect')
    grizzle.plugIn(1)
    const unlocked = await run(grizzle, 'connector.unlock', { evse: 1 })
    assert.equal(unlocked.state, 'succeeded', JSON.stringify(unlocked))
    await recorded(grizzle, 'answer-invalid')
  })

  replay(
    'mennekes/4business',
    'refuses-until-rebooted-after-settings',
    'a write says that a reset is needed, and the reset goes through',
    async () => {
      const amtron = await charger('mennekes-4business')
      const write = { key: 'LabDisplayLanguage', value: 'de' }
      const written = await run(amtron, 'settings.write', write)
      assert.match(JSON.stringify(written), /reset|reboot/i)
      const report = await run(amtron, 'charger.report', { what: 'heartbeat' })
      assert.equal(report.state, 'refused')
      assert.equal((await run(amtron, 'charger.reset', { mode: 'now' })).state, 'succeeded')
      const again = await run(amtron, 'charger.report', { what: 'heartbeat' })
      assert.equal(again.state, 'succeeded', JSON.stringify(again))
    },
  )

  test('a StarCharge is not asked for its boot', async () => {
    const star = await charger('starcharge')
    const { connections } = star.counters
    assert.equal((await run(star, 'charger.report', { what: 'boot' })).state, 'refused')
    assert.equal(star.counters.connections, connections)
  })

  test('an EN+ is started at its connector, and its missing setting is no disaster', async () => {
    const enPlus = await charger('en-plus')
    const write = { key: 'WebSocketPingInterval', value: '30' }
    assert.equal((await run(enPlus, 'settings.write', write)).state, 'unsupported')
    enPlus.plugIn(1)
    const started = await run(enPlus, 'session.start', { token: 'DRIVER' })
    assert.equal(started.state, 'succeeded', JSON.stringify(started))
  })

  for (const [persona, kind] of [
    ['legrand-greenup', 'payload-invalid'],
    ['schneider-evlink', 'payload-invalid'],
    ['huawei-scharger', 'payload-invalid'],
  ] as const)
    test(`${persona} is understood, and what it got wrong recorded`, async () => {
      const one = await charger(persona)
      assert.equal((await run(one, 'charger.report', { what: 'status' })).state, 'succeeded')
      await recorded(one, kind)
    })

  for (const [persona, kind] of [
    ['alfen-eve', 'integer-range'],
    ['zj-beny', 'malformed-json'],
    ['vestel-evc04', 'payload-invalid'],
  ] as const)
    test(`${persona} is charged at, and its odd meter values recorded`, async () => {
      const one = await charger(persona, { settings: { MeterValueSampleInterval: '1' } })
      one.plugIn(1)
      assert.equal(
        (await run(one, 'session.start', { evse: 1, token: 'DRIVER' })).state,
        'succeeded',
      )
      await recorded(one, kind)
      assert.equal((await run(one, 'session.stop', { evse: 1 })).state, 'succeeded')
    })

  test('an Enercab is charged at, and its padded numbers are read', async () => {
    const enercab = await charger('enercab', { settings: { MeterValueSampleInterval: '1' } })
    enercab.plugIn(1)
    await run(enercab, 'session.start', { evse: 1, token: 'DRIVER' })
    for (const deadline = performance.now() + 15_000; ;) {
      const { body } = await lab.owner('GET', `/chargers/${enercab.identity}`)
      const { connectors } = body as { connectors: { meter: { value: unknown }[] }[] }
      const readings = connectors.flatMap(({ meter }) => meter)
      if (readings.length > 0) {
        assert.ok(readings.every(({ value }) => typeof value === 'number'))
        return
      }
      assert.ok(performance.now() < deadline, 'no reading came')
      await pause(50)
    }
  })

  for (const persona of ['go-e', 'etrel'] as const)
    test(`${persona} ends its session under a number that is none, and it is ended`, async () => {
      const one = await charger(persona)
      one.plugIn(1)
      assert.equal(
        (await run(one, 'session.start', { evse: 1, token: 'DRIVER' })).state,
        'succeeded',
      )
      const stopped = await run(one, 'session.stop', { evse: 1 })
      assert.equal(stopped.state, 'succeeded', JSON.stringify(stopped))
    })

  test('an ABB or a Wallbox is listed with its quirks, and a person may know better', async () => {
    const abb = await charger('abb-terra-ac')
    const listed = await lab.owner('GET', '/models')
    const { items } = listed.body as { items: { vendor: string; quirks: string[]; id: string }[] }
    const model = items.find(({ vendor }) => vendor === 'ABB')
    assert.ok(model !== undefined && model.quirks.includes('crashes-on-reading'))
    assert.equal((await lab.owner('GET', `/models/${model.id}`)).status, 200)
    assert.ok(abb.online)
    const pulsar = await charger('wallbox-pulsar-old')
    const unlock = `/chargers/${pulsar.identity}/capabilities/action:UnlockConnector`
    const said = await lab.owner('PUT', unlock, { value: true, reason: 'a lock was fitted' })
    assert.equal(said.status, 200, JSON.stringify(said.body))
    await run(pulsar, 'connector.unlock', { evse: 1 })
    assert.equal(pulsar.counters.callsByAction['UnlockConnector'], 1)
    assert.equal((await lab.owner('DELETE', `${unlock}?reason=removed`)).status, 200)
    assert.equal((await run(pulsar, 'connector.unlock', { evse: 1 })).state, 'unsupported')
    assert.equal(pulsar.counters.callsByAction['UnlockConnector'], 1)
  })
})
