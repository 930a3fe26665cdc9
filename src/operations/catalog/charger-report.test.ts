import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chargerFacts, connectorFacts, freshFor } from '../../../test/kit/facts.ts'
import type { ChargerFacts } from '../facts.ts'
import { chargerReport } from './charger-report.ts'

const { effect } = chargerReport
const since = 1_000

function sighted(what: string, payload: object, facts: Partial<ChargerFacts>): string {
  assert.ok(effect.seenIn === 'behaviour')
  const context = {
    fresh: freshFor(),
    answered: true,
    payload: { requestedMessage: what, ...payload },
    expects: null,
    epoch: 1,
  }
  const params = { what } as Parameters<typeof effect.seen>[2]
  return effect.seen(chargerFacts(facts), since, params, context).seen
}

const onEvse2 = { evse: 2, receivedAt: since + 1 }

describe('a report has come', () => {
  const rows: [string, string, object, Partial<ChargerFacts>, 'yes' | 'not-yet'][] = [
    ['any status', 'status', {}, { heard: { status: since + 1 } }, 'yes'],
    ['no status since', 'status', {}, { heard: { status: since } }, 'not-yet'],
    [
      'a status of the connector named (1.6)',
      'status',
      { connectorId: 2 },
      { connectors: [connectorFacts(onEvse2)] },
      'yes',
    ],
    [
      'a status of another connector (1.6)',
      'status',
      { connectorId: 1 },
      { heard: { status: since + 1 }, connectors: [connectorFacts(onEvse2)] },
      'not-yet',
    ],
    [
      'a status of the charger itself (1.6)',
      'status',
      { connectorId: 0 },
      { connectors: [connectorFacts({ ...onEvse2, evse: 0, connector: 0 })] },
      'yes',
    ],
    [
      'a status of any connector of the EVSE named (2.x)',
      'status',
      { evse: { id: 2 } },
      { connectors: [connectorFacts({ ...onEvse2, connector: 3 })] },
      'yes',
    ],
    [
      'a status of another connector of the EVSE named (2.x)',
      'status',
      { evse: { id: 2, connectorId: 1 } },
      { heard: { status: since + 1 }, connectors: [connectorFacts({ ...onEvse2, connector: 3 })] },
      'not-yet',
    ],
    [
      'meter values of the EVSE named',
      'meter-values',
      { evse: { id: 2, connectorId: 1 } },
      { heard: { meterValues: since + 1, meters: { 2: since + 1 } } },
      'yes',
    ],
    [
      'meter values of another EVSE',
      'meter-values',
      { connectorId: 1 },
      { heard: { meterValues: since + 1, meters: { 1: since - 1, 2: since + 1 } } },
      'not-yet',
    ],
    ['any meter values', 'meter-values', {}, { heard: { meterValues: since + 1 } }, 'yes'],
    ['a heartbeat', 'heartbeat', {}, { heard: { heartbeat: since + 1 } }, 'yes'],
    ['a boot', 'boot', {}, { heard: { boot: since + 1 } }, 'yes'],
  ]
  for (const [name, what, payload, facts, expected] of rows)
    test(name, () => assert.equal(sighted(what, payload, facts), expected))
})
