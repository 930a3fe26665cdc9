import assert from 'node:assert/strict'
import test from 'node:test'
import type { FleetWorld } from '../../test/kit/fleet.ts'
import { fleetWorld, owner } from '../../test/kit/fleet.ts'
import { memoryBus } from '../bus/memory.ts'
import { learn } from '../fleet/learned/learn.ts'
import { uuid7 } from '../kernel/ids.ts'
import { silentLog } from '../kernel/log.ts'
import type { Observation } from '../operations/observation.ts'
import type { TokenListSupply } from '../operations/catalog/access/token-list-supply.ts'
import { change } from '../storage/database.ts'
import { openAccess } from './open-access.ts'

const page = { limit: 100 }

async function withList(t: Parameters<typeof fleetWorld>[0]): Promise<FleetWorld> {
  const world = await fleetWorld(t)
  await world.access.create(owner, { name: 'drivers', label: 'Our drivers' }, 'begin')
  return world
}

const put = (world: FleetWorld, rows: readonly object[], reason = 'cards') =>
  world.access.change(owner, 'drivers', { put: rows }, reason)

const problem = (code: string, field?: string) => (error: unknown) => {
  const { problem } = error as { problem: { code: string; field?: string } }
  assert.deepEqual([problem.code, problem.field], [code, field])
  return true
}

test('a list grows by revisions, each with who made it and why, and all of it is on the record', async (t) => {
  const world = await withList(t)
  const { access } = world
  assert.deepEqual(await put(world, [{ token: 'A' }, { token: 'B', label: 'Bea' }]), {
    revision: 2,
    added: 2,
    changed: 0,
    removed: 0,
    unchanged: 0,
  })
  const blocked = await put(world, [{ token: 'a', status: 'blocked' }], 'card lost')
  assert.deepEqual([blocked.revision, blocked.changed], [3, 1])
  await access.change(owner, 'drivers', { remove: ['B'] }, 'left us')
  const same = await access.change(owner, 'drivers', { remove: ['B'] }, 'again')
  assert.deepEqual([same.revision, same.unchanged], [4, 1])
  await access.update(owner, 'drivers', { unknownTokens: 'accept' }, 'open day')

  const list = await access.show('drivers')
  assert.deepEqual(
    [list.revision, list.tokens, list.unknownTokens, list.label],
    [5, 1, 'accept', 'Our drivers'],
  )
  const history = (await access.history('drivers', page)).items
  assert.deepEqual(
    history.map(({ revision, kind, reason, added, changed, removed }) =>
      [revision, kind, reason, added, changed, removed].join(' '),
    ),
    [
      '5 settings open day 0 0 0',
      '4 changed left us 0 0 1',
      '3 changed card lost 0 1 0',
      '2 changed cards 2 0 0',
      '1 created begin 0 0 0',
    ],
  )
  assert.equal(history[0]?.by.id, 'owner')
  const entries = await world.audit.list({ limit: 20 })
  assert.deepEqual(
    entries.map(({ event, reason, actor }) => [event, reason, actor.id].join(' ')),
    [
      'token-list.created begin owner',
      'token-list.changed cards owner',
      'token-list.changed card lost owner',
      'token-list.changed left us owner',
      'token-list.updated open day owner',
    ],
  )
  assert.deepEqual(entries[2]?.detail['tokens'], [
    { token: 'a', before: { status: 'accepted' }, after: { status: 'blocked' } },
  ])
})

test('a change is made whole or not at all, and needs a reason', async (t) => {
  const world = await withList(t)
  await put(world, [{ token: 'A' }])
  await assert.rejects(
    put(world, [{ token: 'B' }, { token: 'C', validUntil: 'soon' }]),
    problem('invalid-input', 'put[1].validUntil'),
  )
  await assert.rejects(put(world, [{ token: 'B' }], '  '), problem('invalid-input', 'reason'))
  await assert.rejects(
    world.access.change(owner, 'nobody', { put: [] }, 'x'),
    problem('not-found', 'list'),
  )
  const many = Array.from({ length: 50_001 }, (_, index) => ({ token: `T${index}` }))
  await assert.rejects(put(world, many), problem('too-large', 'put'))
  const { items } = await world.access.tokens('drivers', page, {})
  assert.deepEqual(
    items.map(({ token }) => token),
    ['A'],
  )
  assert.equal((await world.access.show('drivers')).revision, 2)
})

test('what is exported and put in place of the list again changes nothing', async (t) => {
  const world = await withList(t)
  await put(world, [
    {
      token: 'Card 1',
      type: 'ISO14443',
      parent: 'FLEET',
      validFrom: '2026-01-01T00:00:00.000Z',
      validUntil: '2027-01-01T00:00:00.000Z',
      status: 'blocked',
      label: 'Ann, "the boss"',
    },
    { token: 'B' },
  ])
  const rows: object[] = []
  for await (const row of await world.access.export('drivers')) rows.push(row)
  const again = await world.access.change(owner, 'drivers', { put: rows, replace: true }, 'again')
  assert.deepEqual(again, { revision: 2, added: 0, changed: 0, removed: 0, unchanged: 2 })
  const without = await world.access.change(
    owner,
    'drivers',
    { put: [{ token: 'B', label: 'Bea' }], replace: true },
    'only Bea',
  )
  assert.deepEqual([without.removed, without.changed], [1, 1])
})

test('tokens are listed in pages, by status and by how they begin', async (t) => {
  const world = await withList(t)
  const rows = ['AA1', 'aa2', 'AB3', 'B4'].map((token) => ({ token }))
  await put(world, [...rows, { token: 'AC5', status: 'blocked' }])
  const first = await world.access.tokens('drivers', { limit: 2 }, {})
  const second = await world.access.tokens('drivers', { limit: 9, cursor: first.nextCursor! }, {})
  assert.deepEqual(
    [...first.items, ...second.items].map(({ token }) => token),
    ['AA1', 'aa2', 'AB3', 'AC5', 'B4'],
  )
  const named = async (filter: Parameters<typeof world.access.tokens>[2]) =>
    (await world.access.tokens('drivers', page, filter)).items.map(({ token }) => token)
  assert.deepEqual(await named({ begins: 'Aa' }), ['AA1', 'aa2'])
  assert.deepEqual(await named({ status: 'blocked' }), ['AC5'])
})

test('a list is deleted only when nobody has it, and one of its name goes on counting', async (t) => {
  const world = await withList(t)
  const { access } = world
  await put(world, [{ token: 'A' }])
  await access.assign(owner, 'drivers', { kind: 'tag', name: 'depot' }, 'depots')
  await assert.rejects(access.remove(owner, 'drivers', 'old'), problem('invalid-input', 'list'))
  await access.unassign(owner, { kind: 'tag', name: 'depot' }, 'no more')
  await access.remove(owner, 'drivers', 'old')
  await assert.rejects(access.show('drivers'), problem('not-found', 'list'))
  const again = await access.create(owner, { name: 'drivers' }, 'anew')
  assert.deepEqual([again.revision, again.tokens], [3, 0])
  const supply = (await access.tokenListSupply('drivers')) as unknown as TokenListSupply
  assert.deepEqual([supply.revision, supply.since], [3, 3])
})

test('a command is supplied with the tokens, what was taken off, and since when that is known', async (t) => {
  const world = await withList(t)
  await put(world, [
    { token: 'A', validUntil: '2027-01-01T00:00:00Z', parent: 'P' },
    { token: 'B', type: 'Central' },
    { token: 'C' },
  ])
  await world.access.change(owner, 'drivers', { remove: ['b', 'C'] }, 'gone')
  await put(world, [{ token: 'C' }, { token: 'A', label: 'Ann' }])
  assert.deepEqual(await world.access.tokenListSupply('drivers'), {
    list: 'drivers',
    revision: 4,
    since: 1,
    tokens: [
      {
        token: 'A',
        status: 'accepted',
        revision: 2,
        parent: 'P',
        until: Date.parse('2027-01-01T00:00:00Z'),
      },
      { token: 'C', status: 'accepted', revision: 4 },
    ],
    removed: [{ token: 'B', type: 'Central', revision: 3 }],
  })
  await assert.rejects(
    world.access.tokenListSupply('nobody'),
    problem('invalid-input', 'params.list'),
  )
})

test('only the changes of the newest revisions are remembered token by token', async (t) => {
  const world = await withList(t)
  await put(world, [{ token: 'A' }])
  for (let index = 0; index < 205; index += 1) await put(world, [{ token: 'A', label: `${index}` }])
  const supply = (await world.access.tokenListSupply('drivers')) as unknown as TokenListSupply
  assert.deepEqual([supply.revision, supply.since], [207, 7])
  const { rows } = await world.sql('select min(revision) as first from token_list_change_token')
  assert.deepEqual(rows, [{ first: 8 }])
})

async function teach(world: FleetWorld, charger: string, ...observations: Observation[]) {
  const at = world.clock.now()
  await world.database.commit(change(learn, { charger, at, observations }))
}

test('which chargers have a list, and whether they hold it', async (t) => {
  const world = await withList(t)
  const { access, fleet } = world
  await fleet.addGroup(owner, { path: 'North/Hamburg' })
  for (const identity of ['CP-1', 'CP-2', 'CP-3', 'CP-4', 'CP-5', 'CP-6'])
    await fleet.register(owner, { identity, group: 'North/Hamburg' })
  await fleet.register(owner, { identity: 'CP-9', tags: ['depot'] })
  await put(world, [{ token: 'A' }])
  await access.create(owner, { name: 'others' }, 'others')
  await access.assign(owner, 'drivers', { kind: 'group', name: 'North' }, 'all of the north')
  await access.assign(owner, 'others', { kind: 'charger', name: 'CP-6' }, 'an exception')

  const held = { kind: 'local-list', list: 'drivers', version: 4 } as const
  await teach(world, 'CP-1', { ...held, revision: 2 })
  await teach(world, 'CP-2', { ...held, revision: 1 })
  await teach(world, 'CP-3', { ...held, revision: 2 }, { kind: 'local-list-version', version: 9 })
  await teach(world, 'CP-4', { kind: 'local-list-version', version: -1 })
  const states = async () =>
    (await access.holders('drivers', page)).items.map(({ charger, state }) => `${charger} ${state}`)
  assert.deepEqual(await states(), [
    'CP-1 current',
    'CP-2 behind',
    'CP-3 drifted',
    'CP-4 unsupported',
    'CP-5 unknown',
  ])
  const first = await access.holders('drivers', { limit: 2 })
  const second = await access.holders('drivers', { limit: 9, cursor: first.nextCursor! })
  assert.deepEqual([first.items.length, second.items.length], [2, 3])
  assert.deepEqual(await access.holder('CP-1'), {
    charger: 'CP-1',
    list: 'drivers',
    revision: 2,
    through: { kind: 'group', name: 'North' },
    held: { list: 'drivers', revision: 2, version: 4 },
    state: 'current',
    since: new Date(world.clock.now()).toISOString(),
  })
  assert.deepEqual(await access.holder('CP-9'), {
    charger: 'CP-9',
    list: null,
    revision: null,
    through: null,
    held: null,
    state: null,
    since: null,
  })

  await access.update(owner, 'drivers', { unknownTokens: 'accept' }, 'nothing a charger is told')
  assert.equal((await access.holder('CP-1')).state, 'current')
  await put(world, [{ token: 'A', status: 'blocked' }])
  assert.equal((await access.holder('CP-1')).state, 'behind')
})

test('a list is assigned to what there is, in place of the one before', async (t) => {
  const world = await withList(t)
  const { access, fleet } = world
  await fleet.register(owner, { identity: 'CP-1' })
  await access.create(owner, { name: 'others' }, 'others')
  for (const [target, field] of [
    [{ kind: 'charger', name: 'CP-7' }, 'name'],
    [{ kind: 'group', name: 'Nowhere' }, 'name'],
    [{ kind: 'everywhere', name: 'all' }, 'name'],
    [{ kind: 'tag' }, 'name'],
  ] as const)
    await assert.rejects(
      access.assign(owner, 'drivers', target, 'x'),
      problem('invalid-input', field),
    )
  await assert.rejects(
    access.assign(owner, 'nobody', { kind: 'everywhere' }, 'x'),
    problem('not-found', 'list'),
  )
  await access.assign(owner, 'drivers', { kind: 'charger', name: 'CP-1' }, 'first')
  await access.assign(owner, 'others', { kind: 'charger', name: 'CP-1' }, 'then')
  await access.assign(owner, 'drivers', { kind: 'everywhere' }, 'the rest')
  const { items } = await access.assignments(page, {})
  assert.deepEqual(
    items.map(({ list, kind, name, reason }) => [list, kind, name, reason].join(' ')),
    ['others charger CP-1 then', 'drivers everywhere  the rest'],
  )
  assert.equal((await access.assignments(page, { list: 'others' })).items.length, 1)
  const [, second] = await world.audit.list({ event: 'token-list.assigned', limit: 9 })
  assert.deepEqual(
    [second?.charger, second?.detail],
    ['CP-1', { list: 'others', kind: 'charger', name: 'CP-1', before: 'drivers' }],
  )
  await assert.rejects(
    access.unassign(owner, { kind: 'tag', name: 'x' }, 'x'),
    problem('not-found', undefined),
  )
})

test('every node answers by the same lists, also where the word of a change was lost', async (t) => {
  const world = await withList(t)
  await put(world, [{ token: 'A' }, { token: 'B' }])
  await world.access.assign(owner, 'drivers', { kind: 'everywhere' }, 'all')
  const deaf = memoryBus()
  t.after(() => deaf.close())
  const { database, audit, clock, fleet } = world
  const other = await openAccess({
    ...{ database, audit, clock, fleet, bus: deaf },
    newId: uuid7(clock),
    log: silentLog,
  })
  t.after(() => other.close())
  const charger = { identity: 'CP-1', group: null, tags: [] }
  const said = (token: string) => other.judge(charger, { token }, clock.now()).answer.status
  assert.deepEqual([said('A'), said('B'), said('C')], ['Accepted', 'Accepted', 'Unknown'])

  await put(world, [{ token: 'A', status: 'blocked' }, { token: 'C' }])
  await world.access.change(owner, 'drivers', { remove: ['B'] }, 'gone')
  assert.equal(said('A'), 'Accepted')
  await clock.advance(5_000)
  await other.refresh()
  assert.deepEqual([said('A'), said('B'), said('C')], ['Blocked', 'Unknown', 'Accepted'])

  await world.access.unassign(owner, { kind: 'everywhere' }, 'nobody')
  await world.access.remove(owner, 'drivers', 'nobody')
  await other.refresh()
  assert.equal(said('B'), 'Accepted')
})
