import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { chargerFacts, freshFor } from '../../../../test/kit/facts.ts'
import { inTurn } from '../../../../test/kit/scripted-answers.ts'
import { got, knowing, set, told16, withQuirk } from '../../../../test/kit/told-settings.ts'
import type { Json } from '../../../kernel/json.ts'
import type { Version } from '../../../ocpp/versions.ts'
import { settingsWrite } from '../settings-write.ts'

describe('a setting is written only when it is read back equal', () => {
  const write = (read: object, status = 'Accepted') =>
    dialogue(
      settingsWrite,
      '1.6',
      { key: 'HeartbeatInterval', value: '300' },
      inTurn('1.6', { status }, read),
    ).verdict

  test('equal', () => {
    assert.equal(write(told16({ HeartbeatInterval: '300' }))?.meaning, 'done')
  })
  test('equal but for padding and case', () => {
    assert.equal(write(told16({ heartbeatinterval: ' 300.0' }))?.meaning, 'done')
  })
  test('a lying charger shows the old value', () => {
    const verdict = write(told16({ HeartbeatInterval: '60' }))
    assert.equal(verdict?.meaning, 'failed')
    assert.match(verdict?.detail ?? '', /still shows 60/)
  })
  test('the old value until the reset it needs', () => {
    const verdict = write(told16({ HeartbeatInterval: '60' }), 'RebootRequired')
    assert.equal(verdict?.meaning, 'unverifiable')
    assert.equal((verdict?.result as { rebootRequired: boolean }).rebootRequired, true)
  })
  test('a write-only key cannot be verified', () => {
    assert.equal(
      write({ configurationKey: [{ key: 'HeartbeatInterval', readonly: false }] })?.meaning,
      'unverifiable',
    )
  })
  test('a rejected value and an unknown key are said at once', () => {
    for (const [status, meaning] of [
      ['Rejected', 'refused'],
      ['NotSupported', 'unsupported'],
    ] as const) {
      const params = { key: 'A', value: '1' }
      const { verdict } = dialogue(settingsWrite, '1.6', params, inTurn('1.6', { status }))
      assert.equal(verdict?.meaning, meaning)
    }
  })
  test('where its model fails on reading, it stays unverified', () => {
    const facts = withQuirk({ quirk: 'crashes-on-reading', keys: ['A'] })
    const { verdict, calls } = dialogue(
      settingsWrite,
      '1.6',
      { key: 'A', value: '1' },
      inTurn('1.6', { status: 'Accepted' }),
      { facts },
    )
    assert.equal(verdict?.meaning, 'unverifiable')
    assert.equal(calls.length, 1)
  })
  test('what became of a write nobody answered, the charger is asked for', () => {
    const plan = settingsWrite.versions['1.6']
    assert.ok(!('absent' in plan) && plan.followUp)
    const params = {
      settings: [
        { key: 'A', value: '1' },
        { key: 'B', value: '2' },
      ],
    }
    const { followUp } = plan
    const next = followUp.next(null, params, chargerFacts(), freshFor())
    assert.deepEqual(next, { action: 'GetConfiguration', payload: { key: ['A', 'B'] } })
    const read = followUp.judge('GetConfiguration', told16({ A: '1', B: '0' }), params, null, {
      key: ['A', 'B'],
    })
    const end = followUp.next(read.result ?? null, params, chargerFacts(), freshFor())
    assert.ok(end !== undefined && 'meaning' in end)
    assert.equal(end.meaning, 'failed')
    assert.deepEqual(outcomes(end.result), { A: 'written', B: 'unchanged' })
  })
})

function outcomes(result: Json | undefined): Record<string, string> {
  const { settings } = result as { settings: Record<string, { outcome: string }> }
  return Object.fromEntries(Object.entries(settings).map(([key, { outcome }]) => [key, outcome]))
}

describe('writing several settings', () => {
  const settings = [
    { key: 'A', value: '1' },
    { meaning: 'heartbeat-interval', value: '60' },
    { key: 'C', value: '3' },
  ]

  test('goes one after the other on 1.6, reads all back, and tells what became of each', () => {
    const { calls, verdict } = dialogue(
      settingsWrite,
      '1.6',
      { settings },
      inTurn(
        '1.6',
        { status: 'Accepted' },
        { status: 'Accepted' },
        { status: 'NotSupported' },
        told16({ A: '1', HeartbeatInterval: '60' }),
      ),
    )
    assert.deepEqual(
      calls.map(({ action }) => action),
      ['ChangeConfiguration', 'ChangeConfiguration', 'ChangeConfiguration', 'GetConfiguration'],
    )
    assert.equal(verdict?.meaning, 'failed')
    assert.match(verdict?.detail ?? '', /1 of 3 settings: C/)
    assert.deepEqual(outcomes(verdict?.result), {
      A: 'written',
      HeartbeatInterval: 'written',
      C: 'unsupported',
    })
  })

  test('goes in one SetVariables on 2.x, split where the charger takes less', () => {
    const params = {
      settings: ['X/A', 'X/B', 'X/C'].map((key) => ({ key, value: '1' })),
    }
    const whole = dialogue(
      settingsWrite,
      '2.1',
      params,
      inTurn(
        '2.1',
        set({ 'X/A': 'Accepted', 'X/B': 'Accepted', 'X/C': 'Accepted' }),
        got({ 'X/A': '1', 'X/B': '1', 'X/C': '1' }),
      ),
    )
    assert.equal(whole.verdict?.meaning, 'done')
    const split = dialogue(
      settingsWrite,
      '2.1',
      params,
      inTurn(
        '2.1',
        set({ 'X/A': 'Accepted', 'X/B': 'RebootRequired' }),
        set({ 'X/C': 'Accepted' }),
        got({ 'X/A': '1', 'X/B': '0', 'X/C': '1' }),
      ),
      { facts: { capabilities: knowing(['settings-max-per-write', 2]) } },
    )
    assert.equal(split.verdict?.meaning, 'unverifiable')
    assert.deepEqual(outcomes(split.verdict?.result), {
      'X/A': 'written',
      'X/B': 'unverified',
      'X/C': 'written',
    })
  })
})

describe('what is refused before anything is stored', () => {
  const check = (params: object): string | undefined => settingsWrite.check?.(params)?.field

  const rows: readonly (readonly [object, string | undefined])[] = [
    [{ key: 'A', value: '1' }, undefined],
    [{ key: 'A' }, 'value'],
    [{ value: '1' }, 'key'],
    [{ key: 'A', meaning: 'heartbeat-interval', value: '1' }, 'key'],
    [{ key: 'A', value: '1', settings: [{ key: 'B', value: '2' }] }, 'settings'],
    [
      {
        settings: [
          { key: 'A', value: '1' },
          { key: 'AuthorizationKey', value: 'x' },
        ],
      },
      'settings[1].key',
    ],
    [{ meaning: 'heartbeat-interval', value: 'soon' }, 'value'],
    [{ meaning: 'heartbeat-interval', value: '0' }, 'value'],
    [{ meaning: 'stop-on-cable-pulled', value: 'yes' }, 'value'],
    [{ settings: [{ meaning: 'currency', value: 'euro' }] }, 'settings[0].value'],
  ]
  for (const [params, field] of rows)
    test(JSON.stringify(params), () => {
      assert.equal(check(params), field)
    })

  test('a security profile is never lowered', () => {
    const facts = { capabilities: knowing(['security-profile', 2]) }
    const lower = (version: Version, key: string) =>
      dialogue(settingsWrite, version, { key, value: '1' }, inTurn(version), { facts }).refused
    assert.match(lower('1.6', 'SecurityProfile')?.refused ?? '', /not lowered/)
    assert.match(lower('2.1', 'SecurityCtrlr/SecurityProfile')?.refused ?? '', /not lowered/)
  })

  test('a meaning a version has no word for says why', () => {
    const refused = (version: Version, meaning: string, value: string) =>
      dialogue(settingsWrite, version, { meaning, value }, inTurn(version)).refused?.field
    assert.equal(refused('1.6', 'offline-threshold', '60'), 'meaning')
    assert.equal(refused('1.6', 'free-charging', 'true'), 'meaning')
    assert.equal(refused('2.1', 'current-limit', '16'), 'meaning')
  })

  test('a value that is too long for the version is refused', () => {
    const value = 'v'.repeat(1001)
    assert.ok(dialogue(settingsWrite, '2.0.1', { key: 'A/B', value }, inTurn('2.0.1')).refused)
  })
})

describe('meanings convert', () => {
  test('free charging is authorisation switched off', () => {
    const { calls, verdict } = dialogue(
      settingsWrite,
      '2.0.1',
      { meaning: 'free-charging', value: 'true' },
      inTurn(
        '2.0.1',
        set({ 'AuthCtrlr/Enabled': 'Accepted' }),
        got({ 'AuthCtrlr/Enabled': 'false' }),
      ),
    )
    assert.match(JSON.stringify(calls[0]?.payload), /"attributeValue":"false"/)
    assert.equal(verdict?.meaning, 'done')
  })

  test('the price in words is a member of JSON on 1.6', () => {
    const { verdict } = dialogue(
      settingsWrite,
      '1.6',
      { meaning: 'price-text', value: '0.40 EUR/kWh' },
      inTurn(
        '1.6',
        { status: 'Accepted' },
        told16({ DefaultPrice: '{ "priceText": "0.40 EUR/kWh", "priceTextOffline": "" }' }),
      ),
    )
    assert.equal(verdict?.meaning, 'done')
  })

  test('a limit in ampere is written in milliampere where the model wants that', () => {
    const facts = withQuirk({ quirk: 'limit-setting-in-milliampere', key: 'MaxCurrent' })
    const { calls, verdict } = dialogue(
      settingsWrite,
      '1.6',
      { meaning: 'current-limit', value: '16' },
      inTurn('1.6', { status: 'Accepted' }, told16({ MaxCurrent: '16000' })),
      { facts },
    )
    assert.deepEqual(calls[0]?.payload, { key: 'MaxCurrent', value: '16000' })
    assert.deepEqual(verdict?.meaning, 'done')
  })
})
