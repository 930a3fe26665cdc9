import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { chargerFacts, freshFor } from '../../../../test/kit/facts.ts'
import { inTurn } from '../../../../test/kit/scripted-answers.ts'
import type { Json } from '../../../kernel/json.ts'
import type { Capabilities, CapabilityName } from '../../../models/capability.ts'
import { ordinaryProfile } from '../../../models/profile.ts'
import type { ResolvedProfile } from '../../../models/profile.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { Operation } from '../../operation.ts'
import { settingsRead } from '../settings-read.ts'
import { settingsWrite } from '../settings-write.ts'
import { messagesOf } from './named.ts'
import { settingsFind } from './settings-find.ts'
import { settingsReport } from './settings-report.ts'

type Quirk = ResolvedProfile['quirks'][number]

function knowing(...known: readonly (readonly [CapabilityName, number])[]): Capabilities {
  return Object.fromEntries(
    known.map(([name, value]) => [name, { value, source: 'probed', since: 0, why: 'it said so' }]),
  )
}

function withQuirk(quirk: { readonly quirk: Quirk['quirk']; readonly [field: string]: unknown }): {
  profile: ResolvedProfile
} {
  const one = { ...quirk, why: 'known', evidence: [], from: 'test/model' } as unknown as Quirk
  return { profile: { ...ordinaryProfile, quirks: [one] } }
}

function told16(values: Readonly<Record<string, string>>, unknownKey: readonly string[] = []) {
  return {
    configurationKey: Object.entries(values).map(([key, value]) => {
      return { key, readonly: false, value }
    }),
    ...(unknownKey.length === 0 ? {} : { unknownKey }),
  }
}

function variable(name: string): { component: { name: string }; variable: { name: string } } {
  const [component = '', rest = ''] = name.split('/')
  return { component: { name: component }, variable: { name: rest } }
}
function got(values: Readonly<Record<string, string>>) {
  return {
    getVariableResult: Object.entries(values).map(([name, attributeValue]) => {
      return { ...variable(name), attributeStatus: 'Accepted', attributeValue }
    }),
  }
}
function set(statuses: Readonly<Record<string, string>>) {
  return {
    setVariableResult: Object.entries(statuses).map(([name, attributeStatus]) => {
      return { ...variable(name), attributeStatus }
    }),
  }
}

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
  const check = (params: object): string | undefined =>
    settingsWrite.check?.(params as Parameters<NonNullable<typeof settingsWrite.check>>[0])?.field

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
