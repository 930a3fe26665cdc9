import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { testDatabase } from '../../test/kit/database.ts'
import { liveWorld } from '../../test/kit/gateway-world.ts'
import { until } from '../../test/kit/until.ts'
import { openAudit } from '../audit/open-audit.ts'
import { memoryBus } from '../bus/memory.ts'
import { subscribeEvents, type ProductEvent } from '../bus/events.ts'
import type { CallOrder, CountedFrame } from '../gateway/protocol.ts'
import { subjects } from '../gateway/protocol.ts'
import { systemContext, type Context } from '../kernel/actor.ts'
import { systemClock } from '../kernel/clock.ts'
import { uuid7 } from '../kernel/ids.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { silentLog } from '../kernel/log.ts'
import { ProblemError } from '../kernel/problem.ts'
import { change } from '../storage/database.ts'
import { openReconciliation } from './open-reconciliation.ts'

const clock = systemClock
const auditor: Context = {
  actor: { kind: 'person', id: 'p1', name: 'Ada' },
  origin: { face: 'api' },
}

/** A real gateway with a charger, and the record its frames are held against. */
async function world(t: TestContext, triggerBootAfterMs = 0) {
  const { database } = await testDatabase(t)
  const audit = openAudit({ database })
  const newId = uuid7(clock)
  const bus = memoryBus({ clock })
  const reconciliation = openReconciliation({
    ...{ database, audit, bus, clock, newId, log: silentLog },
  })
  const events: ProductEvent[] = []
  subscribeEvents(bus, (event) => events.push(event))
  const gateways = await liveWorld({ bus, limits: { alivePeriodMs: 10 }, countsFrames: false })
  gateways.control.policy = { ...gateways.control.policy, triggerBootAfterMs }
  t.after(async () => {
    await gateways.close()
    reconciliation.close()
  })
  const charger = await gateways.connect('CP 1')
  const order = (callId: string): CallOrder => ({
    callId,
    identity: 'CP 1',
    action: 'Reset',
    payload: { type: 'Soft' },
    notAfter: clock.now() + 60_000,
    answerTimeoutMs: 30_000,
  })
  return {
    reconciliation,
    audit,
    charger,
    events,
    outcomes: () => gateways.control.outcomes.map(({ kind }) => kind),
    bus,
    announce: async (callId: string, payload: JsonObject = {}) => {
      await database.commit(
        change(audit.append, {
          at: clock.now(),
          ...systemContext,
          event: 'command.sending',
          charger: 'CP 1',
          command: 'c',
          detail: { callId, call: { action: 'Reset', payload } },
        }),
      )
    },
    /** An order on the bus, from whoever can reach it. */
    give: async (callId: string) => {
      await bus.request(subjects.call('CP 1'), order(callId) as unknown as Json, {
        timeoutMs: 5_000,
      })
    },
    open: async () => {
      return (await reconciliation.incidents({ limit: 100 }, { open: true })).items
    },
  }
}

test('an order that somebody slips past the record is an incident, and the one that was announced is not', async (t) => {
  const { reconciliation, audit, charger, announce, give, open, events, outcomes } = await world(t)
  await announce('announced')
  await give('announced')
  charger.answer((await charger.calledNow(0)).id, { status: 'Accepted' })
  await until(() => outcomes().includes('answered'), 'the first answer')
  await give('slipped-in')
  await charger.calledNow(1)
  await until(() => events.some(({ type }) => type === 'incident.opened'), 'an incident')

  const [incident, ...others] = await open()
  assert.deepEqual(others, [])
  assert.equal(incident?.kind, 'unexplained-frame')
  assert.equal(incident.charger, 'CP 1')
  assert.equal(incident.detail['callId'], 'slipped-in')
  const recordedAs = await audit.list({ event: 'incident.opened', limit: 10 })
  assert.deepEqual(
    recordedAs.map(({ charger, detail }) => [charger, detail['incident']]),
    [['CP 1', incident.id]],
  )

  const closed = await reconciliation.closeIncident(auditor, incident.id, 'a drill')
  assert.deepEqual([closed.closedBy, closed.finding], ['Ada', 'a drill'])
  assert.deepEqual(await open(), [])
  await assert.rejects(reconciliation.closeIncident(auditor, incident.id, 'again'), (error) => {
    assert.ok(error instanceof ProblemError)
    assert.equal(error.problem.code, 'too-late')
    return true
  })
})

test('what was announced for one charger explains nothing on another', async (t) => {
  const { bus, announce, open } = await world(t)
  await announce('call-1')
  const frame: CountedFrame = {
    gateway: 'g',
    run: 'r',
    number: 1,
    callId: 'call-1',
    identity: 'CP 2',
    action: 'Reset',
    at: clock.now(),
  }
  const told = { timeoutMs: 5_000 }
  await bus.request(subjects.frames, [frame] as unknown as Json, told)
  // Told again, as a gateway does that missed the answer.
  await bus.request(subjects.frames, [frame] as unknown as Json, told)
  assert.deepEqual(
    (await open()).map(({ charger }) => charger),
    ['CP 2'],
  )
})

test('an announcement explains its own action and id, and what a payload holds announces nothing', async (t) => {
  const { bus, announce, open } = await world(t)
  await announce('call-1', { data: { callId: 'call-2' }, text: 'a\u0000' })
  await announce('call-3', { data: { callId: 'call-4' } })
  const frame = (number: number, callId: string, action = 'Reset') => ({
    ...{ gateway: 'g', run: 'r', number, callId, identity: 'CP 1', action, at: clock.now() },
  })
  const frames = [frame(1, 'call-3', 'ClearCache'), frame(2, 'call-4'), frame(3, 'call-1')]
  await bus.request(subjects.frames, frames, { timeoutMs: 5_000 })
  assert.deepEqual((await open()).map(({ detail }) => detail['callId']).sort(), [
    'call-3',
    'call-4',
  ])
})

test('the boot a gateway asks for by itself is in the record and no incident', async (t) => {
  const { audit, charger, open } = await world(t, 20)
  await charger.calledNow(0)
  let asked = 0
  void (async () => {
    while (asked === 0) asked = (await audit.list({ event: 'charger.boot-asked', limit: 1 })).length
  })()
  await until(() => asked === 1, 'the question is recorded')
  assert.deepEqual(await open(), [])
})
