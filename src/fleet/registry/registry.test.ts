import assert from 'node:assert/strict'
import test from 'node:test'
import { ProblemError } from '../../kernel/problem.ts'
import { fleetWorld, owner } from '../../../test/kit/fleet.ts'

function problem(code: string, field?: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ProblemError, String(error))
    assert.deepEqual([error.problem.code, error.problem.field], [code, field], error.problem.detail)
    return true
  }
}

test('a registered charger gets a credential once, and the record has no secret', async (t) => {
  const { fleet, audit, sql } = await fleetWorld(t)
  await fleet.addGroup(owner, { path: 'North/Depot' })
  const { charger, credential } = await fleet.register(owner, {
    identity: 'RDAM 123',
    group: 'North/Depot',
    tags: ['fast', 'public', 'fast'],
    assumeProtocol: '1.6',
  })
  assert.match(credential!, /^[0-9a-f]{40}$/)
  assert.equal(charger.identity, 'RDAM 123')
  assert.equal(charger.group, 'North/Depot')
  assert.deepEqual(charger.tags, ['fast', 'public'])
  assert.equal(charger.connected, false)
  assert.equal(charger.protocol, null)
  assert.equal(charger.bootState, 'unknown')
  const entries = await audit.list({ charger: 'RDAM 123', limit: 10 })
  assert.deepEqual(
    entries.map(({ event, actor, origin }) => [event, actor.id, origin.requestId]),
    [['charger.registered', 'owner', 'r-1']],
  )
  assert.ok(!JSON.stringify(entries).includes(credential!))
  const { rows } = await sql('select * from charger')
  assert.ok(!JSON.stringify(rows).includes(credential!))
})

test('a given credential is not answered', async (t) => {
  const { fleet } = await fleetWorld(t)
  const given = { identity: 'CP-1', credential: 'correct horse battery' }
  assert.equal((await fleet.register(owner, given)).credential, undefined)
})

const refusals: readonly [what: string, registration: object, field: string][] = [
  ['no identity', { identity: '' }, 'identity'],
  ['a colon', { identity: 'CP:1' }, 'identity'],
  ['a slash', { identity: 'a/b' }, 'identity'],
  ['49 characters', { identity: 'x'.repeat(49) }, 'identity'],
  ['a control character', { identity: 'CP\u00001' }, 'identity'],
  ['a space at the end', { identity: 'CP-1 ' }, 'identity'],
  ['a relative path', { identity: '..' }, 'identity'],
  ['an unknown group', { identity: 'CP-1', group: 'Nowhere' }, 'group'],
  ['an empty name in the group', { identity: 'CP-1', group: 'a//b' }, 'group'],
  ['a tag that is empty', { identity: 'CP-1', tags: ['ok', ' '] }, 'tags[1]'],
  ['a version that is none', { identity: 'CP-1', assumeProtocol: '1.5' }, 'assumeProtocol'],
  ['a short credential', { identity: 'CP-1', credential: 'short' }, 'credential'],
]
test('a bad registration is refused by name and changes nothing', async (t) => {
  const { fleet, audit } = await fleetWorld(t)
  for (const [what, registration, field] of refusals)
    await t.test(what, async () => {
      await assert.rejects(
        fleet.register(owner, registration as { identity: string }),
        problem('invalid-input', field),
      )
      assert.deepEqual((await fleet.list({ limit: 10 })).items, [])
      assert.deepEqual(await audit.list({ limit: 10 }), [])
    })
})

test('an identity is registered once', async (t) => {
  const { fleet, audit } = await fleetWorld(t)
  await fleet.register(owner, { identity: 'CP-1' })
  await assert.rejects(
    fleet.register(owner, { identity: 'CP-1' }),
    problem('already-exists', 'identity'),
  )
  assert.equal((await audit.list({ limit: 10 })).length, 1)
})

test('an update changes what it names, and the record says what it was before', async (t) => {
  const { fleet, audit } = await fleetWorld(t)
  await fleet.addGroup(owner, { path: 'North' })
  await fleet.register(owner, { identity: 'CP-1', tags: ['old'] })
  const updated = await fleet.update(owner, 'CP-1', { group: 'North', tags: ['new'] })
  assert.deepEqual([updated.group, updated.tags], ['North', ['new']])
  await fleet.update(owner, 'CP-1', { group: 'North' })
  const [entry, ...more] = await audit.list({ event: 'charger.updated', limit: 10 })
  assert.equal(more.length, 0)
  assert.deepEqual(entry?.detail, {
    group: { before: null, after: 'North' },
    tags: { before: ['old'], after: ['new'] },
  })
  assert.equal((await fleet.update(owner, 'CP-1', { group: null })).group, null)
  await assert.rejects(fleet.update(owner, 'CP-2', {}), problem('not-found'))
})

test('a removed charger is gone, its history stays, and its connection is ended', async (t) => {
  const world = await fleetWorld(t)
  const { fleet, audit, bus, events } = world
  const charger = await world.charger('CP-1')
  await charger.say('StartTransaction', {
    connectorId: 1,
    idTag: 'T',
    meterStart: 0,
    timestamp: '2026-03-01T12:00:00Z',
  })
  const orders: unknown[] = []
  bus.serve(`charger.${Buffer.from('CP-1').toString('hex')}.close`, {}, (order) => {
    orders.push(order)
    return Promise.resolve({})
  })
  await fleet.remove(owner, 'CP-1', 'scrapped')
  await world.settle()
  assert.equal(orders.length, 1)
  await assert.rejects(fleet.show('CP-1'), problem('not-found'))
  await assert.rejects(fleet.remove(owner, 'CP-1', 'again'), problem('not-found'))
  const { items } = await fleet.sessions({ limit: 10 }, { charger: 'CP-1' })
  assert.deepEqual(
    items.map(({ state, stopReason }) => [state, stopReason]),
    [['ended', 'charger removed']],
  )
  const [entry] = await audit.list({ event: 'charger.removed', limit: 10 })
  assert.equal(entry?.reason, 'scrapped')
  assert.ok(events.some(({ type }) => type === 'charger.removed'))
  const answer = await charger.call('Heartbeat', {})
  assert.equal(answer.kind, 'error')
})

test('groups form a tree and count the chargers below them', async (t) => {
  const { fleet, audit } = await fleetWorld(t)
  const depot = await fleet.addGroup(owner, { path: 'Acme/North/Depot 1' })
  assert.equal(depot.kind, 'site')
  await fleet.register(owner, { identity: 'CP-1', group: 'Acme/North/Depot 1' })
  await fleet.register(owner, { identity: 'CP-2', group: 'Acme' })
  const groups = await fleet.groups()
  assert.deepEqual(
    groups.map(({ path, kind, chargers }) => [path, kind, chargers]),
    [
      ['Acme', 'organisation', 2],
      ['Acme/North', 'region', 1],
      ['Acme/North/Depot 1', 'site', 1],
    ],
  )
  assert.equal(groups[1]?.parent, groups[0]?.id)
  await assert.rejects(fleet.addGroup(owner, { path: 'Acme' }), problem('already-exists', 'path'))
  await assert.rejects(
    fleet.addGroup(owner, { path: 'Acme/North/Depot 1/Wrong', kind: 'region' }),
    problem('invalid-input', 'kind'),
  )
  await assert.rejects(fleet.removeGroup(owner, 'Acme/North'), problem('invalid-input', 'path'))
  await fleet.remove(owner, 'CP-1', 'scrapped')
  await fleet.removeGroup(owner, 'Acme/North/Depot 1')
  await assert.rejects(fleet.removeGroup(owner, 'Acme/South'), problem('not-found', 'path'))
  const events = (await audit.list({ limit: 20 })).map(({ event }) => event)
  assert.deepEqual(
    events.filter((event) => event.startsWith('group.')),
    ['group.added', 'group.added', 'group.added', 'group.removed'],
  )
})

test('an import registers, updates and leaves alone, and creates missing groups', async (t) => {
  const { fleet, audit } = await fleetWorld(t)
  await fleet.register(owner, { identity: 'CP-1', tags: ['old'] })
  await fleet.register(owner, { identity: 'CP-2' })
  const report = await fleet.import(owner, [
    { identity: 'CP-1', tags: ['new'], group: 'Acme/North' },
    { identity: 'CP-2' },
    { identity: 'CP-3', group: 'Acme/North' },
    { identity: 'CP-4', credential: '0123456789abcdef0123456789abcdef01234567' },
  ])
  assert.deepEqual(
    { ...report, credentials: report.credentials.map(({ identity }) => identity) },
    { registered: 2, updated: 1, unchanged: 1, credentials: ['CP-3'] },
  )
  assert.deepEqual((await fleet.show('CP-1')).group, 'Acme/North')
  const events = (await audit.list({ limit: 50, cursor: 2 })).map(({ event }) => event)
  assert.deepEqual(events, [
    'group.added',
    'group.added',
    'charger.registered',
    'charger.registered',
    'charger.updated',
    'fleet.imported',
  ])
  assert.deepEqual(await audit.verify(), { entries: 8 })
})

test('an import of what was exported changes nothing', async (t) => {
  const { fleet, audit } = await fleetWorld(t)
  await fleet.import(owner, [
    { identity: 'CP-1', group: 'A/B', tags: ['x', 'y'], assumeProtocol: '2.0.1' },
    { identity: 'CP-2' },
  ])
  const rows: unknown[] = []
  for await (const row of fleet.export()) rows.push(row)
  assert.deepEqual(rows, [
    { identity: 'CP-1', group: 'A/B', tags: ['x', 'y'], assumeProtocol: '2.0.1' },
    { identity: 'CP-2', group: null, tags: [], assumeProtocol: null },
  ])
  const before = (await audit.list({ limit: 50 })).length
  assert.deepEqual(await fleet.import(owner, rows), {
    registered: 0,
    updated: 0,
    unchanged: 2,
    credentials: [],
  })
  assert.equal((await audit.list({ limit: 50 })).length, before)
})

test('an import gives new credentials to known chargers only where credentials may be replaced', async (t) => {
  const world = await fleetWorld(t)
  const { fleet, audit } = world
  const first = 'a'.repeat(40)
  await fleet.import(owner, [
    { identity: 'N-1', group: 'Org/North', credential: first },
    { identity: 'S-1', group: 'Org/South', credential: first },
  ])
  const reach = { write: { groups: ['Org'] }, credentials: { groups: ['Org/South'] } }
  const before = (await audit.list({ limit: 50 })).length
  // Also with the credential it has: whoever may not replace it must not find it out either.
  for (const credential of [first, 'b'.repeat(40)])
    await assert.rejects(
      fleet.import(
        owner,
        [
          { identity: 'S-1', tags: ['new'] },
          { identity: 'N-1', group: 'Org/South', credential },
        ],
        reach,
      ),
      problem('not-permitted', 'rows[1].credential'),
    )
  assert.equal((await audit.list({ limit: 50 })).length, before)
  const report = await fleet.import(
    owner,
    [
      { identity: 'N-1', tags: ['new'] },
      { identity: 'N-2', group: 'Org/North', credential: first },
      { identity: 'S-1', credential: 'b'.repeat(40) },
    ],
    reach,
  )
  assert.deepEqual([report.registered, report.updated], [1, 2])
  const replaced = await audit.list({ event: 'charger.credential-replaced', limit: 10 })
  assert.deepEqual(
    replaced.map(({ charger }) => charger),
    ['S-1'],
  )
})

const badRows: readonly [what: string, row: unknown, field: string][] = [
  ['is no object', 7, 'rows[1]'],
  ['has no identity', { tags: [] }, 'rows[1].identity'],
  ['has a bad identity', { identity: 'a:b' }, 'rows[1].identity'],
  ['repeats an identity', { identity: 'CP-1' }, 'rows[1].identity'],
  ['has a bad group', { identity: 'CP-2', group: '/' }, 'rows[1].group'],
  ['has a bad tag', { identity: 'CP-2', tags: [1] }, 'rows[1].tags[0]'],
  ['has a short credential', { identity: 'CP-2', credential: 'x' }, 'rows[1].credential'],
  ['has a field of its own', { identity: 'CP-2', colour: 'red' }, 'rows[1].colour'],
]
test('an import with one bad row changes nothing at all', async (t) => {
  const { fleet, audit } = await fleetWorld(t)
  for (const [what, row, field] of badRows)
    await t.test(`a row that ${what}`, async () => {
      const rows = [{ identity: 'CP-1', group: 'New' }, row, { identity: 'CP-3' }]
      await assert.rejects(fleet.import(owner, rows), problem('invalid-input', field))
      assert.deepEqual((await fleet.list({ limit: 10 })).items, [])
      assert.deepEqual(await fleet.groups(), [])
      assert.deepEqual(await audit.list({ limit: 10 }), [])
    })
})

test('chargers are listed page by page in order of identity', async (t) => {
  const { fleet } = await fleetWorld(t)
  const identities = Array.from({ length: 25 }, (_, index) => `CP-${index}`)
  await fleet.import(
    owner,
    identities.map((identity) => ({ identity })),
  )
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof fleet.list>> = await fleet.list({
      limit: 10,
      ...(cursor === null ? {} : { cursor }),
    })
    assert.ok(page.items.length <= 10)
    seen.push(...page.items.map(({ identity }) => identity))
    cursor = page.nextCursor
  } while (cursor !== null)
  assert.deepEqual(seen, [...identities].sort())
})

test('a cursor of another list, or of none, is refused by name', async (t) => {
  const { fleet } = await fleetWorld(t)
  const foreign = Buffer.from('["sessions","x"]').toString('base64url')
  for (const cursor of ['nonsense', '', foreign]) {
    const page = { limit: 10, cursor }
    await assert.rejects(fleet.list(page), problem('invalid-input', 'cursor'))
    await assert.rejects(fleet.faults(page, {}), problem('invalid-input', 'cursor'))
  }
})

test('a page takes 1 to 500 items', async (t) => {
  const { fleet } = await fleetWorld(t)
  for (const limit of [0, 501, 2.5])
    await assert.rejects(fleet.list({ limit }), problem('invalid-input', 'limit'))
})

test('a selection covers what matches every part of it', async (t) => {
  const world = await fleetWorld(t)
  const { fleet } = world
  await fleet.import(owner, [
    { identity: 'A', group: 'Acme/North', tags: ['fast'] },
    { identity: 'B', group: 'Acme/North/Depot', tags: ['fast', 'public'] },
    { identity: 'C', group: 'Acme/Northern', tags: ['slow'] },
  ])
  const connected = await world.charger('D')
  await connected.say('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M1' })
  const charging = await world.charger('E')
  await charging.say('StartTransaction', {
    connectorId: 1,
    idTag: 'T',
    meterStart: 0,
    timestamp: '2026-03-01T12:00:00Z',
  })
  const faulted = await world.charger('F')
  await faulted.say('StatusNotification', {
    connectorId: 1,
    errorCode: 'GroundFailure',
    status: 'Faulted',
  })
  await faulted.close()
  const select = (selector: Parameters<typeof fleet.select>[0]): Promise<string[]> =>
    fleet.select(selector, 100)
  assert.deepEqual(await select({}), ['A', 'B', 'C', 'D', 'E', 'F'])
  assert.deepEqual(await select({ group: ['Acme/North'] }), ['A', 'B'])
  assert.deepEqual(await select({ group: ['Acme'] }), ['A', 'B', 'C'])
  assert.deepEqual(await select({ group: ['Nowhere'] }), [])
  assert.deepEqual(await select({ tag: ['public', 'slow'] }), ['B', 'C'])
  assert.deepEqual(await select({ group: ['Acme'], tag: ['fast'] }), ['A', 'B'])
  assert.deepEqual(await select({ model: ['M1'] }), ['D'])
  assert.deepEqual(await select({ status: ['connected'] }), ['D', 'E'])
  assert.deepEqual(await select({ status: ['disconnected'] }), ['A', 'B', 'C', 'F'])
  assert.deepEqual(await select({ status: ['charging'] }), ['E'])
  assert.deepEqual(await select({ status: ['idle'] }), ['D'])
  assert.deepEqual(await select({ status: ['faulted', 'charging'] }), ['E', 'F'])
  assert.deepEqual(await select({ ids: ['F', 'A'] }), ['A', 'F'])
  assert.deepEqual(await fleet.select({}, 2), ['A', 'B'])
  const listed = await fleet.list({ limit: 10 }, { status: ['faulted'] })
  assert.deepEqual(
    listed.items.map(({ identity, faults }) => [identity, faults]),
    [['F', 1]],
  )
})

test('a selection of identities that do not exist names the first', async (t) => {
  const { fleet } = await fleetWorld(t)
  await fleet.register(owner, { identity: 'A' })
  await assert.rejects(
    fleet.select({ ids: ['A', 'ghost'] }, 10),
    problem('not-found', 'chargers[1]'),
  )
})
