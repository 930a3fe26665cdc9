import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { suite, test } from 'node:test'
import { advanceUntil } from '../../test/kit/gateway-world.ts'
import { rawExchange, upgradeRequest } from '../../test/kit/raw-http.ts'
import { until } from '../../test/kit/until.ts'
import { HandshakeRefused } from '../../test/kit/wire-charger.ts'
import { live, timed } from '../../test/kit/with-world.ts'
import type { Admission } from './protocol.ts'

function statusOf(promise: Promise<unknown>): Promise<HandshakeRefused> {
  return promise.then(
    () => assert.fail('the handshake was accepted'),
    (error: unknown) => {
      assert.ok(error instanceof HandshakeRefused, String(error))
      return error
    },
  )
}

const refuse = (status: 401 | 404 | 429 | 503, retryAfterSeconds?: number): Admission => ({
  admitted: false,
  status,
  reason: `because of ${status}`,
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
})

suite('refusals come as HTTP, before any socket is accepted', () => {
  test(
    'a malformed identity is refused with 400 without asking control',
    live({}, async ({ gateway, control }) => {
      for (const target of ['/ocpp/%ff', '/ocpp/%', '/ocpp/a%2Fb', `/ocpp/${'x'.repeat(300)}`])
        assert.equal((await rawExchange(gateway.address(), upgradeRequest(target))).status, 400)
      const long21 = upgradeRequest(`/ocpp/${'x'.repeat(49)}`, {
        'Sec-WebSocket-Protocol': 'ocpp2.1',
      })
      assert.equal((await rawExchange(gateway.address(), long21)).status, 400)
      assert.deepEqual(control.admissions, [])
    }),
  )

  test(
    'what control refuses is answered with its status and reason',
    live({}, async ({ gateway, control, connect }) => {
      control.decide = () => refuse(404)
      assert.equal((await statusOf(connect('unknown'))).status, 404)
      control.decide = () => refuse(429, 77)
      const limited = await statusOf(connect('busy'))
      assert.equal(limited.status, 429)
      assert.equal(limited.headers['retry-after'], '77')
      control.decide = () => refuse(401)
      const answer = await rawExchange(gateway.address(), upgradeRequest('/ocpp/CP1'))
      assert.equal(answer.status, 401)
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic realm=/)
      assert.match(answer.body, /because of 401/)
      assert.equal(answer.headers.get('sec-websocket-accept'), undefined)
    }),
  )

  test(
    'control sees who asks, with the password as bytes',
    live({}, async ({ gateway, control }) => {
      const password = Buffer.from([0xff, 0xfe, 0x3a, 0x00])
      const credential = Buffer.concat([Buffer.from('RDAM 123:'), password]).toString('base64')
      const request = upgradeRequest('/steve/ocpp/RDAM%20123/', {
        Authorization: `Basic ${credential}`,
        'Sec-WebSocket-Protocol': 'ocpp9, ocpp2.0.1, ocpp1.6',
        'User-Agent': 'charger/1.0',
      })
      const answer = await rawExchange(gateway.address(), request)
      assert.equal(answer.status, 101)
      assert.equal(answer.headers.get('sec-websocket-protocol'), 'ocpp2.0.1')
      assert.deepEqual(control.admissions, [
        {
          gateway: 'gateway-1',
          identity: 'RDAM 123',
          remoteAddress: '127.0.0.1',
          offeredProtocols: ['ocpp9', 'ocpp2.0.1', 'ocpp1.6'],
          version: '2.0.1',
          basic: { username: 'RDAM 123', passwordBase64: password.toString('base64') },
          path: '/steve/ocpp/',
          userAgent: 'charger/1.0',
        },
      ])
    }),
  )

  test(
    'without control a handshake is refused with 503 once it had its time',
    timed({}, async (world) => {
      world.control.stop()
      let refused: HandshakeRefused | undefined
      void statusOf(world.connect('CP1')).then((error) => (refused = error))
      await advanceUntil(world.clock, 250, () => refused !== undefined, 'refused')
      assert.equal(refused?.status, 503)
      assert.equal(refused.headers['retry-after'], '17')
    }),
  )

  test(
    'a control that comes back within that time decides',
    timed({}, async (world) => {
      world.control.stop()
      let connected = false
      void world.connect('CP1').then(() => (connected = true))
      await world.clock.advance(1_000)
      world.control.start()
      await advanceUntil(world.clock, 250, () => connected, 'connected')
    }),
  )

  test(
    'a handshake control fails to decide is refused with 503',
    live({}, async ({ control, connect }) => {
      control.decide = () => Promise.reject(new Error('no database'))
      assert.equal((await statusOf(connect('CP1'))).status, 503)
    }),
  )

  test(
    'only WebSocket upgrades are served',
    live({}, async ({ gateway }) => {
      const get = (target: string) =>
        rawExchange(gateway.address(), `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`)
      assert.equal((await get('/')).status, 404)
      assert.equal((await get('/metrics')).status, 404)
      const charger = await get('/ocpp/CP1')
      assert.equal(charger.status, 426)
      assert.equal(charger.headers.get('upgrade'), 'websocket')
      const post = 'POST /ocpp/CP1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'
      assert.equal((await rawExchange(gateway.address(), post)).status, 426)
      assert.equal((await rawExchange(gateway.address(), 'nonsense\r\n\r\n')).status, 400)
      const atRoot = await rawExchange(gateway.address(), upgradeRequest('/'))
      assert.equal(atRoot.status, 404)
    }),
  )
})

suite('the subprotocol', () => {
  test(
    'is the first in the charger order, whatever it spoke before',
    live({}, async ({ connect, control }) => {
      const probe = await connect('FX1', { protocols: ['ocpp1.6'] })
      assert.equal(probe.socket.protocol, 'ocpp1.6')
      probe.close()
      await probe.gone()
      const real = await connect('FX1', { protocols: ['ocpp2.0.1', 'ocpp1.6'] })
      assert.equal(real.socket.protocol, 'ocpp2.0.1')
      await until(() => control.reports.length >= 3, 'opened, closed, opened')
      const opened = control.reports.filter((report) => report.kind === 'opened')
      assert.deepEqual(
        opened.map((report) => report.version),
        ['1.6', '2.0.1'],
      )
    }),
  )

  test(
    'a leading comma does not cost a KEBA P30 its connection',
    live({}, async ({ gateway }) => {
      const request = upgradeRequest('/ocpp/KEBA', { 'Sec-WebSocket-Protocol': ',ocpp2.0.1' })
      const answer = await rawExchange(gateway.address(), request)
      assert.equal(answer.status, 101)
      assert.equal(answer.headers.get('sec-websocket-protocol'), 'ocpp2.0.1')
    }),
  )

  test(
    'with none in common the handshake is completed without the header, then closed',
    live({}, async ({ gateway, control }) => {
      const request = upgradeRequest('/ocpp/Teison', { 'Sec-WebSocket-Protocol': 'socpp1.6' })
      const answer = await rawExchange(gateway.address(), request, { idleMs: 2_000 })
      assert.equal(answer.status, 101)
      assert.equal(answer.headers.get('sec-websocket-protocol'), undefined)
      assert.equal(answer.closeCode, 1002)
      await until(() => control.violations.length === 1, 'a violation')
      assert.equal(control.violations[0]?.kind, 'handshake')
      assert.equal(gateway.connections(), 0)
    }),
  )

  test(
    'a missing header is accepted where the record says which version is meant, and only there',
    live({}, async ({ gateway, control }) => {
      const request = upgradeRequest('/ocpp/GRIZZL', { 'Sec-WebSocket-Protocol': undefined })
      const unknown = await rawExchange(gateway.address(), request, { idleMs: 2_000 })
      assert.equal(unknown.status, 101)
      assert.equal(unknown.closeCode, 1002)
      control.decide = (asked) => control.admit(asked, { version: '1.6' })
      const known = await rawExchange(gateway.address(), request)
      assert.equal(known.status, 101)
      assert.equal(known.headers.get('sec-websocket-protocol'), undefined)
      await until(() => control.reports.some((report) => report.kind === 'opened'), 'opened')
      await until(() => control.violations.length > 0, 'a violation')
      assert.equal(control.violations.length, 1)
    }),
  )

  test(
    'permessage-deflate is spoken without shared contexts',
    live({}, async ({ connect, control }) => {
      const charger = await connect('CP1', { perMessageDeflate: true })
      assert.match(charger.socket.extensions, /permessage-deflate/)
      control.answers.set('DataTransfer', () => ({
        kind: 'result',
        payload: { status: 'Accepted', data: 'x'.repeat(5_000) },
      }))
      const data = 'y'.repeat(5_000)
      const answer = await charger.call('DataTransfer', { vendorId: 'v', data })
      assert.deepEqual(answer[2], { status: 'Accepted', data: 'x'.repeat(5_000) })
      assert.deepEqual(control.inbound[0]?.payload, { vendorId: 'v', data })
    }),
  )

  test(
    'an extension header nobody can read costs the extension, not the connection',
    live({}, async ({ gateway }) => {
      const request = upgradeRequest('/ocpp/CP1', {
        'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits',
      })
      const answer = await rawExchange(gateway.address(), request)
      assert.equal(answer.status, 101)
      assert.equal(answer.headers.get('sec-websocket-extensions'), undefined)
    }),
  )
})

suite('too many handshakes', () => {
  test(
    'a charger that connects more than sixty times an hour is throttled visibly',
    timed({}, async (world) => {
      for (let attempt = 0; attempt < 60; attempt++)
        (await world.connect('FLAP')).socket.terminate()
      const refused = await statusOf(world.connect('FLAP'))
      assert.equal(refused.status, 429)
      assert.equal(refused.headers['retry-after'], '60')
      await world.connect('OTHER')
      await world.clock.advance(1_000)
      await until(() => world.control.violations.length > 0, 'a violation')
      const [violation] = world.control.violations
      assert.equal(violation?.kind, 'handshake')
      assert.equal(violation.identity, 'FLAP')
      await world.clock.advance(60_000)
      await world.connect('FLAP')
      assert.equal((await statusOf(world.connect('FLAP'))).status, 429)
    }),
  )

  test(
    'wrong credentials are not tried without end, and harm nobody else at that address',
    live({}, async ({ control, connect }) => {
      control.decide = (request) =>
        request.identity === 'GOOD' ? control.admit(request) : refuse(401)
      for (let attempt = 0; attempt < 30; attempt++)
        assert.equal((await statusOf(connect('GUESSED', { password: `${attempt}` }))).status, 401)
      assert.equal((await statusOf(connect('GUESSED'))).status, 429)
      assert.equal(control.admissions.length, 30)
      await connect('GOOD')
    }),
  )

  test(
    'a storm is decided a few at a time, and what exceeds the queue is told when to come back',
    live({ limits: { maxAdmissions: 4, maxAdmissionsWaiting: 10 } }, async (world) => {
      let running = 0
      let most = 0
      const waiting: (() => void)[] = []
      world.control.decide = async (request) => {
        most = Math.max(most, ++running)
        await new Promise<void>((resolve) => waiting.push(resolve))
        running -= 1
        return world.control.admit(request)
      }
      let refused = 0
      const outcomes = Array.from({ length: 30 }, (_, index) =>
        world.connect(`CP${index}`).then(
          () => 101,
          (error: unknown) => {
            refused += 1
            return (error as HandshakeRefused).status
          },
        ),
      )
      await until(() => refused === 16, 'all have come, and sixteen were too many')
      assert.equal(world.gateway.backlog().admissions, 10)
      const done = Promise.all(outcomes)
      let finished = false
      void done.then(() => (finished = true))
      await until(() => {
        waiting.splice(0).forEach((release) => release())
        return finished
      }, 'all have an answer')
      const statuses = await done
      assert.equal(most, 4)
      assert.equal(statuses.filter((status) => status === 101).length, 14)
      assert.equal(statuses.filter((status) => status === 503).length, 16)
    }),
  )

  test(
    'a client that went away while it waited is not admitted',
    live({ limits: { maxAdmissions: 1 } }, async ({ control, gateway, connect: charger }) => {
      let release: () => void = () => {}
      control.decide = async (request) => {
        await new Promise<void>((resolve) => (release = resolve))
        return control.admit(request)
      }
      const first = charger('FIRST')
      await until(() => control.admissions.length === 1, 'the first is being decided')
      const { host, port } = gateway.address()
      const impatient = connect(port, host)
      impatient.on('error', () => {})
      await new Promise<void>((resolve) =>
        impatient.write(upgradeRequest('/ocpp/IMPATIENT'), () => resolve()),
      )
      await until(() => gateway.backlog().admissions === 1, 'the second waits')
      impatient.resetAndDestroy()
      // What is asked after the reset is answered after it was seen.
      await rawExchange(gateway.address(), 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      control.decide = (request) => control.admit(request)
      release()
      await first
      await until(() => gateway.backlog().admissions === 0, 'nobody waits')
      await until(() => gateway.connections() === 1, 'one is connected')
      assert.deepEqual(
        control.admissions.map((request) => request.identity),
        ['FIRST'],
      )
    }),
  )

  test(
    'beyond the number of connections a gateway holds, more are refused with 503',
    live({ limits: { maxConnections: 2 } }, async ({ connect }) => {
      await connect('CP1')
      await connect('CP2')
      assert.equal((await statusOf(connect('CP3'))).status, 503)
    }),
  )
})
