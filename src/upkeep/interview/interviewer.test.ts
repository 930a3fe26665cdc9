import assert from 'node:assert/strict'
import { test } from 'node:test'
import { upkeepWorld } from '../../../test/kit/upkeep.ts'
import type { Answers, ScriptedCharger, UpkeepWorld } from '../../../test/kit/upkeep.ts'

const minute = 60_000

/** Answers GetConfiguration as a charger with these keys. */
function telling(settings: Readonly<Record<string, string>>): Answers {
  return (action, payload) => {
    if (action !== 'GetConfiguration') return { status: 'Accepted' }
    const keys = payload.key as readonly string[]
    const known = keys.filter((key) => key in settings)
    return {
      configurationKey: known.map((key) => ({ key, readonly: true, value: settings[key] ?? '' })),
      unknownKey: keys.filter((key) => !(key in settings)),
    }
  }
}

const settings = {
  GetConfigurationMaxKeys: '20',
  NumberOfConnectors: '1',
  SupportedFeatureProfiles: 'Core,SmartCharging',
}

async function known(world: UpkeepWorld, identity = 'CP-1'): Promise<Record<string, unknown>> {
  const facts = (await world.fleet.facts([identity])).get(identity)
  const probed = Object.entries(facts?.capabilities ?? {}).filter(
    ([, { source }]) => source === 'probed',
  )
  return Object.fromEntries(probed.map(([name, { value }]) => [name, value]))
}

async function arrived(
  world: UpkeepWorld,
  answers: Answers = telling(settings),
  boot: Readonly<Record<string, string>> = {},
): Promise<ScriptedCharger> {
  const charger = await world.charger('CP-1')
  charger.answers = answers
  await charger.connect()
  await charger.boot(boot)
  await charger.status(1, 'Available')
  await world.settle()
  return charger
}

test('a charger is asked what it can do once it was accepted, after a pause, and not again', async (t) => {
  const world = await upkeepWorld(t, { interview: true })
  const charger = await arrived(world)
  assert.equal(charger.calls.length, 0)
  await world.pass(minute)
  assert.equal(charger.calls.length, 3)
  assert.equal((await known(world))['smart-charging'], true)
  const [command] = await world.submitted()
  assert.deepEqual([command?.operation, command?.actor.kind], ['charger.interview', 'system'])
  for (let boots = 0; boots < 3; boots += 1) {
    await charger.disconnect()
    await charger.connect()
    await charger.boot()
    await world.pass(2 * minute)
  }
  assert.equal(charger.calls.length, 3)
})

test('new firmware is asked anew, and what was known of the old one is forgotten', async (t) => {
  const world = await upkeepWorld(t, { interview: true })
  const charger = await arrived(world)
  await world.pass(minute)
  charger.answers = telling({ ...settings, SupportedFeatureProfiles: 'Core' })
  await charger.boot({ firmwareVersion: '2.0' })
  await world.settle()
  assert.deepEqual(await known(world), {})
  await world.pass(minute)
  const told = await known(world)
  assert.deepEqual([told['feature-profiles'], told['smart-charging']], [['Core'], undefined])
})

test('firmware that goes back and forth is asked three times an hour at most', async (t) => {
  const world = await upkeepWorld(t, { interview: true })
  const charger = await arrived(world)
  await world.pass(minute)
  for (let turn = 0; turn < 6; turn += 1) {
    await charger.boot({ firmwareVersion: turn % 2 === 0 ? '2.0' : '1.0' })
    await world.pass(2 * minute)
  }
  const interviews = (await world.submitted()).filter(
    ({ operation }) => operation === 'charger.interview',
  )
  assert.equal(interviews.length, 3)
})

test('a charger that says nothing is asked twice and then left alone', async (t) => {
  const world = await upkeepWorld(t, { interview: true })
  const charger = await arrived(world, () => undefined)
  await world.pass(30 * minute)
  assert.equal((await world.submitted()).length, 2)
  const { length } = charger.calls
  await charger.boot()
  await world.pass(30 * minute)
  assert.equal(charger.calls.length, length)
})

test('where it fails on one thing it is asked about the others', async (t) => {
  const world = await upkeepWorld(t, { interview: true })
  const honest = telling({ ...settings, GetConfigurationMaxKeys: '1' })
  const charger = await arrived(world, (action, payload) => {
    const keys = payload.key as readonly string[]
    return keys.includes('ChargingScheduleMaxPeriods')
      ? { errorCode: 'InternalError' }
      : honest(action, payload)
  })
  await world.pass(15 * minute)
  const told = await known(world)
  assert.equal(told.evses, 1)
  const asked = charger.calls.map(({ payload }) => (payload.key as string[])[0])
  assert.ok(asked.includes('SecurityProfile'))
  assert.ok(asked.filter((key) => key === 'ChargingScheduleMaxPeriods').length <= 2)
})

test('a delicate model is asked topic by topic, with pauses between', async (t) => {
  const world = await upkeepWorld(t, { interview: true })
  await arrived(world, telling(settings), {
    chargePointVendor: 'Entratek',
    chargePointModel: 'Power Dot Pro',
  })
  await world.pass(5 * minute)
  const commands = await world.submitted()
  assert.equal(commands.length, 8)
  const gaps = commands.map(
    ({ submittedAt }, index) =>
      Date.parse(submittedAt) - Date.parse(commands[index - 1]?.submittedAt ?? submittedAt),
  )
  assert.ok(gaps.slice(1).every((gap) => gap >= 5_000))
})

test('an interview goes on after control has restarted', async (t) => {
  const world = await upkeepWorld(t, { interview: true })
  const charger = await arrived(world)
  await world.restart()
  await world.pass(minute)
  assert.equal(charger.calls.length, 3)
  assert.equal((await world.submitted()).length, 1)
})

test('thousands that come at once are spread over time', async (t) => {
  const world = await upkeepWorld(t, { interview: true })
  const many = 120
  for (let index = 0; index < many; index += 1) {
    const charger = await world.charger(`CP-${index}`)
    charger.answers = () => undefined
    await charger.connect()
    await charger.boot()
  }
  await world.pass(30_000)
  assert.equal((await world.submitted()).length, 50)
})

test('switched off, nobody is asked', async (t) => {
  const world = await upkeepWorld(t, { interview: false })
  const charger = await arrived(world)
  await world.pass(5 * minute)
  assert.equal(charger.calls.length, 0)
})
