import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { advanceUntil } from '../../test/kit/gateway-world.ts'
import type { JsonObject } from '../kernel/json.ts'
import { bootAnswer } from '../../test/kit/scripted-control.ts'
import { until } from '../../test/kit/until.ts'
import { timed } from '../../test/kit/with-world.ts'

const boot16 = { chargePointVendor: 'V', chargePointModel: 'M' }

suite('a charger that cannot bear a CALL yet', () => {
  test(
    'is left alone for a while after it connected, and control is told when to come back',
    timed({}, async ({ connect, control, clock }) => {
      control.policy = { ...control.policy, quietAfterOpenMs: 1_000 }
      await connect('ELVI')
      const early = await control.call(clock, 'ELVI', 'ClearCache', {})
      assert.ok(!early.taken && early.reason === 'busy')
      assert.equal(early.retryAfterMs, 1_000)
      await clock.advance(1_000)
      assert.ok((await control.call(clock, 'ELVI', 'ClearCache', {})).taken)
    }),
  )

  test(
    'is left alone until its boot is answered',
    timed({}, async ({ connect, control, clock }) => {
      control.policy = { ...control.policy, awaitBootMs: 20_000 }
      const charger = await connect('PULSAR')
      await clock.advance(3_000)
      const early = await control.call(clock, 'PULSAR', 'ClearCache', {})
      assert.ok(!early.taken && early.reason === 'busy')
      assert.ok((early.retryAfterMs ?? 0) > 0 && (early.retryAfterMs ?? 0) <= 5_000)
      await charger.call('BootNotification', boot16)
      assert.ok((await control.call(clock, 'PULSAR', 'ClearCache', {})).taken)
    }),
  )

  test(
    'is not waited for for ever where it does not boot again',
    timed({}, async ({ connect, control, clock }) => {
      control.policy = { ...control.policy, awaitBootMs: 20_000 }
      await connect('PULSAR')
      await clock.advance(20_000)
      assert.ok((await control.call(clock, 'PULSAR', 'ClearCache', {})).taken)
    }),
  )

  test(
    'is left alone for a while after its boot was accepted, but may be provisioned while it is pending',
    timed({}, async ({ connect, control, clock }) => {
      control.policy = { ...control.policy, quietAfterBootMs: 10_000 }
      const boot = { reason: 'PowerUp', chargingStation: { model: 'Livo', vendorName: 'EVBox' } }
      control.answers.set('BootNotification', (call) => bootAnswer(call.receivedAt, 'Pending'))
      const charger = await connect('LIVO', { protocols: ['ocpp2.0.1'] })
      await charger.call('BootNotification', boot)
      const report = { requestId: 1, reportBase: 'FullInventory' }
      assert.ok((await control.call(clock, 'LIVO', 'GetBaseReport', report)).taken)
      const { id } = await charger.calledNow()
      charger.answer(id, { status: 'Accepted' })
      await until(() => control.outcomesOf('call-1').includes('answered'), 'the answer')
      control.answers.set('BootNotification', (call) => bootAnswer(call.receivedAt))
      await charger.call('BootNotification', boot)
      const early = await control.call(clock, 'LIVO', 'GetBaseReport', { ...report, requestId: 2 })
      assert.ok(!early.taken && early.reason === 'busy')
      await clock.advance(10_000)
      assert.ok((await control.call(clock, 'LIVO', 'GetBaseReport', report)).taken)
    }),
  )
})

suite('a charger whose model needs to be asked for its boot', () => {
  test(
    'is asked after every connect, though it is known',
    timed({}, async ({ connect, control, clock }) => {
      control.policy = { ...control.policy, triggerBootAfterMs: 5_000 }
      const charger = await connect('PULSARPRO')
      await advanceUntil(clock, 250, () => charger.received.length > 0, 'a trigger')
      const { action, payload } = await charger.calledNow()
      assert.equal(action, 'TriggerMessage')
      assert.deepEqual(payload, { requestedMessage: 'BootNotification' })
    }),
  )
})

suite('a word in an answer that the schema does not know', () => {
  const meaning = { field: 'status', value: 'Accepted', means: 'Unlocked' }

  test(
    'is taken for what this model means, and recorded',
    timed({}, async ({ connect, control, clock }) => {
      const answerMeanings = [{ action: 'UnlockConnector', ...meaning }]
      control.policy = { ...control.policy, answerMeanings }
      const charger = await connect('GRIZZLE')
      await control.call(clock, 'GRIZZLE', 'UnlockConnector', { connectorId: 1 })
      charger.answer((await charger.calledNow()).id, { status: 'Accepted' })
      await until(() => control.outcomesOf('call-1').includes('answered'), 'the answer')
      const answered = control.outcomes.find((one) => one.kind === 'answered')
      assert.ok(answered?.kind === 'answered' && answered.valid)
      assert.deepEqual(answered.payload, { status: 'Unlocked' })
      await advanceUntil(clock, 500, () => control.violations.length > 0, 'the violation')
      assert.equal(control.violations[0]?.kind, 'answer-invalid')
    }),
  )

  test(
    'stays invalid for everybody else',
    timed({}, async ({ connect, control, clock }) => {
      const answerMeanings = [{ action: 'ClearCache', ...meaning }]
      control.policy = { ...control.policy, answerMeanings }
      const charger = await connect('CP1')
      await control.call(clock, 'CP1', 'UnlockConnector', { connectorId: 1 })
      charger.answer((await charger.calledNow()).id, { status: 'Accepted' })
      await until(() => control.outcomesOf('call-1').includes('answered'), 'the answer')
      const answered = control.outcomes.find((one) => one.kind === 'answered')
      assert.ok(answered?.kind === 'answered' && !answered.valid)
    }),
  )
})

suite('a charger that only says with its boot what it is', () => {
  test(
    'is treated as its model needs from then on',
    timed({}, async ({ connect, control, clock }) => {
      control.answers.set('BootNotification', (call) => ({
        ...(bootAnswer(call.receivedAt) as { kind: 'result'; payload: JsonObject }),
        policy: { ...control.policy, quietAfterBootMs: 4_000 },
      }))
      const charger = await connect('NEW')
      await charger.call('BootNotification', boot16)
      const early = await control.call(clock, 'NEW', 'ClearCache', {})
      assert.ok(!early.taken && early.retryAfterMs === 4_000)
      await clock.advance(4_000)
      assert.ok((await control.call(clock, 'NEW', 'ClearCache', {})).taken)
    }),
  )
})
