import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { SimulatedCharger, SimulationOptions } from '../../simulator/charger.ts'
import { versions } from '../../src/ocpp/versions.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import type { World } from './world.ts'
import { world } from './world.ts'

/** Meter values every second. */
const metered: Readonly<Record<string, string>> = {
  MeterValueSampleInterval: '1',
  'SampledDataCtrlr.TxUpdatedInterval': '1',
}

/** A persona whose answers take a moment. */
const unhurried = {
  name: 'unhurried',
  standsFor: 'a charger on a slow line',
  rules: [{ on: 'all', deed: { do: 'delay', ms: [400, 900] } }],
} as const

let house: World
const ends: (() => void | Promise<void>)[] = []
before(async () => {
  house = await world({ after: (end) => void ends.push(end) })
})
after(async () => {
  // An end may add further ones, to come after all the others.
  for (const end of ends) await end()
})

function charger(version: Version, options: Partial<SimulationOptions> = {}) {
  return house.charger(version, { settings: metered, ...options })
}

async function begin(one: SimulatedCharger, evse = 1): Promise<void> {
  one.plugIn(evse)
  const started = await house.run(one, 'session.start', { evse, token: 'DRIVER' })
  assert.equal(started.state, 'succeeded', started.detail ?? '')
}

function watts(one: SimulatedCharger, evse = 1): number {
  return one.state.evses[evse - 1]!.watts
}

describe('through the public API', { concurrency: true }, () => {
  for (const version of versions)
    describe(`limits on OCPP ${version}`, () => {
      const expect = async (
        one: SimulatedCharger,
        operation: string,
        params: object,
        state = 'succeeded',
        withinMs = 30_000,
      ) => {
        const ended = await house.run(one, operation, params, withinMs)
        assert.equal(ended.state, state, `${operation}: ${ended.detail ?? ''}`)
        return ended
      }

      test('a limit is kept, shown by plan and meter, and goes again', async () => {
        const one = await charger(version)
        await expect(one, 'power.limit', { kilowatts: 8 })
        await begin(one)
        assert.equal(watts(one), 8000)
        const { result } = await expect(one, 'power.limit', { evse: 1, amperes: 10 })
        assert.deepEqual((result as { shownBy: unknown }).shownBy, [
          'composite-schedule',
          'measured-power',
        ])
        assert.equal(watts(one), 6900)
        await expect(one, 'power.unlimit', { evse: 1 })
        assert.equal(watts(one), 8000)
        await expect(one, 'power.limit', { amperes: 0 })
        assert.equal(watts(one), 0)
        await expect(one, 'power.unlimit', {})
        assert.equal(watts(one), 11_000)
        await expect(one, 'power.default', { amperes: 7 })
        assert.equal(watts(one), 4830)
        await expect(one, 'power.unlimit', { layer: 'default' })
        assert.equal(one.counters.invalid, 0, one.counters.invalidDetails.join())
      })

      test('a limit by the clock is planned as it was asked', async () => {
        const one = await charger(version)
        const hour = 3_600_000
        const from = new Date(Date.now() + hour).toISOString()
        const to = new Date(Date.now() + 3 * hour).toISOString()
        const { result } = await expect(one, 'power.limit', { amperes: 8, from, to })
        assert.deepEqual((result as { shownBy: unknown }).shownBy, ['composite-schedule'])
        const all = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
        const weekly = {
          timeZone: 'Europe/Berlin',
          times: [{ days: all, from: '17:00', to: '20:00', amperes: 6 }],
        }
        await expect(one, 'power.limit', { evse: 1, amperes: 14, weekly })
        const { result: plan } = await expect(one, 'profile.composite', {
          evse: 1,
          minutes: 1440,
          unit: 'A',
        })
        const limits = (plan as { periods: { limit: number }[] }).periods.map(({ limit }) => limit)
        assert.ok(limits.includes(6) && limits.includes(8), limits.join())
      })

      test('profiles are set, listed where that can be, and cleared', async () => {
        const one = await charger(version)
        const profile = {
          id: 77,
          stackLevel: 4,
          purpose: 'default',
          kind: 'Relative',
          schedules: [{ unit: 'W', periods: [{ startPeriod: 0, limit: 5000 }] }],
        }
        // Without a session 1.6 has no way to tell whether a relative profile counts.
        await expect(
          one,
          'profile.set',
          { evse: 1, profile },
          version === '1.6' ? 'accepted-unverified' : 'succeeded',
        )
        if (version === '1.6') await expect(one, 'profile.list', {}, 'unsupported')
        else {
          const { result } = await expect(one, 'profile.list', {})
          const { requestId, profiles } = result as { requestId: number; profiles: number }
          assert.equal(profiles, 1)
          const shown = await house.owner(
            'GET',
            `/chargers/${one.identity}/charging-profiles?requestId=${requestId}`,
          )
          const [listed] = (shown.body as { profiles: { id: number; evseId: number }[] }).profiles
          assert.deepEqual([listed?.id, listed?.evseId], [77, 1])
        }
        const tooHigh = { ...profile, stackLevel: 99 }
        await expect(one, 'profile.set', { evse: 1, profile: tooHigh }, 'refused')
        await expect(one, 'profile.clear', { id: 77 })
        await expect(one, 'profile.clear', { id: 77 }, 'refused')
      })

      if (version === '2.1')
        test('dynamic profiles, priority, energy transfer and grid signals reach the charger', async () => {
          const one = await charger(version)
          await begin(one)
          const of = (id: number, purpose: string, kind: string, limit: number) => ({
            evse: 1,
            profile: {
              id,
              purpose,
              kind,
              stackLevel: 0,
              schedules: [{ unit: 'W', periods: [{ startPeriod: 0, limit }] }],
            },
          })
          const said = 'accepted-unverified'
          await expect(one, 'session.priority', { priority: true }, 'refused')
          await expect(one, 'profile.set', of(1, 'default', 'Dynamic', 3000))
          await expect(one, 'profile.dynamic-update', { id: 1, limit: 5000 }, said)
          assert.equal(watts(one), 5000)
          await expect(one, 'profile.set', of(2, 'priority', 'Relative', 9000))
          await expect(one, 'session.priority', { evse: 1, priority: true }, said)
          assert.equal(watts(one), 9000)
          await expect(one, 'session.energy-transfer', { modes: ['AC_three_phase'] }, said)
          await expect(one, 'grid.afrr-signal', { signal: 4 }, said)
        })

      test('a refusing charger is reported as refusing, a slow one waited for', async () => {
        const refusing = await charger(version, { persona: 'refusing' })
        await expect(refusing, 'power.limit', { amperes: 8 }, 'refused')
        await expect(refusing, 'power.default', { amperes: 8 }, 'refused')
        const slow = await charger(version, { persona: unhurried })
        await expect(slow, 'power.limit', { amperes: 8 })
        assert.equal(slow.state.evses[0]?.limitWatts, 5520)
      })

      test('a charger that accepts and keeps its plan has failed', async () => {
        const lying = await charger(version)
        await begin(lying)
        lying.become('lying')
        const { detail } = await expect(lying, 'power.limit', { amperes: 8 }, 'failed')
        assert.match(detail ?? '', /composite schedule allows/)
        assert.equal(watts(lying), 11_000)
      })
    })

  test('what is known of a model decides how a limit is said', async () => {
    const abb = await house.charger('1.6', { persona: 'abb-terra-ac' })
    const kept = await house.run(abb, 'power.limit', { amperes: 8 })
    assert.equal(kept.state, 'succeeded', kept.detail ?? '')
    const profile = abb.received.find(({ action }) => action === 'SetChargingProfile')
    assert.match(JSON.stringify(profile), /"stackLevel":0/)

    // Grizzl-E makes nothing of a limit of the whole charger, Wallbox rejects Absolute profiles.
    for (const persona of ['grizzl-e-3', 'wallbox-pulsar-old']) {
      const one = await house.charger('1.6', { persona, connectors: 1 })
      // Its connectors have to be known.
      await house.run(one, 'charger.report', { what: 'status', evse: 1 })
      const ended = await house.run(one, 'power.limit', { amperes: 8 })
      assert.equal(ended.state, 'succeeded', `${persona}: ${ended.detail ?? ''}`)
      assert.equal(one.state.evses[0]?.limitWatts, 5520)
    }
    const goE = await house.charger('1.6', { persona: 'go-e' })
    assert.equal((await house.run(goE, 'power.limit', { amperes: 8 })).state, 'failed')

    const huawei = await house.charger('1.6', { persona: 'huawei-scharger' })
    const paused = await house.run(huawei, 'power.limit', { amperes: 0 })
    assert.equal(paused.state, 'refused')
    assert.match(paused.detail ?? '', /ends the session when its limit is 0/)
    const limited = await house.run(huawei, 'power.limit', { amperes: 8 })
    assert.equal(limited.state, 'succeeded', limited.detail ?? '')
    const { result } = limited as { result: { value: number; converted: object } }
    assert.equal(result.value, 5520)
    assert.match(JSON.stringify(result.converted), /"phasesAre":"assumed"/)
  })

  test('chargers that plan with a limit and draw more have failed', async () => {
    await Promise.all(
      versions.map(async (version) => {
        const one = await charger(version, { persona: 'ignores-limits' })
        await begin(one)
        const ended = await house.run(one, 'power.limit', { evse: 1, kilowatts: 5 }, 60_000)
        assert.equal(ended.state, 'failed')
        assert.equal(ended.detail, 'accepted, but still draws 11 kW')
      }),
    )
  })
})
