import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { FleetWorld } from '../../../test/kit/fleet.ts'
import { fleetWorld, owner } from '../../../test/kit/fleet.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { CommandEnds } from './models.ts'

const abb = {
  chargePointVendor: 'ABB',
  chargePointModel: 'CDT_TACW22::NET_WIFI',
  firmwareVersion: 'TAC3Z9::V1.8.21',
}
const fine: CommandEnds = {
  succeeded: 12,
  unverified: 0,
  refused: 1,
  unsupported: 0,
  failed: 0,
  unknown: 0,
}

async function abbWorld(t: TestContext): Promise<FleetWorld> {
  const world = await fleetWorld(t)
  for (const identity of ['ABB-1', 'ABB-2']) {
    const charger = await world.charger(identity)
    await charger.say('BootNotification', abb)
  }
  const other = await world.charger('OTHER')
  await other.say('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })
  await world.charger('NEVER-BOOTED')
  return world
}

suite('the models of the fleet', () => {
  test('are counted by vendor, model and firmware, with what is known of them', async (t) => {
    const { fleet } = await abbWorld(t)
    const ends = [
      { charger: 'ABB-1', ends: fine },
      { charger: 'ABB-2', ends: { ...fine, succeeded: 0, failed: 5, unknown: 2 } },
    ]
    const { items, nextCursor } = await fleet.models({ limit: 10 }, ends)
    assert.equal(nextCursor, null)
    assert.deepEqual(
      items.map(({ vendor, model, firmware, chargers, online }) => [
        ...[vendor, model, firmware],
        ...[chargers, online],
      ]),
      [
        ['ABB', 'CDT_TACW22::NET_WIFI', 'TAC3Z9::V1.8.21', 2, 2],
        ['V', 'M', null, 1, 1],
      ],
    )
    const [first] = items
    assert.ok(first !== undefined)
    assert.deepEqual(first.profiles, ['abb/terra-ac-1.8.21', 'abb/terra-ac'])
    assert.ok(first.quirks.includes('crashes-on-reading'))
    assert.deepEqual(first.protocols, ['ocpp1.6'])
    assert.deepEqual([first.commands.succeeded, first.commands.failed], [12, 5])
    assert.equal(first.share.failed, 5 / 21)
    assert.ok(first.score.score !== null && first.score.score < 100)
    assert.equal(items[1]?.share.failed, null)
  })

  test('are given a page at a time', async (t) => {
    const { fleet } = await abbWorld(t)
    const first = await fleet.models({ limit: 1 }, [])
    assert.ok(first.nextCursor !== null)
    const second = await fleet.models({ limit: 1, cursor: first.nextCursor }, [])
    assert.deepEqual(
      [...first.items, ...second.items].map(({ vendor }) => vendor),
      ['ABB', 'V'],
    )
    assert.equal(second.nextCursor, null)
  })

  test('show their quirks in words, and violations by kind', async (t) => {
    const world = await abbWorld(t)
    const { fleet, clock } = world
    for (const charger of ['ABB-1', 'ABB-2'])
      await fleet.reports.hear({
        kind: 'violating',
        identity: charger,
        at: clock.now(),
        violation: 'payload-invalid',
        action: 'StatusNotification',
        path: '/errorCode',
        detail: 'a word nobody knows',
        frame: `[2,"${charger}"]`,
      })
    await clock.advance(60_000)
    const { items } = await fleet.models({ limit: 10 }, [])
    const [abbs] = items
    assert.ok(abbs !== undefined)
    assert.deepEqual(abbs.violations, { 'payload-invalid': 2 })
    const shown = await fleet.model(abbs.id, [])
    assert.deepEqual(
      shown.violationDetails.map(({ kind, action, count, chargers }) => [
        ...[kind, action],
        ...[count, chargers],
      ]),
      [['payload-invalid', 'StatusNotification', 2, 2]],
    )
    const quirk = shown.quirkDetails.find((one) => one.quirk === 'crashes-on-reading')
    assert.deepEqual(quirk?.parameters, { keys: ['MeterValuesSampledData'] })
    assert.equal(quirk?.from, 'abb/terra-ac-1.8.21')
    assert.match(quirk?.weDo ?? '', /never read/)
    await assertProblem(fleet.model('nonsense', []), 'not-found')
  })

  test('tell how many chargers agree on what they can do', async (t) => {
    const { fleet } = await abbWorld(t)
    const override = { name: 'max-stack-level', value: 5, reason: 'tried it' }
    await fleet.overrideCapability(owner, 'ABB-1', override)
    const [first] = (await fleet.models({ limit: 1 }, [])).items
    assert.ok(first !== undefined)
    const { capabilities } = await fleet.model(first.id, [])
    const level = capabilities.find(({ name }) => name === 'max-stack-level')
    assert.deepEqual(level?.values, [
      { value: 5, source: 'overridden', chargers: 1 },
      { value: 0, source: 'declared', chargers: 1 },
    ])
    assert.equal(level.agree, 1)
  })
})

suite('what a charger can do', () => {
  test('is what its model declares, until a person says otherwise and takes it back', async (t) => {
    const { fleet, audit } = await abbWorld(t)
    const level = async () =>
      (await fleet.capabilities('ABB-1')).capabilities.find(
        ({ name }) => name === 'max-stack-level',
      )
    assert.deepEqual([(await level())?.value, (await level())?.source], [0, 'declared'])
    const name = 'max-stack-level'
    await fleet.overrideCapability(owner, 'ABB-1', { name, value: 3, reason: 'the new board' })
    const said = await level()
    assert.deepEqual([said?.value, said?.source, said?.why], [3, 'overridden', 'the new board'])
    assert.deepEqual([said?.setForFirmware, said?.firmwareChanged], ['TAC3Z9::V1.8.21', false])
    await fleet.dropOverride(owner, 'ABB-1', { name, reason: 'the old board is back' })
    assert.equal((await level())?.value, 0)
    const entries = await audit.list({ limit: 100 })
    const told = entries
      .filter(({ event }) => event.startsWith('capability.'))
      .map(({ event, charger, reason, detail }) => [event, charger, reason, detail])
    assert.deepEqual(told, [
      ['capability.overridden', 'ABB-1', 'the new board', { name, value: 3, before: null }],
      ['capability.override-dropped', 'ABB-1', 'the old board is back', { name, before: 3 }],
    ])
  })

  test('as a person said it outlives a change of firmware, and shows that it did', async (t) => {
    const world = await abbWorld(t)
    const { fleet } = world
    const override = { name: 'action:UnlockConnector', value: false, reason: 'the lock is removed' }
    await fleet.overrideCapability(owner, 'OTHER', override)
    const charger = await world.charger('NEW')
    await charger.say('BootNotification', abb)
    await fleet.overrideCapability(owner, 'NEW', override)
    await charger.say('BootNotification', { ...abb, firmwareVersion: 'TAC3Z9::V1.8.32' })
    const { capabilities } = await fleet.capabilities('NEW')
    const unlock = capabilities.find(({ name }) => name === 'action:UnlockConnector')
    assert.deepEqual([unlock?.value, unlock?.source], [false, 'overridden'])
    assert.deepEqual([unlock?.setForFirmware, unlock?.firmwareChanged], ['TAC3Z9::V1.8.21', true])
  })

  test('is refused where it is none, has another form, or has no reason', async (t) => {
    const { fleet } = await abbWorld(t)
    const set = (name: string, value: unknown, reason = 'because') =>
      fleet.overrideCapability(owner, 'ABB-1', { name, value, reason })
    await assertProblem(set('flies', true), 'invalid-input', 'name')
    await assertProblem(set('max-stack-level', 'three'), 'invalid-input', 'value')
    await assertProblem(set('file-protocols', 'FTP'), 'invalid-input', 'value')
    await assertProblem(set('max-stack-level', 3, ' '), 'invalid-input', 'reason')
    await assertProblem(fleet.capabilities('NOBODY'), 'not-found')
    const dropped = fleet.dropOverride(owner, 'ABB-1', { name: 'evses', reason: 'because' })
    await assertProblem(dropped, 'not-found')
    assert.deepEqual(
      (await fleet.capabilities('ABB-1')).capabilities.filter(
        ({ source }) => source === 'overridden',
      ),
      [],
    )
  })
})

async function assertProblem(
  promise: Promise<unknown>,
  code: string,
  field?: string,
): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof ProblemError)
    assert.equal(error.problem.code, code)
    assert.equal(error.problem.field, field)
    return true
  })
}
