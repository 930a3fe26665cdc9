import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import type { SimulatedCharger } from '../../simulator/charger.ts'
import { versions } from '../../src/ocpp/versions.ts'
import type { World } from './world.ts'
import { world } from './world.ts'

let house: World
const ends: (() => void | Promise<void>)[] = []
before(async () => {
  house = await world({ after: (end) => void ends.push(end) }, { OTA_TRACE: 'all' })
})
after(async () => {
  // An end may add further ones, to come after all the others.
  for (const end of ends) await end()
})

/** What the charger was sent as its new credential. */
function credentialsSentTo(charger: SimulatedCharger): string[] {
  return charger.received
    .filter(({ action }) => action === 'ChangeConfiguration' || action === 'SetVariables')
    .flatMap(
      ({ payload }) =>
        /"(?:value|attributeValue)":"([0-9a-f]{40})"/.exec(JSON.stringify(payload))?.[1] ?? [],
    )
}

/** The HTTP status with which a connection is refused; 101 where it is not. */
function answerTo(password: string, { identity, version }: SimulatedCharger): Promise<number> {
  const url = `ws://${house.place.chargers}/ocpp/${identity}`
  const socket = new WebSocket(url, `ocpp${version}`, { auth: `${identity}:${password}` })
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.once('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.once('error', reject)
  })
}

async function everythingTold(charger: SimulatedCharger): Promise<string> {
  const { identity } = charger
  const places = [
    '/audit?limit=500',
    `/commands?charger=${identity}`,
    `/chargers/${identity}/settings`,
    `/chargers/${identity}/trace?limit=500`,
    `/chargers/${identity}/timeline?limit=500`,
  ]
  const answers = await Promise.all(places.map((place) => house.owner('GET', place)))
  const { body } = answers[1]!
  const { items } = body as { items: { id: string }[] }
  const details = await Promise.all(items.map(({ id }) => house.owner('GET', `/commands/${id}`)))
  return JSON.stringify([...answers, ...details])
}

for (const version of versions)
  describe(`a new credential on OCPP ${version}`, () => {
    const rotate = (charger: SimulatedCharger, withinMs?: number) =>
      house.run(charger, 'charger.rotate-credential', {}, withinMs)

    test('has worked when the charger connects with it, and is written nowhere', async () => {
      const charger = await house.charger(version)
      const first = await rotate(charger)
      assert.equal(first.state, 'succeeded', first.detail ?? '')
      await charger.until((one) => one.online)
      const second = await rotate(charger)
      assert.equal(second.state, 'succeeded', second.detail ?? '')
      const [one, other, ...more] = credentialsSentTo(charger)
      assert.ok(one !== undefined && other !== undefined && one !== other && more.length === 0)
      const told = await everythingTold(charger)
      for (const secret of [one, other]) assert.ok(!told.includes(secret))
      assert.match(told, /made when it is sent/)
      assert.equal(await answerTo(one, charger), 401)
      assert.equal(charger.counters.invalid, 0, charger.counters.invalidDetails.join())
    })

    test('that is refused, or only pretended, leaves the charger with its old one', async () => {
      const refusing = await house.charger(version, { persona: 'refusing' })
      assert.equal((await rotate(refusing)).state, 'refused')
      const lying = await house.charger(version, { persona: 'lying' })
      assert.equal((await rotate(lying, 500)).state, 'accepted')
      for (const charger of [refusing, lying]) {
        charger.changeNetwork()
        await charger.until((one) => one.counters.connections >= 2 && one.online)
      }
    })

    test('of which nobody knows whether the charger took it locks nobody out', async () => {
      const charger = await house.charger(version, { persona: 'dropping-after' })
      const { state } = await rotate(charger)
      assert.ok(['unknown', 'reconciled'].includes(state), state)
      await charger.until((one) => one.online)
    })
  })
