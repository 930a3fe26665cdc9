import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { inTurn } from '../../../../test/kit/scripted-answers.ts'
import { got, knowing, told16, withQuirk } from '../../../../test/kit/told-settings.ts'
import { settingsRead } from '../settings-read.ts'
import { messagesOf } from './named.ts'

const keysAsked = (payload: unknown): unknown => (payload as { key?: unknown }).key

describe('reading settings', () => {
  test('keeps to what one message may hold, and gathers what all of them tell', () => {
    const { calls, verdict, learned } = dialogue(
      settingsRead,
      '1.6',
      { keys: ['A', 'B', 'C'] },
      inTurn('1.6', told16({ A: '1', B: '2' }), told16({}, ['C'])),
      { facts: { capabilities: knowing(['settings-max-keys', 2]) } },
    )
    assert.deepEqual(
      calls.map(({ payload }) => keysAsked(payload)),
      [['A', 'B'], ['C']],
    )
    assert.equal(verdict?.meaning, 'done')
    assert.deepEqual(verdict?.result, {
      values: { A: { value: '1', readOnly: false }, B: { value: '2', readOnly: false } },
      problems: { C: 'unknown key' },
    })
    assert.deepEqual(
      learned.flatMap((one) => (one.kind === 'settings' ? one.readings : [])),
      [
        { key: 'A', value: '1', readonly: false },
        { key: 'B', value: '2', readonly: false },
        { key: 'C', value: null, unknown: true },
      ],
    )
  })

  test('by meaning asks every version for its own key, and says what the value means', () => {
    const rows = [
      ['1.6', 'HeartbeatInterval', told16({ HeartbeatInterval: '300' })],
      [
        '2.0.1',
        'OCPPCommCtrlr/HeartbeatInterval',
        got({ 'OCPPCommCtrlr/HeartbeatInterval': '300' }),
      ],
      ['2.1', 'OCPPCommCtrlr/HeartbeatInterval', got({ 'OCPPCommCtrlr/HeartbeatInterval': '300' })],
    ] as const
    for (const [version, key, answer] of rows) {
      const { verdict } = dialogue(
        settingsRead,
        version,
        { meanings: ['heartbeat-interval'] },
        inTurn(version, answer),
      )
      const { values } = verdict?.result as { values: Record<string, { meaning?: string }> }
      assert.equal(values[key]?.meaning, 'heartbeat-interval', version)
    }
  })

  test('never asks for a key its model fails on, and says so', () => {
    const facts = withQuirk({ quirk: 'crashes-on-reading', keys: ['MeterValuesSampledData'] })
    const { calls, verdict } = dialogue(
      settingsRead,
      '1.6',
      { keys: ['metervaluessampleddata', 'A'] },
      inTurn('1.6', told16({ A: '1' })),
      { facts },
    )
    assert.deepEqual(
      calls.map(({ payload }) => keysAsked(payload)),
      [['A']],
    )
    const { problems } = verdict?.result as { problems: Record<string, string> }
    assert.match(problems['metervaluessampleddata'] ?? '', /not asked/)
    const only = dialogue(
      settingsRead,
      '1.6',
      { keys: ['MeterValuesSampledData'] },
      inTurn('1.6'),
      { facts },
    )
    assert.ok(only.refused)
    assert.ok(dialogue(settingsRead, '1.6', {}, inTurn('1.6'), { facts }).refused)
  })

  test('of a model that never tells everything is refused without keys', () => {
    const facts = withQuirk({ quirk: 'no-full-settings-list' })
    assert.match(
      dialogue(settingsRead, '1.6', {}, inTurn('1.6'), { facts }).refused?.refused ?? '',
      /name keys/,
    )
  })

  test('a charger that changes the case of names is understood', () => {
    const { verdict } = dialogue(
      settingsRead,
      '1.6',
      { keys: ['HeartbeatInterval'] },
      inTurn('1.6', told16({ heartbeatinterval: '60' })),
    )
    const { values } = verdict?.result as { values: Record<string, unknown> }
    assert.deepEqual(Object.keys(values), ['HeartbeatInterval'])
  })

  test('a charger that tells nothing of what was asked has refused', () => {
    const { verdict } = dialogue(
      settingsRead,
      '1.6',
      { keys: ['X'] },
      inTurn('1.6', told16({}, ['X'])),
    )
    assert.equal(verdict?.meaning, 'refused')
  })

  test('the other version’s key is answered with the key of this one', () => {
    const { refused } = dialogue(
      settingsRead,
      '2.1',
      { keys: ['HeartbeatInterval'] },
      inTurn('2.1'),
    )
    assert.match(refused?.refused ?? '', /OCPPCommCtrlr\/HeartbeatInterval/)
    assert.equal(refused?.field, 'keys[0]')
  })
})

test('messages hold every setting once, in order, within their room', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 30 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 40, max: 200 }),
      (list, items, bytes) => {
        const messages = messagesOf(list, { items, bytes })
        assert.deepEqual(messages.flat(), list)
        for (const message of messages) {
          assert.ok(message.length <= items)
          const size = message.reduce(
            (sum, one) => sum + Buffer.byteLength(JSON.stringify(one)) + 1,
            0,
          )
          assert.ok(size <= bytes || message.length === 1)
        }
      },
    ),
  )
})
