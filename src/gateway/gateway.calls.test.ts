import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { advanceUntil } from '../../test/kit/gateway-world.ts'
import { until } from '../../test/kit/until.ts'
import { live, timed } from '../../test/kit/with-world.ts'
import { NoServerError } from '../bus/bus.ts'
import type { CallOutcome } from './protocol.ts'

const reset = { type: 'Soft' }

suite('an order for a CALL', () => {
  test(
    'leaves at once, is reported as sent first, then with its answer',
    live({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      const receipt = await control.call(clock, 'CP1', 'Reset', reset, { callId: 'c1' })
      assert.deepEqual(receipt, { taken: true })
      const called = await charger.calledNow()
      assert.deepEqual(called, { id: 'c1', action: 'Reset', payload: reset })
      charger.answer('c1', { status: 'Accepted' })
      await until(() => control.outcomes.length === 2, 'two outcomes')
      const [sent, answered] = control.outcomes as [CallOutcome, CallOutcome]
      assert.equal(sent.kind, 'sent')
      assert.equal(sent.epoch, 1)
      assert.deepEqual(
        { ...answered, at: 0 },
        {
          kind: 'answered',
          callId: 'c1',
          identity: 'CP1',
          at: 0,
          payload: { status: 'Accepted' },
          violations: [],
          valid: true,
        },
      )
    }),
  )

  test(
    'for a charger that is not here finds no server',
    live({}, async ({ connect, control, clock, gateway }) => {
      await assert.rejects(control.call(clock, 'NOBODY', 'Reset', reset), NoServerError)
      const charger = await connect('CP1')
      charger.close()
      await until(() => gateway.connections() === 0, 'gone')
      await assert.rejects(control.call(clock, 'CP1', 'Reset', reset), NoServerError)
    }),
  )

  test(
    'is refused while another is not answered, and taken afterwards',
    live({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      await control.call(clock, 'CP1', 'ClearCache', {}, { callId: 'c1' })
      const refused = await control.call(clock, 'CP1', 'Reset', reset)
      assert.ok(!refused.taken && refused.reason === 'busy')
      charger.answer('c1', { status: 'Accepted' })
      await until(() => control.outcomes.length === 2, 'the first is answered')
      assert.deepEqual(await control.call(clock, 'CP1', 'Reset', reset), { taken: true })
    }),
  )

  test(
    'that comes too late sends nothing',
    timed({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      const notAfter = clock.now()
      const receipt = await control.call(clock, 'CP1', 'Reset', reset, { notAfter })
      assert.deepEqual(receipt, { taken: false, reason: 'too-late' })
      await charger.call('Heartbeat', {})
      assert.equal(charger.received.length, 1)
    }),
  )

  test(
    'that breaks its own schema sends nothing and says why',
    live({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      for (const [action, payload] of [
        ['Reset', { type: 'Gently' }],
        ['Reset', {}],
        ['MakeCoffee', {}],
        [
          'RequestStartTransaction',
          { remoteStartId: 1, idToken: { idToken: 'x', type: 'Central' } },
        ],
      ] as const) {
        const receipt = await control.call(clock, 'CP1', action, payload)
        assert.ok(!receipt.taken && receipt.reason === 'invalid', action)
        assert.ok((receipt.detail ?? '').length > 0)
      }
      await charger.call('Heartbeat', {})
      assert.equal(charger.received.length, 1)
    }),
  )

  test(
    'repeated by control is not sent twice',
    live({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      for (let twice = 0; twice < 2; twice++)
        assert.deepEqual(await control.call(clock, 'CP1', 'Reset', reset, { callId: 'c1' }), {
          taken: true,
        })
      charger.answer('c1', { status: 'Accepted' })
      await until(() => control.outcomes.length === 2, 'answered')
      await control.call(clock, 'CP1', 'Reset', reset, { callId: 'c1' })
      await charger.call('Heartbeat', {})
      assert.equal(charger.received.filter((message) => message[0] === 2).length, 1)
    }),
  )

  test(
    'is not allowed where registration forbids it',
    live({}, async ({ connect, control, clock }) => {
      const start16 = { idTag: 'TAG' }
      control.decide = (request) => control.admit(request, { bootState: 'pending' })
      await connect('PENDING')
      const forbidden = await control.call(clock, 'PENDING', 'RemoteStartTransaction', start16)
      assert.ok(!forbidden.taken && forbidden.reason === 'not-allowed-now')
      assert.ok((await control.call(clock, 'PENDING', 'GetConfiguration', {})).taken)
      control.decide = (request) => control.admit(request, { bootState: 'rejected' })
      await connect('REJECTED')
      const silent = await control.call(clock, 'REJECTED', 'GetConfiguration', {})
      assert.ok(!silent.taken && silent.reason === 'not-allowed-now')
      const trigger = { requestedMessage: 'BootNotification' }
      assert.ok((await control.call(clock, 'REJECTED', 'TriggerMessage', trigger)).taken)
    }),
  )
})

suite('the answer to a CALL', () => {
  test(
    'that is an error is reported with its code as it was spelled',
    live({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      await control.call(clock, 'CP1', 'Reset', reset, { callId: 'c1' })
      charger.send('[4,"c1","FormatViolation","no such thing",{"why":"x"}]')
      await until(() => control.outcomes.length === 2, 'an outcome')
      const outcome = control.outcomes[1]
      assert.ok(outcome?.kind === 'error')
      assert.deepEqual(
        [outcome.code, outcome.description, outcome.details],
        ['FormatViolation', 'no such thing', { why: 'x' }],
      )
    }),
  )

  test(
    'that does not come in time is a timeout, and one that comes later is told as late',
    timed({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      await control.call(clock, 'CP1', 'Reset', reset, { callId: 'c1', answerTimeoutMs: 30_000 })
      await clock.advance(29_000)
      assert.deepEqual(control.outcomesOf('c1'), ['sent'])
      await clock.advance(1_500)
      assert.deepEqual(control.outcomesOf('c1'), ['sent', 'timeout'])
      await control.call(clock, 'CP1', 'ClearCache', {}, { callId: 'c2' })
      charger.answer('c1', { status: 'Accepted' })
      await until(() => control.outcomesOf('c1').length === 3, 'late')
      const late = control.outcomes.find((one) => one.kind === 'late-answer')
      assert.deepEqual(late?.answer, { payload: { status: 'Accepted' }, valid: true })
      assert.deepEqual(control.outcomesOf('c2'), ['sent'])
      charger.answer('c2', { status: 'Accepted' })
      await until(() => control.outcomesOf('c2').length === 2, 'the second is answered')
    }),
  )

  test(
    'that comes on the next connection is still recognised',
    live({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      await control.call(clock, 'CP1', 'Reset', reset, { callId: 'c1' })
      await charger.calledNow()
      charger.socket.terminate()
      await until(() => control.outcomesOf('c1').length === 2, 'lost')
      assert.deepEqual(control.outcomesOf('c1'), ['sent', 'connection-lost'])
      const again = await connect('CP1')
      again.send('[4,"c1","InternalError","",{}]')
      await until(() => control.outcomesOf('c1').length === 3, 'late')
      const late = control.outcomes.find((one) => one.kind === 'late-answer')
      assert.deepEqual(late?.answer, { errorCode: 'InternalError', description: '' })
      const other = await connect('CP2')
      other.answer('c1', {})
      await until(() => control.violations.length === 1, 'nobody else may answer it')
    }),
  )

  test(
    'under an id we never used answers nothing, even with one CALL outstanding',
    live({}, async ({ connect, control, clock }) => {
      const charger = await connect('ENPLUS')
      await control.call(clock, 'ENPLUS', 'Reset', reset, { callId: 'c1' })
      await charger.calledNow()
      charger.answer('ff80ff4a-c1b6-41b0-bcb8-efde1f6c902b', { status: 'Accepted' })
      await until(() => control.violations.length === 1, 'a violation')
      assert.equal(control.violations[0]?.kind, 'unexpected-answer')
      assert.deepEqual(control.outcomesOf('c1'), ['sent'])
    }),
  )

  test(
    'that is cut short is an answer nobody can read',
    live({}, async ({ connect, control, clock }) => {
      const charger = await connect('GRIZZL')
      await control.call(clock, 'GRIZZL', 'GetConfiguration', { key: ['X'] }, { callId: 'c1' })
      await charger.calledNow()
      charger.send('[3,"c1",{"configurationKey":[')
      await until(() => control.outcomes.length === 2, 'an outcome')
      const outcome = control.outcomes[1]
      assert.ok(outcome?.kind === 'answered')
      assert.ok(outcome.violations.length > 0)
    }),
  )

  test(
    'that its schema refuses is complained about on 2.1, and only there',
    live({}, async ({ connect, control, clock }) => {
      for (const [identity, protocol] of [
        ['CP21', 'ocpp2.1'],
        ['CP20', 'ocpp2.0.1'],
      ] as const) {
        const charger = await connect(identity, { protocols: [protocol] })
        await control.call(clock, identity, 'Reset', { type: 'OnIdle' }, { callId: identity })
        charger.answer(identity, { status: { not: 'a status' } })
        await until(() => control.outcomesOf(identity).length === 2, 'answered')
        const outcome = control.outcomes.findLast((one) => one.callId === identity)
        assert.ok(outcome?.kind === 'answered' && !outcome.valid)
        await charger.call('Heartbeat', {})
        const complaints = charger.received.filter((message) => message[0] === 5)
        assert.equal(complaints.length, protocol === 'ocpp2.1' ? 1 : 0)
      }
    }),
  )

  test(
    'with an integer beyond 2^53 arrives unharmed',
    live({}, async ({ connect, control, clock }) => {
      const charger = await connect('CP1')
      await control.call(clock, 'CP1', 'DataTransfer', { vendorId: 'v' }, { callId: 'c1' })
      charger.send('[3,"c1",{"status":"Accepted","data":"9223372036854775807"}]')
      await until(() => control.outcomes.length === 2, 'an outcome')
      const outcome = control.outcomes[1]
      assert.ok(outcome?.kind === 'answered')
      assert.deepEqual(outcome.payload, { status: 'Accepted', data: '9223372036854775807' })
    }),
  )
})

suite('a message we asked for', () => {
  test(
    'is marked so, a boot once, and not when the charger refused to send it',
    live({}, async ({ connect, control, clock }) => {
      const boot = { chargePointVendor: 'V', chargePointModel: 'M' }
      const charger = await connect('CP1')
      const trigger = (requestedMessage: string, callId: string) =>
        control.call(clock, 'CP1', 'TriggerMessage', { requestedMessage }, { callId })
      await trigger('BootNotification', 't1')
      charger.answer('t1', { status: 'Rejected' })
      await until(() => control.outcomesOf('t1').length === 2, 'refused')
      await charger.call('BootNotification', boot)
      await trigger('BootNotification', 't2')
      // Several models send the message before they answer the trigger.
      await charger.call('BootNotification', boot)
      charger.answer('t2', { status: 'Accepted' })
      await charger.call('BootNotification', boot)
      assert.deepEqual(
        control.inbound.map((call) => call.provoked),
        [false, true, false],
      )
    }),
  )
})

suite('outcomes', () => {
  test(
    'are repeated in their order until control has taken them',
    timed({}, async ({ connect, control, clock, bus, gateway }) => {
      const charger = await connect('CP1')
      const call = (callId: string) => control.call(clock, 'CP1', 'ClearCache', {}, { callId })
      control.stop()
      for (const callId of ['c1', 'c2', 'c3']) {
        assert.ok((await call(callId)).taken)
        await charger.calledNow(Number(callId[1]) - 1)
        charger.answer(callId, { status: 'Accepted' })
        await until(() => gateway.backlog().outcomes === 2 * Number(callId[1]), 'answered')
      }
      let failures = 2
      const broken = bus.serve('control.outcomes', { group: 'control' }, () => {
        failures -= 1
        return Promise.reject(new Error('no database'))
      })
      await advanceUntil(clock, 500, () => failures <= 0, 'two failures')
      broken.close()
      control.start()
      await advanceUntil(clock, 500, () => control.outcomes.length >= 6, 'all outcomes')
      assert.deepEqual(
        control.outcomes.map((one) => `${one.callId} ${one.kind}`),
        ['c1 sent', 'c1 answered', 'c2 sent', 'c2 answered', 'c3 sent', 'c3 answered'],
      )
      assert.equal(gateway.backlog().outcomes, 0)
    }),
  )

  test(
    'that control does not take stop new orders before they fill memory',
    timed({ limits: { maxOutcomesWaiting: 2 } }, async ({ connect, control, clock, gateway }) => {
      const charger = await connect('CP1')
      control.stop()
      await control.call(clock, 'CP1', 'ClearCache', {}, { callId: 'c1' })
      await charger.calledNow()
      charger.answer('c1', { status: 'Accepted' })
      await until(() => gateway.backlog().outcomes === 2, 'two wait')
      const receipt = await control.call(clock, 'CP1', 'ClearCache', {})
      assert.ok(!receipt.taken && receipt.reason === 'busy')
      control.start()
      await advanceUntil(clock, 500, () => gateway.backlog().outcomes === 0, 'taken')
      assert.ok((await control.call(clock, 'CP1', 'ClearCache', {})).taken)
    }),
  )
})
