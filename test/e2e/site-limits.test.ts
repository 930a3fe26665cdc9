import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { SimulatedCharger, SimulationOptions } from '../../simulator/charger.ts'
import { versions } from '../../src/ocpp/versions.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import type { SiteLimitStatus } from '../../src/energy/energy.ts'
import type { World } from './world.ts'
import { world } from './world.ts'

const metered: Readonly<Record<string, string>> = {
  MeterValueSampleInterval: '1',
  'SampledDataCtrlr.TxUpdatedInterval': '1',
}
/** 32 A on three phases. */
const maxWatts = 22_080

let house: World
const ends: (() => void | Promise<void>)[] = []
before(async () => {
  house = await world({ after: (end) => void ends.push(end) })
})
after(async () => {
  for (const end of ends) await end()
})

/** A site of one charger of each version, and whoever watches what they draw. */
async function site(name: string, options: readonly Partial<SimulationOptions>[] = []) {
  const { status } = await house.owner('POST', '/groups', { path: `Org/${name}` })
  assert.equal(status, 201)
  const chargers = await Promise.all(
    versions.map(async (version: Version, index) => {
      const one = await house.charger(version, {
        connectors: 1,
        maxWatts,
        settings: metered,
        ...options[index],
      })
      const patched = await house.owner('PATCH', `/chargers/${one.identity}`, {
        group: `Org/${name}`,
      })
      assert.equal(patched.status, 200)
      return one
    }),
  )
  const path = `/site-limits/${encodeURIComponent(`Org/${name}`)}`
  const amperes = (): number[] => chargers.map((one) => watts(one) / 690)
  const total = (): number => amperes().reduce((sum, one) => sum + one, 0)
  let most = Infinity
  let greatest = 0
  let over: string | undefined
  const watch = setInterval(() => {
    greatest = Math.max(greatest, total())
    if (total() > most + 0.01) over ??= `${total()} A instead of ${most} A`
  }, 5)
  ends.push(() => clearInterval(watch))
  return {
    chargers,
    path,
    amperes,
    total,
    /** From now on all together draw no more than this at any moment. */
    holds(limit: number): void {
      most = limit
      greatest = 0
    },
    greatest: () => greatest,
    never(): void {
      assert.equal(over, undefined)
    },
    async put(limit: object): Promise<void> {
      const answer = await house.owner('PUT', path, { ...limit, reason: 'grid connection' })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
    },
    async status(): Promise<SiteLimitStatus> {
      const { status: code, body } = await house.owner('GET', path)
      assert.equal(code, 200, JSON.stringify(body))
      return body as SiteLimitStatus
    },
    async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
      for (const deadline = performance.now() + 40_000; !(await holds()); await pause(25)) {
        if (performance.now() < deadline) continue
        const { body } = await house.owner('GET', path)
        assert.fail(`never happened: ${what}; ${amperes().join(' ')} ${JSON.stringify(body)}`)
      }
    },
  }
}

function watts(one: SimulatedCharger): number {
  return one.state.evses[0]!.watts
}

async function begin(one: SimulatedCharger): Promise<void> {
  one.plugIn(1)
  const started = await house.run(one, 'session.start', { evse: 1, token: 'DRIVER' })
  assert.equal(started.state, 'succeeded', started.detail ?? '')
}

const near = (one: number, other: number): boolean => Math.abs(one - other) < 0.15

test('a site stays within its limit while sessions come and go, and uses it', async () => {
  const depot = await site('Depot')
  const [a, b, c] = depot.chargers as [SimulatedCharger, SimulatedCharger, SimulatedCharger]
  await depot.put({ amperes: 40 })
  await depot.until('idle chargers are told to wait', async () =>
    (await depot.status()).shares.every(({ told, state }) => told === 0 && state === 'kept'),
  )
  depot.holds(40)
  await begin(a)
  await depot.until('one session has what it can take', () => near(depot.amperes()[0]!, 32))
  await begin(b)
  await depot.until('two share', () => depot.amperes().filter((one) => near(one, 20)).length === 2)
  await begin(c)
  await depot.until('three share', () => depot.amperes().every((one) => near(one, 13.3)))
  b.unplug(1)
  await depot.until('two share again', () => near(depot.total(), 40) && watts(b) === 0)
  depot.never()

  await depot.put({ amperes: 10, turnMinutes: 600 })
  await depot.until('one charges and one waits', async () => {
    const { waiting, bound } = await depot.status()
    return waiting === 1 && bound <= 10 && near(depot.total(), 10)
  })
  depot.holds(10)
  const { beyond, measured, unit } = await depot.status()
  assert.deepEqual([beyond, unit], [[], 'A'])
  assert.ok(measured !== null)
  const served = depot.amperes()[0]! > 0 ? a : c
  served.unplug(1)
  await depot.until('who waited charges', () => near(depot.total(), 10))
  depot.never()

  const cleared = await house.owner('DELETE', `${depot.path}?reason=over`)
  assert.equal(cleared.status, 204)
  depot.holds(Infinity)
  await depot.until('the limits are lifted', () => near(depot.total(), 32))
  for (const [event, reason] of [
    ['site-limit.set', 'grid connection'],
    ['site-limit.cleared', 'over'],
  ] as const) {
    const { body } = await house.owner('GET', `/audit?event=${event}`)
    const [entry] = (body as { items: { reason?: string }[] }).items
    assert.equal(entry?.reason, reason, JSON.stringify(body))
  }
})

test('what is offline or does not follow counts with what it may draw', async () => {
  const yard = await site('Yard', [{}, { persona: 'refusing' }])
  const [a, refusing, c] = yard.chargers as [SimulatedCharger, SimulatedCharger, SimulatedCharger]
  await yard.put({ amperes: 60, most: [{ charger: refusing.identity, amperes: 20 }] })
  await yard.until('the one that refuses is known', async () =>
    (await yard.status()).shares.some(({ doing }) => doing === 'not-following'),
  )
  await begin(a)
  await yard.until('the rest is for the others', () => near(yard.amperes()[0]!, 32))
  await begin(c)
  await yard.until('they share the rest', () => near(yard.total(), 40))
  c.goOffline()
  await yard.until('it counts with its share', async () =>
    (await yard.status()).shares.some(({ doing, bound }) => doing === 'offline' && near(bound, 20)),
  )
  const { beyond, bound } = await yard.status()
  assert.ok(near(bound, 60))
  assert.match(
    beyond.join('; '),
    /E2E-2\.1-\d+ EVSE 1 counts with 20 A per phase: it is not connected/,
  )
  assert.match(beyond.join('; '), /counts with 20 A per phase, assumed: the charger rejected/)
  c.goOnline()
  await yard.until('it is back', () => near(yard.total(), 40))
})
