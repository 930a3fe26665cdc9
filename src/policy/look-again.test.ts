import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fleetWorld, owner } from '../../test/kit/fleet.ts'
import { nobodyElse } from '../../test/kit/policy.ts'
import { operation } from '../../test/kit/question.ts'
import { memoryBus } from '../bus/memory.ts'
import { commandsPast } from '../commands/standing.ts'
import { silentLog } from '../kernel/log.ts'
import { uuid7 } from '../kernel/ids.ts'
import type { Waited } from './gate.ts'
import { openPolicy } from './open-policy.ts'

test('a fault or a session that came while a command waited speaks against it', async (t) => {
  const kit = await fleetWorld(t)
  const { fleet, clock, database, audit } = kit
  const bus = memoryBus({ clock })
  t.after(() => bus.close())
  const policy = await openPolicy({
    ...{ database, audit, bus, clock, newId: uuid7(clock), log: silentLog, fleet },
    ...{ past: commandsPast(database), principals: nobodyElse },
  })
  t.after(() => policy.close())
  const one = await kit.charger('CP-1')
  const against = async (name: string, over: Partial<Waited> = {}) => {
    const waited = { operation: operation(name), params: {}, acknowledges: [], charger: 'CP-1' }
    return (await policy.against(owner.actor, { ...waited, ...over }))?.rule
  }
  const now = { params: { mode: 'now' } }
  const timestamp = new Date(clock.now()).toISOString()
  await one.say('BootNotification', { chargePointVendor: 'ACME', chargePointModel: 'Wall 22' })
  assert.equal(await against('charger.reset', now), undefined)

  const session = { connectorId: 2, idTag: 'TAG', meterStart: 0, timestamp }
  await one.say('StartTransaction', session)
  assert.equal(await against('charger.reset', now), 'guard.running-sessions')
  const knowing = { ...now, acknowledges: ['running-sessions'] } as const
  assert.equal(await against('charger.reset', knowing), undefined)

  const fault = { connectorId: 1, status: 'Faulted', errorCode: 'GroundFailure', timestamp }
  await one.say('StatusNotification', fault)
  assert.equal(await against('charger.reset', knowing), 'guard.safety-fault')
  assert.equal(await against('session.start', { params: { evse: 1 } }), 'guard.safety-fault')
  assert.equal(await against('session.start', { params: { evse: 2 } }), undefined)
  assert.deepEqual(
    ['charger.reset', 'session.start', 'connector.unlock', 'settings.read'].map((name) =>
      policy.looksAgain({ name }),
    ),
    [true, true, true, false],
  )
})
