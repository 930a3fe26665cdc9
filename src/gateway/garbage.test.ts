import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { GatewayWorld } from '../../test/kit/gateway-world.ts'
import { rawExchange, upgradeRequest } from '../../test/kit/raw-http.ts'
import type { RealFrame } from '../../test/kit/real-frames.ts'
import { realFrames, realHandshakes } from '../../test/kit/real-frames.ts'
import { result } from '../../test/kit/scripted-control.ts'
import { until } from '../../test/kit/until.ts'
import type { WireCharger } from '../../test/kit/wire-charger.ts'
import { live } from '../../test/kit/with-world.ts'
import type { Clock } from '../kernel/clock.ts'
import type { JsonObject } from '../kernel/json.ts'
import { subprotocolOf } from '../ocpp/versions.ts'

type World = GatewayWorld<Clock>

const generous = {
  limits: { violationBurst: 10_000, connectsPerHour: 1_000_000, framesPerSecond: 1_000_000 },
}

/** Recorded frames that break no rule of their version, or only one that no schema can see. */
const clean = new Set(
  `F001 F006 F008 F009 F010 F022 F026 F027 F028 F032 F035 F036 F038 F040 F041 F048 F050 F051 F053
   F054 F055 F056 F057 F059 F060 F061 F063 F064 F065 F066 F067 F072 F074 F075 F076 F077 F078 F079
   F082 F089 F091 F120`.split(/\s+/),
)

/** Recorded answers, with the CALL each is fed as the answer to. The others answer nothing. */
const answeredCalls: Readonly<Record<string, readonly [action: string, payload: JsonObject]>> = {
  F014: ['GetConfiguration', { key: ['Unknown'] }],
  F015: ['GetConfiguration', { key: ['MeterValuesSampledData'] }],
  F018: ['GetConfiguration', { key: ['ConnectorPhaseRotation'] }],
  F022: ['GetConfiguration', {}],
  F041: ['ClearCache', {}],
  F048: ['GetConfiguration', { key: ['MeterValuesSampledData'] }],
  F054: ['TriggerMessage', { requestedMessage: 'MeterValues' }],
  F089: [
    'SetVariables',
    {
      setVariableData: [
        {
          attributeValue: '60',
          component: { name: 'SampledDataCtrlr' },
          variable: { name: 'TxUpdatedInterval' },
        },
      ],
    },
  ],
}

/** Violations that only show when the payload of an answer is held against its schema. */
const uncleanAnswers = new Set(['F022', 'F048'])

function answerAll(world: World): void {
  const { control } = world
  const accepted = { idTagInfo: { status: 'Accepted' } }
  control.answers.set('Authorize', () => result(accepted))
  control.answers.set('StartTransaction', () => result({ transactionId: 1, ...accepted }))
  control.answers.set('DataTransfer', () => result({ status: 'Accepted' }))
}

function idOf(text: string): string {
  return /^\s*\[\s*[34]\s*,\s*"([^"]*)"/.exec(text)?.[1] ?? ''
}

/** Feeds one recorded frame on a live connection and checks that the next good message is handled. */
async function feed(world: World, frame: RealFrame): Promise<void> {
  const { control, connect: connectTo, clock } = world
  const charger = await connectTo(frame.id, { protocols: [subprotocolOf(frame.version)] })
  const call = answeredCalls[frame.id]
  const callId = idOf(frame.text)
  if (call !== undefined) {
    const receipt = await control.call(clock, frame.id, call[0], call[1], { callId })
    assert.deepEqual(receipt, { taken: true }, frame.id)
  }
  charger.socket.send(frame.bytes, { binary: false })
  if (frame.id === 'F121') {
    assert.equal((await charger.gone()).code, 1007)
    return
  }
  const good = await charger.call('Heartbeat', {}, 'the-next-good-message')
  assert.equal(good[0], 3, frame.id)
  const first = charger.received.find((message) => message[0] !== 2)
  if (frame.text.startsWith('[2,') || frame.text.startsWith('["2"'))
    assert.equal(first?.[0], 3, `${frame.id} is answered with a result: ${JSON.stringify(first)}`)
  else assert.equal(first?.[1], 'the-next-good-message', `${frame.id} is not answered`)
  if (call !== undefined)
    await until(() => control.outcomesOf(callId).includes('answered'), `${frame.id} is an answer`)
  assert.equal(charger.closed, undefined)
  charger.close()
}

suite('what real chargers sent', () => {
  test(
    'leaves the gateway up, is recorded where it breaks a rule, and the next good message is handled',
    live(generous, async (world) => {
      answerAll(world)
      const frames = realFrames()
      assert.ok(frames.length > 70)
      for (const frame of frames) await feed(world, frame)
      const unclean = frames
        .filter(({ id }) => !clean.has(id) || uncleanAnswers.has(id))
        .map(({ id }) => id)
      const recorded = () => new Set(world.control.violations.map((one) => one.identity))
      await until(() => recorded().size >= unclean.length, 'violations are reported')
      assert.deepEqual([...recorded()].sort(), unclean.sort())
      await until(() => world.gateway.connections() === 0, 'all have gone')
    }),
  )

  test(
    'reaches control where it can be understood',
    live(generous, async (world) => {
      answerAll(world)
      for (const frame of realFrames()) await feed(world, frame)
      const of = (identity: string) =>
        world.control.inbound.find((call) => call.identity === identity)
      assert.equal(of('F013')?.valid, true)
      const transaction = of('F023')?.payload as { transactionId: unknown }
      assert.equal(transaction.transactionId, 9223372036854775807n)
      assert.equal(of('F104')?.action, 'BootNotification')
      assert.equal(of('F106'), undefined)
      assert.deepEqual(of('F118')?.payload, { idTag: 'x' })
      assert.equal(({} as { admin?: unknown }).admin, undefined)
      assert.equal(of('F120')?.valid, true)
    }),
  )

  test(
    'as a handshake is answered as the rules say',
    live({}, async (world) => {
      const answers = new Map<string, Awaited<ReturnType<typeof rawExchange>>>()
      for (const { id, request } of realHandshakes())
        answers.set(id, await rawExchange(world.gateway.address(), request, { idleMs: 500 }))
      assert.deepEqual([...answers.keys()], ['F102', 'F103'])
      assert.equal(answers.get('F102')?.status, 101)
      assert.equal(answers.get('F102')?.headers.get('sec-websocket-protocol'), 'ocpp1.6')
      assert.equal(world.control.admissions[0]?.identity, 'RDAM 123')
      assert.equal(answers.get('F103')?.status, 101)
      assert.equal(answers.get('F103')?.headers.get('sec-websocket-protocol'), undefined)
      assert.equal(answers.get('F103')?.closeCode, 1002)
    }),
  )
})

/** Changes a text as a bad line or a bad programmer would. */
function mangled(texts: readonly string[]): fc.Arbitrary<string> {
  const change = fc.tuple(
    fc.constantFrom('cut', 'drop', 'repeat', 'insert', 'replace'),
    fc.nat(),
    fc.nat({ max: 12 }),
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom('{', '[', ']', '}', '"', ',', '\\u0000', '\\ud800', '9'.repeat(400), 'null'),
    ),
  )
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([text, changes]) => {
      let out = text
      for (const [kind, place, length, bit] of changes) {
        const at = out.length === 0 ? 0 : place % out.length
        const part = out.slice(at, at + length)
        if (kind === 'cut') out = out.slice(0, at)
        else if (kind === 'drop') out = out.slice(0, at) + out.slice(at + length)
        else if (kind === 'repeat') out = out.slice(0, at) + part + out.slice(at)
        else if (kind === 'insert') out = out.slice(0, at) + bit + out.slice(at)
        else out = out.slice(0, at) + bit + out.slice(at + length)
      }
      return out
    })
}

suite('what nobody would send', () => {
  test(
    'in thousands of frames harms neither the connection nor the next good message',
    live(generous, async (world) => {
      answerAll(world)
      const texts = realFrames()
        .filter((frame) => frame.bytes.length < 5_000)
        .map((frame) => frame.text)
      const anyFrame = fc.oneof(
        { weight: 6, arbitrary: mangled(texts) },
        { weight: 1, arbitrary: fc.json({ maxDepth: 6 }) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
        { weight: 1, arbitrary: fc.nat({ max: 20_000 }).map((depth) => '['.repeat(depth)) },
      )
      const frames = fc.sample(anyFrame, { seed: 42, numRuns: 3_000 })
      for (const protocol of ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1']) {
        const charger = await world.connect(`FUZZ-${protocol}`, { protocols: [protocol] })
        for (const [index, frame] of frames.entries()) {
          // Well formed as UTF-8; what is not closes the connection by rule.
          charger.send(frame.toWellFormed())
          if (index % 50 === 49)
            assert.equal((await charger.call('Heartbeat', {}, `good-${index}`))[0], 3)
        }
        assert.equal(charger.closed, undefined)
        charger.close()
      }
      assert.equal(world.gateway.backlog().outcomes, 0)
    }),
  )

  test(
    'as bytes on the socket ends that connection and no other',
    live(generous, async (world) => {
      const steady = await world.connect('STEADY')
      const blobs = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 400 }), {
        seed: 7,
        numRuns: 300,
      })
      for (const [index, bytes] of blobs.entries())
        await throwBytes(world, `BLOB-${index % 10}`, bytes)
      assert.equal((await steady.call('Heartbeat', {}))[0], 3)
      await until(() => world.gateway.connections() === 1, 'only the steady one is left')
    }),
  )

  test(
    'as a handshake is refused, and the next good one is accepted',
    live(generous, async (world) => {
      const good = [
        upgradeRequest('/ocpp/CP1'),
        upgradeRequest('/ocpp/RDAM%20123', {
          Authorization: `Basic ${Buffer.from('RDAM 123:secret').toString('base64')}`,
          'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
          'Sec-WebSocket-Protocol': 'ocpp2.0.1, ocpp1.6',
        }),
      ]
      const requests = fc.sample(
        fc.oneof(
          { weight: 8, arbitrary: mangled(good) },
          { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
        ),
        { seed: 11, numRuns: 2_000 },
      )
      for (const request of requests) await throwHandshake(world, request)
      const charger = await world.connect('AFTERWARDS')
      assert.equal((await charger.call('Heartbeat', {}))[0], 3)
      await until(() => world.gateway.connections() === 1, 'only the good one is left')
      assert.equal(world.gateway.backlog().admissions, 0)
    }),
  )
})

/** Opens a good connection, sends bytes that are no frames, and goes away. */
async function throwBytes(world: World, identity: string, bytes: Uint8Array): Promise<void> {
  const { host, port } = world.gateway.address()
  const socket = connect(port, host)
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  socket.write(upgradeRequest(`/ocpp/${identity}`))
  await new Promise<void>((resolve) => socket.once('data', () => resolve()))
  socket.resume()
  socket.end(bytes)
  await gone
}

/** Sends a request and no more. Whatever the answer, the gateway lets go of the socket. */
async function throwHandshake(world: World, request: string): Promise<void> {
  const { host, port } = world.gateway.address()
  const socket = connect(port, host)
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  socket.resume()
  socket.end(request, 'latin1')
  await gone
}

suite('memory', () => {
  async function pump(charger: WireCharger, frame: string, isOver: () => boolean): Promise<void> {
    await until(
      () => {
        while (charger.socket.bufferedAmount < 1_000_000 && charger.closed === undefined)
          charger.send(frame)
        return isOver() || charger.closed !== undefined
      },
      'the flood is over',
      15_000,
    )
  }

  test(
    'stays bounded while a charger floods',
    live({ limits: { framesPerSecond: 2_000, floodingSeconds: 2 } }, async (world) => {
      const charger = await world.connect('FLOOD')
      const before = process.memoryUsage().rss
      await pump(charger, '[2,"f","Heartbeat",{"junk":"'.padEnd(2_000, 'x') + '"}]', () => false)
      await until(() => world.control.closings('FLOOD').length === 1, 'closed')
      const [closed] = world.control.closings('FLOOD')
      assert.ok(closed?.kind === 'closed' && closed.reason === 'flooding')
      assert.ok(process.memoryUsage().rss - before < 200_000_000)
    }),
  )

  test(
    'stays bounded while a charger asks without ever reading',
    live({ limits: { framesPerSecond: 1_000_000 } }, async (world) => {
      const charger = await world.connect('DEAF')
      charger.socket.pause()
      const before = process.memoryUsage().rss
      await pump(
        charger,
        '[2,"f","Heartbeat",{}]',
        () => world.control.closings('DEAF').length === 1,
      )
      await until(() => world.control.closings('DEAF').length === 1, 'cut off')
      const [closed] = world.control.closings('DEAF')
      assert.ok(closed?.kind === 'closed' && closed.reason === 'not-reading')
      assert.ok(process.memoryUsage().rss - before < 200_000_000)
    }),
  )
})
