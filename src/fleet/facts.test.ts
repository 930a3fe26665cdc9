import assert from 'node:assert/strict'
import test from 'node:test'
import { systemClock } from '../kernel/clock.ts'
import { uuid7 } from '../kernel/ids.ts'
import { silentLog } from '../kernel/log.ts'
import { openPostgres } from '../storage/postgres.ts'
import { ordinaryProfile } from '../models/profile.ts'
import type { Database } from '../storage/database.ts'
import { fleetWorld, owner } from '../../test/kit/fleet.ts'
import { openFacts } from './facts.ts'
import type { Told } from './reports/report.ts'
import { defaultConditionSettings } from './conditions/condition.ts'
import { openReporting } from './reports/reporting.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const minute = 60_000

test('facts are those of the chargers named, and unknown ones are absent', async (t) => {
  const world = await fleetWorld(t)
  await world.charger('CP-1')
  await world.fleet.register(owner, { identity: 'CP-2' })
  const facts = await world.fleet.facts(['CP-2', 'ghost', 'CP-1'])
  assert.deepEqual([...facts.keys()].sort(), ['CP-1', 'CP-2'])
  assert.deepEqual(facts.get('CP-2'), {
    identity: 'CP-2',
    connected: false,
    epoch: 0,
    bootState: 'unknown',
    connectors: [],
    sessions: [],
    drawn: [],
    heard: {},
    profile: ordinaryProfile,
    capabilities: {},
    jobs: {},
    reports: [],
    uploads: [],
    asked: {},
    reservations: [],
  })
  assert.equal(facts.get('CP-1')?.connected, true)
  assert.equal((await world.fleet.facts([])).size, 0)
})

test('sessions stay among the facts while they run and for an hour after', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  const started = await charger.say<{ transactionId: number }>('StartTransaction', {
    connectorId: 1,
    idTag: 'T',
    meterStart: 0,
    timestamp: new Date(noon).toISOString(),
  })
  await world.clock.advance(120 * minute)
  const sessions = async (): Promise<readonly { endedAt?: number }[]> =>
    (await world.fleet.facts(['CP-1'])).get('CP-1')!.sessions
  assert.equal((await sessions()).length, 1)
  await charger.say('StopTransaction', {
    transactionId: started.transactionId,
    meterStop: 10,
    timestamp: new Date(noon + 110 * minute).toISOString(),
  })
  await world.clock.advance(59 * minute)
  assert.equal((await sessions())[0]?.endedAt, noon + 110 * minute)
  await world.clock.advance(2 * minute)
  assert.deepEqual(await sessions(), [])
})

/** A node that hears reports, with the given database connection and nobody to tell. */
function node(database: Database): ReturnType<typeof openReporting> {
  const announce = { happened: () => undefined, changed: () => undefined }
  const conditionSettings = defaultConditionSettings
  return openReporting({ database, newId: uuid7(systemClock), announce, conditionSettings })
}

test('nodes hearing of the same chargers at once neither lose nor double anything', async (t) => {
  const world = await fleetWorld(t)
  const identities = Array.from({ length: 20 }, (_, index) => `CP-${index}`)
  await world.fleet.import(
    owner,
    identities.map((identity) => ({ identity })),
  )
  const options = { connection: world.connection, clock: systemClock, log: silentLog }
  const other = await openPostgres(options)
  t.after(() => other.close())
  const nodes = [node(world.database), node(other)]
  const told = (identity: string, connector: number, at: number): Told => ({
    kind: 'told',
    identity,
    epoch: 1,
    version: '1.6',
    messageId: `${connector}`,
    receivedAt: noon,
    provoked: false,
    signals: [
      { kind: 'connector.status', evse: connector, connector: 1, status: 'Charging', at },
      {
        kind: 'fault.reported',
        source: 'status',
        evse: connector,
        connector: 1,
        blocking: false,
        code: 'WeakSignal',
        at,
      },
      {
        kind: 'transaction.started',
        numbering: 'ours',
        evse: connector,
        connector: 1,
        token: 'T',
        at,
        reportedAt: 'then',
      },
    ],
  })
  // Every report is heard by both nodes, in opposite orders.
  const reports = identities.flatMap((identity) =>
    [1, 2, 3].map((connector) => told(identity, connector, noon - minute)),
  )
  const heard = await Promise.all([
    ...reports.map((report) => nodes[0]!.hear(report)),
    ...[...reports].reverse().map((report) => nodes[1]!.hear(report)),
  ])
  const numbers = heard.map(({ transactionId }) => transactionId)
  assert.deepEqual(numbers.slice(0, reports.length), numbers.slice(reports.length).reverse())
  assert.equal(new Set(numbers).size, reports.length)
  const facts = await openFacts(world.database, world.clock)(identities)
  for (const one of facts.values()) {
    assert.equal(one.connectors.length, 3)
    assert.equal(one.sessions.length, 3)
  }
  const { items } = await world.fleet.faults({ limit: 500 }, { open: true })
  assert.equal(items.length, reports.length)
})
