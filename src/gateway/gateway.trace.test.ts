import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { GatewayWorld } from '../../test/kit/gateway-world.ts'
import { advanceUntil } from '../../test/kit/gateway-world.ts'
import type { ScriptedControl } from '../../test/kit/scripted-control.ts'
import { until } from '../../test/kit/until.ts'
import { timed } from '../../test/kit/with-world.ts'
import type { ManualClock } from '../kernel/clock.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { ConnectionReport } from './protocol.ts'
import { subjects } from './protocol.ts'
import type { TraceFrame, TraceOrder } from './trace-protocol.ts'
import { forEver } from './trace-protocol.ts'

const tick = 250
const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' }

/** `out call Reset m1` and so on. */
function line({ direction, type, action, messageId }: TraceFrame): string {
  return [direction, type, action, messageId].filter((part) => part !== undefined).join(' ')
}

async function frames(
  { clock, control }: GatewayWorld<ManualClock>,
  count: number,
): Promise<TraceFrame[]> {
  await advanceUntil(clock, tick, () => control.frames.length >= count, `${count} frames`)
  return control.frames
}

async function order({ bus }: ScriptedControl, patch: TraceOrder): Promise<void> {
  bus.publish(subjects.traced, patch as unknown as Json)
  await bus.flush()
}

suite('the trace of a charger', () => {
  test(
    'holds every message in and out, its place, its action and how long an answer took',
    timed({}, async (world) => {
      const { connect, control, clock } = world
      control.policy = { ...control.policy, traceUntil: forEver }
      const charger = await connect('CP1')
      await charger.call('Heartbeat', {}, 'h1')
      await charger.call('StatusNotification', status, 's1')
      await control.call(clock, 'CP1', 'ClearCache', {}, { callId: 'c1' })
      const asked = await charger.calledNow()
      await clock.advance(1_500)
      charger.answer(asked.id, { status: 'Accepted' })
      charger.send('hello')
      charger.send('[2,"x1","Dance",{}]')
      await charger.answerTo('x1')
      const kept = await frames(world, 9)
      assert.deepEqual(kept.map(line), [
        'in call Heartbeat h1',
        'out result Heartbeat h1',
        'in call StatusNotification s1',
        'out result StatusNotification s1',
        'out call ClearCache c1',
        'in result ClearCache c1',
        'in unreadable',
        'in call Dance x1',
        'out error Dance x1',
      ])
      assert.deepEqual(
        kept.map(({ sequence, epoch }) => [epoch, sequence]),
        kept.map((_, index) => [1, index + 1]),
      )
      assert.equal(kept[5]?.roundTripMs, 1_500)
      assert.equal(kept[0]?.text, '[2,"h1","Heartbeat",{}]')
    }),
  )

  test(
    'costs nothing where it is off, and is on from the order to its end',
    timed({}, async (world) => {
      const { connect, control, clock } = world
      const [charger, other] = [await connect('CP1'), await connect('CP2')]
      await charger.call('Heartbeat', {}, 'before')
      await order(control, { chargers: [{ identity: 'CP1', until: clock.now() + 60_000 }] })
      await charger.call('Heartbeat', {}, 'during')
      await other.call('Heartbeat', {}, 'elsewhere')
      await order(control, { chargers: [{ identity: 'CP1', until: 0 }] })
      await charger.call('Heartbeat', {}, 'after')
      await order(control, { chargers: [{ identity: 'CP1', until: clock.now() + 60_000 }] })
      await clock.advance(60_000)
      await charger.call('Heartbeat', {}, 'too late')
      await order(control, { chargers: [{ identity: 'CP1', until: clock.now() + 60_000 }] })
      await charger.call('Heartbeat', {}, 'again')
      const kept = await frames(world, 4)
      assert.deepEqual(kept.map(line), [
        'in call Heartbeat during',
        'out result Heartbeat during',
        'in call Heartbeat again',
        'out result Heartbeat again',
      ])
      assert.deepEqual(
        kept.map(({ sequence }) => sequence),
        [1, 2, 3, 4],
      )
      await order(control, { all: true, chargers: [] })
      await other.call('Heartbeat', {}, 'all')
      assert.equal((await frames(world, 6))[4]?.identity, 'CP2')
    }),
  )

  test(
    'waits for control within bounds, and says how much is missing',
    timed({ limits: { maxTraceWaiting: 4 } }, async (world) => {
      const { connect, control, clock } = world
      control.policy = { ...control.policy, traceUntil: forEver }
      const charger = await connect('CP1')
      control.stop()
      for (const id of ['a', 'b', 'c', 'd', 'e']) await charger.call('Heartbeat', {}, id)
      await clock.advance(5_000)
      control.start()
      await frames(world, 4)
      await charger.call('Heartbeat', {}, 'f')
      const kept = await frames(world, 6)
      assert.deepEqual(kept.map(line).slice(0, 5), [
        'in call Heartbeat a',
        'out result Heartbeat a',
        'in call Heartbeat b',
        'out result Heartbeat b',
        'in call Heartbeat f',
      ])
      assert.deepEqual(
        kept.map(({ missed, sequence }) => [missed, sequence]),
        [
          [undefined, 1],
          [undefined, 2],
          [undefined, 3],
          [undefined, 4],
          [6, 11],
          [undefined, 12],
        ],
      )
    }),
  )

  test(
    'tells of a gap also where the connection ends in it',
    timed({ limits: { maxTraceWaiting: 2 } }, async (world) => {
      const { connect, control } = world
      control.policy = { ...control.policy, traceUntil: forEver }
      const charger = await connect('CP1')
      control.stop()
      for (const id of ['a', 'b']) await charger.call('Heartbeat', {}, id)
      charger.socket.terminate()
      await until(() => world.gateway.connections() === 0, 'gone')
      control.start()
      const kept = await frames(world, 3)
      assert.deepEqual([kept[2]?.type, kept[2]?.missed, kept[2]?.text], ['gap', 2, ''])
    }),
  )

  test(
    'holds no secret, in whichever direction it travels',
    timed({}, async (world) => {
      const { connect, control, clock } = world
      control.policy = { ...control.policy, traceUntil: forEver }
      const charger = await connect('CP1')
      const secret = 'S3cr3t-Value-0123456789abcdef01234'
      const exchange = async (action: string, payload: JsonObject, answer: object) => {
        const callId = `c-${action}`
        await control.call(clock, 'CP1', action, payload, { callId })
        await until(() => charger.received.some((one) => one[1] === callId), 'called')
        charger.answer(callId, answer)
        await until(() => control.outcomesOf(callId).length === 2, 'answered')
      }
      const key = 'AuthorizationKey'
      await exchange('ChangeConfiguration', { key, value: secret }, { status: 'Accepted' })
      await exchange(
        'GetConfiguration',
        { key: [key] },
        { configurationKey: [{ key, readonly: false, value: secret }] },
      )
      const location = `ftp://otau.${secret}:ota@host:2121/`
      await exchange('GetDiagnostics', { location }, { fileName: 'x' })
      await charger.call('Authorize', { idTag: '04A1B2C3D4E5F6' })
      await charger.call('DataTransfer', {
        vendorId: 'v',
        data: JSON.stringify({ password: secret }),
      })
      const kept = await frames(world, 10)
      const text = JSON.stringify(kept)
      assert.ok(!text.includes('S3cr3t') && !text.includes('B2C3D4E5F6'), text)
      assert.ok(kept.some((frame) => frame.text.includes('"idTag":"04A1…"')))
    }),
  )
})

type Alive = Extract<ConnectionReport, { kind: 'alive' }>

suite('a connection shows', () => {
  test(
    'how long its charger may be quiet, and the round trips of its pings',
    timed({}, async ({ connect, control, clock }) => {
      control.policy = { ...control.policy, heartbeatIntervalSeconds: 100, pingIntervalSeconds: 10 }
      const charger = await connect('CP1')
      const alive = (): Alive[] => control.reports.filter((report) => report.kind === 'alive')
      await charger.call('Heartbeat', {})
      await advanceUntil(clock, 500, () => alive().length > 0, 'alive')
      assert.equal(alive()[0]?.quietMs, 230_000)
      await advanceUntil(clock, 500, () => measured(alive()).length >= 6, 'round trips')
      assert.equal(alive().findLast(({ quietMs }) => quietMs !== undefined)?.quietMs, 30_000)
      const parts = alive().flatMap(({ roundTripsMs }) => roundTripsMs?.length ?? [])
      assert.deepEqual(parts, [1, 5])
    }),
  )

  test(
    'which CALLs were not answered, and that one was',
    timed({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      const tallies = () =>
        control.reports.flatMap((report) =>
          report.kind === 'alive' && report.calls !== undefined ? [report.calls] : [],
        )
      const sentAt = clock.now()
      for (const [index, action] of ['ClearCache', 'GetLocalListVersion'].entries()) {
        await control.call(clock, 'CP1', action, {}, { answerTimeoutMs: 5_000 })
        await charger.calledNow(index)
        await advanceUntil(clock, 500, () => tallies().length > index, 'told')
      }
      assert.deepEqual(tallies()[1], {
        unanswered: 2,
        answered: false,
        since: sentAt,
        actions: ['ClearCache', 'GetLocalListVersion'],
      })
      // A late answer is one, too.
      charger.answer((await charger.calledNow(0)).id, { status: 'Accepted' })
      await advanceUntil(clock, 500, () => tallies().length > 2, 'told')
      assert.deepEqual(tallies()[2], { unanswered: 0, answered: true })
    }),
  )

  test(
    'that it was displaced while it still lived',
    timed({}, async ({ connect, control, clock }) => {
      const first = await connect('CP1')
      await connect('CP1')
      await advanceUntil(clock, 500, () => first.closed !== undefined, 'displaced')
      await until(() => control.closings('CP1').length === 1, 'reported')
      const [closed] = control.closings('CP1')
      assert.ok(closed?.kind === 'closed' && closed.contested === true)
    }),
  )
})

function measured(alive: readonly Alive[]): readonly number[] {
  return alive.flatMap(({ roundTripsMs }) => roundTripsMs ?? [])
}
