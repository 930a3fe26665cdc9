import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { anna, ben, obedient, upkeepWorld } from '../../../test/kit/upkeep.ts'
import type { ScriptedCharger, UpkeepWorld } from '../../../test/kit/upkeep.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { versions } from '../../ocpp/versions.ts'
import type { Version } from '../../ocpp/versions.ts'

const minute = 60_000

/** A charger online, with its connectors available and told so. */
async function online(
  world: UpkeepWorld,
  { version = '1.6', evses = [1, 2] }: { version?: Version; evses?: number[] } = {},
) {
  const charger = await world.charger('CP-1', { version })
  const state = obedient(charger, evses)
  await charger.connect()
  await charger.boot()
  for (const evse of evses) await charger.status(evse, 'Available')
  await world.settle()
  await world.pass(5_000)
  return { charger, ...state }
}

function changes(charger: ScriptedCharger): string[] {
  return charger.calls
    .filter(({ action }) => action === 'ChangeAvailability')
    .map(({ payload }) => {
      const { evse } = payload as { evse?: { id: number; connectorId?: number } }
      const at = (payload.connectorId as number | undefined) ?? evse?.id ?? 0
      const { type, operationalStatus } = payload as { type?: string; operationalStatus?: string }
      return `${at} ${type ?? operationalStatus ?? ''}`
    })
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof ProblemError)
  return `${error.problem.code}: ${error.problem.detail}`
}

async function standing(world: UpkeepWorld): Promise<string> {
  return (await world.upkeep.maintenance.show('CP-1')).standing
}

for (const version of versions)
  test(`on OCPP ${version} a charger goes out of service, stays there over reboots, and comes back`, async (t) => {
    const world = await upkeepWorld(t)
    const { charger, inService } = await online(world, { version })
    const begun = await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'new contactor' })
    assert.equal(begun.state, 'held')
    await world.settle()
    assert.deepEqual(changes(charger), ['0 Inoperative'])
    assert.equal(await standing(world), 'out-of-service')
    assert.deepEqual((await world.fleet.show('CP-1')).maintenance, {
      since: begun.since,
      until: null,
      by: 'Anna',
      reason: 'new contactor',
    })
    const facts = (await world.fleet.facts(['CP-1'])).get('CP-1')
    assert.deepEqual(facts?.maintenance, {
      since: Date.parse(begun.since),
      by: 'Anna',
      why: 'new contactor',
    })

    // It forgets over a reboot.
    await charger.disconnect()
    inService.set(1, true).set(2, true)
    await world.pass(minute)
    await charger.connect()
    await charger.boot()
    await charger.status(1, 'Available')
    await charger.status(2, 'Available')
    await world.pass(10_000)
    assert.deepEqual(changes(charger), ['0 Inoperative', '0 Inoperative'])
    assert.equal(await standing(world), 'out-of-service')
    assert.deepEqual([...inService.values()], [false, false])

    const left = await world.upkeep.maintenance.leave(anna, 'CP-1', { reason: 'done' })
    assert.equal(left.state, 'leaving')
    assert.equal((await world.fleet.show('CP-1')).maintenance, null)
    await world.settle()
    assert.deepEqual([...inService.values()], [true, true])
    assert.match(await refusal(world.upkeep.maintenance.show('CP-1')), /not-found/)
    assert.deepEqual(await world.record('CP-1'), [
      'charger.registered',
      'maintenance.entered',
      'maintenance.left',
      'maintenance.ended',
    ])
    const [first] = await world.submitted()
    assert.equal(first?.actor.kind, 'system')
    assert.equal(first.reason, 'maintenance by Anna: new contactor')
  })

test('a connector that was out of service before stays so, whoever had put it there', async (t) => {
  const world = await upkeepWorld(t)
  const { charger, inService } = await online(world, { evses: [1, 2, 3] })
  await world.commands.submit(ben, {
    operation: 'charger.availability',
    params: { availability: 'inoperative', evse: 2 },
    target: { chargers: ['CP-1'] },
    reason: 'broken latch',
  })
  await world.settle()
  inService.set(3, false)
  await charger.status(3, 'Unavailable')
  await world.settle()
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'inspection' })
  await world.settle()
  assert.deepEqual(changes(charger), ['2 Inoperative', '1 Inoperative'])
  const { before } = await world.upkeep.maintenance.show('CP-1')
  assert.deepEqual(
    before.map(({ evse, availability, by }) => [evse, availability, by]),
    [
      [1, 'operative', null],
      [2, 'inoperative', 'us'],
      [3, 'inoperative', 'somebody else'],
    ],
  )
  await charger.disconnect()
  await charger.connect()
  await charger.boot()
  for (const evse of [1, 2, 3]) await charger.status(evse, 'Unavailable')
  await world.pass(20_000)
  await world.upkeep.maintenance.leave(anna, 'CP-1', { reason: 'done' })
  await world.settle()
  assert.deepEqual(
    [...inService],
    [
      [1, true],
      [2, false],
      [3, false],
    ],
  )
})

test('a connector out of service before that comes back by itself is told to go out, and not brought back', async (t) => {
  const world = await upkeepWorld(t)
  const { charger, inService } = await online(world)
  await world.commands.submit(ben, {
    operation: 'charger.availability',
    params: { availability: 'inoperative', evse: 2 },
    target: { chargers: ['CP-1'] },
    reason: 'broken latch',
  })
  await world.settle()
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'inspection' })
  await world.pass(10_000)
  inService.set(2, true)
  await charger.status(2, 'Available')
  await world.pass(10_000)
  assert.equal(inService.get(2), false)
  await world.upkeep.maintenance.leave(anna, 'CP-1', { reason: 'done' })
  await world.settle()
  assert.deepEqual([...inService.values()], [true, false])
})

test('an offline charger is under maintenance at once and told when it connects', async (t) => {
  const world = await upkeepWorld(t)
  const { charger, inService } = await online(world)
  await charger.disconnect()
  await world.settle()
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'flooded' })
  await world.settle()
  assert.equal(await standing(world), 'not-connected')
  assert.notEqual((await world.fleet.show('CP-1')).maintenance, null)
  assert.deepEqual(await world.fleet.select({ status: ['maintenance'] }, 10), ['CP-1'])
  await charger.connect()
  await world.pass(5_000)
  assert.deepEqual(changes(charger), ['0 Inoperative'])
  assert.equal(await standing(world), 'out-of-service')
  assert.deepEqual([...inService.values()], [false, false])
})

test('a charger that was never told anything is left as it is', async (t) => {
  const world = await upkeepWorld(t)
  const { charger } = await online(world)
  await charger.disconnect()
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'flooded' })
  await world.settle()
  await world.upkeep.maintenance.leave(anna, 'CP-1', { reason: 'was another one' })
  await world.settle()
  assert.match(await refusal(world.upkeep.maintenance.show('CP-1')), /not-found/)
  await charger.connect()
  await world.pass(minute)
  assert.deepEqual(changes(charger), [])
})

test('its time ends it, on the record as the system’s doing', async (t) => {
  const world = await upkeepWorld(t)
  const { charger } = await online(world)
  const until = new Date(world.clock.now() + 30 * minute).toISOString()
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'cleaning', until })
  await world.pass(29 * minute)
  assert.equal(await standing(world), 'out-of-service')
  await world.pass(2 * minute)
  assert.deepEqual(changes(charger), ['0 Inoperative', '0 Operative'])
  const entries = await world.audit.list({ event: 'maintenance.left', limit: 10 })
  assert.deepEqual(
    entries.map(({ actor, reason }) => [actor.kind, reason]),
    [['system', 'its time was over']],
  )
})

test('a charger that refuses is told again with rising pauses and then left, and this is named', async (t) => {
  const world = await upkeepWorld(t)
  const { charger } = await online(world)
  charger.answers = () => ({ status: 'Rejected' })
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'inspection' })
  await world.settle()
  const first = await world.upkeep.maintenance.show('CP-1')
  assert.equal(first.standing, 'not-following')
  assert.match(first.detail ?? '', /rejected the change.*connector 1.1 shows Available/)
  assert.notEqual(first.nextTryAt, null)
  const times: number[] = []
  let seen = changes(charger).length
  for (let left = 120 * minute; left > 0; left -= 5_000) {
    await world.pass(5_000)
    if (changes(charger).length > seen) times.push(world.clock.now())
    seen = changes(charger).length
  }
  const pauses = times.map((at, index) => at - (times[index - 1] ?? Date.parse(first.since)))
  assert.equal(seen, 6)
  assert.deepEqual(
    pauses,
    [...pauses].sort((one, other) => one - other),
  )
  const last = await world.upkeep.maintenance.show('CP-1')
  assert.equal(last.standing, 'not-following')
  assert.equal(last.nextTryAt, null)
  assert.deepEqual((await world.record('CP-1')).slice(1), [
    'maintenance.entered',
    'maintenance.not-following',
  ])

  // A reconnect is worth one more try, and now it follows.
  obedient(charger, [1, 2])
  await charger.disconnect()
  await charger.connect()
  await world.pass(minute)
  assert.equal(await standing(world), 'out-of-service')
  assert.equal((await world.record('CP-1')).at(-1), 'maintenance.followed')
})

test('a charger that accepts and does nothing is not believed', async (t) => {
  const world = await upkeepWorld(t)
  const { charger } = await online(world)
  charger.answers = () => ({ status: 'Accepted' })
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'inspection' })
  await world.pass(minute)
  assert.equal(await standing(world), 'going-out')
  await world.pass(2 * minute)
  assert.equal(await standing(world), 'not-following')
  await world.pass(minute)
  assert.ok(charger.calls.some(({ action }) => action === 'TriggerMessage'))
})

test('a charger that does not come back is told again when maintenance is left again', async (t) => {
  const world = await upkeepWorld(t)
  const { charger, inService } = await online(world)
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'inspection' })
  await world.settle()
  const honest = charger.answers
  charger.answers = () => ({ status: 'Rejected' })
  await world.upkeep.maintenance.leave(anna, 'CP-1', { reason: 'done' })
  await world.pass(60 * minute)
  const stuck = await world.upkeep.maintenance.show('CP-1')
  assert.deepEqual([stuck.state, stuck.standing], ['leaving', 'not-following'])
  charger.answers = honest
  await world.upkeep.maintenance.leave(anna, 'CP-1', { reason: 'try again' })
  await world.settle()
  assert.deepEqual([...inService.values()], [true, true])
  assert.match(await refusal(world.upkeep.maintenance.show('CP-1')), /not-found/)
})

test('who holds it changes it; somebody else has to take it over', async (t) => {
  const world = await upkeepWorld(t)
  const { charger } = await online(world)
  const { maintenance } = world.upkeep
  await maintenance.enter(anna, 'CP-1', { reason: 'inspection' })
  await world.settle()
  const until = new Date(world.clock.now() + 60 * minute).toISOString()
  const longer = await maintenance.enter(anna, 'CP-1', { reason: 'takes longer', until })
  assert.deepEqual([longer.until, longer.reason], [until, 'takes longer'])
  const wish = { reason: 'mine' }
  assert.match(
    await refusal(maintenance.enter(ben, 'CP-1', wish)),
    /held-by-another: CP-1 is under maintenance by Anna since .*: takes longer/,
  )
  assert.match(await refusal(maintenance.leave(ben, 'CP-1', wish)), /held-by-another/)
  assert.equal((await maintenance.show('CP-1')).by.name, 'Anna')
  const taken = await maintenance.enter(ben, 'CP-1', { ...wish, takeOver: true })
  assert.deepEqual([taken.by.name, taken.since], ['Ben', longer.since])
  await maintenance.leave(anna, 'CP-1', { reason: 'all done', takeOver: true })
  await world.settle()
  assert.deepEqual(changes(charger).at(-1), '0 Operative')
  assert.deepEqual((await world.record('CP-1')).slice(1), [
    'maintenance.entered',
    'maintenance.changed',
    'maintenance.taken-over',
    'maintenance.left',
    'maintenance.ended',
  ])
})

test('sessions are waited for, or stopped first', async (t) => {
  for (const sessions of ['wait', 'stop'] as const) {
    const world = await upkeepWorld(t)
    const { charger, inService } = await online(world)
    await charger.status(1, 'Charging')
    await charger.say('StartTransaction', {
      ...{ connectorId: 1, idTag: 'TAG', meterStart: 0 },
      timestamp: new Date(world.clock.now()).toISOString(),
    })
    await world.settle()
    const [running] = (await world.fleet.sessions({ limit: 1 }, { charger: 'CP-1' })).items
    const transactionId = Number(running?.transactionId)
    let out = false
    const end = async (): Promise<void> => {
      await charger.say('StopTransaction', {
        ...{ transactionId, meterStop: 10 },
        timestamp: new Date(world.clock.now()).toISOString(),
      })
      inService.set(1, !out)
      await charger.status(1, out ? 'Unavailable' : 'Available')
    }
    charger.answers = (action, payload) => {
      if (action === 'RemoteStopTransaction') {
        charger.soon(end)
        return { status: 'Accepted' }
      }
      out = payload.type === 'Inoperative'
      charger.soon(() => charger.status(2, out ? 'Unavailable' : 'Available'))
      return { status: out ? 'Scheduled' : 'Accepted' }
    }
    await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'inspection', sessions })
    await world.settle()
    if (sessions === 'wait') {
      assert.equal(await standing(world), 'waiting-for-sessions')
      assert.deepEqual(
        charger.calls.map(({ action }) => action),
        ['ChangeAvailability'],
      )
      await world.pass(40 * minute)
      assert.equal(await standing(world), 'waiting-for-sessions')
      assert.equal(charger.calls.length, 1)
      await end()
    } else {
      assert.deepEqual(
        charger.calls.map(({ action }) => action),
        ['RemoteStopTransaction', 'ChangeAvailability'],
      )
      await charger.status(1, 'Unavailable')
    }
    await world.settle()
    assert.equal(await standing(world), 'out-of-service')
  }
})

test('control may restart at any moment: nothing is forgotten and nothing done twice', async (t) => {
  const world = await upkeepWorld(t)
  const { charger, inService } = await online(world)
  await charger.disconnect()
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'inspection' })
  await world.restart()
  await charger.connect()
  await world.pass(5_000)
  await world.restart()
  await world.pass(minute)
  assert.deepEqual(changes(charger), ['0 Inoperative'])
  assert.equal(await standing(world), 'out-of-service')
  await charger.disconnect()
  await world.upkeep.maintenance.leave(anna, 'CP-1', { reason: 'done' })
  await world.restart()
  await charger.connect()
  await world.pass(10_000)
  assert.deepEqual([...inService.values()], [true, true])
  assert.deepEqual(changes(charger), ['0 Inoperative', '0 Operative'])
})

test('several control nodes look after one charger, and it is told once', async (t) => {
  const world = await upkeepWorld(t)
  const { charger, inService } = await online(world)
  const second = await world.another()
  await world.another()
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'inspection' })
  await world.pass(minute)
  await second.maintenance.enter(anna, 'CP-1', { reason: 'longer inspection' })
  await world.pass(minute)
  assert.deepEqual(changes(charger), ['0 Inoperative'])
  const until = new Date(world.clock.now() + minute).toISOString()
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'nearly done', until })
  await world.pass(2 * minute)
  assert.deepEqual(changes(charger), ['0 Inoperative', '0 Operative'])
  assert.deepEqual([...inService.values()], [true, true])
  assert.equal((await world.submitted()).length, 2)
  const left = await world.audit.list({ event: 'maintenance.left', limit: 10 })
  assert.equal(left.length, 1)
})

test('entering while it is being put back keeps what was before', async (t) => {
  const world = await upkeepWorld(t)
  const { charger, inService } = await online(world)
  inService.set(2, false)
  await charger.status(2, 'Unavailable')
  await world.settle()
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'inspection' })
  await world.settle()
  await charger.disconnect()
  await world.upkeep.maintenance.leave(anna, 'CP-1', { reason: 'done' })
  await world.settle()
  await world.upkeep.maintenance.enter(ben, 'CP-1', { reason: 'forgot a screw' })
  await charger.connect()
  await world.pass(10_000)
  assert.equal(await standing(world), 'out-of-service')
  await world.upkeep.maintenance.leave(ben, 'CP-1', { reason: 'done' })
  await world.pass(10_000)
  assert.deepEqual([...inService.values()], [true, false])
})

test('a person cannot put a charger under maintenance back into service by command', async (t) => {
  const world = await upkeepWorld(t)
  await online(world)
  await world.upkeep.maintenance.enter(anna, 'CP-1', { reason: 'live parts' })
  await world.settle()
  const { id } = await world.commands.submit(ben, {
    operation: 'charger.availability',
    params: { availability: 'operative' },
    target: { chargers: ['CP-1'] },
    reason: 'wanted',
  })
  await world.settle()
  const { targets } = await world.commands.show(id)
  assert.equal(targets[0]?.state, 'refused')
  assert.match(targets[0].detail ?? '', /under maintenance by Anna \(live parts\)/)
})

test('a selection enters and leaves together; what others hold is named and left', async (t) => {
  const world = await upkeepWorld(t)
  await online(world)
  for (const identity of ['CP-2', 'CP-3']) await world.charger(identity)
  const { maintenance } = world.upkeep
  await maintenance.enter(ben, 'CP-2', { reason: 'mine' })
  const report = await maintenance.enterMany(
    anna,
    { chargers: ['CP-1', 'CP-2', 'CP-3'] },
    { reason: 'site works' },
  )
  assert.deepEqual([report.total, report.done, report.held], [3, 2, 1])
  assert.deepEqual(
    report.heldByOthers.map(({ charger, by, reason }) => [charger, by.name, reason]),
    [['CP-2', 'Ben', 'mine']],
  )
  const { items } = await maintenance.list({ limit: 2 }, {})
  assert.deepEqual(
    items.map(({ charger }) => charger),
    ['CP-1', 'CP-2'],
  )
  const left = await maintenance.leaveMany(
    anna,
    { select: { status: ['maintenance'] } },
    { reason: 'works are done' },
  )
  assert.deepEqual([left.total, left.done, left.held], [3, 2, 1])
})

const badWishes: readonly (readonly [string, object, RegExp])[] = [
  ['CP-1', { reason: '  ' }, /invalid-input: a reason must not be empty/],
  ['CP-1', { reason: 'x', until: 'tomorrow' }, /must be a date and time/],
  ['CP-1', { reason: 'x', until: '2020-01-01T00:00:00Z' }, /lies in the past/],
  ['CP-9', { reason: 'x' }, /not-found: there is no charger CP-9/],
]
test('a wish that cannot be granted changes nothing', async (t: TestContext) => {
  const world = await upkeepWorld(t)
  await online(world)
  for (const [charger, wish, expected] of badWishes)
    assert.match(
      await refusal(world.upkeep.maintenance.enter(anna, charger, wish as { reason: string })),
      expected,
    )
  assert.match(
    await refusal(world.upkeep.maintenance.leave(anna, 'CP-1', { reason: 'x' })),
    /not-found: CP-1 is not under maintenance/,
  )
  assert.deepEqual((await world.upkeep.maintenance.list({ limit: 1 }, {})).items, [])
})
