import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { approvalBench, holding, knownPerson, operatorUrl } from '../../test/kit/approvals.ts'
import type { ApprovalBench } from '../../test/kit/approvals.ts'
import { allowed } from '../../test/kit/policy.ts'
import { softPasskey } from '../../test/kit/soft-passkey.ts'
import { defaultIdentityRules } from '../policy/rules/identity.ts'
import { keptSignatureHolds } from '../identity/passkeys/verify.ts'
import { openPasskeys } from '../identity/passkeys/passkeys.ts'
import { silentLog } from '../kernel/log.ts'
import { uuid7 } from '../kernel/ids.ts'
import { ProblemError, type ProblemCode } from '../kernel/problem.ts'
import { change } from '../storage/database.ts'
import type { NewRequest } from './approvals.ts'
import { digestOf } from './document.ts'
import type { RequestKind } from './kind.ts'

const asked: NewRequest = {
  kind: 'command',
  content: {
    operation: 'charger.reset',
    params: { mode: 'now' },
    target: { chargers: ['CP-1', 'CP-2'] },
  },
  reason: 'screens frozen',
}
const decision = {
  ...allowed,
  outcome: 'approval',
  needs: { approvals: [{ count: 2, roles: ['approver'] }], waitMs: 60_000 },
} as const

/** Rita asks, Anna and Ben approve, Olga owns. */
async function opened(t: TestContext, chargers?: readonly string[]) {
  const bench = await approvalBench(t, chargers)
  for (const id of ['anna', 'ben'])
    bench.people.set(id, knownPerson(id, { holdings: [holding('approver')] }))
  bench.people.set('rita', knownPerson('rita'))
  bench.people.set('olga', knownPerson('olga', { holdings: [holding('owner')] }))
  bench.decision = decision
  return bench
}

async function code(deed: Promise<unknown>): Promise<ProblemCode | 'done'> {
  return deed.then(
    () => 'done' as const,
    (error: unknown) => {
      if (error instanceof ProblemError) return error.problem.code
      throw error
    },
  )
}

async function approve(bench: ApprovalBench, id: string, who: string, node = bench.approvals) {
  const { digest } = await node.show(bench.as(who), 'everywhere', id)
  return node.approve(bench.as(who), id, { digest })
}

async function settle(bench: ApprovalBench, byMs = 0): Promise<void> {
  await bench.commands.clock.advance(byMs)
  await bench.approvals.sweep()
  await bench.approvals.idle()
}

async function events(bench: ApprovalBench) {
  const entries = await bench.commands.audit.list({ limit: 1_000 })
  return entries.filter(({ event }) => event.startsWith('approval.')).map(({ event }) => event)
}

test('a command that two approve is carried out after the wait, once, in the name of who asked', async (t) => {
  const bench = await opened(t)
  const { approvals } = bench
  bench.groups.set('CP-1', 'North')
  const made = await approvals.request(bench.as('rita'), asked)
  assert.equal(made.state, 'waiting')
  const detail = await approvals.show(bench.as('anna'), 'everywhere', made.id)
  assert.equal(digestOf(detail.document), made.digest)
  assert.deepEqual(detail.document.standing, detail.now)
  assert.equal(detail.now?.chargers, 2)
  assert.equal(detail.now?.kilowatts, 14)
  // A group that is no site counts as one, and so does what is in no group.
  assert.deepEqual(detail.now?.sites, [
    { site: 'North', chargers: 1 },
    { site: null, chargers: 1 },
  ])
  assert.deepEqual(detail.you.approve, { may: true, because: null })

  assert.equal((await approve(bench, made.id, 'anna')).state, 'waiting')
  assert.deepEqual((await approvals.show(bench.as('ben'), 'everywhere', made.id)).missing, [
    { count: 1, roles: ['approver'] },
  ])
  assert.equal((await approve(bench, made.id, 'ben')).state, 'approved')
  await settle(bench, 59_000)
  assert.deepEqual(await bench.commandsMade(), [])
  await settle(bench, 1_000)
  await settle(bench, 120_000)
  const [command, ...others] = await bench.commandsMade()
  assert.deepEqual(others, [])

  const done = await approvals.show(bench.as('rita'), 'everywhere', made.id)
  assert.deepEqual([done.state, done.command], ['executed', command])
  const made_ = await bench.commands.engine.show(command!)
  assert.equal(made_.actor.id, 'rita')
  const submitted = made_.history.find(({ event }) => event === 'command.submitted')
  const under = submitted?.detail.decision as { readonly approval?: object }
  assert.deepEqual(under.approval, { id: made.id, digest: made.digest })
  // She is not there any more: the product does it.
  assert.deepEqual(submitted?.origin, { face: 'system' })
  assert.deepEqual(await events(bench), [
    'approval.requested',
    'approval.approved',
    'approval.approved',
    'approval.executed',
  ])
  const told = bench.commands.events.filter(({ type }) => type.startsWith('approval.'))
  assert.equal(told.at(-1)?.type, 'approval.executed')
})

test('the command does not come through the door with another content under the same approval', async (t) => {
  const bench = await opened(t)
  const made = await bench.approvals.request(bench.as('rita'), { ...asked, execute: 'by-hand' })
  for (const who of ['anna', 'ben']) await approve(bench, made.id, who)
  await settle(bench, 60_000)
  assert.deepEqual(await bench.commandsMade(), [])
  const submission = {
    operation: 'charger.reset',
    params: { mode: 'now' },
    target: { chargers: ['CP-1', 'CP-2'] },
    reason: asked.reason,
  }
  const { engine } = bench.commands
  const submit = (over: object, who = 'rita') =>
    code(engine.submit(bench.as(who), { ...submission, ...over }, { approval: made.id }))
  assert.equal(await submit({ target: { chargers: ['CP-1'] } }), 'denied')
  assert.equal(await submit({ params: { mode: 'when-idle' } }), 'denied')
  assert.equal(await submit({ reason: 'another' }), 'denied')
  assert.equal(await submit({}, 'anna'), 'denied')
  assert.equal(await code(engine.submit(bench.as('rita'), submission)), 'approval-needed')
  assert.equal(await code(bench.approvals.execute(bench.as('anna'), made.id)), 'denied')
  const done = await bench.approvals.execute(bench.as('rita'), made.id)
  assert.deepEqual([done.request.state, done.handedOver], ['executed', null])
  assert.equal(await submit({}), 'denied')
  assert.equal(await code(bench.approvals.execute(bench.as('rita'), made.id)), 'too-late')
  assert.equal((await bench.commandsMade()).length, 1)
})

test('who asks, robots and those without the role do not approve, nor anybody without a fresh factor', async (t) => {
  const bench = await opened(t)
  bench.people.set('rita', knownPerson('rita', { holdings: [holding('approver')] }))
  const { id, digest } = await bench.approvals.request(bench.as('rita'), asked)
  const by = (context: Parameters<typeof bench.approvals.approve>[0]) =>
    code(bench.approvals.approve(context, id, { digest }))
  assert.equal(await by(bench.as('rita')), 'denied')
  assert.equal(await by(bench.as('olga')), 'denied')
  assert.equal(
    await by({ ...bench.as('anna'), actor: { kind: 'robot', id: 'anna', name: 'a' } }),
    'denied',
  )
  assert.equal(await by(bench.as('anna', 600_000)), 'step-up-needed')
  const other = bench.approvals.approve(bench.as('anna'), id, { digest: 'f'.repeat(64) })
  assert.equal(await code(other), 'invalid-input')
  assert.equal(await by(bench.as('anna')), 'done')
  assert.equal(await by(bench.as('anna')), 'already-exists')
})

test('a veto needs a word and is final, also during the wait', async (t) => {
  const bench = await opened(t)
  const made = await bench.approvals.request(bench.as('rita'), asked)
  for (const who of ['anna', 'ben']) await approve(bench, made.id, who)
  assert.equal(await code(bench.approvals.veto(bench.as('ben'), made.id, ' ')), 'invalid-input')
  assert.equal((await bench.approvals.veto(bench.as('ben'), made.id, 'a storm')).state, 'vetoed')
  await settle(bench, 600_000)
  assert.deepEqual(await bench.commandsMade(), [])
  assert.equal(await code(approve(bench, made.id, 'anna')), 'too-late')
  assert.equal(await code(bench.approvals.withdraw(bench.as('rita'), made.id)), 'too-late')
  const shown = await bench.approvals.show(bench.as('rita'), 'everywhere', made.id)
  assert.equal(shown.decisions.at(-1)?.comment ?? shown.detail, 'a storm')
})

test('requests expire unapproved, approvals expire unused, and makers withdraw', async (t) => {
  const bench = await opened(t)
  const { approvals } = bench
  const first = await approvals.request(bench.as('rita'), asked)
  const byHand = await approvals.request(bench.as('rita'), { ...asked, execute: 'by-hand' })
  const gone = await approvals.request(bench.as('rita'), asked)
  for (const who of ['anna', 'ben']) await approve(bench, byHand.id, who)
  assert.equal(await code(approvals.withdraw(bench.as('anna'), gone.id)), 'denied')
  assert.equal((await approvals.withdraw(bench.as('rita'), gone.id)).state, 'withdrawn')
  await settle(bench, 26 * 3_600_000)
  const states = await Promise.all(
    [first, byHand].map(
      async ({ id }) => (await approvals.show(bench.as('rita'), 'everywhere', id)).state,
    ),
  )
  assert.deepEqual(states, ['expired', 'expired'])
  assert.equal(await code(approvals.execute(bench.as('rita'), byHand.id)), 'too-late')
})

test('a charger whose firmware changed voids the request, and it is said what changed', async (t) => {
  const bench = await opened(t)
  bench.commands.know('CP-2', { firmware: '1.0' })
  const early = await bench.approvals.request(bench.as('rita'), asked)
  const late = await bench.approvals.request(bench.as('rita'), asked)
  for (const who of ['anna', 'ben']) await approve(bench, late.id, who)
  bench.commands.know('CP-2', { firmware: '2.0' })
  assert.equal(await code(approve(bench, early.id, 'anna')), 'too-late')
  await settle(bench, 60_000)
  for (const { id } of [early, late]) {
    const shown = await bench.approvals.show(bench.as('rita'), 'everywhere', id)
    assert.equal(shown.state, 'void')
    assert.equal(shown.detail, 'CP-2: its firmware was 1.0 and is 2.0')
  }
  assert.deepEqual(await bench.commandsMade(), [])
})

test('what is changed in the database is noticed and not carried out', async (t) => {
  const bench = await opened(t)
  const { sql } = bench.commands.database
  const one = await bench.approvals.request(bench.as('rita'), asked)
  const other = await bench.approvals.request(bench.as('rita'), asked)
  const plan = await bench.approvals.request(bench.as('rita'), asked)
  for (const { id } of [one, other, plan])
    for (const who of ['anna', 'ben']) await approve(bench, id, who)
  await sql(
    `update approval_request set document = replace(document, '"now"', '"when-idle"') where id = $1`,
    [one.id],
  )
  // With a digest of its own, the approvals are for something else.
  await sql(
    `update approval_request set document = replace(document, 'screens frozen', 'fun'),
       digest = encode(sha256(convert_to(replace(document, 'screens frozen', 'fun'), 'utf8')), 'hex')
     where id = $1`,
    [other.id],
  )
  await sql(
    `update approval_request set plan = replace(plan, '"Reset"', '"Other"') where id = $1`,
    [plan.id],
  )
  assert.equal(await code(bench.approvals.show(bench.as('rita'), 'everywhere', one.id)), 'tampered')
  await settle(bench, 60_000)
  const { rows } = await sql<{ state: string }>('select state from approval_request order by id')
  assert.deepEqual(
    rows.map(({ state }) => state),
    ['void', 'waiting', 'void'],
  )
  assert.deepEqual(await bench.commandsMade(), [])
})

test('an approver who loses the role counts no more, and others are asked again', async (t) => {
  const bench = await opened(t)
  bench.people.set('cleo', knownPerson('cleo', { holdings: [holding('approver')] }))
  const made = await bench.approvals.request(bench.as('rita'), asked)
  for (const who of ['anna', 'ben']) await approve(bench, made.id, who)
  bench.people.set('ben', knownPerson('ben'))
  await settle(bench, 60_000)
  const shown = await bench.approvals.show(bench.as('cleo'), 'everywhere', made.id)
  assert.equal(shown.state, 'waiting')
  assert.deepEqual(
    shown.decisions.map(({ counts }) => counts),
    [true, false],
  )
  assert.equal((await approve(bench, made.id, 'cleo')).state, 'approved')
  await settle(bench, 60_000)
  assert.equal((await bench.commandsMade()).length, 1)
})

test('what somebody asked for who was locked since is not done', async (t) => {
  const bench = await opened(t)
  const [approved, late] = [
    await bench.approvals.request(bench.as('rita'), asked),
    await bench.approvals.request(bench.as('rita'), asked),
  ]
  for (const who of ['anna', 'ben']) await approve(bench, approved.id, who)
  bench.people.set('rita', knownPerson('rita', { active: false }))
  await settle(bench, 60_000)
  assert.equal(await code(approve(bench, late.id, 'anna')), 'too-late')
  for (const { id } of [approved, late]) {
    const { state, detail } = await bench.approvals.show(bench.as('ben'), 'everywhere', id)
    assert.deepEqual(
      [state, detail],
      ['void', 'rita asked for it, whose account is not in use any more'],
    )
  }
  assert.deepEqual(await bench.commandsMade(), [])
})

test('two who approve at the same moment on two nodes make one command', async (t) => {
  const bench = await opened(t)
  bench.decision = { ...decision, needs: { ...decision.needs, waitMs: 0 } }
  const other = await bench.beside()
  for (let round = 0; round < 5; round += 1) {
    const made = await bench.approvals.request(bench.as('rita'), asked)
    await Promise.all([approve(bench, made.id, 'anna'), approve(bench, made.id, 'ben', other)])
    await Promise.all([bench.approvals.sweep(), other.sweep()])
    await Promise.all([bench.approvals.idle(), other.idle()])
    assert.equal(
      (await bench.approvals.show(bench.as('rita'), 'everywhere', made.id)).state,
      'executed',
    )
    assert.equal((await bench.commandsMade()).length, round + 1)
  }
})

test('nodes that carry out the same request at once make one command', async (t) => {
  const bench = await opened(t)
  const other = await bench.beside()
  const made = await bench.approvals.request(bench.as('rita'), { ...asked, execute: 'by-hand' })
  for (const who of ['anna', 'ben']) await approve(bench, made.id, who)
  await settle(bench, 60_000)
  const ends = await Promise.all(
    [bench.approvals, other, bench.approvals, other].map((node) =>
      code(node.execute(bench.as('rita'), made.id)),
    ),
  )
  assert.deepEqual(ends.sort(), ['done', 'too-late', 'too-late', 'too-late'])
  assert.equal((await bench.commandsMade()).length, 1)
})

test('who finds it carried out by another node just now is told that it is too late', async (t) => {
  const bench = await opened(t)
  const other = await bench.beside()
  const made = await bench.approvals.request(bench.as('rita'), { ...asked, execute: 'by-hand' })
  for (const who of ['anna', 'ben']) await approve(bench, made.id, who)
  await settle(bench, 60_000)
  const carryOut = (node: typeof other) => code(node.execute(bench.as('rita'), made.id))
  const gate = bench.commands.policy
  bench.commands.policy = {
    ...gate,
    async admit(...given) {
      bench.commands.policy = gate
      assert.equal(await carryOut(other), 'done')
      return gate.admit(...given)
    },
  }
  assert.equal(await carryOut(bench.approvals), 'too-late')
  assert.equal((await bench.commandsMade()).length, 1)
})

test('a commit that fails leaves the request approved, and it is carried out later, once', async (t) => {
  const bench = await opened(t)
  const { sql } = bench.commands.database
  const made = await bench.approvals.request(bench.as('rita'), asked)
  for (const who of ['anna', 'ben']) await approve(bench, made.id, who)
  // The command's rows go in, and then the transaction fails, as where the process ends before its commit.
  await sql(
    `create function fails() returns trigger language plpgsql as $$ begin raise exception 'crash'; end $$`,
  )
  await sql('create trigger fails before insert on dispatch for each row execute function fails()')
  await settle(bench, 60_000)
  const held = await bench.approvals.show(bench.as('rita'), 'everywhere', made.id)
  assert.equal(held.state, 'approved')
  assert.match(held.detail ?? '', /^not yet/)
  assert.deepEqual(await bench.commandsMade(), [])
  await sql('drop trigger fails on dispatch')
  await settle(bench, 31_000)
  assert.equal(
    (await bench.approvals.show(bench.as('rita'), 'everywhere', made.id)).state,
    'executed',
  )
  assert.equal((await bench.commandsMade()).length, 1)
})

test('guards are judged again: what they hold waits, what needs more now is void', async (t) => {
  const bench = await opened(t)
  const held = await bench.approvals.request(bench.as('rita'), asked)
  for (const who of ['anna', 'ben']) await approve(bench, held.id, who)
  bench.guard = () => {
    throw new ProblemError('denied', 'a session runs')
  }
  await settle(bench, 60_000)
  const shown = await bench.approvals.show(bench.as('rita'), 'everywhere', held.id)
  assert.deepEqual([shown.state, shown.detail], ['approved', 'not yet: a session runs'])
  bench.guard = () => {
    throw new ProblemError('approval-needed', 'three have to approve it now')
  }
  await settle(bench, 31_000)
  assert.equal((await bench.approvals.show(bench.as('rita'), 'everywhere', held.id)).state, 'void')
})

test('what the policy denies for good is not even asked for; what it denies now is', async (t) => {
  const bench = await opened(t)
  const denial = { rule: 'role', says: 'denies', sentence: 'no role allows it' } as const
  bench.decision = { ...decision, outcome: 'deny', reasons: [denial] }
  assert.equal(await code(bench.approvals.request(bench.as('rita'), asked)), 'denied')
  bench.decision = { ...decision, outcome: 'deny', reasons: [{ ...denial, until: 1 }] }
  assert.equal(await code(bench.approvals.request(bench.as('rita'), asked)), 'done')
  bench.decision = { ...decision, needs: { ...decision.needs, freshWithinMs: 1_000, ticket: true } }
  const asks = (ticket?: string, ageMs = 0) =>
    code(
      bench.approvals.request(bench.as('rita', ageMs), {
        ...asked,
        ...(ticket === undefined ? {} : { ticket }),
      }),
    )
  assert.equal(await asks(), 'invalid-input')
  assert.equal(await asks('INC-1', 2_000), 'step-up-needed')
  assert.equal(await asks('INC-1'), 'done')
})

test('nobody has more requests open than the rules let', async (t) => {
  const bench = await opened(t)
  bench.rules = { ...bench.rules, openPerRequester: 2 }
  const ask = () => code(bench.approvals.request(bench.as('rita'), asked))
  const ends = await Promise.all([ask(), ask(), ask()])
  assert.deepEqual(ends.sort(), ['done', 'done', 'too-many-open'])
  assert.equal(await code(bench.approvals.request(bench.as('olga'), asked)), 'done')
})

test('asked again with the same key, a request is not made again', async (t) => {
  const bench = await opened(t)
  const beside = await bench.beside()
  const keyed = { ...asked, idempotencyKey: 'k-1' }
  const ask = (over: object = {}, who = 'rita', node = bench.approvals) =>
    node.request(bench.as(who), { ...keyed, ...over })
  const [one, other] = await Promise.all([ask(), ask({}, 'rita', beside)])
  assert.equal(one.id, other.id)
  assert.equal(await code(ask({ reason: 'another' })), 'idempotency-conflict')
  assert.equal(
    await code(ask({ content: { ...asked.content, params: {} } })),
    'idempotency-conflict',
  )
  assert.notEqual((await ask({}, 'olga')).id, one.id, 'keys are one’s own')
  assert.equal(await code(ask({ idempotencyKey: '' })), 'invalid-input')
  assert.equal(await code(ask({ idempotencyKey: 'k'.repeat(201) })), 'invalid-input')

  // Also when everything about it has changed since.
  for (const who of ['anna', 'ben']) await approve(bench, one.id, who)
  await settle(bench, 60_000)
  bench.decision = { ...decision, outcome: 'deny' }
  const again = await ask()
  assert.deepEqual([again.id, again.state], [one.id, 'executed'])
  const requested = (await events(bench)).filter((event) => event === 'approval.requested')
  assert.equal(requested.length, 2)
})

test('lists show what is mine, what waits for me, and pages', async (t) => {
  const bench = await opened(t)
  bench.groups.set('CP-1', 'North')
  bench.people.set(
    'ben',
    knownPerson('ben', { holdings: [holding('approver', { scope: { groups: ['North'] } })] }),
  )
  const content = { ...asked.content, target: { chargers: ['CP-1'] } }
  const north = await bench.approvals.request(bench.as('rita'), { ...asked, content })
  const both = await bench.approvals.request(bench.as('olga'), asked)
  const ids = async (who: string, filter: object, limit = 10, cursor?: string) => {
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) }
    return (await bench.approvals.list(bench.as(who), 'everywhere', page, filter)).items.map(
      ({ id }) => id,
    )
  }
  assert.deepEqual(await ids('rita', { which: 'mine' }), [north.id])
  assert.deepEqual(await ids('ben', { which: 'for-me' }), [north.id])
  assert.deepEqual(await ids('anna', { which: 'for-me' }), [both.id, north.id])
  await approve(bench, both.id, 'anna')
  assert.deepEqual(await ids('anna', { which: 'for-me' }), [north.id])
  assert.deepEqual(await ids('anna', { state: 'vetoed' }), [])
  const first = await bench.approvals.list(bench.as('anna'), 'everywhere', { limit: 1 }, {})
  assert.deepEqual(await ids('anna', {}, 1, first.nextCursor!), [north.id])
})

test('who sees a part of the fleet sees of a request its chargers there, and how many more there are', async (t) => {
  const bench = await opened(t)
  const { approvals } = bench
  bench.groups.set('CP-1', 'North').set('CP-2', 'South')
  const inNorth = { groups: ['North'] }
  for (const charger of ['CP-1', 'CP-2']) bench.commands.know(charger, { firmware: '1.0' })
  const { id } = await approvals.request(bench.as('rita'), asked)
  const show = (who: string, scope: Parameters<typeof approvals.show>[1] = inNorth) =>
    approvals.show(bench.as(who), scope, id)
  const part = await show('vera')
  assert.doesNotMatch(JSON.stringify(part), /CP-2|South/)
  assert.deepEqual(part.document.content['chargers'], ['CP-1'])
  assert.deepEqual([part.hidden, part.now?.chargers, part.now?.kilowatts], [1, 1, 7])
  assert.deepEqual(part.document.groups, ['North'])
  for (const [who, scope] of [
    ['vera', 'everywhere'],
    ['vera', { groups: ['North', 'South'] }],
    ['rita', inNorth],
    ['anna', inNorth],
  ] as const) {
    const whole = await show(who, scope)
    assert.deepEqual([whole.hidden, digestOf(whole.document)], [0, whole.digest], who)
  }
  assert.equal(await code(show('vera', { groups: ['West'] })), 'not-found')

  // What became of it speaks of the charger that differs.
  bench.commands.know('CP-2', { firmware: '2.0' })
  assert.deepEqual((await show('vera')).differences, [])
  assert.equal(await code(approve(bench, id, 'anna')), 'too-late')
  const listed = async (scope: Parameters<typeof approvals.list>[1]) =>
    (await approvals.list(bench.as('vera'), scope, { limit: 10 }, {})).items[0]
  assert.match((await listed('everywhere'))?.detail ?? '', /^CP-2: its firmware/)
  for (const ended of [await show('vera'), await listed(inNorth)])
    assert.deepEqual([ended?.state, ended?.detail], ['void', null])

  // Moved away since, its charger is not there any more.
  bench.groups.set('CP-1', 'South')
  const empty = await show('vera')
  assert.deepEqual([empty.hidden, empty.document.content['chargers']], [2, []])
})

test('with a passkey the digest is what is signed, and the signature is kept for anybody to check', async (t) => {
  const bench = await opened(t)
  const { database, clock, audit } = bench.commands
  const parts = { database: database.database, clock, audit, newId: uuid7(clock), log: silentLog }
  const passkeys = openPasskeys({
    ...parts,
    ...{ operatorUrl: () => operatorUrl, figures: () => defaultIdentityRules },
  })
  const key = softPasskey(operatorUrl)
  const id = randomUUID()
  bench.people.set(id, knownPerson(id, { holdings: [holding('approver')] }))
  const anna = bench.as(id, 99_999_999)
  const names = { id, name: 'anna', displayName: 'Anna' }
  const fresh = bench.as(id)
  const answer = key.create(await passkeys.offerRegistration(fresh, names))
  await passkeys.register(fresh, id, { name: 'key', answer })

  const made = await bench.approvals.request(bench.as('rita'), asked)
  const options = await bench.approvals.challenge(anna, made.id)
  assert.equal(Buffer.from(options.challenge, 'base64url').toString('hex'), made.digest)
  const assertion = key.assert(options)
  await bench.approvals.approve(anna, made.id, { digest: made.digest, assertion })
  const [decided] = (await bench.approvals.show(anna, 'everywhere', made.id)).decisions
  assert.ok(decided?.signature)
  assert.ok(await keptSignatureHolds(decided.signature, made.digest))
  assert.ok(!(await keptSignatureHolds(decided.signature, 'f'.repeat(64))))
  const other = await bench.approvals.request(bench.as('rita'), asked)
  const stolen = bench.approvals.approve(anna, other.id, { digest: other.digest, assertion })
  assert.equal(await code(stolen), 'passkey-refused')
})

/** Makes a note in the record, and changes the rules. */
function noteKind(bench: ApprovalBench): RequestKind {
  const { audit, clock, database } = bench.commands
  return {
    name: 'policy',
    description: 'a change of the rules',
    schema: { type: 'object', required: ['rules'] },
    editsRules: true,
    bootstrap: true,
    mayAsk: () => Promise.resolve(),
    prepare: (_context, { content }) =>
      Promise.resolve({ summary: 'new rules', content, groups: [null], standing: {} }),
    look: () => Promise.resolve({ standing: {}, differences: [] }),
    async execute(context, { id, use }) {
      const { actor, origin } = context
      const entry = {
        at: clock.now(),
        actor,
        origin,
        event: 'policy.changed',
        detail: { approval: id },
      }
      await database.database.commit(change(audit.append, entry), use.change)
      return undefined
    },
  }
}

test('the only person there is changes the rules alone, which is on record as such', async (t) => {
  const bench = await approvalBench(t)
  bench.kinds.push(noteKind(bench))
  const approvals = await bench.beside()
  bench.people.set('olga', knownPerson('olga', { holdings: [holding('owner')] }))
  const rules = { kind: 'policy', content: { rules: {} }, reason: 'begin' }
  const old = await approvals.request(bench.as('olga', 999_999), rules)
  assert.equal(old.state, 'waiting')
  const made = await approvals.request(bench.as('olga'), rules)
  await approvals.idle()
  const shown = await approvals.show(bench.as('olga'), 'everywhere', made.id)
  assert.deepEqual([shown.state, shown.needs.bootstrap], ['executed', true])
  const entries = await bench.commands.audit.list({ event: 'approval.executed', limit: 10 })
  assert.equal(entries[0]?.detail.bootstrap, true)

  // Locking others makes nobody alone.
  const locked = { active: false, holdings: [holding('owner')] }
  bench.people.set('anna', knownPerson('anna', locked))
  assert.equal((await approvals.request(bench.as('olga'), rules)).state, 'waiting')
})

test('who had the rules changed does not approve what was asked for before', async (t) => {
  const bench = await opened(t)
  bench.kinds.push(noteKind(bench))
  const approvals = await bench.beside()
  bench.decision = { ...decision, needs: { approvals: [{ count: 1, roles: ['approver'] }] } }
  const before = await approvals.request(bench.as('rita'), asked)
  const edit = await approvals.request(bench.as('anna'), {
    kind: 'policy',
    content: { rules: {} },
    reason: 'less work',
  })
  await bench.commands.clock.advance(1_000)
  const { digest } = edit
  await approvals.approve(bench.as('olga'), edit.id, { digest })
  await approvals.idle()
  assert.equal((await approvals.show(bench.as('olga'), 'everywhere', edit.id)).state, 'executed')
  const deed = approvals.approve(bench.as('anna'), before.id, { digest: before.digest })
  assert.equal(await code(deed), 'denied')
  await bench.commands.clock.advance(1_000)
  const after = await approvals.request(bench.as('rita'), asked)
  await approvals.approve(bench.as('anna'), after.id, { digest: after.digest })
})

test('a node that does not know a kind leaves its approved requests to one that does, and lets them expire', async (t) => {
  const bench = await opened(t)
  bench.kinds.push(noteKind(bench))
  const newer = await bench.beside()
  bench.rules = {
    ...bench.rules,
    kinds: { policy: { approvals: [{ count: 1, roles: ['approver'] }], waitMinutes: 1 } },
  }
  const ask = async (reason: string) => {
    const made = await newer.request(bench.as('rita'), {
      kind: 'policy',
      content: { rules: {} },
      reason,
    })
    await newer.approve(bench.as('anna'), made.id, { digest: made.digest })
    return async () => (await newer.show(bench.as('anna'), 'everywhere', made.id)).state
  }
  const first = await ask('first')
  await newer.idle()
  await newer.close()
  await settle(bench, 60_000)
  assert.equal(await first(), 'approved')
  await newer.sweep()
  assert.equal(await first(), 'executed')

  const second = await ask('second')
  await newer.idle()
  await settle(bench, 25 * 3_600_000)
  assert.equal(await second(), 'expired')
})

test('a thousand chargers are one request', async (t) => {
  const chargers = Array.from({ length: 1_000 }, (_, n) => `CP-${String(n).padStart(4, '0')}`)
  const bench = await opened(t, chargers)
  bench.decision = { ...decision, needs: { approvals: [{ count: 1, roles: ['approver'] }] } }
  const content = { ...asked.content, target: { chargers } }
  const made = await bench.approvals.request(bench.as('rita'), { ...asked, content })
  assert.equal(made.summary, 'Reset a charger: 1000 chargers')
  await approve(bench, made.id, 'anna')
  await bench.approvals.idle()
  const shown = await bench.approvals.show(bench.as('rita'), 'everywhere', made.id)
  assert.equal((await bench.commands.engine.show(shown.command!)).total, 1_000)
})
