import assert from 'node:assert/strict'
import test from 'node:test'
import type { SignalFor } from '../../signals/catalog.ts'
import type { FaultRecord } from './fault.ts'
import { faultChange } from './fault.ts'

const ground: FaultRecord = {
  id: 'f1',
  charger: 'C1',
  evse: 1,
  connector: 1,
  code: 'GroundFailure',
  source: 'status',
  blocking: true,
  info: null,
  vendorCode: null,
  since: 0,
  clearedAt: null,
}
const weakSignal: FaultRecord = { ...ground, id: 'f2', code: 'WeakSignal', blocking: false }
const otherConnector: FaultRecord = { ...ground, id: 'f3', evse: 2 }
const lock: FaultRecord = { ...ground, id: 'f4', code: 'Lock', source: 'event', blocking: false }
const open = [ground, weakSignal, otherConnector, lock]

function status(code: string | undefined, blocking: boolean): SignalFor<'fault.reported'> {
  const place = {
    kind: 'fault.reported' as const,
    source: 'status' as const,
    evse: 1,
    connector: 1,
  }
  return code === undefined ? { ...place, blocking } : { ...place, blocking, code }
}
function problem(code: string, present: boolean): SignalFor<'fault.reported'> {
  return { kind: 'fault.reported', source: 'event', evse: 1, connector: 1, code, present }
}

test('a status without fault clears what statuses raised on that connector, and nothing else', () => {
  assert.deepEqual(faultChange(open, status(undefined, false)), { clear: [ground, weakSignal] })
})

test('a fault that is known already is not raised again', () => {
  assert.deepEqual(faultChange(open, status('GroundFailure', true)), { clear: [] })
})

test('a second fault joins the first', () => {
  assert.deepEqual(faultChange(open, status('OverVoltage', true)), {
    raise: { code: 'OverVoltage', blocking: true },
    clear: [],
  })
})

test('a connector in use again with a mere warning has lost the fault that stopped it', () => {
  assert.deepEqual(faultChange(open, status('WeakSignal', false)), { clear: [ground] })
})

test('a problem of a component comes and goes by itself', () => {
  assert.deepEqual(faultChange(open, problem('Fan', true)), {
    raise: { code: 'Fan', blocking: false },
    clear: [],
  })
  assert.deepEqual(faultChange(open, problem('Lock', true)), { clear: [] })
  assert.deepEqual(faultChange(open, problem('Lock', false)), { clear: [lock] })
  assert.deepEqual(faultChange(open, problem('Fan', false)), { clear: [] })
})
