import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chargerFacts, connectorFacts } from '../../../test/kit/facts.ts'
import type { ConnectorStatus } from '../../operations/facts.ts'
import { howItIs, reconsidered } from './before.ts'
import type { Before } from './stay.ts'

const out = { availability: 'inoperative' }
const back = { availability: 'operative' }

/** Status of connector 2, what was asked of the charger before, and what that makes of connector 2. */
const rows: readonly (readonly [
  ConnectorStatus,
  readonly Record<string, string | number>[],
  availability: string,
  by: string | undefined,
])[] = [
  ['Available', [], 'operative', undefined],
  ['Preparing', [], 'operative', undefined],
  ['Unavailable', [], 'inoperative', 'somebody else'],
  ['Unavailable', [{ ...out, evse: 2 }], 'inoperative', 'us'],
  ['Unavailable', [{ ...out, connector: 2 }], 'inoperative', 'us'],
  ['Unavailable', [out], 'inoperative', 'us'],
  ['Unavailable', [{ ...out, evse: 1 }], 'inoperative', 'somebody else'],
  ['Unavailable', [{ ...out, evse: 2 }, back], 'inoperative', 'somebody else'],
  ['Unavailable', [back, { ...out, evse: 2 }], 'inoperative', 'us'],
  // Scheduled for the end of the session.
  ['Charging', [{ ...out, evse: 2 }], 'inoperative', 'us'],
  ['Charging', [], 'operative', undefined],
  ['Faulted', [{ ...out, evse: 2 }], 'inoperative', 'us'],
  ['Faulted', [], 'operative', undefined],
  // It was told and never did it: it is in service.
  ['Available', [{ ...out, evse: 2 }], 'operative', undefined],
]
for (const [status, taken, availability, by] of rows)
  test(`a connector that shows ${status} after ${JSON.stringify(taken)} was ${availability}`, () => {
    const connectors = [connectorFacts({ evse: 1 }), connectorFacts({ evse: 2, status })]
    const asked = taken.map((params) => ({ charger: 'CP-1', params }))
    const known = howItIs(chargerFacts({ version: '1.6', connectors }), asked)
    const two = known.find(({ evse }) => evse === 2)
    assert.deepEqual([two?.availability, two?.by], [availability, by])
  })

test('on OCPP 2.x a connector is told apart from its neighbour', () => {
  const connectors = [1, 2].map((connector) =>
    connectorFacts({ evse: 1, connector, status: 'Unavailable' }),
  )
  const known = howItIs(chargerFacts({ version: '2.1', connectors }), [
    { charger: 'CP-1', params: { ...out, evse: 1, connector: 2 } },
  ])
  assert.deepEqual(
    known.map(({ by }) => by),
    ['somebody else', 'us'],
  )
})

test('a connector out by itself that comes back counts as in service before, one put out by us does not', () => {
  const before: readonly Before[] = [
    { evse: 1, connector: 1, availability: 'inoperative', by: 'somebody else' },
    { evse: 2, connector: 1, availability: 'inoperative', by: 'us' },
  ]
  const connectors = [1, 2, 3].map((evse) => connectorFacts({ evse }))
  const known = reconsidered(before, chargerFacts({ connectors }))
  assert.deepEqual(
    known.map(({ evse, availability }) => [evse, availability]),
    [
      [1, 'operative'],
      [2, 'inoperative'],
      [3, 'operative'],
    ],
  )
  const still = [1, 2].map((evse) => connectorFacts({ evse, status: 'Unavailable' }))
  assert.equal(reconsidered(before, chargerFacts({ connectors: still })), before)
})
