import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fleetWorld, owner } from '../../test/kit/fleet.ts'
import { operation } from '../../test/kit/question.ts'
import { commandsPast } from '../commands/standing.ts'
import type { Asked } from './gate.ts'
import { openStandings } from './gathered-standings.ts'
import { defaultRules } from './rules/rules.ts'

const site = 'Org/North/Main'
const { actor } = owner

async function world(t: TestContext) {
  const kit = await fleetWorld(t)
  await kit.fleet.addGroup(owner, { path: site })
  let statements = 0
  const database = {
    query: <Row extends object>(sql: string, values?: readonly unknown[]) => {
      statements += 1
      return kit.database.query<Row>(sql, values)
    },
  } as Pick<typeof kit.database, 'query'>
  const standings = openStandings({
    ...{ database, clock: kit.clock, past: commandsPast(database) },
    placesOf: (chargers) => Promise.resolve(new Map(chargers.map((one) => [one, site]))),
  })
  return { ...kit, standings, statements: () => statements }
}

function asked(name: string, params: Asked['intent']['params'], ...chargers: string[]): Asked {
  return {
    intent: {
      operation: operation(name),
      params,
      reason: 'a test',
      acknowledges: [],
      notAfter: Infinity,
    },
    chargers,
  }
}

test('what stands of a charger: its place, session, faults, resets and the faults of then', async (t) => {
  const there = await world(t)
  const { fleet, clock, sql, standings } = there
  const one = await there.charger('CP-1')
  await fleet.update(owner, 'CP-1', { group: site })
  const at = (): string => new Date(clock.now()).toISOString()
  await one.say('BootNotification', { chargePointVendor: 'ACME', chargePointModel: 'Wall 22' })
  await one.say('StatusNotification', {
    ...{ connectorId: 1, status: 'Faulted', errorCode: 'GroundFailure', vendorErrorCode: 'E42' },
    timestamp: at(),
  })
  await clock.advance(60_000)
  const resetAt = clock.now()
  const command = '0198c000-0000-7000-8000-000000000001'
  await sql(
    `insert into command (id, operation, params, reason, actor, origin, max_running, total, submitted_at, not_after, digest)
     values ($1, 'charger.reset', '{}', 'r', '{}', '{}', 1, 2, 0, 0, 'd')`,
    [command],
  )
  await sql(
    `insert into dispatch (id, command, charger, operation, exclusive, state, ready, not_after, sent_at, updated_at)
     values (gen_random_uuid(), $1, 'CP-1', 'charger.reset', false, 'failed', false, 0, $2, $2)`,
    [command, resetAt],
  )
  await clock.advance(60_000)
  await one.say('StartTransaction', {
    ...{ connectorId: 2, idTag: 'TAG', meterStart: 0, timestamp: at() },
  })
  const reset = asked('charger.reset', { mode: 'now' }, 'CP-1')
  const { targets, fleet: whole } = await standings.of(actor, reset, defaultRules, clock.now())
  const [known] = targets
  assert.deepEqual(
    {
      ...known,
      faults: known?.faults.map(({ code, vendorCode, evse }) => [code, vendorCode, evse]),
    },
    {
      ...{ charger: 'CP-1', group: site, site, vendor: 'ACME', model: 'Wall 22', connected: true },
      ...{ runningSessions: 1, sessionsAt: [2], watts: null, maintenance: false },
      faults: [['GroundFailure', 'E42', 1]],
      conditions: [],
      resets: [{ at: resetAt, faults: ['GroundFailure'] }],
      recentFailures: 1,
    },
  )
  assert.deepEqual([whole.chargers, whole.perSite], [1, { [site]: 1 }])
})

test('chargers of a group that is no site, and of none, are counted where they are', async (t) => {
  const { fleet, clock, standings } = await world(t)
  const places = { 'CP-1': 'Org/North', 'CP-2': 'Org/North', 'CP-3': site, 'CP-4': undefined }
  for (const [identity, group] of Object.entries(places))
    await fleet.register(owner, { identity, ...(group === undefined ? {} : { group }) })
  const reset = asked('charger.reset', { mode: 'now' }, 'CP-1', 'CP-4')
  const { fleet: whole } = await standings.of(actor, reset, defaultRules, clock.now())
  assert.deepEqual(whole.perSite, { 'Org/North': 2, '': 1 })
  assert.deepEqual(whole.disturbed.perSite, { 'Org/North': 0, '': 0 })
})

test('however many ask at one moment, what stands is read by the same few statements', async (t) => {
  const { fleet, clock, standings, statements } = await world(t)
  const names = Array.from({ length: 40 }, (_, index) => `CP-${index}`)
  for (const identity of names) await fleet.register(owner, { identity, group: site })
  const ask = (name: string) =>
    standings.of(actor, asked('settings.write', {}, name), defaultRules, clock.now())
  await ask('CP-0')
  const once = statements()
  const all = await Promise.all(names.map(ask))
  assert.deepEqual(
    all.map(({ targets }) => targets[0]?.charger),
    names,
  )
  assert.ok(statements() - once <= 2 * once, `${statements() - once}, and ${once} for one`)
})

test('of a command that only reads nothing is read but where its chargers are', async (t) => {
  const { clock, standings, statements } = await world(t)
  const { targets } = await standings.of(
    actor,
    asked('settings.read', {}, 'CP-1'),
    defaultRules,
    clock.now(),
  )
  assert.equal(targets[0]?.group, site)
  assert.equal(statements(), 0)
})
