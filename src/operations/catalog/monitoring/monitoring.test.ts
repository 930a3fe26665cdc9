import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { inTurn } from '../../../../test/kit/scripted-answers.ts'
import type { ReportFacts } from '../../facts.ts'
import { monitoringBase } from './monitoring-base.ts'
import { monitoringClear } from './monitoring-clear.ts'
import { monitoringLevel } from './monitoring-level.ts'
import { monitoringReport } from './monitoring-report.ts'
import { monitoringSet } from './monitoring-set.ts'
import { monitoringStreamAdjust, monitoringStreams } from './streams.ts'

const twoX = ['2.0.1', '2.1'] as const
const temperature = {
  component: { name: 'Connector', evse: { id: 1, connectorId: 1 } },
  variable: { name: 'Temperature' },
}
const monitor = { of: 'Connector@1.1/Temperature', type: 'upper-threshold', value: 80, severity: 5 }
const set = (...results: readonly (readonly [status: string, id?: number])[]) => ({
  setMonitoringResult: results.map(([status, id]) => ({
    ...temperature,
    status,
    type: 'UpperThreshold',
    severity: 5,
    ...(id === undefined ? {} : { id }),
  })),
})

function report(ids: readonly string[], over: Partial<ReportFacts> = {}): ReportFacts {
  return {
    kind: 'monitoring',
    requestId: 4711,
    receivedAt: 2_000,
    parts: 1,
    items: ids.length,
    complete: true,
    missing: [],
    ids,
    ...over,
  }
}

describe('setting monitors', () => {
  for (const version of twoX) {
    const ask = (answers: object[], monitors: object[] = [monitor]) =>
      dialogue(monitoringSet, version, { monitors }, inTurn(version, ...answers))

    test(`on ${version} sets them and asks for the list`, () => {
      const { calls } = ask([set(['Accepted', 7]), { status: 'Accepted' }])
      assert.deepEqual(calls, [
        {
          action: 'SetVariableMonitoring',
          payload: {
            setMonitoringData: [{ ...temperature, type: 'UpperThreshold', value: 80, severity: 5 }],
          },
        },
        {
          action: 'GetMonitoringReport',
          payload: { requestId: 4711, componentVariable: [temperature] },
        },
      ])
    })

    test(`on ${version} worked only when the list has every one of them`, () => {
      const { look } = ask([set(['Accepted', 7]), { status: 'Accepted' }])
      assert.equal(look({ reports: [report(['3', '7'])] }, 1_000).seen, 'yes')
      assert.equal(look({ reports: [report(['3'])] }, 1_000).seen, 'no')
      assert.equal(look({ reports: [report(['7'], { complete: false })] }, 1_000).seen, 'not-yet')
      assert.equal(look({ reports: [] }, 1_000).seen, 'not-yet')
    })

    test(`on ${version} one that was refused among others is no success`, () => {
      const { look } = ask(
        [set(['Accepted', 7], ['Duplicate']), { status: 'Accepted' }],
        [monitor, { ...monitor, severity: 6 }],
      )
      const sighting = look({ reports: [report(['7'])] }, 1_000)
      assert.ok(sighting.seen === 'no')
      assert.match(sighting.because, /already/)
    })

    test(`on ${version} every answer`, () => {
      for (const status of [
        'UnknownComponent',
        'UnknownVariable',
        'UnsupportedMonitorType',
        'Rejected',
        'Duplicate',
      ])
        assert.equal(ask([set([status])]).verdict?.meaning, 'refused', status)
      assert.equal(ask([set(['Accepted'])]).verdict?.meaning, 'unverifiable')
      const listing = (status: string) => ask([set(['Accepted', 7]), { status }]).verdict?.meaning
      assert.equal(listing('EmptyResultSet'), 'failed')
      assert.equal(listing('Rejected'), 'unverifiable')
      assert.equal(listing('NotSupported'), 'unverifiable')
    })
  }

  test('what is no variable is refused with its place', () => {
    const { refused } = dialogue(
      monitoringSet,
      '2.1',
      { monitors: [monitor, { ...monitor, of: 'Connector' }] },
      inTurn('2.1'),
    )
    assert.equal(refused?.field, 'monitors[1].of')
  })
})

describe('clearing monitors', () => {
  const cleared = (...statuses: string[]) => ({
    clearMonitoringResult: statuses.map((status, index) => ({ id: index + 1, status })),
  })
  const ask = (...answers: object[]) =>
    dialogue(monitoringClear, '2.1', { ids: [1, 2] }, inTurn('2.1', ...answers))

  test('worked when the list has none of them', () => {
    const { look } = ask(cleared('Accepted', 'NotFound'), { status: 'Accepted' })
    assert.equal(look({ reports: [report(['3'])] }, 1_000).seen, 'yes')
    assert.equal(look({ reports: [report(['2', '3'])] }, 1_000).seen, 'no')
  })
  test('a list that is cut off proves nothing', () => {
    const many = Array.from({ length: 200 }, (_, index) => String(index + 10))
    const { look } = ask(cleared('Accepted', 'Accepted'), { status: 'Accepted' })
    assert.equal(look({ reports: [report(many)] }, 1_000).seen, 'not-yet')
  })
  test('every answer', () => {
    assert.equal(ask(cleared('NotFound', 'NotFound')).verdict?.meaning, 'refused')
    assert.equal(ask(cleared('Rejected', 'Rejected')).verdict?.meaning, 'refused')
    const listing = (status: string) =>
      ask(cleared('Accepted', 'Accepted'), { status }).verdict?.meaning
    assert.equal(listing('EmptyResultSet'), 'done')
    assert.equal(listing('Rejected'), 'unverifiable')
    assert.equal(listing('NotSupported'), 'unverifiable')
  })
})

describe('base and level are read back', () => {
  const got = (name: string, attributeValue?: string) => ({
    getVariableResult: [
      {
        component: { name: 'MonitoringCtrlr' },
        variable: { name },
        ...(attributeValue === undefined
          ? { attributeStatus: 'UnknownVariable' }
          : { attributeStatus: 'Accepted', attributeValue }),
      },
    ],
  })
  const base = (...answers: object[]) =>
    dialogue(monitoringBase, '2.0.1', { base: 'hard-wired-only' }, inTurn('2.0.1', ...answers))
      .verdict?.meaning
  const level = (...answers: object[]) =>
    dialogue(monitoringLevel, '2.1', { severity: 5 }, inTurn('2.1', ...answers)).verdict?.meaning
  const fine = { status: 'Accepted' }

  test('equal, also in the standard’s other spelling', () => {
    assert.equal(base(fine, got('ActiveMonitoringBase', 'HardwiredOnly')), 'done')
    assert.equal(level(fine, got('ActiveMonitoringLevel', '5')), 'done')
  })
  test('a lying charger shows the old one', () => {
    assert.equal(base(fine, got('ActiveMonitoringBase', 'All')), 'failed')
    assert.equal(level(fine, got('ActiveMonitoringLevel', '9')), 'failed')
  })
  test('a charger that shows nothing cannot be verified', () => {
    assert.equal(base(fine, got('ActiveMonitoringBase')), 'unverifiable')
  })
  test('every other answer', () => {
    assert.equal(base({ status: 'Rejected' }), 'refused')
    assert.equal(base({ status: 'NotSupported' }), 'unsupported')
    assert.equal(base({ status: 'EmptyResultSet' }), 'refused')
    assert.equal(level({ status: 'Rejected' }), 'refused')
  })
})

test('a report of monitors names components and kinds', () => {
  const { calls } = dialogue(
    monitoringReport,
    '2.0.1',
    { of: ['EVSE@1'], kinds: ['threshold', 'delta'] },
    inTurn('2.0.1', { status: 'Accepted' }),
  )
  assert.deepEqual(calls[0]?.payload, {
    requestId: 4711,
    componentVariable: [{ component: { name: 'EVSE', evse: { id: 1 } } }],
    monitoringCriteria: ['ThresholdMonitoring', 'DeltaMonitoring'],
  })
})

describe('streams of events', () => {
  const listed = (interval: number) => ({
    constantStreamData: [{ id: 4, params: { interval, values: 10 }, variableMonitoringId: 7 }],
  })
  test('are listed', () => {
    const { verdict } = dialogue(monitoringStreams, '2.1', {}, inTurn('2.1', listed(60)))
    assert.deepEqual(verdict?.result, {
      streams: { '4': { intervalSeconds: 60, values: 10, monitor: 7 } },
    })
    assert.equal(dialogue(monitoringStreams, '2.1', {}, inTurn('2.1', {})).verdict?.meaning, 'done')
  })
  test('are adjusted, and that is read back', () => {
    const adjust = (...answers: object[]) =>
      dialogue(
        monitoringStreamAdjust,
        '2.1',
        { id: 4, intervalSeconds: 30 },
        inTurn('2.1', ...answers),
      ).verdict?.meaning
    const fine = { status: 'Accepted' }
    assert.equal(adjust(fine, listed(30)), 'done')
    assert.equal(adjust(fine, listed(60)), 'failed')
    assert.equal(adjust(fine, {}), 'failed')
    assert.equal(adjust({ status: 'Rejected' }), 'refused')
  })
})
