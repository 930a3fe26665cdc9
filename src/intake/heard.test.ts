import assert from 'node:assert/strict'
import test from 'node:test'
import { fleetWorld } from '../../test/kit/fleet.ts'
import type { FleetWorld } from '../../test/kit/fleet.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const minute = 60_000

async function heardBy(world: FleetWorld) {
  return (await world.fleet.facts(['CP-1'])).get('CP-1')!.heard
}

function status(connectorId: number, word: string, minutes: number): object {
  const timestamp = new Date(noon + minutes * minute).toISOString()
  return { connectorId, errorCode: 'NoError', status: word, timestamp }
}

test('an older status replayed late does not count as heard', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  await charger.say('StatusNotification', status(1, 'Charging', -10))
  const replayed = { receivedAt: noon + minute }
  await charger.say('StatusNotification', status(1, 'Preparing', -60), replayed)
  assert.equal((await heardBy(world)).status, noon)
  await charger.say('StatusNotification', status(1, 'Finishing', 2), {
    receivedAt: noon + 2 * minute,
  })
  assert.equal((await heardBy(world)).status, noon + 2 * minute)
})

test('meter values count as heard for the EVSE they are of', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1', { version: '2.0.1' })
  const sample = (evseId: number, minutes: number) =>
    charger.say(
      'MeterValues',
      {
        evseId,
        meterValue: [
          {
            timestamp: new Date(noon + minutes * minute).toISOString(),
            sampledValue: [{ value: 5 }],
          },
        ],
      },
      { receivedAt: noon + minutes * minute },
    )
  await sample(1, 0)
  await sample(2, 1)
  await sample(2, 3)
  const { meterValues, meters } = await heardBy(world)
  assert.equal(meterValues, noon + 3 * minute)
  assert.deepEqual(meters, { 1: noon, 2: noon + 3 * minute })
})

test('a charger that names ever new EVSEs is remembered for a bounded number of them', async (t) => {
  const world = await fleetWorld(t)
  const charger = await world.charger('CP-1')
  for (let connectorId = 1; connectorId <= 80; connectorId += 1)
    await charger.say(
      'MeterValues',
      {
        connectorId,
        meterValue: [{ timestamp: new Date(noon).toISOString(), sampledValue: [{ value: '1' }] }],
      },
      { receivedAt: noon + connectorId },
    )
  const { meters = {} } = await heardBy(world)
  assert.equal(Object.keys(meters).length, 64)
  assert.equal(meters[80], noon + 80)
})
