import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { testDatabase } from '../../test/kit/database.ts'
import { operation } from '../../test/kit/question.ts'
import { openAudit } from '../audit/open-audit.ts'
import type { Bus } from '../bus/bus.ts'
import { memoryBus } from '../bus/memory.ts'
import { commandsPast } from '../commands/standing.ts'
import { openFleet } from '../fleet/open-fleet.ts'
import type { Actor, Context } from '../kernel/actor.ts'
import { ManualClock } from '../kernel/clock.ts'
import { uuid7 } from '../kernel/ids.ts'
import { silentLog } from '../kernel/log.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { PolicyChange } from './change.ts'
import type { Asked } from './gate.ts'
import type { Granted } from './holders.ts'
import { openPolicy, type OpenPolicy, type PolicyOptions } from './open-policy.ts'
import { isNowhere } from './rights.ts'
import { defaultRules } from './rules/rules.ts'

const by: Context = {
  actor: { kind: 'person', id: 'p-owner', name: 'Olga' },
  origin: { face: 'api', requestId: 'r1' },
}
const why = { reason: 'a test', approval: 'a-1' }
const person = (id: string): { actor: Actor } => ({ actor: { kind: 'person', id, name: id } })
const robot = (id: string): { actor: Actor } => ({ actor: { kind: 'robot', id, name: id } })

async function house(t: TestContext, options: { readonly firstRules?: string } = {}) {
  const { database, sql } = await testDatabase(t)
  const clock = new ManualClock()
  const bus = memoryBus()
  t.after(() => bus.close())
  const audit = openAudit({ database })
  const newId = uuid7(clock)
  const shared = { database, audit, bus, clock, newId, log: silentLog }
  const fleet = openFleet({ ...shared, expel: () => undefined })
  const granted = new Map<string, Granted>()
  let enrolled = false
  const open = async (over: Partial<PolicyOptions> = {}): Promise<OpenPolicy> => {
    const policy = await openPolicy({
      ...shared,
      ...{ fleet, ...options, past: commandsPast(database) },
      principals: {
        grantedTo: ({ actor }) => Promise.resolve(granted.get(actor.id)),
        anybodyEnrolled: () => Promise.resolve(enrolled),
      },
      ...over,
    })
    t.after(() => policy.close())
    return policy
  }
  for (const path of ['North', 'North/1', 'South']) await fleet.addGroup(by, { path })
  await fleet.register(by, { identity: 'CP 1', group: 'North/1' })
  await fleet.register(by, { identity: 'CP 2', group: 'South' })
  const policy = await open()
  const give = (change: Partial<Extract<PolicyChange, { kind: 'binding' }>>, on = policy) =>
    on.apply(
      by,
      {
        ...{ kind: 'binding', principal: { kind: 'person', id: 'p-1' }, role: 'operator' },
        ...{ group: null, until: null },
        ...change,
      },
      why,
    )
  const events = (event: string) => audit.list({ limit: 200, event })
  return {
    ...{ policy, fleet, open, give, events, sql, clock, bus, granted, audit },
    enrol: () => (enrolled = true),
    scopeOf: async (who = person('p-1'), on = policy) =>
      (await on.rightsOf(who)).scopeOf('commands.submit'),
  }
}

function asks(chargers: readonly string[], name = 'settings.read'): Asked {
  return {
    intent: {
      ...{ operation: operation(name), params: {}, reason: 'a test' },
      ...{ acknowledges: [], notAfter: 1e13 },
    },
    chargers,
  }
}

test('whoever holds nothing may do nothing', async (t) => {
  const { policy, scopeOf } = await house(t)
  assert.ok(isNowhere(await scopeOf()))
  assert.ok(isNowhere(await scopeOf(robot('r-9'))))
  const admitted = policy.admit({ ...by, ...person('p-1') }, asks(['CP 1']))
  await assert.rejects(admitted, /p-1 holds no role that allows settings\.read/)
})

test('a role holds in its group and below, from the moment it is given until it is ended', async (t) => {
  const { policy, give, scopeOf, events } = await house(t)
  await give({ group: 'North' })
  assert.deepEqual(await scopeOf(), { groups: ['North'] })
  const { items } = await policy.bindings({ limit: 10 }, { principal: 'p-1' })
  assert.deepEqual(
    items.map(({ role, group, reason, approval }) => [role, group, reason, approval]),
    [['operator', 'North', 'a test', 'a-1']],
  )
  await policy.apply(by, { kind: 'binding-end', id: items[0]!.id }, why)
  assert.ok(isNowhere(await scopeOf()))
  const [given] = await events('role.given')
  const [taken] = await events('role.taken')
  assert.deepEqual(
    [given?.actor.id, given?.detail.role, given?.detail.approval, taken?.detail.group],
    ['p-owner', 'operator', 'a-1', 'North'],
  )
})

test('a binding ends at its moment, not when somebody looks again', async (t) => {
  const { give, scopeOf, clock } = await house(t)
  const until = new Date(clock.now() + 2_000).toISOString()
  await give({ until })
  assert.equal(await scopeOf(), 'everywhere')
  await clock.advance(1_999)
  assert.equal(await scopeOf(), 'everywhere')
  await clock.advance(1)
  assert.ok(isNowhere(await scopeOf()))
  await assert.rejects(give({ until }), /lies in the past/)
})

test('what is asked for by a role that ends, or with a token that does, leaves before that or never', async (t) => {
  const { policy, give, clock, granted } = await house(t)
  const end = clock.now() + 3_600_000
  await give({ until: new Date(end).toISOString() })
  granted.set('r-1', { grants: [{ role: 'support', group: 'North', until: end }] })
  const notAfter = async (who: { actor: Actor }) =>
    (await policy.explain(who, asks(['CP 1']))).bounds.notAfter
  assert.equal(await notAfter(person('p-1')), end)
  assert.equal(await notAfter(robot('r-1')), end)
  await give({ role: 'engineer' })
  assert.equal(await notAfter(person('p-1')), undefined)
})

test('a team’s roles are its members’, put there by somebody or by single sign-on', async (t) => {
  const { policy, give, scopeOf } = await house(t)
  const team = { description: 'at night', claims: ['ops'], members: ['p-1'] }
  await policy.apply(by, { kind: 'team', name: 'night', team, before: null }, why)
  await give({ principal: { kind: 'team', id: 'night' }, group: 'South' })
  assert.deepEqual(await scopeOf(), { groups: ['South'] })
  assert.ok(isNowhere(await scopeOf(person('p-2'))))
  await policy.apply(
    by,
    { kind: 'team', name: 'night', team: { ...team, members: [] }, before: team },
    why,
  )
  assert.ok(isNowhere(await scopeOf()))
  await assert.rejects(
    policy.apply(
      by,
      { kind: 'team', name: 'night', team: null, before: { ...team, members: [] } },
      why,
    ),
    /holds roles/,
  )
  await assert.rejects(give({ principal: { kind: 'team', id: 'day' } }), /no team day/)
})

test('a role of one’s own is made of the same permissions, and goes only when nobody holds it', async (t) => {
  const { policy, give, scopeOf } = await house(t)
  const role = {
    description: 'cable help',
    permissions: ['commands.submit'],
    operations: ['connector.*'],
  }
  await policy.apply(by, { kind: 'role', name: 'cable-help', role, before: null }, why)
  await give({ role: 'cable-help', group: 'South' })
  assert.deepEqual(await scopeOf(), { groups: ['South'] })
  const { reasons } = await policy.explain(person('p-1'), asks(['CP 2'], 'connector.unlock'))
  assert.ok(reasons.some(({ rule, says }) => rule === 'role' && says === 'allows'))
  const other = await policy.explain(person('p-1'), asks(['CP 2'], 'charger.reset'))
  assert.equal(other.outcome, 'deny')
  await assert.rejects(
    policy.apply(by, { kind: 'role', name: 'cable-help', role: null, before: role }, why),
    /holds/,
  )
  await assert.rejects(
    policy.apply(by, { kind: 'role', name: 'owner', role, before: null }, why),
    /never changes/,
  )
  await assert.rejects(give({ role: 'nobody-knows' }), /no role nobody-knows/)
  await assert.rejects(give({ group: 'East' }), /no group East/)
})

test('a group at which somebody holds a role is not removed', async (t) => {
  const { policy, give, fleet } = await house(t)
  await fleet.addGroup(by, { path: 'West' })
  await give({ group: 'West' })
  await assert.rejects(fleet.removeGroup(by, 'West'), /somebody holds a role there/)
  const { items } = await policy.bindings({ limit: 10 }, {})
  await policy.apply(by, { kind: 'binding-end', id: items[0]!.id }, why)
  await fleet.removeGroup(by, 'West')
})

test('the last owner cannot be taken away', async (t) => {
  const { policy, give } = await house(t)
  await give({ role: 'owner' })
  const { items } = await policy.bindings({ limit: 10 }, { role: 'owner' })
  const end = { kind: 'binding-end', id: items[0]!.id } as const
  await assert.rejects(policy.apply(by, end, why), /last owner/)
  await give({ role: 'owner', principal: { kind: 'person', id: 'p-2' } })
  await policy.apply(by, end, why)
  assert.equal((await policy.bindings({ limit: 10 }, { role: 'owner' })).items.length, 1)
})

test('a change is heard of on another node at once, and without the bus within seconds', async (t) => {
  const { open, give, scopeOf, clock } = await house(t)
  const beside = await open()
  const own: Bus = memoryBus()
  t.after(() => own.close())
  const deaf = await open({ bus: own })
  for (const node of [beside, deaf]) assert.ok(isNowhere(await scopeOf(person('p-1'), node)))
  await give({})
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(await scopeOf(person('p-1'), beside), 'everywhere')
  assert.ok(isNowhere(await scopeOf(person('p-1'), deaf)))
  await clock.advance(5_000)
  assert.equal(await scopeOf(person('p-1'), deaf), 'everywhere')
})

test('a robot has what goes with its token; the one of the data folder invites until somebody has enrolled', async (t) => {
  const { policy, granted, scopeOf, enrol, clock } = await house(t)
  granted.set('r-1', { grants: [{ role: 'support', group: 'North' }], budgets: { perHour: [] } })
  assert.deepEqual(await scopeOf(robot('r-1')), { groups: ['North'] })
  assert.deepEqual((await policy.rightsOf(robot('r-1'))).budgets, { perHour: [] })
  const local = async (permission: 'people.write' | 'policy.write' | 'approvals.decide') =>
    (await policy.rightsOf(robot('local'))).scopeOf(permission)
  assert.equal(await scopeOf(robot('local')), 'everywhere')
  assert.equal(await local('people.write'), 'everywhere')
  for (const one of ['policy.write', 'approvals.decide'] as const)
    assert.ok(isNowhere(await local(one)))
  enrol()
  await clock.advance(5_000)
  assert.ok(isNowhere(await local('people.write')))
  assert.ok(isNowhere(await scopeOf(person('local'))))
})

test('what is refused is on record before it is answered, with its reasons; a flood becomes one entry', async (t) => {
  const { policy, give, events, clock } = await house(t)
  await give({ group: 'South' })
  const context = { ...by, ...person('p-1') }
  for (let attempt = 0; attempt < 25; attempt += 1)
    await assert.rejects(policy.admit(context, asks(['CP 1'])), (error: unknown) => {
      assert.ok(error instanceof ProblemError)
      assert.equal(error.problem.code, 'denied')
      assert.match(error.message, /may do settings\.read in South, not on CP 1/)
      return true
    })
  await clock.advance(60_000)
  await policy.close()
  const denied = await events('command.denied')
  assert.deepEqual(
    denied.map(({ detail }) => detail.times ?? 1),
    [...Array.from({ length: 10 }, () => 1), 15],
  )
  assert.equal(denied[0]?.charger, 'CP 1')
  assert.deepEqual(
    [denied[0]?.detail.operation, denied[0]?.detail.outcome],
    ['settings.read', 'deny'],
  )
})

test('what nothing but a hold refuses is no refused attempt', async (t) => {
  const { policy, give } = await house(t)
  const ends: string[] = []
  const findings = [{ rule: 'detection.held', says: 'denies', sentence: 'you are held' }] as const
  policy.watchWith(() =>
    Promise.resolve({
      ...{ findings, holding: ['detection.held'] },
      end: (how) => void ends.push(how),
    }),
  )
  await give({ group: 'South' })
  for (const charger of ['CP 1', 'CP 2'])
    await assert.rejects(policy.admit({ ...by, ...person('p-1') }, asks([charger])), /you are held/)
  assert.deepEqual(ends, ['refused', 'held'])
})

test('an approved request that the product tries again is refused on record once, and is no attempt of whoever asked', async (t) => {
  const { policy, give, events } = await house(t)
  const ends: string[] = []
  policy.watchWith(() =>
    Promise.resolve({ findings: [], holding: [], end: (how) => void ends.push(how) }),
  )
  policy.approveWith({
    granted: () => Promise.resolve({ because: 'its time is not come' }),
    use: () => assert.fail('nothing was granted'),
  })
  const asked = { ...asks(['CP 1']), approval: 'a-1' }
  const again = (origin: Context['origin']) =>
    assert.rejects(policy.admit({ ...person('p-1'), origin }, asked), /its time is not come/)
  for (let round = 0; round < 3; round += 1) await again({ face: 'system' })
  await give({ group: 'North' })
  for (let round = 0; round < 3; round += 1) await again({ face: 'system' })
  assert.deepEqual(ends, [])
  await again({ face: 'cli' })
  assert.deepEqual(ends, ['refused'])
  await policy.close()
  const rulesOf = (reasons: unknown) => (reasons as { rule: string }[]).map(({ rule }) => rule)
  assert.deepEqual(
    (await events('command.denied')).map(({ origin, detail }) => [
      origin.face,
      ...rulesOf(detail.reasons).sort(),
    ]),
    [
      ['system', 'approval', 'role'],
      ['system', 'approval'],
      ['cli', 'approval'],
    ],
  )
})

test('the first rules are those of the file over the defaults, and the file counts once', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ota-policy-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'policy.json')
  await writeFile(file, JSON.stringify({ guards: { resets: { perDay: 3 } } }))
  const { policy, open, sql } = await house(t, { firstRules: file })
  assert.equal(policy.rules().guards.resets.perDay, 3)
  const { pausesMinutes } = defaultRules.guards.resets
  assert.deepEqual(policy.rules().guards.resets.pausesMinutes, pausesMinutes)
  await writeFile(file, JSON.stringify({ guards: { resets: { perDay: 7 } } }))
  assert.equal((await open()).rules().guards.resets.perDay, 3)
  const { resets } = defaultRules.guards
  const rules = {
    ...defaultRules,
    guards: { ...defaultRules.guards, resets: { ...resets, perDay: 9 } },
  }
  await policy.apply(by, { kind: 'rules', rules, base: 1 }, why)
  assert.equal(policy.rules().guards.resets.perDay, 9)
  const { items } = await policy.versions({ limit: 10 })
  assert.deepEqual(
    items.map(({ version, approval }) => [version, approval]),
    [
      [2, 'a-1'],
      [1, null],
    ],
  )
  await assert.rejects(sql('delete from policy_version'), /append-only/)
  await assert.rejects(sql("update policy_version set reason = 'x'"), /append-only/)
})

test('a change of what another has changed since is refused, and does not undo that', async (t) => {
  const { policy, open } = await house(t)
  const deaf = await open({ bus: memoryBus() })
  const { resets } = defaultRules.guards
  const rules = (perDay: number) => ({
    ...defaultRules,
    guards: { ...defaultRules.guards, resets: { ...resets, perDay } },
  })
  const role = { description: 'cables', permissions: [], operations: ['connector.*'] }
  const team = { description: 'at night', claims: [], members: ['p-1'] }
  const cases: [first: PolicyChange, second: PolicyChange][] = [
    [
      { kind: 'rules', rules: rules(7), base: 1 },
      { kind: 'rules', rules: rules(9), base: 1 },
    ],
    [
      { kind: 'role', name: 'cables', role, before: null },
      { kind: 'role', name: 'cables', role: { ...role, operations: ['*'] }, before: null },
    ],
    [
      { kind: 'team', name: 'night', team, before: null },
      { kind: 'team', name: 'night', team: { ...team, members: ['p-2'] }, before: null },
    ],
  ]
  for (const [first, second] of cases) {
    await policy.apply(by, first, why)
    await assert.rejects(deaf.apply(by, second, why), (error: unknown) => {
      assert.ok(error instanceof ProblemError)
      assert.equal(error.problem.code, 'too-late')
      return true
    })
  }
  assert.deepEqual((await policy.teams())[0]?.members, ['p-1'])
  const cables = (await policy.roles()).find(({ name }) => name === 'cables')
  assert.deepEqual(cables?.operations, ['connector.*'])
  assert.equal((await open()).rules().guards.resets.perDay, 7)
})

test('a mistake in the first rules is named with the file and the path, and nothing starts', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ota-policy-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'policy.json')
  const cases: [string, RegExp][] = [
    ['{', /OTA_INITIAL_POLICY: .*policy\.json cannot be read as JSON/],
    ['{"guards":{"resets":{"perDay":-1}}}', /guards\.resets\.perDay: must be >= 0/],
    ['{"guards":{"reset":{}}}', /guards\.reset: there is no such rule/],
    [
      '{"approvals":{"others":{"approvals":[{"count":1,"roles":["owner","aprover"]}]}}}',
      /approvals\.others\.approvals\[0\]\.roles\[1\]: there is no role aprover/,
    ],
    [
      '{"guards":{"maintenance":{"systemMay":["charger.rest"]}}}',
      /guards\.maintenance\.systemMay\[0\]: no operation is meant by charger\.rest/,
    ],
  ]
  for (const [text, message] of cases) {
    await writeFile(file, text)
    await assert.rejects(house(t, { firstRules: file }), message)
  }
})

test('a change says what it changed', async (t) => {
  const { policy, events } = await house(t)
  const { resets } = defaultRules.guards
  const rules = {
    ...defaultRules,
    guards: { ...defaultRules.guards, resets: { ...resets, perDay: 9 } },
  }
  await policy.apply(by, { kind: 'rules', rules, base: 1 }, why)
  const [, changed] = await events('policy.changed')
  assert.deepEqual(changed?.detail.changed, {
    'guards.resets.perDay': { before: resets.perDay, after: 9 },
  })
})
