import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { SimulatedCharger } from '../../simulator/charger.ts'
import { versions } from '../../src/ocpp/versions.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import { run } from '../kit/otactl.ts'
import { upkeepScene } from './upkeep-world.ts'
import type { UpkeepScene } from './upkeep-world.ts'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Actor } from '../../src/kernel/actor.ts'

interface Commissioning {
  readonly id: string
  readonly state: string
  readonly verdict: string | null
  readonly by: Actor
  readonly checks: readonly {
    readonly check: string
    readonly result: string
    readonly evidence: string | null
    readonly commands: readonly string[]
  }[]
}

interface Command {
  readonly operation: string
  readonly state: string
  readonly actor: Actor
}

function at({ identity }: SimulatedCharger): string {
  return `/chargers/${identity}/commissioning`
}

function result(run: Commissioning, check: string): string | undefined {
  return run.checks.find((one) => one.check === check)?.result
}

let scene: UpkeepScene
const ends: (() => void | Promise<void>)[] = []
before(async () => {
  scene = await upkeepScene({ after: (end) => void ends.push(end) })
})
after(async () => {
  // An end may add further ones, to come after all the others.
  for (const end of ends) await end()
})

// Much of it is waiting for chargers: the versions wait together.
void describe('commissioning', { concurrency: true }, () => {
  for (const version of versions)
    describe(`on OCPP ${version}`, { concurrency: true }, () => {
      async function commissioned(
        charger: SimulatedCharger,
        wanted: object,
        withinMs = 60_000,
      ): Promise<Commissioning> {
        const { status, body } = await scene.owner('POST', at(charger), {
          reason: 'new here',
          ...wanted,
        })
        assert.equal(status, 202, JSON.stringify(body))
        const { id } = body as Commissioning
        return scene.sees<Commissioning>(
          `${at(charger)}/${id}`,
          ({ state }) => state === 'completed',
          withinMs,
        )
      }

      test('an honest charger passes, with a session that starts and stops', async () => {
        const charger = await scene.charger(version)
        charger.plugIn(1)
        const done = await commissioned(charger, {
          connectors: 2,
          version,
          localList: true,
          baseline: { 'meter-value-interval': '30' },
          writeBaseline: true,
          testSession: { token: 'TESTER' },
        })
        const seen = Object.fromEntries(done.checks.map(({ check, ...one }) => [check, one]))
        assert.equal(done.verdict, 'passed', JSON.stringify(seen))
        assert.equal(charger.counters.sessionsEnded, 1)
        const name =
          version === '1.6' ? 'MeterValueSampleInterval' : 'SampledDataCtrlr.TxUpdatedInterval'
        assert.equal(charger.setting(name), '30')
        assert.equal(charger.counters.invalid, 0, charger.counters.invalidDetails.join())
        for (const { commands } of done.checks)
          for (const id of commands) {
            const { body } = await scene.owner('GET', `/commands/${id}`)
            assert.deepEqual((body as Command).actor, done.by)
          }
      })

      test('a lying charger does not pass', async () => {
        const charger = await scene.charger(version, { persona: 'lying-settings' })
        const done = await commissioned(charger, {
          baseline: { 'meter-value-interval': '30' },
          writeBaseline: true,
        })
        assert.equal(result(done, 'settings'), 'failed', JSON.stringify(done.checks))
        assert.equal(done.verdict, 'failed')
      })

      test('a refusing charger ends with findings, not with an error', async () => {
        const charger = await scene.charger(version, { persona: 'refusing' })
        const done = await commissioned(charger, { testSession: { token: 'TESTER' } })
        assert.equal(result(done, 'meter-values'), 'warning')
        assert.equal(result(done, 'connection'), 'passed')
      })

      test('the command line prints a checklist a person can read', async () => {
        const charger = await scene.charger(version)
        const { operators, dataDir } = scene.product.place
        const token = (await readFile(path.join(dataDir, 'owner-token'), 'utf8')).trim()
        const around = { url: `http://${operators}`, env: { OTA_TOKEN: token } }
        const called = await run(
          ['commissioning', 'run', charger.identity, '--reason', 'new', '--connectors', '3'],
          around,
        )
        assert.equal(called.code, 3, called.err)
        assert.match(called.out, /passed {2}It is connected\n {8}over ocpp/)
        assert.match(called.out, /failed {2}Its connectors are there\n {8}2: .*; expected were 3\n/)
        const shown = await run(['commissioning', 'show', charger.identity], around)
        assert.match(shown.out, /Result +failed/)
        const entered = await run(
          ['maintenance', 'enter', charger.identity, '--reason', 'wrong model', '--wait'],
          around,
        )
        assert.equal(entered.code, 0, entered.err)
        assert.match(entered.out, /Stands +out of service/)
      })
    })

  describe('the interview of new chargers', { concurrency: true }, () => {
    let scene: UpkeepScene
    const ends: (() => void | Promise<void>)[] = []
    before(async () => {
      scene = await upkeepScene({ after: (end) => void ends.push(end) }, { OTA_INTERVIEW: 'on' })
    })
    after(async () => {
      for (const end of ends) await end()
    })

    const interviews = async ({ identity }: SimulatedCharger): Promise<readonly Command[]> => {
      const { body } = await scene.owner('GET', `/commands?charger=${identity}`)
      return (body as { items: Command[] }).items
    }
    async function interviewed(
      charger: SimulatedCharger,
      count: number,
      withinMs = 60_000,
    ): Promise<void> {
      await scene.sees<{ items: Command[] }>(
        `/commands?charger=${charger.identity}`,
        ({ items }) => items.length >= count && items.every(({ state }) => state === 'succeeded'),
        withinMs,
      )
    }
    const known = async ({ identity }: SimulatedCharger): Promise<Record<string, unknown>> => {
      const { body } = await scene.owner('GET', `/chargers/${identity}/capabilities`)
      const { capabilities } = body as {
        capabilities: readonly { name: string; value: unknown; source: string }[]
      }
      return Object.fromEntries(
        capabilities
          .filter(({ source }) => source === 'probed')
          .map(({ name, value }) => [name, value]),
      )
    }

    const most: Readonly<Record<Version, number>> = { '1.6': 40, '2.0.1': 50, '2.1': 50 }
    for (const version of versions)
      test(`a charger of OCPP ${version} is asked once, and again with new firmware`, async () => {
        const charger = await scene.charger(version)
        await interviewed(charger, 1)
        const told = await known(charger)
        assert.ok(Number(told['settings-max-keys']) <= most[version])
        assert.ok(Number(told['max-stack-level']) > 0)
        charger.cutPower()
        await charger.until((one) => one.counters.restarts === 1 && one.online)
        assert.equal((await interviews(charger)).length, 1)
        const stack =
          version === '1.6' ? 'ChargeProfileMaxStackLevel' : 'SmartChargingCtrlr.ProfileStackLevel'
        const renewed = await scene.replaced(charger, {
          firmware: '2.0.0',
          settings: { [stack]: '3' },
        })
        await interviewed(renewed, 2)
        assert.equal((await known(renewed))['max-stack-level'], 3)
        assert.equal(renewed.counters.invalid, 0, renewed.counters.invalidDetails.join())
      })

    test('a charger that takes one key at a time, and none without keys, is asked so', async () => {
      const charger = await scene.charger('1.6', {
        persona: 'no-full-list',
        settings: { GetConfigurationMaxKeys: '1' },
      })
      await interviewed(charger, 1)
      const asked = charger.received.filter(({ action }) => action === 'GetConfiguration')
      assert.ok(asked.length > 5)
      assert.ok(asked.every(({ payload }) => (payload as { key: unknown[] }).key.length === 1))
      assert.equal(charger.counters.errorsAnswered, 0)
    })

    test('a charger of a delicate model is asked little by little', async () => {
      const charger = await scene.charger('1.6', {
        ...{ vendor: 'Entratek', model: 'Power Dot Pro', persona: 'no-full-list' },
        settings: { GetConfigurationMaxKeys: '4' },
      })
      await scene.sees<{ items: Command[] }>(
        `/commands?charger=${charger.identity}`,
        ({ items }) => items.filter(({ state }) => state === 'succeeded').length >= 3,
        60_000,
      )
      assert.ok(
        charger.received.every(
          ({ payload }) => ((payload as { key?: unknown[] }).key?.length ?? 0) <= 4,
        ),
      )
    })

    test('a slow charger is given its time', async () => {
      const charger = await scene.charger('1.6', { persona: 'slow' })
      await interviewed(charger, 1, 110_000)
      assert.equal(charger.counters.overlapping, 0)
    })
  })
})
