import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anna, ben, upkeepWorld } from '../../../test/kit/upkeep.ts'
import type { Answers, ScriptedCharger, UpkeepWorld } from '../../../test/kit/upkeep.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Commissioning, Wanted } from './run.ts'

const minute = 60_000

const settings: Readonly<Record<string, string>> = {
  GetConfigurationMaxKeys: '20',
  NumberOfConnectors: '2',
  SupportedFeatureProfiles: 'Core,LocalAuthListManagement,RemoteTrigger',
  LocalAuthListMaxLength: '50',
  HeartbeatInterval: '300',
  MeterValueSampleInterval: '60',
  LocalAuthorizeOffline: 'true',
}

/** A 1.6 charger that does everything it is asked, on connector 1. */
function willing(charger: ScriptedCharger, world: UpkeepWorld): Answers {
  const kept = new Map(Object.entries(settings))
  const now = () => new Date(world.clock.now()).toISOString()
  return (action, payload) => {
    switch (action) {
      case 'GetConfiguration': {
        const keys = payload.key as readonly string[]
        const known = keys.filter((key) => kept.has(key))
        return {
          configurationKey: known.map((key) => {
            return { key, readonly: false, value: kept.get(key) ?? '' }
          }),
          unknownKey: keys.filter((key) => !kept.has(key)),
        }
      }
      case 'ChangeConfiguration':
        kept.set(payload.key as string, payload.value as string)
        return { status: 'Accepted' }
      case 'TriggerMessage':
        charger.soon(() => triggered(charger, payload, now()))
        return { status: 'Accepted' }
      case 'RemoteStartTransaction':
        charger.soon(() =>
          charger.say('StartTransaction', {
            ...{ connectorId: 1, idTag: payload.idTag, meterStart: 0, timestamp: now() },
          }),
        )
        return { status: 'Accepted' }
      case 'RemoteStopTransaction': {
        const { transactionId } = payload
        charger.soon(() =>
          charger.say('StopTransaction', { transactionId, meterStop: 5, timestamp: now() }),
        )
        return { status: 'Accepted' }
      }
      default:
        return { status: 'Rejected' }
    }
  }
}

async function triggered(
  charger: ScriptedCharger,
  { requestedMessage }: JsonObject,
  timestamp: string,
): Promise<void> {
  if (requestedMessage === 'BootNotification') return charger.boot()
  if (requestedMessage === 'MeterValues')
    return charger.say('MeterValues', {
      connectorId: 1,
      meterValue: [{ timestamp, sampledValue: [{ value: '1' }] }],
    })
  return charger.status(1, 'Preparing')
}

async function begin(world: UpkeepWorld, wanted: Wanted = {}): Promise<Commissioning> {
  return world.upkeep.commissioning.begin(anna, 'CP-1', 'new at depot 1', wanted)
}

async function found(world: UpkeepWorld): Promise<Record<string, string>> {
  const { checks } = await world.upkeep.commissioning.show('CP-1', 'latest')
  return Object.fromEntries(checks.map(({ check, result }) => [check, result]))
}

async function installed(
  world: UpkeepWorld,
  registration: { group?: string; credential?: string } = {},
) {
  const charger = await world.charger('CP-1', { registration })
  charger.answers = willing(charger, world)
  await world.fleet.reports.hear({
    ...{ kind: 'admitting', identity: 'CP-1', at: world.clock.now() },
    ...{ authentication: 1, willSpeak: true },
  })
  return charger
}

async function online(charger: ScriptedCharger): Promise<void> {
  await charger.connect()
  await charger.boot()
  await charger.status(1, 'Preparing')
  await charger.status(2, 'Available')
}

test('a good charger passes the whole list, by commands of the person who asked', async (t) => {
  const world = await upkeepWorld(t)
  const charger = await installed(world)
  await online(charger)
  const wanted: Wanted = {
    connectors: 2,
    version: '1.6',
    localList: true,
    baseline: { 'heartbeat-interval': '300', LocalAuthorizeOffline: 'TRUE' },
    testSession: { token: 'TAG' },
  }
  const run = await begin(world, wanted)
  assert.equal(run.state, 'running')
  await world.pass(minute)
  const done = await world.upkeep.commissioning.show('CP-1', run.id)
  assert.deepEqual([done.state, done.verdict], ['completed', 'passed'])
  const skippedOnes = done.checks.filter(({ result }) => result === 'skipped')
  assert.deepEqual(
    skippedOnes.map(({ check }) => check),
    ['file-plane'],
  )
  assert.ok(done.checks.every(({ evidence }) => evidence !== null && evidence !== ''))
  const session = done.checks.find(({ check }) => check === 'test-session')
  assert.equal(session?.commands.length, 2)
  for (const command of await world.submitted()) {
    assert.deepEqual([command.actor.name, command.reason], ['Anna', 'new at depot 1'])
  }
  const events = await world.record('CP-1')
  assert.deepEqual(events.slice(1), ['commissioning.started', 'commissioning.completed'])
  const started = await world.audit.list({ event: 'commissioning.started', limit: 1 })
  assert.ok(!JSON.stringify(started).includes('TAG'))
})

test('what is not as it should be is said, with what to do about it', async (t) => {
  const world = await upkeepWorld(t)
  const charger = await installed(world, { credential: 'a password for all' })
  charger.answers = () => ({ status: 'Rejected' })
  await charger.connect()
  await charger.boot({ chargePointSerialNumber: '', firmwareVersion: '' })
  await charger.say('StatusNotification', {
    ...{ connectorId: 1, errorCode: 'GroundFailure', status: 'Faulted' },
    timestamp: new Date(world.clock.now() + 60 * minute).toISOString(),
  })
  await begin(world, {
    connectors: 2,
    version: '2.0.1',
    localList: true,
    testSession: { token: 'T' },
  })
  await world.pass(minute)
  assert.deepEqual(await found(world), {
    connection: 'passed',
    registration: 'passed',
    identity: 'warning',
    protocol: 'failed',
    credential: 'warning',
    firmware: 'warning',
    clock: 'failed',
    capabilities: 'warning',
    connectors: 'failed',
    settings: 'warning',
    'meter-values': 'warning',
    'local-list': 'warning',
    'file-plane': 'skipped',
    'test-session': 'skipped',
  })
  const { verdict, checks } = await world.upkeep.commissioning.show('CP-1', 'latest')
  assert.equal(verdict, 'failed')
  for (const { check, result, advice } of checks)
    if (result === 'failed' || result === 'warning') assert.ok(advice !== null, check)
})

test('a charger is waited for, and one that never connects fails', async (t) => {
  const world = await upkeepWorld(t)
  const charger = await installed(world)
  await begin(world)
  await world.pass(10 * minute)
  assert.equal((await found(world)).connection, 'running')
  await online(charger)
  await world.pass(minute)
  assert.equal((await found(world)).connection, 'passed')
  await charger.disconnect()
  const second = await begin(world, { waitMinutes: 2 })
  await world.pass(3 * minute)
  const done = await world.upkeep.commissioning.show('CP-1', second.id)
  assert.deepEqual([done.state, done.verdict], ['completed', 'failed'])
  assert.deepEqual([...new Set(done.checks.slice(1).map(({ result }) => result))], ['skipped'])
})

test('settings that differ from the baseline of the nearest group are listed, or written', async (t) => {
  const world = await upkeepWorld(t)
  const { commissioning } = world.upkeep
  for (const path of ['North', 'North/Depot']) await world.fleet.addGroup(anna, { path })
  await commissioning.setBaseline(anna, '', { 'heartbeat-interval': '900' })
  await commissioning.setBaseline(anna, 'North', {
    'heartbeat-interval': '600',
    'transaction-start-point': 'Authorized',
  })
  const charger = await installed(world, { group: 'North/Depot' })
  await online(charger)
  await begin(world)
  await world.pass(minute)
  const settingsOf = async () => {
    const { checks } = await commissioning.show('CP-1', 'latest')
    return checks.find(({ check }) => check === 'settings')
  }
  const first = await settingsOf()
  assert.equal(first?.result, 'failed')
  assert.equal(first.evidence, 'heartbeat-interval is 300, wanted is 600')
  const detail = first.detail as { deviations: unknown; without: unknown }
  assert.deepEqual(detail.without, ['transaction-start-point'])
  await begin(world, { writeBaseline: true })
  await world.pass(minute)
  assert.equal((await settingsOf())?.result, 'passed')
  await begin(world)
  await world.pass(minute)
  assert.match((await settingsOf())?.evidence ?? '', /1 as the baseline of North says/)
  await commissioning.removeBaseline(anna, 'North')
  assert.deepEqual(
    (await commissioning.baselines()).map(({ group, settings: wanted }) => [group, wanted]),
    [['', { 'heartbeat-interval': '900' }]],
  )
})

test('a run goes on where it was after control has restarted, and nothing is asked twice', async (t) => {
  const world = await upkeepWorld(t)
  const charger = await installed(world)
  await online(charger)
  const run = await begin(world, { testSession: { token: 'TAG' } })
  for (let restarts = 0; restarts < 4; restarts += 1) {
    await world.restart()
    await world.pass(5_000)
  }
  await world.pass(minute)
  const done = await world.upkeep.commissioning.show('CP-1', run.id)
  assert.equal(done.state, 'completed')
  const starts = charger.calls.filter(({ action }) => action === 'RemoteStartTransaction')
  assert.equal(starts.length, 1)
})

test('one run at a time on a charger; it can be cancelled once', async (t) => {
  const world = await upkeepWorld(t)
  await installed(world)
  const { commissioning } = world.upkeep
  const { id } = await begin(world)
  await assert.rejects(begin(world), isProblem('already-exists'))
  const cancelled = await commissioning.cancel(ben, 'CP-1', id, 'wrong charger')
  assert.equal(cancelled.state, 'cancelled')
  await assert.rejects(commissioning.cancel(ben, 'CP-1', id, 'again'), isProblem('too-late'))
  await begin(world)
  const { items } = await commissioning.list('CP-1', { limit: 10 })
  assert.deepEqual(
    items.map(({ state }) => state),
    ['running', 'cancelled'],
  )
})

test('what cannot be wanted is refused and changes nothing', async (t) => {
  const world = await upkeepWorld(t)
  await installed(world)
  const { commissioning } = world.upkeep
  const bad: readonly (readonly [Wanted, string])[] = [
    [{ baseline: {} }, 'baseline'],
    [{ baseline: { AuthorizationKey: 'x' } }, 'baseline.AuthorizationKey'],
    [{ baseline: { 'heartbeat-interval': 'often' } }, 'baseline.heartbeat-interval'],
  ]
  for (const [wanted, field] of bad)
    await assert.rejects(begin(world, wanted), (error) => {
      assert.ok(error instanceof ProblemError)
      assert.equal(error.problem.field, field)
      return true
    })
  await assert.rejects(commissioning.begin(anna, 'CP-9', 'x', {}), isProblem('not-found'))
  await assert.rejects(commissioning.show('CP-1', 'latest'), isProblem('not-found'))
  await assert.rejects(
    commissioning.setBaseline(anna, 'Nowhere', { HeartbeatInterval: '1' }),
    isProblem('invalid-input'),
  )
  assert.deepEqual((await commissioning.list('CP-1', { limit: 1 })).items, [])
})

function isProblem(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ProblemError)
    assert.equal(error.problem.code, code)
    return true
  }
}
