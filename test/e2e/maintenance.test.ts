import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { SimulatedCharger } from '../../simulator/charger.ts'
import { versions } from '../../src/ocpp/versions.ts'
import { upkeepScene } from './upkeep-world.ts'
import type { UpkeepScene } from './upkeep-world.ts'

interface Maintenance {
  readonly status?: number
  readonly state: string
  readonly standing: string
  readonly detail: string | null
  readonly nextTryAt: string | null
  readonly rounds: number
  readonly before: readonly { evse: number; availability: string; by: string | null }[]
}

interface Charger {
  readonly maintenance: { readonly by: string; readonly reason: string } | null
  readonly connectors: readonly { readonly evse: number; readonly status: string }[]
}

function at({ identity }: SimulatedCharger): string {
  return `/chargers/${identity}/maintenance`
}

/** The connectors the charger itself has in service, as drivers find them. */
function inService({ state }: SimulatedCharger): boolean[] {
  return state.evses.map(({ status }) => status !== 'Unavailable')
}

for (const version of versions)
  describe(`maintenance on OCPP ${version}`, { concurrency: true }, () => {
    let scene: UpkeepScene
    const ends: (() => void | Promise<void>)[] = []
    before(async () => {
      scene = await upkeepScene({ after: (end) => void ends.push(end) })
    })
    after(async () => {
      for (const end of ends) await end()
    })

    async function enter(charger: SimulatedCharger, more: object = {}): Promise<void> {
      const { status, body } = await scene.owner('PUT', at(charger), { reason: 'works', ...more })
      assert.equal(status, 200, JSON.stringify(body))
    }
    const stands = (charger: SimulatedCharger, standing: string) =>
      scene.sees<Maintenance>(at(charger), (one) => one.standing === standing)
    const gone = (charger: SimulatedCharger) =>
      scene.sees<Maintenance>(at(charger), (one) => one.status === 404)
    const leave = (charger: SimulatedCharger) => scene.owner('DELETE', `${at(charger)}?reason=done`)

    for (const persona of ['honest', 'forgetful'])
      test(`a charger that is ${persona} stays out of service over a reboot, and comes back as it was`, async () => {
        const charger = await scene.charger(version, { connectors: 3, persona })
        const { identity } = charger
        const shows = (evse: number, status: string) =>
          scene.sees<Charger>(`/chargers/${identity}`, ({ connectors }) =>
            connectors.some((one) => one.evse === evse && one.status === status),
          )
        await shows(3, 'Available')
        const out = await scene.owner('POST', '/commands', {
          operation: 'charger.availability',
          params: { availability: 'inoperative', evse: 2 },
          target: { chargers: [identity] },
          reason: 'broken latch',
        })
        assert.equal(out.status, 202)
        await shows(2, 'Unavailable')
        await enter(charger)
        const { before: was } = await stands(charger, 'out-of-service')
        assert.deepEqual(
          was.map(({ evse, availability, by }) => [evse, availability, by]),
          [
            [1, 'operative', null],
            [2, 'inoperative', 'us'],
            [3, 'operative', null],
          ],
        )
        assert.deepEqual(inService(charger), [false, false, false])
        const { restarts } = charger.counters
        const calls = charger.counters.calls
        charger.cutPower()
        await charger.until((one) => one.counters.restarts > restarts && one.online)
        await charger.until((one) => one.counters.calls > calls)
        await charger.until((one) => inService(one).every((is) => !is))
        await stands(charger, 'out-of-service')
        const start = await scene.owner('POST', '/commands', {
          operation: 'session.start',
          params: { token: 'DRIVER', evse: 1 },
          target: { chargers: [identity] },
          reason: 'a driver calls',
        })
        const { id } = start.body as { id: string }
        const { targets } = await scene.sees<{ targets: [{ state: string; detail: string }] }>(
          `/commands/${id}`,
          (command) => command.targets[0].state === 'refused',
        )
        assert.match(targets[0].detail, /maintenance/)
        assert.equal((await leave(charger)).status, 200)
        await gone(charger)
        assert.deepEqual(inService(charger), [true, false, true])
        assert.equal(charger.counters.invalid, 0, charger.counters.invalidDetails.join())
        const { body } = await scene.owner('GET', `/chargers/${identity}`)
        assert.equal((body as Charger).maintenance, null)
      })

    test('a session is waited for, or stopped', async () => {
      for (const sessions of ['wait', 'stop']) {
        const charger = await scene.charger(version)
        charger.plugIn(1)
        assert.equal(await charger.presentToken(1, 'DRIVER'), true)
        await scene.sees<{ activeSessions: number }>(
          `/chargers/${charger.identity}`,
          ({ activeSessions }) => activeSessions === 1,
        )
        await enter(charger, { sessions })
        if (sessions === 'wait') {
          await stands(charger, 'waiting-for-sessions')
          assert.notEqual(charger.state.evses[0]?.transaction, undefined)
          charger.unplug(1)
        }
        await stands(charger, 'out-of-service')
        assert.equal(charger.state.evses[0]?.transaction, undefined)
        await leave(charger)
        await gone(charger)
      }
    })

    test('a refusing charger is named as one that does not follow', async () => {
      const charger = await scene.charger(version, { persona: 'refusing' })
      await enter(charger)
      const named = await stands(charger, 'not-following')
      assert.match(named.detail ?? '', /rejected/)
      charger.become('honest')
      await stands(charger, 'out-of-service')
    })

    test('a lying charger is never said to be out of service', async () => {
      const charger = await scene.charger(version, { persona: 'lying' })
      await enter(charger)
      await charger.until((one) => one.counters.calls >= 1)
      const { standing } = (await scene.owner('GET', at(charger))).body as Maintenance
      assert.ok(['going-out', 'not-following'].includes(standing), standing)
    })

    test('a slow charger is waited for', async () => {
      const charger = await scene.charger(version, { persona: 'slow' })
      await enter(charger)
      await scene.sees<Maintenance>(
        at(charger),
        ({ standing }) => standing === 'out-of-service',
        40_000,
      )
    })

    test('it ends when its time is over', async () => {
      const charger = await scene.charger(version)
      await enter(charger, { until: new Date(Date.now() + 12_000).toISOString() })
      await stands(charger, 'out-of-service')
      await gone(charger)
      assert.deepEqual(inService(charger), [true, true])
    })
  })

test('chargers that are offline are told when they come, whatever control goes through meanwhile', async (t) => {
  const scene = await upkeepScene(t)
  const { owner, product, sees } = scene
  const chargers = await Promise.all(versions.map((version) => scene.charger(version)))
  for (const charger of chargers) {
    charger.goOffline()
    await sees<{ connected: boolean }>(
      `/chargers/${charger.identity}`,
      ({ connected }) => !connected,
    )
    assert.equal((await owner('PUT', at(charger), { reason: 'works' })).status, 200)
  }
  await product.kill()
  await product.start()
  for (const charger of chargers) charger.goOnline()
  for (const charger of chargers) {
    await charger.until((one) => inService(one).every((is) => !is), 30_000)
    await sees<Maintenance>(at(charger), (one) => one.standing === 'out-of-service')
  }
  await product.kill()
  await product.start()
  for (const charger of chargers)
    assert.equal((await owner('DELETE', `${at(charger)}?reason=done`)).status, 200)
  for (const charger of chargers) {
    await sees<Maintenance>(at(charger), (one) => one.status === 404)
    assert.deepEqual(inService(charger), [true, true])
  }
  const { body } = await owner('GET', '/audit/verify')
  assert.equal((body as { intact: boolean }).intact, true)
})
