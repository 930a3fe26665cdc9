import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { advanceUntil } from '../../test/kit/gateway-world.ts'
import { until } from '../../test/kit/until.ts'
import { connectCharger } from '../../test/kit/wire-charger.ts'
import { live, timed } from '../../test/kit/with-world.ts'
import { subjects } from './protocol.ts'

const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' }

suite('a connection', () => {
  test(
    'is reported when it opens and, with the reason, when it closes',
    live({}, async ({ connect, control }) => {
      const charger = await connect('CP1', { protocols: ['ocpp2.0.1'] })
      charger.socket.close(1000, 'maintenance')
      await until(() => control.closings('CP1').length === 1, 'closed')
      const untimed = control.reports.map((report) => ({ ...report, at: 0 }))
      const common = { gateway: 'gateway-1', identity: 'CP1', epoch: 1, at: 0 }
      assert.deepEqual(untimed, [
        { ...common, kind: 'opened', version: '2.0.1', remoteAddress: '127.0.0.1' },
        { ...common, kind: 'closed', reason: 'charger-closed', code: 1000, detail: 'maintenance' },
      ])
    }),
  )

  test(
    'that just breaks is told as lost',
    live({}, async ({ connect, control }) => {
      const charger = await connect('CP1')
      charger.socket.terminate()
      await until(() => control.closings('CP1').length === 1, 'closed')
      const [closed] = control.closings('CP1')
      assert.ok(closed?.kind === 'closed' && closed.reason === 'network-lost')
    }),
  )

  test(
    'is closed when control orders it',
    live({}, async ({ connect, control }) => {
      const charger = await connect('CP1')
      await control.close({ identity: 'CP1', reason: 'operator', detail: 'removed from the fleet' })
      assert.deepEqual(await charger.gone(), { code: 1000, reason: 'removed from the fleet' })
      await until(() => control.closings('CP1').length === 1, 'closed')
      const [closed] = control.closings('CP1')
      assert.ok(closed?.kind === 'closed' && closed.reason === 'operator')
    }),
  )

  test(
    'without any frame for three heartbeat intervals is silent and closed',
    timed({}, async ({ connect, control, clock }) => {
      control.policy = { ...control.policy, heartbeatIntervalSeconds: 100 }
      const charger = await connect('CP1')
      await clock.advance(299_000)
      assert.equal(charger.closed, undefined)
      await charger.call('Heartbeat', {})
      await clock.advance(299_000)
      assert.equal(charger.closed, undefined)
      await advanceUntil(clock, 500, () => control.closings('CP1').length === 1, 'closed')
      const [closed] = control.closings('CP1')
      assert.ok(closed?.kind === 'closed' && closed.reason === 'silent')
      assert.match(closed.detail, /nothing heard for 300 s/)
    }),
  )

  test(
    'follows the heartbeat interval the charger was told at its boot',
    timed({}, async ({ connect, control, clock }) => {
      control.policy = { ...control.policy, heartbeatIntervalSeconds: 100 }
      const charger = await connect('CP1')
      await charger.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })
      await clock.advance(800_000)
      assert.equal(charger.closed, undefined)
      await advanceUntil(clock, 5_000, () => charger.closed !== undefined, 'closed')
    }),
  )

  test(
    'whose charger ignores pings lives as long as anything comes',
    timed({}, async ({ connect, control, clock }) => {
      control.policy = {
        ...control.policy,
        heartbeatIntervalSeconds: 60,
        pingIntervalSeconds: 10,
      }
      const charger = await connect('ENPLUS', { autoPong: false })
      for (let minute = 0; minute < 10; minute++) {
        await charger.call('StatusNotification', { ...status, info: `minute ${minute}` })
        await clock.advance(60_000)
      }
      await until(() => charger.pings > 50, 'pings were sent')
      assert.equal(charger.closed, undefined)
      await advanceUntil(clock, 5_000, () => charger.closed !== undefined, 'silent at last')
    }),
  )

  test(
    'whose charger answers pings is alive, and its round trip is known',
    timed({}, async ({ connect, control, clock }) => {
      control.policy = { ...control.policy, heartbeatIntervalSeconds: 60, pingIntervalSeconds: 10 }
      const charger = await connect('CP1')
      for (let ping = 1; ping <= 40; ping++)
        await advanceUntil(clock, 1_000, () => charger.pings >= ping, `ping ${ping}`)
      assert.equal(charger.closed, undefined)
      assert.ok(clock.monotonic() > 300_000)
      await advanceUntil(
        clock,
        500,
        () => control.reports.some((one) => one.kind === 'alive' && one.roundTripMs !== undefined),
        'a round trip',
      )
    }),
  )
})

suite('a second connection of one charger', () => {
  test(
    'wins, and the end of the older one does not touch it',
    live({}, async ({ connect, control, clock, gateway }) => {
      const older = await connect('CP1')
      const newer = await connect('CP1')
      const { code } = await older.gone()
      assert.equal(code, 1008)
      await until(() => control.closings('CP1').length === 1, 'the older is reported')
      const [closed] = control.closings('CP1')
      assert.ok(closed?.kind === 'closed')
      assert.deepEqual([closed.epoch, closed.reason], [1, 'displaced'])
      assert.match(closed.detail, /still answering/)
      assert.equal(gateway.connections(), 1)
      assert.deepEqual(await control.call(clock, 'CP1', 'ClearCache', {}), { taken: true })
      assert.equal((await newer.calledNow()).action, 'ClearCache')
      assert.equal((await newer.call('Heartbeat', {}))[0], 3)
    }),
  )

  test(
    'takes over from one that is half open, which is cut after a moment',
    timed({}, async ({ connect, control, clock, gateway }) => {
      const older = await connect('CP1', { autoPong: false })
      await control.call(clock, 'CP1', 'ClearCache', {}, { callId: 'c1' })
      await older.calledNow()
      await connect('CP1')
      assert.equal(gateway.connections(), 1)
      await until(() => control.outcomesOf('c1').length === 2, 'its CALL is lost')
      await advanceUntil(clock, 250, () => control.closings('CP1').length === 1, 'cut')
      const [closed] = control.closings('CP1')
      assert.ok(closed?.kind === 'closed')
      assert.deepEqual([closed.epoch, closed.reason], [1, 'displaced'])
      assert.match(closed.detail, /not answering/)
      assert.equal(gateway.connections(), 1)
    }),
  )

  test(
    'on another gateway displaces the first there',
    live({}, async ({ connect, control, clock, gateway, another }) => {
      const second = await another()
      const older = await connect('CP1')
      const newer = await connectCharger(second.address(), 'CP1')
      await older.gone()
      await until(() => gateway.connections() === 0, 'gone from the first')
      assert.equal(second.connections(), 1)
      for (let count = 0; count < 3; count++) {
        const receipt = await control.call(clock, 'CP1', 'ClearCache', {}, { callId: `c${count}` })
        assert.deepEqual(receipt, { taken: true })
        newer.answer((await newer.calledNow(count)).id, { status: 'Accepted' })
        await until(() => control.outcomesOf(`c${count}`).length === 2, 'answered')
      }
      newer.socket.terminate()
    }),
  )

  test(
    'is not displaced by news of an older one',
    live({}, async ({ connect, bus, gateway }) => {
      const charger = await connect('CP1')
      bus.publish(subjects.displaced, { identity: 'CP1', epoch: 1 })
      bus.publish(subjects.displaced, { identity: 'CP1', epoch: 0 })
      await charger.call('Heartbeat', {})
      assert.equal(gateway.connections(), 1)
    }),
  )

  test(
    'that was decided late does not replace a newer one',
    live({}, async ({ connect, control, bus }) => {
      control.decide = async (request) => {
        const admission = control.admit(request)
        // Meanwhile the charger was admitted elsewhere.
        bus.publish(subjects.displaced, { identity: request.identity, epoch: 99 })
        await bus.flush()
        return admission
      }
      await assert.rejects(connect('CP1'), { status: 503 })
    }),
  )

  test(
    'is not harmed by what the older one still sends',
    live({}, async ({ connect, control }) => {
      const older = await connect('CP1', { autoPong: false })
      const newer = await connect('CP1')
      older.send(JSON.stringify([2, 'old', 'StatusNotification', status]))
      await newer.call('StatusNotification', status, 'new')
      assert.deepEqual(
        control.inbound.map((call) => call.messageId),
        ['new'],
      )
    }),
  )
})

suite('a gateway that stops', () => {
  test(
    'answers what is with control, then closes every socket with 1001',
    live({}, async ({ connect, control, gateway, clock }) => {
      let release: () => void = () => {}
      control.answers.set('StatusNotification', async () => {
        await new Promise<void>((resolve) => (release = resolve))
        return { kind: 'result', payload: {} }
      })
      const busy = await connect('BUSY')
      const idle = await connect('IDLE')
      busy.send(JSON.stringify([2, 's1', 'StatusNotification', status]))
      await until(() => control.inbound.length === 1, 'with control')
      const drained = gateway.drain()
      const order = await control.call(clock, 'IDLE', 'ClearCache', {})
      assert.ok(!order.taken && order.reason === 'draining')
      await assert.rejects(connect('NEW'))
      assert.equal(busy.closed, undefined)
      release()
      assert.equal((await busy.answerTo('s1'))[0], 3)
      await drained
      for (const charger of [busy, idle]) assert.equal((await charger.gone()).code, 1001)
      assert.equal(gateway.connections(), 0)
      await gateway.close()
      for (const identity of ['BUSY', 'IDLE']) {
        const [closed] = control.closings(identity)
        assert.ok(closed?.kind === 'closed' && closed.reason === 'shutdown')
      }
    }),
  )

  test(
    'waits for control only so long, and cuts who does not answer the close',
    live(
      { limits: { drainMs: 100, closeTimeoutMs: 100 } },
      async ({ connect, control, gateway }) => {
        control.answers.set('StatusNotification', () => new Promise(() => {}))
        const charger = await connect('CP1')
        charger.send(JSON.stringify([2, 's1', 'StatusNotification', status]))
        await until(() => control.inbound.length === 1, 'with control')
        charger.socket.pause()
        await gateway.close()
        assert.equal(gateway.connections(), 0)
        await gateway.close()
      },
    ),
  )
})
