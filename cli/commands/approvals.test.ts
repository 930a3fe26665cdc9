import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ApprovalRequestDetail } from '../../src/approvals/approvals.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { ProblemError } from '../../src/kernel/problem.ts'
import { apiWorld } from '../../test/kit/api-world.ts'
import { listening, run } from '../../test/kit/otactl.ts'
import { someRequest, someRequestDetail, willingApprovals } from '../../test/kit/some-approvals.ts'

async function behind(t: TestContext, detail: ApprovalRequestDetail = someRequestDetail) {
  const world = await apiWorld(t, {
    approvals: { ...willingApprovals, show: () => Promise.resolve(detail) },
    commands: {
      submit: () =>
        Promise.reject(
          new ProblemError('approval-needed', 'one of approver has to agree', undefined, {
            reasons: [{ rule: 'risk', says: 'requires', sentence: 'the risk is high' }],
          }),
        ),
    },
  })
  const url = await listening(world)
  const reached = () => world.reached.map(({ deed, args }) => [deed, ...args.slice(1)])
  return { url, reached }
}

const reset = ['run', 'charger.reset', 'CP 1', '--mode', 'now', '--reason', 'stuck']

test('a command that others have to approve says how to ask, and asks', async (t) => {
  const { url, reached } = await behind(t)
  const refused = await run(reset, { url })
  assert.equal(refused.code, 5)
  assert.match(refused.err, /requires \(risk\): the risk is high/)
  assert.match(refused.err, /--request-approval/)
  const asked = await run([...reset, '--request-approval', '--ticket', 'INC-1'], { url })
  assert.equal(asked.code, 0, asked.err)
  assert.match(asked.out, /otactl approvals show a-1/)
  assert.deepEqual(reached().at(-1), [
    'request',
    {
      kind: 'command',
      content: {
        operation: 'charger.reset',
        params: { mode: 'now' },
        target: { chargers: ['CP 1'] },
      },
      reason: 'stuck',
      ticket: 'INC-1',
    },
  ])
})

test('what can be asked for is listed, and the content of one kind shown', async (t) => {
  const { url } = await behind(t)
  const all = await run(['approvals', 'kinds'], { url })
  assert.match(all.out, /command +A command/)
  const one = await run(['approvals', 'kinds', 'command'], { url })
  assert.deepEqual(JSON.parse(one.out), { type: 'object' })
  const none = await run(['approvals', 'kinds', 'wish'], { url })
  assert.equal(none.code, 2)
  assert.match(none.err, /there is no kind wish\n.*There are command\./s)
})

test('an approver sees what it would reach, and approves the digest that was shown', async (t) => {
  const { url, reached } = await behind(t)
  const shown = await run(['approvals', 'show', 'a-1'], { url })
  assert.match(shown.out, /Reaches now +1 charger at 1 site; 1 running session; 7.2 kW/)
  assert.match(shown.out, /Missing +1 of approver or owner/)
  assert.match(shown.out, /signed by passkey, counts no more: this account is not in use/)
  const approve = ['approvals', 'approve', 'a-1']
  assert.equal((await run(approve, { url })).code, 2)
  assert.equal((await run(approve, { url, terminal: 120, answer: 'n' })).code, 2)
  assert.ok(!reached().some(([deed]) => deed === 'approve'))
  assert.equal((await run(approve, { url, terminal: 120, answer: 'y' })).code, 0)
  assert.deepEqual(reached().at(-1), ['approve', 'a-1', { digest: someRequest.digest }])
  const scripted = [...approve, '--digest', 'a'.repeat(64), '--comment', 'seen']
  assert.equal((await run(scripted, { url })).code, 0)
  assert.deepEqual(reached().at(-1), [
    'approve',
    'a-1',
    { digest: 'a'.repeat(64), comment: 'seen' },
  ])
})

/** A request of this kind, which asks for this. */
function asking(
  kind: string,
  content: JsonObject,
  standing: JsonObject,
  over: Partial<ApprovalRequestDetail> = {},
): ApprovalRequestDetail {
  const document = { ...someRequestDetail.document, kind, content, standing }
  return { ...someRequestDetail, kind, document, now: standing, ...over }
}

test('an approver sees every charger that a request names', async (t) => {
  const named = (count: number) => Array.from({ length: count }, (_, n) => `CP-${n + 1}.`)
  const shown = async (count: number, ...more: string[]) => {
    const { content, standing } = someRequestDetail.document
    const chargers = named(count)
    const { url } = await behind(t, asking('command', { ...content, chargers }, standing))
    return (await run(['approvals', 'show', 'a-1', ...more], { url })).out
  }
  const few = await shown(20)
  for (const charger of named(20)) assert.ok(few.includes(charger), charger)
  assert.doesNotMatch(few, /--all-targets/)
  const many = await shown(45)
  assert.match(many, /CP-20\. and 25 more: show it with --all-targets/)
  const all = await shown(45, '--all-targets')
  for (const charger of named(45)) assert.ok(all.includes(charger), charger)
})

test('of a change of the rules an approver sees what becomes what, and of a role who gets it', async (t) => {
  const changed = {
    'guards.resets.perDay': { before: 5, after: 3 },
    'approvals.others.approvals': { before: [], after: [{ count: 1, roles: ['owner'] }] },
  }
  const content = { version: 4, rules: { guards: { power: { jitter: 0.5 } } } }
  const rules = await behind(t, asking('policy', content, { version: 4, changed }))
  const { out } = await run(['approvals', 'show', 'a-1'], { url: rules.url })
  assert.match(out, /Change +guards\.resets\.perDay: 5 becomes 3\n/)
  assert.match(out, /Change +approvals\.others\.approvals: \[\] becomes \[\{"count":1,/)
  assert.match(out, /Stands now +version 4\n/)
  assert.doesNotMatch(out, /jitter|Content/)

  const stuck = 'nobody can decide on it at present: 1 of owner is missing among those who may'
  const given = asking('binding', { role: 'approver' }, { holds: 'viewer everywhere' }, { stuck })
  const binding = await run(['approvals', 'show', 'a-1'], { url: (await behind(t, given)).url })
  assert.match(binding.out, /Stands now +holds viewer everywhere\n/)
  assert.match(binding.out, new RegExp(`Stuck +${stuck}`))
  const nothing = await behind(t, asking('role', { name: 'cables' }, {}))
  assert.doesNotMatch(
    (await run(['approvals', 'show', 'a-1'], { url: nothing.url })).out,
    /Reach|Stood|Stands/,
  )
})

test('requests are listed, vetoed, withdrawn, carried out, and made of other kinds', async (t) => {
  const { url, reached } = await behind(t)
  const call = (...argv: string[]) => run(['approvals', ...argv], { url })
  assert.match((await call('list', '--for-me')).out, /a-1 +waiting +Reset a charger: CP 1/)
  assert.equal((await call('list', '--for-me', '--mine')).code, 2)
  assert.equal((await call('veto', 'a-1')).code, 2)
  assert.equal((await call('veto', 'a-1', '--comment', 'storm')).code, 0)
  assert.equal((await call('withdraw', 'a-1')).code, 0)
  const carried = await call('execute', 'a-1')
  assert.equal(carried.out.trim(), 'http://localhost/enrol#oti')
  assert.match(carried.err, /not shown again/)
  const asked = ['request', 'policy', '--reason', 'care', '--by-hand', '--content']
  assert.equal((await call(...asked, 'no JSON')).code, 2)
  assert.equal((await call(...asked, '{"rules":{}}')).code, 0)
  const deeds = reached().filter(([deed]) => deed !== 'list')
  assert.deepEqual(deeds, [
    ['veto', 'a-1', 'storm'],
    ['withdraw', 'a-1'],
    ['execute', 'a-1'],
    ['request', { kind: 'policy', content: { rules: {} }, reason: 'care', execute: 'by-hand' }],
  ])
})

test('resets of factors and wide tokens are asked for, and a key keeps them from being asked twice', async (t) => {
  const { url, reached } = await behind(t)
  const person = '0198c6f0-0000-7000-8000-000000000001'
  const lost = await run(['people', 'reset-factors', person, '--reason', 'phone lost'], { url })
  assert.match(lost.out, /otactl approvals show a-1/)
  assert.deepEqual(reached().at(-1), [
    'request',
    { kind: 'factor-reset', content: { person }, reason: 'phone lost' },
  ])
  const token = ['tokens', 'create', 'ci', '--grant', 'engineer', '--request-approval']
  assert.equal((await run(token, { url })).code, 2, 'a reason is needed')
  assert.equal((await run([...token, '--reason', 'deploys'], { url })).code, 0)
  const content = { name: 'ci', grants: [{ role: 'engineer', group: null }] }
  assert.deepEqual(reached().at(-1), ['request', { kind: 'token', content, reason: 'deploys' }])
  const keyed = ['approvals', 'request', 'team', '--reason', 'r', '--idempotency-key', 'k']
  assert.equal((await run([...keyed, '--content', '{}'], { url })).code, 0)
  assert.deepEqual(reached().at(-1), [
    'request',
    { kind: 'team', content: {}, reason: 'r', idempotencyKey: 'k' },
  ])
})
