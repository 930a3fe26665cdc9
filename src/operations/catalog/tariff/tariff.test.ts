import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { sessionFacts } from '../../../../test/kit/facts.ts'
import { inTurn } from '../../../../test/kit/scripted-answers.ts'
import { tariffChange } from './tariff-change.ts'
import { tariffClear } from './tariff-clear.ts'
import { tariffList } from './tariff-list.ts'
import { tariffSetDefault } from './tariff-set-default.ts'

const fine = { status: 'Accepted' }
const day = { tariff: 'DAY', currency: 'EUR', perKwh: 0.4, perIdleMinute: 0.1, taxPercent: 19 }
const assigned = (tariffId: string, tariffKind = 'DefaultTariff') => ({
  status: 'Accepted',
  tariffAssignments: [{ tariffId, tariffKind, evseIds: [1] }],
})

describe('a default tariff', () => {
  const give = (params: object, ...answers: object[]) =>
    dialogue(tariffSetDefault, '2.1', params, inTurn('2.1', ...answers))

  test('is written with its prices and taxes', () => {
    const { calls, verdict } = give({ ...day, evse: 1 }, fine, assigned('DAY'))
    const taxRates = [{ type: 'VAT', tax: 19 }]
    assert.deepEqual(calls[0]?.payload, {
      evseId: 1,
      tariff: {
        tariffId: 'DAY',
        currency: 'EUR',
        energy: { prices: [{ priceKwh: 0.4 }], taxRates },
        idleTime: { prices: [{ priceMinute: 0.1 }], taxRates },
      },
    })
    assert.deepEqual(calls[1], { action: 'GetTariffs', payload: { evseId: 1 } })
    assert.equal(verdict?.meaning, 'done')
  })
  test('takes further details as OCPP has them', () => {
    const details = { minCost: { exclTax: 1 } }
    const { calls } = give({ ...day, details }, fine, assigned('DAY'))
    assert.match(JSON.stringify(calls[0]?.payload), /"minCost":\{"exclTax":1\}/)
  })
  test('failed where the charger lists another, or it as a driver’s', () => {
    assert.equal(give(day, fine, assigned('NIGHT')).verdict?.meaning, 'failed')
    assert.equal(give(day, fine, assigned('DAY', 'DriverTariff')).verdict?.meaning, 'failed')
    assert.equal(give(day, fine, { status: 'NoTariff' }).verdict?.meaning, 'failed')
    assert.equal(give(day, fine, { status: 'Rejected' }).verdict?.meaning, 'unverifiable')
  })
  test('every other answer', () => {
    for (const status of ['Rejected', 'TooManyElements', 'DuplicateTariffId'])
      assert.equal(give(day, { status }).verdict?.meaning, 'refused', status)
    assert.equal(give(day, { status: 'ConditionNotSupported' }).verdict?.meaning, 'unsupported')
  })
  test('that is none is refused before anything is stored', () => {
    assert.equal(give({ ...day, details: { energy: { prices: [] } } }).refused?.field, 'details')
    assert.equal(give({ ...day, from: 'soon' }).refused?.field, 'from')
  })
})

describe('another tariff for a running session', () => {
  const facts = { sessions: [sessionFacts({ transactionId: 'T-1' })] }
  const change = (...answers: object[]) =>
    dialogue(tariffChange, '2.1', day, inTurn('2.1', ...answers), { facts })

  test('is for the one that runs', () => {
    const { calls, verdict } = change(fine, assigned('DAY', 'DriverTariff'))
    assert.equal(calls[0]?.payload['transactionId'], 'T-1')
    assert.equal(verdict?.meaning, 'done')
  })
  test('failed where it is not listed as the driver’s', () => {
    assert.equal(change(fine, assigned('DAY')).verdict?.meaning, 'failed')
  })
  test('every other answer', () => {
    for (const status of ['Rejected', 'TooManyElements', 'TxNotFound', 'NoCurrencyChange'])
      assert.equal(change({ status }).verdict?.meaning, 'refused', status)
    assert.equal(change({ status: 'ConditionNotSupported' }).verdict?.meaning, 'unsupported')
  })
  test('is refused where no session runs', () => {
    assert.ok(dialogue(tariffChange, '2.1', day, inTurn('2.1')).refused)
  })
})

describe('taking tariffs away', () => {
  const cleared = (...statuses: string[]) => ({
    clearTariffsResult: statuses.map((status) => ({ tariffId: 'DAY', status })),
  })
  const clear = (params: object, ...answers: object[]) =>
    dialogue(tariffClear, '2.1', params, inTurn('2.1', ...answers)).verdict?.meaning

  test('worked when none of them is listed', () => {
    assert.equal(clear({ tariffs: ['DAY'] }, cleared('Accepted'), assigned('NIGHT')), 'done')
    assert.equal(clear({}, cleared('Accepted'), { status: 'NoTariff' }), 'done')
  })
  test('a driver’s tariff stays with its session', () => {
    assert.equal(clear({}, cleared('Accepted'), assigned('DAY', 'DriverTariff')), 'done')
  })
  test('failed where it is still listed', () => {
    assert.equal(clear({ tariffs: ['DAY'] }, cleared('Accepted'), assigned('DAY')), 'failed')
    assert.equal(clear({}, cleared('Accepted'), assigned('DAY')), 'failed')
  })
  test('every other answer', () => {
    assert.equal(clear({}, cleared('NoTariff')), 'refused')
    assert.equal(clear({}, cleared('Rejected', 'Rejected')), 'refused')
    assert.equal(clear({}, cleared('Accepted'), { status: 'Rejected' }), 'unverifiable')
  })
})

test('tariffs are listed, none is an answer too', () => {
  const list = (answer: object) => dialogue(tariffList, '2.1', {}, inTurn('2.1', answer)).verdict
  assert.deepEqual(list(assigned('DAY'))?.result, {
    tariffs: { DAY: { kind: 'DefaultTariff', evses: '1', validFrom: null } },
  })
  assert.equal(list({ status: 'NoTariff' })?.meaning, 'done')
  assert.equal(list({ status: 'Rejected' })?.meaning, 'refused')
})
