import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { strictRequest } from '../ocpp/validation.ts'
import { versions } from '../ocpp/versions.ts'
import type { Version } from '../ocpp/versions.ts'
import { chargerFacts, connectorFacts, freshFor, sessionFacts } from '../../test/kit/facts.ts'
import { operationNamed, operations } from './catalogue.ts'
import { isRefusal } from './operation.ts'
import type { Operation, VersionPlan } from './operation.ts'
import type { ChargerFacts } from './facts.ts'

const fresh = freshFor()

function planOf(name: string, version: Version): VersionPlan<Version, unknown> {
  const plan = named(name).versions[version]
  assert.ok(!('absent' in plan))
  return plan
}

function named(name: string): Operation {
  const operation = operationNamed(name)
  assert.ok(operation, name)
  return operation
}

function ask(
  name: string,
  version: Version,
  params: object,
  facts: Partial<ChargerFacts> = {},
): object {
  return planOf(name, version).request(params, chargerFacts({ version, ...facts }), fresh)
}

/** operation, version, params, facts, and the payload it becomes or the field it is refused for. */
const rows: readonly (readonly [
  string,
  Version,
  object,
  Partial<ChargerFacts>,
  object | { refusedFor: string | undefined },
])[] = [
  ['charger.reset', '1.6', { mode: 'now' }, {}, { type: 'Hard' }],
  ['charger.reset', '1.6', { mode: 'after-stopping-sessions' }, {}, { type: 'Soft' }],
  ['charger.reset', '1.6', { mode: 'when-idle' }, {}, { refusedFor: 'mode' }],
  ['charger.reset', '1.6', { mode: 'resume' }, {}, { refusedFor: 'mode' }],
  ['charger.reset', '1.6', { mode: 'now', evse: 1 }, {}, { refusedFor: 'evse' }],
  ['charger.reset', '2.0.1', { mode: 'when-idle', evse: 1 }, {}, { type: 'OnIdle', evseId: 1 }],
  ['charger.reset', '2.0.1', { mode: 'now' }, {}, { type: 'Immediate' }],
  ['charger.reset', '2.0.1', { mode: 'resume' }, {}, { refusedFor: 'mode' }],
  ['charger.reset', '2.1', { mode: 'resume' }, {}, { type: 'ImmediateAndResume' }],
  [
    'charger.availability',
    '1.6',
    { availability: 'inoperative' },
    {},
    { connectorId: 0, type: 'Inoperative' },
  ],
  [
    'charger.availability',
    '1.6',
    { availability: 'operative', evse: 2 },
    {},
    { connectorId: 2, type: 'Operative' },
  ],
  [
    'charger.availability',
    '1.6',
    { availability: 'operative', connector: 2 },
    {},
    { connectorId: 2, type: 'Operative' },
  ],
  [
    'charger.availability',
    '1.6',
    { availability: 'operative', evse: 1, connector: 2 },
    {},
    { refusedFor: 'connector' },
  ],
  [
    'charger.availability',
    '1.6',
    { availability: 'operative', evse: 3 },
    {},
    { refusedFor: 'connector' },
  ],
  [
    'charger.availability',
    '2.0.1',
    { availability: 'operative' },
    {},
    { operationalStatus: 'Operative' },
  ],
  [
    'charger.availability',
    '2.1',
    { availability: 'inoperative', evse: 2, connector: 1 },
    {},
    { operationalStatus: 'Inoperative', evse: { id: 2, connectorId: 1 } },
  ],
  [
    'charger.availability',
    '2.0.1',
    { availability: 'inoperative', connector: 1 },
    {},
    { refusedFor: 'evse' },
  ],
  [
    'charger.availability',
    '2.0.1',
    { availability: 'inoperative', connector: 1 },
    { connectors: [connectorFacts()] },
    { operationalStatus: 'Inoperative', evse: { id: 1, connectorId: 1 } },
  ],
  ['session.start', '1.6', { token: 'ABC', evse: 1 }, {}, { idTag: 'ABC', connectorId: 1 }],
  ['session.start', '1.6', { token: 'A'.repeat(21) }, {}, { refusedFor: 'token' }],
  ['session.start', '1.6', { token: 'A', tokenType: 'ISO14443' }, {}, { refusedFor: 'tokenType' }],
  [
    'session.start',
    '2.0.1',
    { token: 'ABC', evse: 1 },
    {},
    { idToken: { idToken: 'ABC', type: 'Central' }, remoteStartId: 4711, evseId: 1 },
  ],
  ['session.stop', '1.6', { transactionId: '12' }, {}, { transactionId: 12 }],
  ['session.stop', '1.6', { transactionId: 'abc' }, {}, { refusedFor: 'transactionId' }],
  ['session.stop', '1.6', {}, {}, { refusedFor: undefined }],
  [
    'session.stop',
    '1.6',
    {},
    { sessions: [sessionFacts({ transactionId: '9' })] },
    { transactionId: 9 },
  ],
  [
    'session.stop',
    '2.0.1',
    { evse: 2 },
    { sessions: [sessionFacts(), sessionFacts({ evse: 2, transactionId: 'T-2' })] },
    { transactionId: 'T-2' },
  ],
  [
    'session.stop',
    '2.1',
    {},
    { sessions: [sessionFacts(), sessionFacts({ evse: 2, transactionId: 'T-2' })] },
    { refusedFor: 'transactionId' },
  ],
  [
    'session.stop',
    '2.1',
    {},
    { sessions: [sessionFacts({ endedAt: 5, endReceivedAt: 5 })] },
    { refusedFor: undefined },
  ],
  ['connector.unlock', '1.6', { evse: 1 }, {}, { connectorId: 1 }],
  ['connector.unlock', '1.6', {}, {}, { refusedFor: 'evse' }],
  [
    'connector.unlock',
    '1.6',
    { evse: 1 },
    { sessions: [sessionFacts()] },
    { refusedFor: 'evenWithSession' },
  ],
  [
    'connector.unlock',
    '1.6',
    { evse: 1, evenWithSession: true },
    { sessions: [sessionFacts()] },
    { connectorId: 1 },
  ],
  ['connector.unlock', '2.0.1', { evse: 2 }, {}, { evseId: 2, connectorId: 1 }],
  [
    'charger.report',
    '1.6',
    { what: 'status', evse: 1 },
    {},
    { requestedMessage: 'StatusNotification', connectorId: 1 },
  ],
  [
    'charger.report',
    '2.1',
    { what: 'meter-values', evse: 1 },
    {},
    { requestedMessage: 'MeterValues', evse: { id: 1 } },
  ],
  ['settings.read', '1.6', {}, {}, {}],
  ['settings.read', '1.6', { keys: ['HeartbeatInterval'] }, {}, { key: ['HeartbeatInterval'] }],
  ['settings.read', '2.0.1', {}, {}, { refusedFor: 'keys' }],
  ['settings.read', '2.0.1', { keys: ['HeartbeatInterval'] }, {}, { refusedFor: 'keys[0]' }],
  [
    'settings.read',
    '2.0.1',
    { keys: ['EVSE@1/Power#MaxSet', 'OCPPCommCtrlr/MessageTimeout:Default'] },
    {},
    {
      getVariableData: [
        {
          component: { name: 'EVSE', evse: { id: 1 } },
          variable: { name: 'Power' },
          attributeType: 'MaxSet',
        },
        {
          component: { name: 'OCPPCommCtrlr' },
          variable: { name: 'MessageTimeout', instance: 'Default' },
        },
      ],
    },
  ],
  [
    'settings.write',
    '1.6',
    { key: 'HeartbeatInterval', value: '300' },
    {},
    { key: 'HeartbeatInterval', value: '300' },
  ],
  ['settings.write', '1.6', { key: 'K', value: 'v'.repeat(501) }, {}, { refusedFor: 'value' }],
  [
    'settings.write',
    '2.1',
    { key: 'OCPPCommCtrlr/HeartbeatInterval', value: '300' },
    {},
    {
      setVariableData: [
        {
          component: { name: 'OCPPCommCtrlr' },
          variable: { name: 'HeartbeatInterval' },
          attributeValue: '300',
        },
      ],
    },
  ],
]

describe('an operation becomes the exact CALL of the version, or says why it cannot', () => {
  for (const [name, version, params, facts, expected] of rows) {
    test(`${name} ${JSON.stringify(params).slice(0, 70)} on ${version}`, () => {
      const planned = ask(name, version, params, facts)
      if ('refusedFor' in expected) {
        assert.ok(isRefusal(planned), JSON.stringify(planned))
        assert.equal(planned.field, expected.refusedFor)
      } else {
        assert.deepEqual(planned, expected)
        assert.equal(strictRequest(version, planOf(name, version).action, planned), undefined)
      }
    })
  }
})

test('every operation says for every version what it does or why it cannot', () => {
  for (const operation of operations) {
    for (const version of versions) {
      const plan = operation.versions[version]
      if ('absent' in plan) assert.ok(plan.because.length > 10)
      else assert.equal(plan.version, version)
    }
  }
})

test('a credential is never written as a setting, on any version', () => {
  const { check } = named('settings.write')
  for (const key of ['AuthorizationKey', 'SecurityCtrlr/BasicAuthPassword', 'OperatorPassword']) {
    assert.equal(check?.({ key, value: 'x' })?.field, 'key')
  }
  assert.equal(check?.({ key: 'HeartbeatInterval', value: '1' }), undefined)
})

test('a credential that a charger tells is not shown', () => {
  const answer = {
    configurationKey: [{ key: 'AuthorizationKey', readonly: false, value: 'secret' }],
  }
  const verdict = planOf('settings.read', '1.6').judge(answer, {}, {})
  assert.ok(!JSON.stringify(verdict).includes('secret'))
})

describe('a reset has worked', () => {
  const { effect } = named('charger.reset')
  assert.ok(effect.seenIn === 'behaviour')
  const sight = (facts: Partial<ChargerFacts>, params: object = { mode: 'now' }) =>
    effect.seen(chargerFacts(facts), 1000, params, {
      fresh,
      epoch: 1,
      answered: true,
      expects: null,
      payload: {},
    }).seen

  test('when the charger boots afterwards', () =>
    assert.equal(sight({ boot: { receivedAt: 1001, provoked: false } }), 'yes'))
  test('not when it booted before', () =>
    assert.equal(sight({ boot: { receivedAt: 999, provoked: false } }), 'not-yet'))
  test('not when we asked for the BootNotification', () =>
    assert.equal(sight({ boot: { receivedAt: 1001, provoked: true } }), 'not-yet'))
  test('not when the boot says it was triggered', () =>
    assert.equal(
      sight({ boot: { receivedAt: 1001, provoked: false, reason: 'Triggered' } }),
      'not-yet',
    ))
  test('for one EVSE nothing shows it, so it ends unverified', () => {
    const plan = planOf('charger.reset', '2.0.1')
    assert.equal(
      plan.judge({ status: 'Accepted' }, { mode: 'now', evse: 2 }, {}).meaning,
      'unverifiable',
    )
    assert.equal(plan.judge({ status: 'Accepted' }, { mode: 'now' }, {}).meaning, 'accepted')
  })
})

describe('a remote start has worked', () => {
  const { effect } = named('session.start')
  assert.ok(effect.seenIn === 'behaviour')
  const since = 1_000_000
  const sight = (
    session: Parameters<typeof sessionFacts>[0],
    params: object = { token: 'T', evse: 1 },
  ) =>
    effect.seen(chargerFacts({ sessions: [sessionFacts(session)] }), since, params, {
      fresh,
      epoch: 1,
      answered: true,
      expects: null,
      payload: {},
    }).seen
  const after = { startReceivedAt: since + 10, startedAt: since + 5 }

  test('when a session starts with its token', () =>
    assert.equal(sight({ token: 'T', ...after }), 'yes'))
  test('not when another token starts', () =>
    assert.equal(sight({ token: 'U', ...after }), 'not-yet'))
  test('not when it starts elsewhere', () =>
    assert.equal(sight({ token: 'T', evse: 2, ...after }), 'not-yet'))
  test('not when an old start of the same token is replayed', () =>
    assert.equal(
      sight({ token: 'T', startReceivedAt: since + 10, startedAt: since - 3_600_000 }),
      'not-yet',
    ))
  test('on 2.x only by its own remoteStartId', () => {
    assert.equal(sight({ token: 'X', remoteStartId: 4711, ...after }), 'yes')
    assert.equal(sight({ token: 'T', remoteStartId: 4712, ...after }), 'not-yet')
  })
})
