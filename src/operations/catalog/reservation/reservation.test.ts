import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { connectorFacts } from '../../../../test/kit/facts.ts'
import { inTurn } from '../../../../test/kit/scripted-answers.ts'
import type { ChargerFacts } from '../../facts.ts'
import { reservationCancel } from './reservation-cancel.ts'
import { reservationMake } from './reservation-make.ts'

const now = Date.parse('2026-05-01T10:00:00Z')
const until = '2026-05-01T14:00:00+02:00'
const untilUtc = '2026-05-01T12:00:00.000Z'
const fresh = { now }
const fine = { status: 'Accepted' }

describe('a reservation', () => {
  const rows = [
    [
      '1.6',
      { evse: 2, token: 'T', groupToken: 'G', until },
      { connectorId: 2, expiryDate: untilUtc, idTag: 'T', parentIdTag: 'G', reservationId: 4711 },
    ],
    [
      '2.0.1',
      { evse: 1, token: 'T', tokenType: 'ISO14443', groupToken: 'G', until },
      {
        id: 4711,
        evseId: 1,
        expiryDateTime: untilUtc,
        idToken: { idToken: 'T', type: 'ISO14443' },
        groupIdToken: { idToken: 'G', type: 'Central' },
      },
    ],
    [
      '2.1',
      { token: 'T', until },
      { id: 4711, expiryDateTime: untilUtc, idToken: { idToken: 'T', type: 'Central' } },
    ],
    [
      '1.6',
      { token: 'T', until },
      { connectorId: 0, expiryDate: untilUtc, idTag: 'T', reservationId: 4711 },
    ],
  ] as const
  for (const [version, params, payload] of rows)
    test(`on ${version}: ${JSON.stringify(params).slice(0, 60)}`, () => {
      const { calls } = dialogue(reservationMake, version, params, inTurn(version, fine), { fresh })
      assert.deepEqual(calls[0]?.payload, payload)
    })

  for (const version of ['1.6', '2.0.1', '2.1'] as const) {
    const make = (answer: object) =>
      dialogue(reservationMake, version, { evse: 1, token: 'T', until }, inTurn(version, answer), {
        fresh,
      })

    test(`on ${version} worked when the connector is reported Reserved`, () => {
      const { look, learned } = make(fine)
      const reserved = (over: object) => ({
        connectors: [connectorFacts({ status: 'Reserved', receivedAt: 1_001, ...over })],
      })
      assert.equal(look(reserved({}), 1_000).seen, 'yes')
      assert.equal(look(reserved({ receivedAt: 999 }), 1_000).seen, 'not-yet')
      assert.equal(look(reserved({ status: 'Available' }), 1_000).seen, 'not-yet')
      assert.deepEqual(learned, [
        { kind: 'reservation', id: 4711, evse: 1, until: Date.parse(until) },
      ])
    })
    test(`on ${version} every refusal`, () => {
      for (const status of ['Faulted', 'Occupied', 'Rejected', 'Unavailable'])
        assert.equal(make({ status }).verdict?.meaning, 'refused')
    })
  }

  test('of any connector shows nowhere, so it ends unverified', () => {
    const params = { token: 'T', until }
    const { verdict } = dialogue(reservationMake, '2.1', params, inTurn('2.1', fine), { fresh })
    assert.equal(verdict?.meaning, 'unverifiable')
  })

  const refusals: readonly (readonly [string, object, Partial<ChargerFacts>, string])[] = [
    ['whose time is over', { until: '2026-05-01T09:00:00Z' }, {}, 'until'],
    ['for a month', { until: '2026-06-01T09:00:00Z' }, {}, 'until'],
    ['until no time at all', { until: 'tonight' }, {}, 'until'],
    ['of a charger whose clock is wrong', {}, { clockSkewMs: -3_600_000 }, 'until'],
    ['of a connector it does not have', { evse: 7 }, {}, 'connector'],
    ['for a token of 21 characters', { token: 'T'.repeat(21) }, {}, 'token'],
    ['for a token with a type', { tokenType: 'Central' }, {}, 'tokenType'],
  ]
  for (const [name, params, facts, field] of refusals)
    test(`${name} is refused`, () => {
      const asked = { evse: 1, token: 'T', until, ...params }
      const { refused } = dialogue(reservationMake, '1.6', asked, inTurn('1.6'), { fresh, facts })
      assert.equal(refused?.field, field)
    })
  test('of any connector, where the charger reserves single ones only, is refused', () => {
    const capabilities = {
      'reservation-connector-zero': { value: false, source: 'probed', since: 0, why: 'it says so' },
    } as const
    const { refused } = dialogue(reservationMake, '1.6', { token: 'T', until }, inTurn('1.6'), {
      fresh,
      facts: { capabilities },
    })
    assert.equal(refused?.field, 'evse')
  })
})

describe('cancelling a reservation', () => {
  const held = connectorFacts({ evse: 2, status: 'Reserved', receivedAt: 500 })
  const kept = { id: 12, evse: 2, until: now, at: 400 }
  const cancel = (facts: Partial<ChargerFacts>) =>
    dialogue(reservationCancel, '2.0.1', { reservation: 12 }, inTurn('2.0.1', fine), { facts })
  const free = (over: object = {}) => ({
    connectors: [connectorFacts({ evse: 2, status: 'Available', receivedAt: 1_001, ...over })],
  })

  test('worked when its connector is reported free', () => {
    const { calls, look } = cancel({ connectors: [held], reservations: [kept] })
    assert.deepEqual(calls[0]?.payload, { reservationId: 12 })
    assert.equal(look(free(), 1_000).seen, 'yes')
    assert.equal(look(free({ receivedAt: 999 }), 1_000).seen, 'not-yet')
    assert.equal(look(free({ status: 'Occupied' }), 1_000).seen, 'not-yet')
    assert.equal(look(free({ evse: 1 }), 1_000).seen, 'not-yet')
  })
  test('worked when the charger says that it is over', () => {
    const { look } = cancel({ connectors: [], reservations: [kept] })
    const over = { how: 'Removed', receivedAt: 1_001 }
    assert.equal(look({ reservations: [{ ...kept, over }] }, 1_000).seen, 'yes')
    const before = { ...over, receivedAt: 999 }
    assert.equal(look({ reservations: [{ ...kept, over: before }] }, 1_000).seen, 'not-yet')
  })
  test('of one made by somebody else, the only connector that is Reserved is meant', () => {
    assert.equal(cancel({ connectors: [held] }).look(free(), 1_000).seen, 'yes')
    const two = [held, connectorFacts({ status: 'Reserved', receivedAt: 500 })]
    assert.equal(cancel({ connectors: two }).look(free(), 1_000).seen, 'not-yet')
  })
  test('is no success where the connector was not Reserved to begin with', () => {
    const idle = connectorFacts({ evse: 2, receivedAt: 500 })
    const { look } = cancel({ connectors: [idle], reservations: [kept] })
    assert.equal(look(free(), 1_000).seen, 'not-yet')
  })
  test('that is not known is refused', () => {
    const { verdict } = dialogue(
      reservationCancel,
      '1.6',
      { reservation: 12 },
      inTurn('1.6', { status: 'Rejected' }),
    )
    assert.equal(verdict?.meaning, 'refused')
  })
})
