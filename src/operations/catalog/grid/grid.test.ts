import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { inTurn } from '../../../../test/kit/scripted-answers.ts'
import { strictRequest } from '../../../ocpp/validation.ts'
import type { ReportFacts } from '../../facts.ts'
import { isRefusal } from '../../operation.ts'
import { controlFor, controlTypes } from './controls.ts'
import type { ControlType } from './controls.ts'
import { gridDerClear } from './der-clear.ts'
import { gridDerReport } from './der-report.ts'
import { gridDerSet } from './der-set.ts'

const curve = { priority: 0, yUnit: 'PctMaxVar', curveData: [{ x: 1, y: 2 }] }
const settings: Readonly<Partial<Record<ControlType, object>>> = {
  EnterService: { priority: 0, highVoltage: 110, lowVoltage: 90, highFreq: 51, lowFreq: 49 },
  FreqDroop: {
    priority: 0,
    overFreq: 50.2,
    underFreq: 49.8,
    overDroop: 5,
    underDroop: 5,
    responseTime: 1,
  },
  FixedPFAbsorb: { priority: 0, displacement: 0.95, excitation: true },
  FixedPFInject: { priority: 0, displacement: 0.95, excitation: false },
  FixedVar: { priority: 0, setpoint: 20, unit: 'PctMaxVar' },
  Gradients: { priority: 0, gradient: 10, softGradient: 5 },
  LimitMaxDischarge: { priority: 0, pctMaxDischargePower: 50 },
}
const fixedVar = { id: 'V-1', type: 'FixedVar', settings: settings.FixedVar }
const fine = { status: 'Accepted' }
const listing: ReportFacts = {
  kind: 'der-control',
  requestId: 4711,
  receivedAt: 2_000,
  parts: 1,
  items: 1,
  complete: true,
  missing: [],
  ids: ['V-1'],
}

for (const type of controlTypes)
  test(`a control of type ${type} becomes a CALL that fits`, () => {
    const control = controlFor({
      id: 'X',
      type,
      settings: { ...(settings[type] ?? curve) },
    })
    assert.ok(!isRefusal(control), JSON.stringify(control))
    assert.equal(strictRequest('2.1', 'SetDERControl', control), undefined)
  })

describe('setting a control', () => {
  const set = (...answers: object[]) =>
    dialogue(gridDerSet, '2.1', fixedVar, inTurn('2.1', ...answers))

  test('sets it and asks for it', () => {
    const { calls } = set({ ...fine, supersededIds: ['V-0'] }, fine)
    assert.deepEqual(calls, [
      {
        action: 'SetDERControl',
        payload: {
          isDefault: false,
          controlId: 'V-1',
          controlType: 'FixedVar',
          fixedVar: settings.FixedVar,
        },
      },
      {
        action: 'GetDERControl',
        payload: { requestId: 4711, isDefault: false, controlType: 'FixedVar', controlId: 'V-1' },
      },
    ])
  })
  test('worked when it is listed', () => {
    const { look } = set({ ...fine, supersededIds: ['V-0'] }, fine)
    const sighting = look({ reports: [listing] }, 1_000)
    assert.ok(sighting.seen === 'yes')
    assert.match(JSON.stringify(sighting.result), /"superseded":"V-0"/)
    assert.equal(look({ reports: [{ ...listing, ids: [] }] }, 1_000).seen, 'no')
    assert.equal(look({ reports: [] }, 1_000, true).seen, 'not-yet')
  })
  test('every other answer', () => {
    assert.equal(set({ status: 'Rejected' }).verdict?.meaning, 'refused')
    assert.equal(set({ status: 'NotFound' }).verdict?.meaning, 'refused')
    assert.equal(set({ status: 'NotSupported' }).verdict?.meaning, 'unsupported')
    assert.equal(set(fine, { status: 'NotFound' }).verdict?.meaning, 'failed')
    assert.equal(set(fine, { status: 'Rejected' }).verdict?.meaning, 'unverifiable')
    assert.equal(set(fine, { status: 'NotSupported' }).verdict?.meaning, 'unverifiable')
  })
  test('settings of another type are refused before anything is stored', () => {
    const wrong = { ...fixedVar, type: 'FreqDroop' }
    assert.equal(dialogue(gridDerSet, '2.1', wrong, inTurn('2.1')).refused?.field, 'settings')
  })
})

describe('clearing controls', () => {
  const clear = (...answers: object[]) =>
    dialogue(gridDerClear, '2.1', { id: 'V-1' }, inTurn('2.1', ...answers)).verdict?.meaning
  test('worked when there are none left', () => {
    assert.equal(clear(fine, { status: 'NotFound' }), 'done')
    assert.equal(clear(fine, fine), 'failed')
    assert.equal(clear(fine, { status: 'Rejected' }), 'unverifiable')
  })
  test('every other answer', () => {
    assert.equal(clear({ status: 'NotFound' }), 'refused')
    assert.equal(clear({ status: 'Rejected' }), 'refused')
    assert.equal(clear({ status: 'NotSupported' }), 'unsupported')
  })
  test('of nothing in particular is refused', () => {
    assert.equal(dialogue(gridDerClear, '2.1', {}, inTurn('2.1')).refused?.field, 'id')
  })
})

test('controls are listed, none is an answer too', () => {
  const list = (status: string) =>
    dialogue(gridDerReport, '2.1', { default: true }, inTurn('2.1', { status }))
  assert.deepEqual(list('Accepted').calls[0]?.payload, { requestId: 4711, isDefault: true })
  assert.equal(list('NotFound').verdict?.meaning, 'done')
  assert.equal(list('NotSupported').verdict?.meaning, 'unsupported')
  assert.equal(list('Accepted').look({ reports: [listing] }, 1_000).seen, 'yes')
})
