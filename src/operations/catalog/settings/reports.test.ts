import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { inTurn } from '../../../../test/kit/scripted-answers.ts'
import type { Operation } from '../../operation.ts'
import { settingsFind } from './settings-find.ts'
import { settingsReport } from './settings-report.ts'

describe('reports of the device model', () => {
  const answers = ['Accepted', 'Rejected', 'NotSupported', 'EmptyResultSet'] as const
  const meanings = {
    Accepted: 'accepted',
    Rejected: 'refused',
    NotSupported: 'unsupported',
    EmptyResultSet: 'done',
  }
  const asked: readonly (readonly [Operation, object, object])[] = [
    [settingsReport, { base: 'full' }, { requestId: 4711, reportBase: 'FullInventory' }],
    [
      settingsFind,
      { of: ['EVSE@1', 'AuthCtrlr/Enabled'], criteria: ['problem'] },
      {
        requestId: 4711,
        componentVariable: [
          { component: { name: 'EVSE', evse: { id: 1 } } },
          { component: { name: 'AuthCtrlr' }, variable: { name: 'Enabled' } },
        ],
        componentCriteria: ['Problem'],
      },
    ],
  ]
  for (const [operation, params, payload] of asked)
    for (const version of ['2.0.1', '2.1'] as const)
      test(`${operation.name} on ${version}: every answer`, () => {
        for (const status of answers) {
          const { calls, verdict } = dialogue(
            operation,
            version,
            params,
            inTurn(version, { status }),
          )
          assert.deepEqual(calls[0]?.payload, payload)
          assert.equal(verdict?.meaning, meanings[status])
        }
      })

  const report = {
    kind: 'device-model',
    requestId: 4711,
    receivedAt: 2_000,
    parts: 3,
    items: 30,
    missing: [],
    ids: [],
  } as const
  const look = (over: object | undefined, lastLook = false) => {
    const { look: see } = dialogue(
      settingsReport,
      '2.1',
      { base: 'full' },
      inTurn('2.1', { status: 'Accepted' }),
    )
    const reports = over === undefined ? [] : [{ ...report, complete: false, ...over }]
    return see({ reports }, 1_000, lastLook)
  }

  test('works when every part has come', () => {
    assert.equal(look({ complete: true }).seen, 'yes')
    assert.equal(look({}).seen, 'not-yet')
  })
  test('another request’s report, or one from before, is not it', () => {
    assert.equal(look({ complete: true, requestId: 1 }).seen, 'not-yet')
    assert.equal(look({ complete: true, receivedAt: 999 }).seen, 'not-yet')
  })
  test('at the end the missing parts are named', () => {
    const lacking = look({ missing: [1, 3] }, true)
    assert.ok(lacking.seen === 'no')
    assert.match(lacking.because, /parts 1, 3/)
    const cut = look({}, true)
    assert.ok(cut.seen === 'no' && /last part/.test(cut.because))
    assert.equal(look(undefined, true).seen, 'no')
  })
  test('asking for nothing in particular is refused', () => {
    assert.equal(settingsFind.check?.({})?.field, 'of')
  })
})
