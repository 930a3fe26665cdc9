import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { testDatabase } from '../../test/kit/database.ts'
import { attempt, target, team } from '../../test/misuse/life.ts'
import { openAudit } from '../audit/open-audit.ts'
import { memoryBus } from '../bus/memory.ts'
import type { Context } from '../kernel/actor.ts'
import { ManualClock } from '../kernel/clock.ts'
import { uuid7 } from '../kernel/ids.ts'
import { silentLog } from '../kernel/log.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { AttemptEnd } from '../policy/attempt.ts'
import { defaultDetectionRules } from '../policy/rules/detection.ts'
import { openDetection } from './open-detection.ts'

const ada = team[0]!
const watchdog = team.find(({ kind }) => kind === 'robot')!
const reviewer: Context = {
  actor: { kind: 'person', id: 'p7', name: 'Gil' },
  origin: { face: 'api' },
}
const maker: Context = {
  actor: { kind: 'person', id: 'p8', name: 'Max' },
  origin: { face: 'api' },
}
const adaHerself: Context = {
  actor: { kind: 'person', id: ada.id, name: ada.name },
  origin: { face: 'api' },
}

async function world(t: TestContext) {
  const { database } = await testDatabase(t)
  const clock = new ManualClock('2026-03-04T09:00:00Z')
  const audit = openAudit({ database })
  const bus = memoryBus({ clock })
  const newId = uuid7(clock)
  const node = async (nodeName: string) => {
    const detection = await openDetection({
      ...{ database, audit, clock, bus, newId, log: silentLog, nodeName },
      makersOf: (actor) => Promise.resolve(actor === watchdog.id ? [maker.actor] : []),
      rules: () => defaultDetectionRules,
    })
    t.after(() => detection.close())
    return {
      ...detection,
      /** What Ada, or `who`, tries on so many chargers; the rules that spoke. */
      tries: async (operation: string, chargers: number, end: AttemptEnd, who = ada) => {
        const targets = Array.from({ length: chargers }, (_, index) => target(1, index))
        const watched = await detection.watch(
          attempt(who, clock.now(), operation, targets),
          defaultDetectionRules,
          'UTC',
        )
        watched.end(end)
        return watched.findings.map(({ rule, says }) => `${rule} ${says}`)
      },
    }
  }
  /** Lets time pass until what is written once a second has come everywhere. */
  const eventually = async (holds: () => Promise<boolean>) => {
    for (let round = 0; round < 200; round += 1) {
      if (await holds()) return
      await clock.advance(500)
      await database.query('select 1')
    }
    assert.fail('it never came')
  }
  return { node, audit, clock, eventually }
}

test('what was tried on one node is usual or unusual on another, also after a restart', async (t) => {
  const { node, eventually } = await world(t)
  const one = await node('one')
  const two = await node('two')
  assert.deepEqual(await two.tries('charger.reset', 1, 'allowed'), [])
  assert.deepEqual(await one.tries('charger.reset', 120, 'allowed'), [])
  // With no baseline yet the ceiling of 200 within an hour counts, for all that has one.
  const tooMany = async (detection: typeof one) =>
    (await detection.tries('charger.reset', 90, 'asked')).includes('detection.frequency requires')
  await eventually(() => tooMany(two))
  const three = await node('three')
  assert.ok(await tooMany(three))
})

test('who is refused again and again is held on every node until somebody else has reviewed it', async (t) => {
  const { node, audit, eventually } = await world(t)
  const one = await node('one')
  const two = await node('two')
  const held = async (detection: typeof one, operation = 'session.stop') =>
    (await detection.tries(operation, 1, 'asked')).includes('detection.held denies')
  for (let count = 0; count < 10; count += 1) await one.tries('charger.reset', 1, 'refused')
  assert.deepEqual(await one.tries('charger.reset', 1, 'refused'), ['detection.refusals denies'])
  await eventually(() => held(two))
  assert.ok(!(await held(two, 'settings.read')))

  const { items } = await two.alerts.list({ limit: 10 }, { open: true })
  assert.equal(items.length, 1)
  const alert = items[0]!
  assert.equal(alert.detector, 'refusals')
  assert.equal(alert.actor.name, 'Ada')
  assert.match(alert.sentence, /Ada was refused 1\d of 1\d times within an hour/)
  assert.equal((await audit.list({ event: 'alert.raised', limit: 10 })).length, 1)

  const review = { verdict: 'mistake', finding: 'a script with the wrong group' } as const
  await assert.rejects(
    two.alerts.close(adaHerself, alert.id, review),
    (error) => error instanceof ProblemError && error.problem.code === 'denied',
  )
  const closed = await two.alerts.close(reviewer, alert.id, review)
  assert.deepEqual([closed.closedBy, closed.verdict], ['Gil', 'mistake'])
  await eventually(async () => !(await held(one)))
  // What was reviewed is not held against her again while its window lasts.
  assert.deepEqual(await one.tries('session.stop', 1, 'asked'), [])
  await assert.rejects(
    two.alerts.close(reviewer, alert.id, review),
    (error) => error instanceof ProblemError && error.problem.code === 'too-late',
  )
})

test('whoever made a robot does not review an alert about it', async (t) => {
  const { node, eventually } = await world(t)
  const one = await node('one')
  for (let count = 0; count < 12; count += 1)
    await one.tries('charger.reset', 1, 'refused', watchdog)
  const open = async () => (await one.alerts.list({ limit: 10 }, { open: true })).items
  await eventually(async () => (await open()).length > 0)
  const { id } = (await open())[0]!
  const review = { verdict: 'mistake', finding: 'a wrong script' } as const
  await assert.rejects(
    one.alerts.close(maker, id, review),
    (error) => error instanceof ProblemError && /robot whose token they made/.test(error.message),
  )
  assert.equal((await one.alerts.close(reviewer, id, review)).closedBy, 'Gil')
})

test('whoever is held can read, and what only the hold refuses does not prolong it', async (t) => {
  const { node, clock, eventually } = await world(t)
  const one = await node('one')
  for (let count = 0; count < 10; count += 1) await one.tries('charger.reset', 1, 'refused')
  assert.deepEqual(await one.tries('settings.read', 1, 'asked'), ['detection.refusals notes'])
  await eventually(async () =>
    (await one.tries('session.stop', 1, 'held')).includes('detection.held denies'),
  )
  assert.deepEqual(await one.tries('settings.read', 1, 'asked'), ['detection.refusals notes'])
  await clock.advance(40 * 60_000)
  for (let count = 0; count < 10; count += 1) await one.tries('session.stop', 1, 'held')
  await clock.advance(30 * 60_000)
  const [alert] = (await one.alerts.list({ limit: 10 }, { open: true })).items
  await one.alerts.close(reviewer, alert!.id, { verdict: 'misuse', finding: 'they tried it all' })
  assert.deepEqual(await one.tries('session.stop', 1, 'asked'), [])
})

test('what was tried before a review opens no alert after it', async (t) => {
  const { node, clock, eventually } = await world(t)
  const one = await node('one')
  const open = async () => (await one.alerts.list({ limit: 10 }, { open: true })).items
  for (let count = 0; count < 11; count += 1) await one.tries('charger.reset', 1, 'refused')
  await eventually(async () => (await open()).length === 1)
  await one.tries('session.stop', 1, 'held')
  const [alert] = await open()
  await one.alerts.close(reviewer, alert!.id, { verdict: 'mistake', finding: 'a wrong group' })
  await clock.advance(1_000)
  await one.close()
  assert.deepEqual(await open(), [])
})

test('an hour later what was unusual weighs no more', async (t) => {
  const { node, clock } = await world(t)
  const one = await node('one')
  await one.tries('charger.reset', 190, 'allowed')
  assert.notDeepEqual(await one.tries('charger.reset', 20, 'asked'), [])
  await clock.advance(61 * 60_000)
  assert.deepEqual(await one.tries('charger.reset', 20, 'asked'), [])
})

test('what somebody reads weighs on nobody else, and what they do stops no robot', async (t) => {
  const { node } = await world(t)
  const one = await node('one')
  const robotTries = (chargers: number) => one.tries('charger.reset', chargers, 'asked', watchdog)
  await one.tries('settings.read', 190, 'allowed')
  assert.deepEqual(await robotTries(20), [])
  assert.deepEqual(await one.tries('charger.reset', 190, 'allowed', { ...ada, id: 'p8' }), [])
  // The site, the role and the operation are busier than usual; the robot did nothing itself.
  assert.deepEqual(new Set(await robotTries(20)), new Set(['detection.frequency notes']))
  assert.deepEqual(
    new Set(await one.tries('charger.reset', 20, 'asked', { ...ada, id: 'p9' })),
    new Set(['detection.frequency requires']),
  )
  await one.tries('charger.reset', 190, 'allowed', watchdog)
  assert.ok((await robotTries(20)).includes('detection.frequency denies'))
})
