import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { advanceUntil } from '../../test/kit/gateway-world.ts'
import { bootAnswer, result } from '../../test/kit/scripted-control.ts'
import { until } from '../../test/kit/until.ts'
import { live, timed } from '../../test/kit/with-world.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { InboundAnswer } from './protocol.ts'

const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' }
const boot16 = { chargePointVendor: 'V', chargePointModel: 'M' }
const boot2x = { reason: 'PowerUp', chargingStation: { vendorName: 'V', model: 'M' } }
const start = {
  connectorId: 1,
  idTag: 'TAG',
  meterStart: 0,
  timestamp: '2026-01-01T00:00:00Z',
}

suite('messages of a charger', () => {
  test(
    'reach control checked and mended, and its answer goes back under the same id',
    live({}, async ({ connect, control }) => {
      control.answers.set('StartTransaction', () =>
        result({ transactionId: 7, idTagInfo: { status: 'Accepted' } }),
      )
      const charger = await connect('CP1')
      const answer = await charger.call('StartTransaction', start, 'abc-1')
      assert.deepEqual(answer, [
        3,
        'abc-1',
        { transactionId: 7, idTagInfo: { status: 'Accepted' } },
      ])
      const [call] = control.inbound
      assert.ok(call !== undefined)
      const { receivedAt, ...rest } = call
      assert.ok(Math.abs(receivedAt - Date.now()) < 10_000)
      assert.deepEqual(rest, {
        identity: 'CP1',
        epoch: 1,
        version: '1.6',
        messageId: 'abc-1',
        action: 'StartTransaction',
        payload: start,
        valid: true,
        provoked: false,
        unanswered: false,
      })
    }),
  )

  test(
    'are handed over one at a time in their order, and answers to us pass them by',
    live({}, async ({ connect, control, clock }) => {
      const releases: (() => void)[] = []
      control.answers.set('StatusNotification', async () => {
        await new Promise<void>((resolve) => releases.push(resolve))
        return result({})
      })
      const charger = await connect('CP1')
      for (let connectorId = 1; connectorId <= 5; connectorId++)
        charger.send(
          JSON.stringify([2, `s${connectorId}`, 'StatusNotification', { ...status, connectorId }]),
        )
      await until(() => releases.length === 1, 'the first is with control')
      // One outstanding CALL per direction: ours crosses theirs.
      assert.deepEqual(await control.call(clock, 'CP1', 'ClearCache', {}), { taken: true })
      const { id } = await charger.calledNow()
      charger.answer(id, { status: 'Accepted' })
      await until(() => control.outcomes.length === 2, 'our CALL is answered')
      assert.equal(control.inbound.length, 1)
      for (let index = 0; index < 5; index++) {
        await until(() => releases.length > index, `message ${index + 1} is with control`)
        releases[index]?.()
      }
      await charger.answerTo('s5')
      assert.deepEqual(
        charger.received.filter((message) => message[0] === 3).map((message) => message[1]),
        ['s1', 's2', 's3', 's4', 's5'],
      )
      assert.deepEqual(
        control.inbound.map((call) => call.messageId),
        ['s1', 's2', 's3', 's4', 's5'],
      )
    }),
  )

  test(
    'wait for a control that is away and are lost by nobody',
    timed({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      control.stop()
      charger.send(JSON.stringify([2, 'm1', 'StartTransaction', start]))
      charger.send(JSON.stringify([2, 'm2', 'StatusNotification', status]))
      await clock.advance(8_000)
      assert.deepEqual(charger.received, [])
      control.answers.set('StartTransaction', () =>
        result({ transactionId: 1, idTagInfo: { status: 'Accepted' } }),
      )
      control.start()
      await advanceUntil(clock, 250, () => charger.received.length === 2, 'both are answered')
      assert.deepEqual(
        control.inbound.map((call) => call.messageId),
        ['m1', 'm2'],
      )
    }),
  )

  test(
    'are repeated to a control that fails, and in the end refused so that the charger keeps them',
    timed({}, async ({ connect, control, clock }) => {
      let attempts = 0
      control.answers.set('StartTransaction', () => {
        attempts += 1
        return Promise.reject(new Error('the database is away'))
      })
      const charger = await connect('CP1')
      charger.send(JSON.stringify([2, 'm1', 'StartTransaction', start]))
      await advanceUntil(clock, 500, () => charger.received.length === 1, 'an answer')
      assert.ok(attempts > 10, String(attempts))
      assert.deepEqual(charger.received[0]?.slice(0, 3), [4, 'm1', 'InternalError'])
      assert.ok(clock.monotonic() >= 30_000)
    }),
  )

  test(
    'that came before the line broke are still handed over',
    live({}, async ({ connect, control }) => {
      const releases: (() => void)[] = []
      control.answers.set('StatusNotification', async () => {
        await new Promise<void>((resolve) => releases.push(resolve))
        return result({})
      })
      const charger = await connect('CP1')
      charger.send(JSON.stringify([2, 's1', 'StatusNotification', status]))
      charger.send(JSON.stringify([2, 's2', 'StatusNotification', status]))
      charger.close()
      await until(() => control.closings('CP1').length === 1, 'closed')
      releases[0]?.()
      await until(() => control.inbound.length === 2, 'the second is handed over')
      releases[1]?.()
    }),
  )

  test(
    'that no schema takes are refused, except where an error answer does harm',
    live({}, async ({ connect, control }) => {
      const charger = await connect('CP1')
      const refused = await charger.call('Authorize', { idTag: { not: 'a tag' } })
      assert.deepEqual([refused[0], refused[2]], [4, 'FormationViolation'])
      assert.equal(control.inbound.length, 0)
      const taken = await charger.call('StatusNotification', { connectorId: 'one' })
      assert.equal(taken[0], 3)
      assert.equal(control.inbound[0]?.valid, false)
      await until(() => control.violations.length >= 2, 'violations')
      assert.ok(control.violations.every((one) => one.identity === 'CP1'))
    }),
  )

  test(
    'with an action nobody knows, or one that is ours to send, are not implemented',
    live({}, async ({ connect, control }) => {
      const charger = await connect('CP1')
      assert.equal((await charger.call('MakeCoffee', {}))[2], 'NotImplemented')
      assert.equal(
        (await charger.call('RemoteStartTransaction', { idTag: 'x' }))[2],
        'NotImplemented',
      )
      assert.equal(control.inbound.length, 0)
      await until(() => control.violations.length === 2, 'violations')
      assert.ok(control.violations.every((one) => one.kind === 'unknown-action'))
    }),
  )

  test(
    'never get an answer that breaks its own schema',
    live({}, async ({ connect, control }) => {
      control.answers.set('StartTransaction', () => result({ transactionId: 'seven' }))
      const charger = await connect('CP1')
      assert.equal((await charger.call('StartTransaction', start))[2], 'InternalError')
    }),
  )

  test(
    'get control errors under the name their version has for them',
    live({}, async ({ connect, control }) => {
      const error: InboundAnswer = { kind: 'error', code: 'format', description: 'no' }
      control.answers.set('DataTransfer', () => error)
      const old = await connect('CP16')
      assert.equal((await old.call('DataTransfer', { vendorId: 'v' }))[2], 'FormationViolation')
      const young = await connect('CP20', { protocols: ['ocpp2.0.1'] })
      assert.equal((await young.call('DataTransfer', { vendorId: 'v' }))[2], 'FormatViolation')
    }),
  )

  test(
    'sent as SEND on 2.1 are handed over and not answered',
    live({}, async ({ connect, control }) => {
      const charger = await connect('CP21', { protocols: ['ocpp2.1'] })
      const payload: JsonObject = {
        id: 1,
        pending: 0,
        basetime: '2026-01-01T00:00:00Z',
        data: [{ t: 1, v: '230' }],
      }
      charger.send(JSON.stringify([6, 'p1', 'NotifyPeriodicEventStream', payload]))
      await charger.call('Heartbeat', {})
      await until(() => control.inbound.length === 1, 'handed over')
      assert.equal(control.inbound[0]?.unanswered, true)
      assert.deepEqual(control.inbound[0]?.payload, payload)
      assert.equal(charger.received.length, 1)
    }),
  )
})

suite('heartbeats', () => {
  test(
    'are answered by the gateway with its time, control or not',
    timed({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      control.stop()
      await clock.advance(1_234)
      const answer = await charger.call('Heartbeat', {})
      assert.deepEqual(answer[2], { currentTime: '2026-01-01T00:00:01.234Z' })
      control.start()
      await advanceUntil(
        clock,
        500,
        () => control.reports.some((report) => report.kind === 'alive'),
        'a sign of life',
      )
      const alive = control.reports.find((report) => report.kind === 'alive')
      assert.equal(alive?.lastHeartbeatAt, Date.parse('2026-01-01T00:00:01.234Z'))
      assert.equal(control.inbound.length, 0)
    }),
  )

  test(
    'of ten chargers make one report of life, not ten messages',
    timed({}, async ({ connect, control, clock, bus }) => {
      const batches: number[] = []
      const chargers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => connect(`CP${index}`)),
      )
      await until(() => control.reports.length === 10, 'all opened')
      await clock.advance(3_000)
      control.reports.length = 0
      control.stop()
      bus.serve('control.connections', { group: 'control' }, (message) => {
        batches.push((message as unknown[]).length)
        return Promise.resolve({})
      })
      for (const charger of chargers)
        for (let beat = 0; beat < 5; beat++) await charger.call('Heartbeat', {})
      await advanceUntil(clock, 500, () => batches.length > 0, 'a report')
      assert.deepEqual(batches, [10])
    }),
  )
})

suite('a message the charger repeats', () => {
  test(
    'is answered again and applied once',
    live({}, async ({ connect, control }) => {
      let next = 1
      control.answers.set('StartTransaction', () =>
        result({ transactionId: next++, idTagInfo: { status: 'Accepted' } }),
      )
      const charger = await connect('CP1')
      const first = await charger.call('StartTransaction', start, 'm1')
      const second = await charger.call('StartTransaction', start, 'm1')
      assert.deepEqual(second, first)
      assert.equal(control.inbound.length, 1)
    }),
  )

  test(
    'while the first is still with control waits for that answer',
    live({}, async ({ connect, control }) => {
      let release: () => void = () => {}
      control.answers.set('StatusNotification', async () => {
        await new Promise<void>((resolve) => (release = resolve))
        return result({})
      })
      const charger = await connect('CP1')
      for (let twice = 0; twice < 2; twice++)
        charger.send(JSON.stringify([2, 'same', 'StatusNotification', status]))
      await until(() => control.inbound.length === 1, 'with control')
      release()
      await until(() => charger.received.length === 2, 'answered twice')
      assert.equal(control.inbound.length, 1)
    }),
  )

  test(
    'under an id the model uses for everything is news when its content is',
    live({}, async ({ connect, control }) => {
      const charger = await connect('PHIHONG')
      for (const state of ['Available', 'Preparing', 'Available'])
        await charger.call('StatusNotification', { ...status, status: state }, 'always-the-same')
      assert.equal(control.inbound.length, 3)
    }),
  )

  test(
    'on another connection, or long after, is a new message',
    timed({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      await charger.call('StatusNotification', status, '1')
      await clock.advance(61_000)
      await charger.call('StatusNotification', status, '1')
      assert.equal(control.inbound.length, 2)
      charger.close()
      const again = await connect('CP1')
      await again.call('StatusNotification', status, '1')
      assert.equal(control.inbound.length, 3)
    }),
  )

  test(
    'is decided anew where the answer may have changed, and after an error',
    live({}, async ({ connect, control }) => {
      const charger = await connect('CP1')
      control.answers.set('Authorize', () => result({ idTagInfo: { status: 'Accepted' } }))
      await charger.call('Authorize', { idTag: 'TAG' }, 'a')
      await charger.call('Authorize', { idTag: 'TAG' }, 'a')
      assert.equal(control.inbound.length, 2)
      control.answers.set('DataTransfer', () => ({
        kind: 'error',
        code: 'internal',
        description: '',
      }))
      await charger.call('DataTransfer', { vendorId: 'v' }, 'd')
      await charger.call('DataTransfer', { vendorId: 'v' }, 'd')
      assert.equal(control.inbound.length, 4)
    }),
  )
})

suite('registration', () => {
  test(
    'a 2.x charger that is pending or rejected gets SecurityError for all but its boot',
    live({}, async ({ connect, control }) => {
      const charger = await connect('CP20', { protocols: ['ocpp2.0.1'] })
      for (const state of ['Pending', 'Rejected'] as const) {
        control.answers.set('BootNotification', (call) => bootAnswer(call.receivedAt, state, 10))
        await charger.call('BootNotification', boot2x)
        control.inbound.length = 0
        assert.equal((await charger.call('Heartbeat', {}))[2], 'SecurityError')
        const notification = {
          timestamp: '2026-01-01T00:00:00Z',
          connectorStatus: 'Available',
          evseId: 1,
          connectorId: 1,
        }
        assert.equal((await charger.call('StatusNotification', notification))[2], 'SecurityError')
        assert.equal(control.inbound.length, 0)
      }
      control.answers.set('BootNotification', (call) => bootAnswer(call.receivedAt))
      await charger.call('BootNotification', boot2x)
      assert.equal((await charger.call('Heartbeat', {}))[0], 3)
    }),
  )

  test(
    'what a pending 2.x charger sends because we asked is taken',
    live({}, async ({ connect, control, clock }) => {
      control.decide = (request) => control.admit(request, { bootState: 'pending' })
      const charger = await connect('CP20', { protocols: ['ocpp2.0.1'] })
      const report = {
        requestId: 1,
        seqNo: 0,
        generatedAt: '2026-01-01T00:00:00Z',
      }
      assert.equal((await charger.call('NotifyReport', report))[2], 'SecurityError')
      await control.call(clock, 'CP20', 'GetBaseReport', {
        requestId: 1,
        reportBase: 'FullInventory',
      })
      const { id } = await charger.calledNow()
      charger.answer(id, { status: 'Accepted' })
      assert.equal((await charger.call('NotifyReport', { ...report, seqNo: 1 }))[0], 3)
      assert.equal(control.inbound[0]?.provoked, true)
    }),
  )

  test(
    'a pending 1.6 charger is heard, with a violation',
    live({}, async ({ connect, control }) => {
      control.answers.set('BootNotification', (call) => bootAnswer(call.receivedAt, 'Pending', 10))
      const charger = await connect('CP1')
      await charger.call('BootNotification', boot16)
      assert.equal((await charger.call('StatusNotification', status))[0], 3)
      assert.equal((await charger.call('Heartbeat', {}))[0], 3)
      await until(() => control.violations.length === 2, 'violations')
      assert.ok(control.violations.every((one) => one.kind === 'not-allowed-now'))
    }),
  )

  test(
    'a charger that reconnects without a boot is as it was',
    live({}, async ({ connect, control }) => {
      control.decide = (request) => control.admit(request, { bootState: 'unknown' })
      const charger = await connect('CP1')
      assert.equal((await charger.call('StatusNotification', status))[0], 3)
      assert.deepEqual(control.violations, [])
    }),
  )

  test(
    'a boot is asked for once where none comes, and the one that comes is marked as asked for',
    timed({}, async ({ connect, control, clock }) => {
      control.policy = { ...control.policy, triggerBootAfterMs: 5_000 }
      control.decide = (request) => control.admit(request, { bootState: 'unknown' })
      const charger = await connect('PULSAR')
      await clock.advance(4_000)
      assert.deepEqual(charger.received, [])
      await advanceUntil(clock, 250, () => charger.received.length > 0, 'a trigger')
      const { id, action, payload } = await charger.calledNow()
      assert.equal(action, 'TriggerMessage')
      assert.deepEqual(payload, { requestedMessage: 'BootNotification' })
      charger.answer(id, { status: 'Accepted' })
      await charger.call('BootNotification', boot16)
      assert.equal(control.inbound[0]?.provoked, true)
      await charger.call('BootNotification', boot16)
      assert.equal(control.inbound[1]?.provoked, false)
      await clock.advance(60_000)
      assert.deepEqual(control.outcomes, [])
      assert.equal(charger.received.filter((message) => message[0] === 2).length, 1)
    }),
  )

  test(
    'a charger that ignores that question can soon be commanded',
    timed({}, async ({ connect, control, clock }) => {
      control.policy = { ...control.policy, triggerBootAfterMs: 5_000 }
      control.decide = (request) => control.admit(request, { bootState: 'unknown' })
      const charger = await connect('EVBOX')
      await advanceUntil(clock, 250, () => charger.received.length > 0, 'a trigger')
      const { id } = await charger.calledNow()
      const busy = await control.call(clock, 'EVBOX', 'ClearCache', {})
      assert.ok(!busy.taken && busy.reason === 'busy')
      await clock.advance(16_000)
      assert.ok((await control.call(clock, 'EVBOX', 'ClearCache', {})).taken)
      charger.answer(id, { status: 'NotImplemented' })
      await charger.call('Heartbeat', {})
      await clock.advance(1_000)
      assert.deepEqual(control.violations, [])
      assert.deepEqual(
        control.outcomes.map((one) => one.kind),
        ['sent'],
      )
    }),
  )

  test(
    'a charger that boots by itself, or is known to be registered, is not asked',
    timed({}, async ({ connect, control, clock }) => {
      const registered = await connect('CP1')
      control.policy = { ...control.policy, triggerBootAfterMs: 5_000 }
      control.decide = (request) => control.admit(request, { bootState: 'unknown' })
      const booting = await connect('CP2')
      await booting.call('BootNotification', boot16)
      assert.equal(control.inbound[0]?.provoked, false)
      await clock.advance(20_000)
      assert.equal(registered.received.length, 0)
      assert.equal(booting.received.length, 1)
    }),
  )
})
