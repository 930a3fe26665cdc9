import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as openSocket } from 'node:net'
import { suite, test } from 'node:test'
import { advanceUntil } from '../../test/kit/gateway-world.ts'
import { upgradeRequest } from '../../test/kit/raw-http.ts'
import { result } from '../../test/kit/scripted-control.ts'
import { until } from '../../test/kit/until.ts'
import { live, timed } from '../../test/kit/with-world.ts'

const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' }

function statusFrame(id: string | number): string {
  return JSON.stringify([2, String(id), 'StatusNotification', status])
}

suite('a charger that sends too much', () => {
  test(
    'is stopped while its messages wait for control, and none is lost',
    live({ limits: { maxInboundWaiting: 8 } }, async ({ connect, control }) => {
      const releases: (() => void)[] = []
      control.answers.set('StatusNotification', async () => {
        await new Promise<void>((resolve) => releases.push(resolve))
        return result({})
      })
      const charger = await connect('CP1')
      const total = 100
      for (let index = 0; index < total; index++) charger.send(statusFrame(index))
      let answered = 0
      await until(() => {
        for (const release of releases.splice(0)) release()
        answered = charger.received.length
        return answered === total
      }, 'all are answered')
      assert.deepEqual(
        charger.received.map((message) => message[1]),
        Array.from({ length: total }, (_, index) => String(index)),
      )
    }),
  )

  test(
    'is read no further than its bounds while control is away, however much it sends',
    timed({ limits: { maxInboundWaiting: 8, drainMs: 50 } }, async ({ connect, control }) => {
      const charger = await connect('CP1')
      control.stop()
      const frame = JSON.stringify([
        2,
        'm',
        'DataTransfer',
        { vendorId: 'v', data: 'x'.repeat(100_000) },
      ])
      for (let index = 0; index < 400; index++) charger.send(frame)
      const before = process.memoryUsage().rss
      await until(() => charger.socket.bufferedAmount > 0, 'the gateway stopped reading')
      let stuck = charger.socket.bufferedAmount
      await until(() => {
        const now = charger.socket.bufferedAmount
        const isStuck = now === stuck
        stuck = now
        return isStuck && now > 20_000_000
      }, 'the rest stays with the sender')
      assert.ok(process.memoryUsage().rss - before < 150_000_000)
      assert.equal(charger.closed, undefined)
    }),
  )

  test(
    'is slowed to its rate, second by second, and served completely',
    timed({ limits: { framesPerSecond: 50 } }, async ({ connect, clock }) => {
      const charger = await connect('CP1')
      for (let index = 0; index < 220; index++) charger.send(`[2,"h${index}","Heartbeat",{}]`)
      await advanceUntil(clock, 1_000, () => charger.received.length === 220, 'all are answered')
      assert.equal(charger.closed, undefined)
    }),
  )

  test(
    'and never lets up is closed as flooding',
    timed({ limits: { framesPerSecond: 20, floodingSeconds: 5 } }, async (world) => {
      const charger = await world.connect('FLOOD')
      const heartbeats = '[2,"h","Heartbeat",{}]'
      const pump = () => {
        while (charger.socket.bufferedAmount < 100_000 && charger.closed === undefined)
          charger.send(heartbeats)
      }
      await advanceUntil(
        world.clock,
        500,
        () => {
          pump()
          return world.control.closings('FLOOD').length === 1
        },
        'closed',
      )
      const [closed] = world.control.closings('FLOOD')
      assert.ok(closed?.kind === 'closed')
      assert.deepEqual([closed.reason, closed.code], ['flooding', 1008])
      assert.equal(world.gateway.connections(), 0)
    }),
  )

  test(
    'leaves the others alone',
    live({ limits: { framesPerSecond: 500, floodingSeconds: 1_000 } }, async ({ connect }) => {
      const flooding = await connect('FLOOD')
      const quiet = await connect('QUIET')
      const pump = setInterval(() => {
        while (flooding.socket.bufferedAmount < 200_000) flooding.send('[2,"h","Heartbeat",{}]')
      }, 1)
      try {
        for (let index = 0; index < 20; index++) await quiet.call('Heartbeat', {})
      } finally {
        clearInterval(pump)
      }
      assert.equal(quiet.received.length, 20)
    }),
  )
})

suite('a charger that reads nothing', () => {
  test(
    'is cut off before its answers fill memory',
    live({ limits: { maxOutboundBytes: 64 * 1024 } }, async ({ connect, control }) => {
      control.answers.set('DataTransfer', () =>
        result({ status: 'Accepted', data: 'x'.repeat(200_000) }),
      )
      const charger = await connect('DEAF')
      charger.socket.pause()
      for (let index = 0; index < 200; index++)
        charger.send(JSON.stringify([2, `m${index}`, 'DataTransfer', { vendorId: 'v' }]))
      await until(() => control.closings('DEAF').length === 1, 'cut off')
      const [closed] = control.closings('DEAF')
      assert.ok(closed?.kind === 'closed')
      assert.equal(closed.reason, 'not-reading')
    }),
  )

  test(
    'is sent no CALL, whose frame would leave nobody knows when',
    live({ limits: { maxOutboundBytes: 100_000_000 } }, async ({ connect, control, clock }) => {
      control.answers.set('DataTransfer', () =>
        result({ status: 'Accepted', data: 'x'.repeat(400_000) }),
      )
      const charger = await connect('DEAF')
      charger.socket.pause()
      for (let index = 0; index < 60; index++)
        charger.send(JSON.stringify([2, `m${index}`, 'DataTransfer', { vendorId: 'v' }]))
      await until(() => control.inbound.length === 60, 'all are answered')
      const receipt = await control.call(clock, 'DEAF', 'Reset', { type: 'Hard' })
      assert.ok(!receipt.taken && receipt.reason === 'busy')
      charger.socket.terminate()
    }),
  )
})

suite('a frame that cannot be taken', () => {
  test(
    'of 270 kB passes, one over the limit closes with 1009',
    live({}, async ({ connect, control }) => {
      const charger = await connect('CP1')
      const data = 'x'.repeat(270_000)
      assert.equal((await charger.call('DataTransfer', { vendorId: 'v', data }))[0], 4)
      charger.send('x'.repeat(600_000))
      assert.equal((await charger.gone()).code, 1009)
      await until(() => control.closings('CP1').length === 1, 'reported')
      const [closed] = control.closings('CP1')
      assert.ok(closed?.kind === 'closed' && closed.reason === 'frame-too-large')
    }),
  )

  test(
    'that is no UTF-8 closes with 1007, a binary one with 1003, a broken one with 1002',
    live({}, async ({ connect, control, gateway }) => {
      const utf8 = await connect('UTF8')
      utf8.socket.send(Buffer.from([0x5b, 0xff, 0xfe, 0x5d]), { binary: false })
      assert.equal((await utf8.gone()).code, 1007)
      const binary = await connect('BINARY')
      binary.socket.send(Buffer.from('[2,"1","Heartbeat",{}]'), { binary: true })
      assert.equal((await binary.gone()).code, 1003)
      await sendBytes(gateway.address(), 'BROKEN', Buffer.from([0xf1, 0x80, 0, 0, 0, 0]))
      await until(
        () => ['UTF8', 'BINARY', 'BROKEN'].every((one) => control.closings(one).length === 1),
        'all are reported',
      )
      const reasons = ['UTF8', 'BINARY', 'BROKEN'].map((identity) => {
        const [closed] = control.closings(identity)
        return closed?.kind === 'closed' ? `${closed.reason} ${closed.code}` : ''
      })
      assert.deepEqual(reasons, ['invalid-utf8 1007', 'protocol-error 1003', 'protocol-error 1002'])
      await until(() => control.violations.length === 3, 'violations')
    }),
  )
})

/** Completes a handshake, sends bytes that are no frame, and waits for the gateway to end it. */
async function sendBytes(address: { host: string; port: number }, identity: string, bytes: Buffer) {
  const socket = openSocket(address.port, address.host)
  const gone = once(socket, 'close')
  socket.write(upgradeRequest(`/ocpp/${identity}`))
  await once(socket, 'data')
  socket.resume()
  socket.end(bytes)
  await gone
}

suite('what is kept of a bad frame', () => {
  test(
    'is cut, bears no credential, and is bounded in number per charger',
    timed({ limits: { violationBurst: 5 } }, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      charger.send(
        '[3,"x",{"configurationKey":[{"value":"53C3D3","key":"AuthorizationKey","readonly":false}]}]',
      )
      charger.send(`[3,"y",{"pad":"${'z'.repeat(5_000)}"}]`)
      for (let index = 0; index < 50; index++) charger.send(`{"nonsense":${index}}`)
      await charger.call('Heartbeat', {})
      await advanceUntil(clock, 250, () => control.violations.length > 0, 'violations')
      await clock.advance(2_000)
      assert.equal(control.violations.length, 5)
      const text = JSON.stringify(control.violations)
      assert.ok(!text.includes('53C3D3'))
      assert.ok(control.violations.every((one) => one.frame.length <= 2_000))
      await clock.advance(10_000)
      charger.send('{"nonsense":"again"}')
      await charger.call('Heartbeat', {})
      await advanceUntil(clock, 250, () => control.violations.length === 6, 'one more')
    }),
  )
})
