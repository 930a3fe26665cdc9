import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialogue } from '../../../../test/kit/dialogue.ts'
import { sessionFacts } from '../../../../test/kit/facts.ts'
import type { Operation } from '../../operation.ts'
import { gridAfrrSignal } from './grid-afrr-signal.ts'
import { profileDynamicUpdate } from './profile-dynamic-update.ts'
import { sessionEnergyTransfer } from './session-energy-transfer.ts'
import { sessionPriority } from './session-priority.ts'

const now = Date.parse('2026-05-05T12:00:00Z')
const fresh = { now, number: 4711 }
const charging = { sessions: [sessionFacts({ evse: 2, transactionId: '77' })] }

const accepts = (): unknown => ({ status: 'Accepted' })

describe('what came with 2.1', () => {
  const rows: readonly (readonly [
    Operation,
    object,
    object,
    readonly (readonly [string, string])[],
  ])[] = [
    [
      profileDynamicUpdate,
      { id: 9, setpoint: -3000 },
      { chargingProfileId: 9, scheduleUpdate: { setpoint: -3000 } },
      [
        ['Accepted', 'unverifiable'],
        ['Rejected', 'refused'],
      ],
    ],
    [
      sessionPriority,
      { evse: 2, priority: true },
      { transactionId: '77', activate: true },
      [
        ['Accepted', 'unverifiable'],
        ['Rejected', 'refused'],
        ['NoProfile', 'refused'],
      ],
    ],
    [
      sessionEnergyTransfer,
      { transactionId: '77', modes: ['DC', 'DC_BPT'] },
      { transactionId: '77', allowedEnergyTransfer: ['DC', 'DC_BPT'] },
      [
        ['Accepted', 'unverifiable'],
        ['Rejected', 'refused'],
      ],
    ],
    [
      gridAfrrSignal,
      { signal: -120 },
      { signal: -120, timestamp: '2026-05-05T12:00:00.000Z' },
      [
        ['Accepted', 'unverifiable'],
        ['Rejected', 'refused'],
      ],
    ],
  ]
  for (const [operation, params, payload, answers] of rows)
    test(operation.name, () => {
      assert.ok('absent' in operation.versions['1.6'] && 'absent' in operation.versions['2.0.1'])
      for (const [status, meaning] of answers) {
        const played = dialogue(operation, '2.1', params, () => ({ status }), {
          facts: charging,
          fresh,
        })
        assert.deepEqual(played.calls[0]?.payload, payload)
        assert.equal(played.verdict?.meaning, meaning)
      }
    })

  test('a dynamic profile is given at least one value', () =>
    assert.equal(profileDynamicUpdate.check?.({ id: 1 })?.field, 'limit'))

  test('priority needs a session that runs', () => {
    const { refused } = dialogue(
      sessionPriority,
      '2.1',
      { transactionId: '78', priority: true },
      accepts,
      { facts: charging },
    )
    assert.equal(refused?.field, 'transactionId')
  })
})
