import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { SimulatedCharger } from '../../simulator/charger.ts'
import { simulate } from '../../simulator/charger.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import { testDatabase } from '../kit/database.ts'
import { ownerOf, productProcess } from '../kit/product-process.ts'

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 20_000; !(await condition()); await pause(50))
    assert.ok(performance.now() < deadline, 'it never came to be')
}

/** What differs from the figures the product comes with: a small budget of availability changes. */
const policy = {
  guards: {
    robots: {
      perHour: {
        local: [
          { operations: ['charger.availability'], limit: 3 },
          { operations: ['charger.reset', 'connector.unlock'], limit: 100 },
        ],
      },
    },
  },
}

interface Refused {
  readonly code: string
  readonly detail: string
  readonly reasons: readonly { rule: string; says: string; sentence: string; until?: string }[]
}

test('guards stand in front of the running product', async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ota-policy-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'policy.json')
  await writeFile(file, JSON.stringify(policy))
  const { url } = await testDatabase(t)
  const product = await productProcess(t, { OTA_DATABASE_URL: url, OTA_INITIAL_POLICY: file })
  await product.start()
  const owner = ownerOf(product.place)
  const { chargers } = product.place
  for (const site of ['A', 'B', 'C', 'D', 'E'])
    await owner('POST', '/groups', { path: `Org/North/${site}` })

  async function charger(
    identity: string,
    site: string,
    version: Version = '2.0.1',
  ): Promise<SimulatedCharger> {
    const made = await owner('POST', '/chargers', { identity, group: `Org/North/${site}` })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const { credential: password } = made.body as { credential: string }
    const one = simulate({
      ...{ url: `ws://${chargers}/ocpp`, identity, password, version, clock: systemClock },
      ...{ seed: identity, rebootMs: 30, reconnect: { leastMs: 20, randomMs: 20, doublings: 1 } },
    })
    t.after(() => one.stop())
    await one.start()
    await one.until((it) => it.online, 20_000)
    return one
  }

  function submit(operation: string, params: object, ...named: string[]) {
    const target = { chargers: named }
    return owner('POST', '/commands', { operation, params, target, reason: 'a test' })
  }

  async function refused(answer: Promise<{ status: number; body: unknown }>, rule: string) {
    const { status, body } = await answer
    assert.equal(status, 403, JSON.stringify(body))
    const problem = body as Refused
    const reason = problem.reasons.find((one) => one.rule === rule && one.says !== 'notes')
    assert.ok(reason, JSON.stringify(body))
    return { ...problem, reason }
  }

  async function taken(answer: Promise<{ status: number; body: unknown }>): Promise<string> {
    const { status, body } = await answer
    assert.equal(status, 202, JSON.stringify(body))
    return (body as { id: string }).id
  }

  await t.test('a charger is reset once, and then pauses', async () => {
    await charger('Reset-1', 'A')
    const id = await taken(submit('charger.reset', { mode: 'now' }, 'Reset-1'))
    await until(async () => {
      const { body } = await owner('GET', `/commands/${id}`)
      return (body as { state: string }).state === 'succeeded'
    })
    const again = submit('charger.reset', { mode: 'now' }, 'Reset-1')
    const { code, reason } = await refused(again, 'guard.reset-budget')
    assert.equal(code, 'denied')
    assert.ok(Date.parse(reason.until ?? '') > Date.now())
    assert.match(reason.sentence, /Reset-1 was (reset once within 24 h|asked to reset less than)/)
  })

  await t.test('no unlock or reset under a running session without saying so', async () => {
    const one = await charger('Busy-1', 'B', '1.6')
    one.plugIn(1)
    await one.presentToken(1, 'TAG-1')
    await until(async () => {
      const { body } = await owner('GET', '/chargers/Busy-1')
      return (body as { activeSessions: number }).activeSessions === 1
    })
    const unlock = { evse: 1 }
    const { reason } = await refused(
      submit('connector.unlock', unlock, 'Busy-1'),
      'guard.running-sessions',
    )
    assert.match(reason.sentence, /^1 session runs on Busy-1: stop the session first/)
    await refused(submit('charger.reset', { mode: 'now' }, 'Busy-1'), 'guard.running-sessions')
    assert.equal(one.received.filter(({ action }) => action === 'UnlockConnector').length, 0)
    await taken(submit('connector.unlock', { ...unlock, evenWithSession: true }, 'Busy-1'))
    await one.until((it) => it.received.some(({ action }) => action === 'UnlockConnector'))
  })

  await t.test(
    'a ground failure stops resets, starts and enabling, and nothing that makes it safer',
    async () => {
      const one = await charger('Ground-1', 'C', '1.6')
      one.fault(1, 'GroundFailure')
      await until(async () => {
        const { body } = await owner('GET', '/chargers/Ground-1')
        return (body as { faults: number }).faults === 1
      })
      const rule = 'guard.safety-fault'
      const { reason } = await refused(submit('charger.reset', { mode: 'now' }, 'Ground-1'), rule)
      assert.match(reason.sentence, /Ground-1 has reported GroundFailure/)
      await refused(submit('session.start', { evse: 1, token: 'TAG-1' }, 'Ground-1'), rule)
      const availability = (word: string) =>
        submit('charger.availability', { availability: word }, 'Ground-1')
      await refused(availability('operative'), rule)
      await taken(availability('inoperative'))
      one.clearFault(1)
      await until(async () => {
        const { body } = await owner('GET', '/chargers/Ground-1')
        return (body as { faults: number }).faults === 0
      })
      await taken(availability('operative'))
    },
  )

  await t.test('a robot’s budget ends, whatever chargers it is spent on', async () => {
    await charger('Budget-1', 'D')
    const operative = { availability: 'operative' }
    await taken(submit('charger.availability', operative, 'Budget-1'))
    const { reason } = await refused(
      submit('charger.availability', operative, 'Budget-1'),
      'guard.robot-budget',
    )
    assert.match(reason.sentence, /budget is 3 an hour of charger\.availability/)
    assert.ok(Date.parse(reason.until ?? '') > Date.now() + 50 * 60_000)
  })

  await t.test('more of a site at once than one actor may needs approval', async () => {
    const names = ['Bulk-1', 'Bulk-2', 'Bulk-3', 'Bulk-4']
    for (const name of names) await charger(name, 'E')
    const reset = (...some: string[]) => submit('charger.reset', { mode: 'now' }, ...some)
    const { code, reason } = await refused(reset(...names.slice(0, 3)), 'guard.disturbance')
    assert.equal(code, 'approval-needed')
    assert.match(reason.sentence, /3 of the 4 chargers of site Org\/North\/E .* 2 is the most/)
    await taken(reset('Bulk-1', 'Bulk-2'))
    const third = await refused(reset('Bulk-3'), 'guard.disturbance')
    assert.match(third.reason.sentence, /2 of them by what you did before/)
  })

  await t.test('every refusal is on record', async () => {
    await until(async () => {
      const { body } = await owner('GET', '/audit?event=command.denied&limit=100')
      const text = JSON.stringify(body)
      return ['reset-budget', 'running-sessions', 'safety-fault', 'robot-budget', 'disturbance']
        .map((guard) => `guard.${guard}`)
        .every((rule) => text.includes(rule))
    })
  })
})
