import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../test/kit/dialogue.ts'
import { sessionFacts } from '../../../test/kit/facts.ts'
import { inTurn } from '../../../test/kit/scripted-answers.ts'
import { ordinaryProfile } from '../../models/profile.ts'
import type { ChargerFacts } from '../facts.ts'
import { sessionCost } from './session-cost.ts'
import { sessionStart } from './session-start.ts'
import { sessionStatus } from './session-status.ts'
import { vendorMessage } from './vendor-message.ts'

const fine = { status: 'Accepted' }

describe('a remote start', () => {
  const start = (version: '1.6' | '2.0.1', params: object, facts: Partial<ChargerFacts> = {}) =>
    dialogue(sessionStart, version, params, inTurn(version, fine), { facts, fresh: { now: 1_000 } })

  test('with a limit carries a profile for the session', () => {
    const limit = { unit: 'A', value: 10 }
    const schedule = {
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }],
    }
    const head = {
      stackLevel: 0,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Relative',
    }
    assert.deepEqual(start('1.6', { token: 'T', evse: 1, limit }).calls[0]?.payload, {
      idTag: 'T',
      connectorId: 1,
      chargingProfile: { chargingProfileId: 4711, ...head, chargingSchedule: schedule },
    })
    assert.deepEqual(start('2.0.1', { token: 'T', limit }).calls[0]?.payload['chargingProfile'], {
      id: 4711,
      ...head,
      chargingSchedule: [{ id: 1, ...schedule }],
    })
  })
  test('carries a group on 2.x only', () => {
    const params = { token: 'T', groupToken: 'G' }
    assert.deepEqual(start('2.0.1', params).calls[0]?.payload['groupIdToken'], {
      idToken: 'G',
      type: 'Central',
    })
    assert.equal(start('1.6', params).refused?.field, 'groupToken')
  })
  test('is refused under maintenance, saying by whom and why', () => {
    const maintenance = { since: 0, by: 'Kim', why: 'new cable' }
    for (const version of ['1.6', '2.0.1'] as const)
      assert.match(
        start(version, { token: 'T' }, { maintenance }).refused?.refused ?? '',
        /Kim.*new cable/,
      )
    assert.equal(
      start('1.6', { token: 'T' }, { maintenance: { ...maintenance, until: 999 } }).calls.length,
      1,
    )
  })
  test('in a unit the charger does not take is refused', () => {
    const capabilities = {
      'charging-rate-units': { value: ['W'], source: 'probed', since: 0, why: 'it says so' },
    } as const
    const params = { token: 'T', limit: { unit: 'A', value: 6 } }
    assert.equal(start('1.6', params, { capabilities }).refused?.field, 'limit.unit')
  })
})

test('the running cost is delivered; that it is shown, nobody can tell', () => {
  const facts = { sessions: [sessionFacts({ transactionId: 'T-1' })] }
  const { calls, verdict } = dialogue(sessionCost, '2.1', { cost: 4.2 }, inTurn('2.1', {}), {
    facts,
  })
  assert.deepEqual(calls[0]?.payload, { totalCost: 4.2, transactionId: 'T-1' })
  assert.equal(verdict?.meaning, 'unverifiable')
  assert.ok(dialogue(sessionCost, '2.1', { cost: 1 }, inTurn('2.1')).refused)
})

test('a transaction’s status is what the charger says', () => {
  const answer = { ongoingIndicator: true, messagesInQueue: false }
  const { verdict } = dialogue(
    sessionStatus,
    '2.0.1',
    { transactionId: 'T-1' },
    inTurn('2.0.1', answer),
  )
  assert.deepEqual(verdict?.result, { running: true, messagesToCome: false })
})

describe('a vendor’s own message', () => {
  const listed = (messageId?: string) => ({
    profile: {
      ...ordinaryProfile,
      vendorMessages: [
        {
          vendorId: 'V',
          why: 'known',
          from: 'v/m',
          ...(messageId === undefined ? {} : { messageId }),
        },
      ],
    },
  })
  const send = (params: object, facts: Partial<ChargerFacts>, answer: object = fine) =>
    dialogue(vendorMessage, '1.6', params, inTurn('1.6', answer), { facts })

  test('that is listed is sent, and nothing shows what it does', () => {
    const params = { vendor: 'V', message: 'M', data: 'x' }
    const { calls, verdict } = send(params, listed('M'), { ...fine, data: 'y' })
    assert.deepEqual(calls[0]?.payload, { vendorId: 'V', messageId: 'M', data: 'x' })
    assert.equal(verdict?.meaning, 'unverifiable')
    assert.equal(send({ vendor: 'V', message: 'Any' }, listed()).calls.length, 1)
  })
  test('that is not listed is refused, naming what is', () => {
    const { refused } = send({ vendor: 'V', message: 'N' }, listed('M'))
    assert.equal(refused?.field, 'message')
    assert.match(refused?.refused ?? '', /V M/)
    assert.equal(send({ vendor: 'W' }, listed('M')).refused?.field, 'vendor')
    assert.match(send({ vendor: 'V' }, {}).refused?.refused ?? '', /lists no vendor messages/)
  })
  test('every other answer', () => {
    const ended = (status: string) => send({ vendor: 'V' }, listed(), { status }).verdict?.meaning
    assert.equal(ended('Rejected'), 'refused')
    assert.equal(ended('UnknownMessageId'), 'unsupported')
    assert.equal(ended('UnknownVendorId'), 'unsupported')
  })
  test('takes an object on 2.x', () => {
    const params = { vendor: 'V', data: '{"a":1}' }
    const { calls } = dialogue(vendorMessage, '2.1', params, inTurn('2.1', fine), {
      facts: listed(),
    })
    assert.deepEqual(calls[0]?.payload['data'], { a: 1 })
  })
})
