import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemContext } from '../../kernel/actor.ts'
import { until } from '../../../test/kit/until.ts'
import { breakGlassHouse, chargers, night, type Use } from '../../../test/kit/break-glass-house.ts'
import type { DutiesWorld, Member } from '../../../test/kit/duties-world.ts'

async function accounts({ must }: DutiesWorld, { session }: Member) {
  const { items } = await must<{ items: { state: string; chargers: number; minutes: number }[] }>(
    200,
    'GET',
    '/break-glass/accounts',
    session,
  )
  return items
}

test('an account is made and changed with the approval of somebody else, never by whoever prepares it alone', async (t) => {
  const world = await breakGlassHouse(t)
  const { olga, anna, refusal, request, approve, execute, wish, prepare, opening, ben } = world
  assert.equal(
    await refusal('POST', '/break-glass/accounts', olga.session, night),
    'method-not-allowed',
  )
  const asks = (content: object) =>
    refusal('POST', '/approval-requests', olga.session, wish(content))
  assert.equal(await asks({ ...night, chargers: 0 }), 'invalid-input')
  assert.equal(await asks({ ...night, minutes: 10_000 }), 'invalid-input')
  assert.equal(await asks({ ...night, grants: [{ role: 'nobody', group: null }] }), 'invalid-input')
  const made = await request(olga, wish(night))
  assert.deepEqual([made.state, made.needs.bootstrap], ['waiting', false])
  const own = `/approval-requests/${made.id}/approve`
  assert.equal(await refusal('POST', own, olga.session, { digest: made.digest }), 'denied')
  assert.deepEqual(await accounts(world, olga), [])
  await approve(anna, made)
  const first = (await execute(olga, made)).handedOver!['code']!

  // More chargers, a longer time: asked for and approved again, under a new code.
  const stale = await request(olga, wish({ ...night, chargers: 100 }))
  await world.clock.advance(1_000)
  const second = await prepare({ ...night, chargers: 3, minutes: 60 })
  assert.notEqual(first, second)
  const [account] = await accounts(world, olga)
  assert.deepEqual([account?.state, account?.chargers, account?.minutes], ['sealed', 3, 60])
  const late = `/approval-requests/${stale.id}/approve`
  const refused = await world.ask('POST', late, anna.session, { digest: stale.digest })
  assert.match(refused.body, /the account night was changed since/)
  const opens = (code: string) => refusal('POST', '/break-glass/uses', ben.session, opening(code))
  assert.equal(await opens(first), 'break-glass-refused')
  const [prepared] = await world.events('break-glass.prepared')
  const [changed] = await world.events('break-glass.changed')
  assert.deepEqual(
    [prepared?.detail.approval, prepared?.actor.id, prepared?.reason, prepared?.detail.chargers],
    [made.id, olga.id, 'for the nights', 2],
  )
  assert.deepEqual(changed?.detail.before, {
    ...{ grants: night.grants, minutes: 20, chargers: 2 },
  })
})

test('a use needs a reason, is told to everybody, ends by itself to the moment, and blocks the next until somebody else reviewed it', async (t) => {
  const world = await breakGlassHouse(t)
  const { olga, anna, ben, sam, refusal, must, prepare, opening, open, clock, told } = world
  const code = await prepare()
  const opens = (who: Member, body: object) =>
    refusal('POST', '/break-glass/uses', who.session, body)
  assert.equal(await opens(ben, opening(code, { reason: undefined })), 'invalid-input')
  assert.equal(await opens(ben, opening(code, { reason: '  ' })), 'invalid-input')
  assert.equal(await opens(ben, opening('wrong')), 'break-glass-refused')
  assert.equal(await opens(sam, opening(code)), 'not-permitted')
  assert.equal((await world.command(ben.session, ['CP-1'])).status, 403, 'not without the account')

  const { use, secret } = await open(ben, code)
  assert.equal(Date.parse(use.endsAt), clock.now() + 20 * 60_000)
  const opened = told.find(({ type }) => type === 'break-glass.opened')
  assert.equal((opened?.data as { reason: string }).reason, 'the depot is dark')
  // Everybody who signs in or is signed in sees it.
  const banner = await must<{ breakGlassUses: { person: { name: string } }[] }>(
    200,
    'GET',
    '/whoami',
    anna.session,
  )
  assert.deepEqual(
    banner.breakGlassUses.map(({ person }) => person.name),
    ['ben'],
  )
  const lit = await world.command(secret, ['CP-1'])
  assert.equal(lit.status, 202, lit.body)
  assert.equal(await refusal('GET', '/audit', secret), 'not-permitted', 'no more than it gives')
  assert.equal(await opens(ben, opening(code)), 'break-glass-refused', 'a code works once')

  const review = (who: Member, body: object = { verdict: 'justified', comment: 'it was dark' }) =>
    refusal('POST', `/break-glass/uses/${use.id}/review`, who.session, body)
  assert.equal(await review(sam), 'invalid-input', 'it goes on')
  await clock.advance(20 * 60_000 - 1 - (clock.now() - (Date.parse(use.endsAt) - 20 * 60_000)))
  assert.equal((await world.ask('GET', '/whoami', secret)).status, 200)
  await clock.advance(1)
  assert.equal((await world.ask('GET', '/whoami', secret)).status, 401)
  assert.equal((await world.command(secret, ['CP-1'])).status, 401)
  await clock.advance(60_000)
  await until(() => told.some(({ type }) => type === 'break-glass.ended'), 'the end is told')
  const [ended, ...others] = await world.events('break-glass.ended')
  assert.deepEqual(others, [])
  assert.deepEqual(
    [ended?.actor.kind, ended?.detail.because, ended?.detail.person],
    ['system', 'its time is over', ben.id],
  )
  assert.equal(told.filter(({ type }) => type === 'break-glass.ended').length, 1)

  // Nobody opens it, nor seals it anew, before somebody else than Ben looked at what he did.
  for (const who of [olga, sam, ben]) await world.freshen(who)
  const [account] = await accounts(world, olga)
  assert.equal(account?.state, 'to-be-reviewed')
  const { items } = await must<{ items: { id: string }[] }>(
    200,
    'GET',
    '/break-glass/accounts',
    olga.session,
  )
  const sealing = `/break-glass/accounts/${items[0]!.id}/seal`
  assert.equal(await refusal('POST', sealing, olga.session), 'break-glass-blocked')
  const again = await world.request(olga, world.wish({ ...night, chargers: 3 }))
  await world.freshen(anna)
  await world.approve(anna, again)
  const carried = `/approval-requests/${again.id}/execute`
  assert.equal(await refusal('POST', carried, olga.session), 'break-glass-blocked')
  await world.give(ben, 'owner')
  assert.equal(await review(ben), 'not-permitted')
  assert.equal(await review(sam, { verdict: 'justified' }), 'invalid-input', 'a word is needed')
  assert.equal(await review(sam), undefined)
  assert.equal(await review(olga), 'too-late')
  const uses = await must<{ items: Use[] }>(200, 'GET', '/break-glass/uses', sam.session)
  assert.equal(uses.items[0]?.review?.by.id, sam.id)
  assert.equal(await opens(ben, opening(code)), 'break-glass-refused', 'a code works once')
  const sealed = await must<{ code: string }>(200, 'POST', sealing, olga.session)
  assert.ok((await open(ben, sealed.code)).secret)

  const events = (await world.audit.list({ limit: 1_000 })).map(({ event }) => event)
  const ofUse = events.filter((event) => event.startsWith('break-glass.'))
  assert.deepEqual(ofUse, [
    'break-glass.prepared',
    'break-glass.sealed',
    'break-glass.refused',
    'break-glass.opened',
    'break-glass.refused',
    'break-glass.ended',
    'break-glass.reviewed',
    'break-glass.refused',
    'break-glass.sealed',
    'break-glass.opened',
  ])
  const submitted = (await world.events('command.submitted')).at(-1)
  assert.equal(submitted?.actor.id, ben.id, 'what is done stays theirs')
})

test('a use touches no more chargers than its account says, at once or one after the other', async (t) => {
  const world = await breakGlassHouse(t)
  const { ben, anna, olga, prepare, open, command, must, refusal } = world
  const { secret, use } = await open(ben, await prepare())
  const all = await command(secret, chargers)
  assert.equal(all.status, 403, all.body)
  assert.match(all.body, /This use of a break-glass account may touch 2 chargers in all/)
  assert.match(all.body, /guard\.break-glass/)
  for (const charger of ['CP-1', 'CP-2', 'CP-1'])
    assert.equal((await command(secret, [charger])).status, 202, charger)
  const third = await command(secret, ['CP-3'])
  assert.equal(third.status, 403, third.body)
  assert.match(third.body, /may touch 2 chargers in all/)
  const denied = (await world.events('command.denied')).at(-1)
  assert.equal(denied?.actor.id, ben.id)

  // Whoever uses one decides on nothing.
  await world.give(ben, 'approver')
  const made = await world.request(olga, {
    ...{ kind: 'factor-reset', content: { person: anna.id }, reason: 'lost' },
  })
  const deciding = `/approval-requests/${made.id}/approve`
  assert.equal(await refusal('POST', deciding, secret, { digest: made.digest }), 'denied')
  const own = await must<Use>(200, 'DELETE', '/session/break-glass', secret)
  assert.deepEqual([own.id, own.endedAt === null], [use.id, false])
  assert.equal((await world.ask('GET', '/whoami', secret)).status, 401)
})

test('who watches over uses ends one at once; an account that is not needed any more is retired', async (t) => {
  const world = await breakGlassHouse(t)
  const { olga, ben, sam, prepare, open, refusal, must } = world
  const { use, secret } = await open(ben, await prepare())
  const end = (who: Member) => refusal('POST', `/break-glass/uses/${use.id}/end`, who.session)
  assert.equal(await end(ben), 'not-permitted')
  assert.equal(await end(sam), undefined)
  assert.equal(await end(sam), 'too-late')
  assert.equal((await world.ask('GET', '/whoami', secret)).status, 401)
  const { items } = await must<{ items: { id: string }[] }>(
    200,
    'GET',
    '/break-glass/accounts',
    olga.session,
  )
  const account = `/break-glass/accounts/${items[0]!.id}`
  assert.equal(await refusal('DELETE', account, olga.session), 'break-glass-blocked')
  const word = { verdict: 'not-justified', comment: 'there was light' }
  await must(200, 'POST', `/break-glass/uses/${use.id}/review`, sam.session, word)
  assert.equal(await refusal('DELETE', account, olga.session), undefined)
  assert.deepEqual(await accounts(world, olga), [])
  assert.ok((await prepare()) !== '', 'its name is free again')
})

test('what was asked for in a use is not done once that has ended, though others approved it', async (t) => {
  const world = await breakGlassHouse(t)
  const { anna, ben, sam, policy, prepare, open, must, request, approve, now } = world
  const rules = policy.rules()
  const approvals = {
    ...rules.approvals,
    voluntary: { ...rules.approvals.voluntary, waitMinutes: 5 },
  }
  const waiting = { kind: 'rules', rules: { ...rules, approvals }, base: 1 } as const
  await policy.apply(systemContext, waiting, { reason: 'a test' })
  const { use, secret } = await open(ben, await prepare())
  const ask = () =>
    request(
      { session: secret },
      {
        ...{ operation: 'charger.reset', params: { mode: 'now' } },
        ...{ target: { chargers: ['CP-1'] }, reason: 'the depot is dark' },
      },
    )
  const [approved, late] = [await ask(), await ask()]
  assert.equal((await approve(anna, approved)).state, 'approved')
  await must(200, 'POST', `/break-glass/uses/${use.id}/end`, sam.session)
  const word = { verdict: 'justified', comment: 'it was dark' }
  await must(200, 'POST', `/break-glass/uses/${use.id}/review`, sam.session, word)
  await world.clock.advance(5 * 60_000)
  const ended = await now(approved)
  assert.deepEqual(
    [ended.state, ended.detail],
    ['void', 'the break-glass use it was asked in has ended'],
  )
  await world.freshen(anna)
  const path = `/approval-requests/${late.id}/approve`
  const digest = { digest: late.digest }
  assert.equal(await world.refusal('POST', path, anna.session, digest), 'too-late')
  assert.equal((await now(late)).state, 'void')
  assert.deepEqual(await world.events('command.submitted'), [])
})

test('what a use gives ends with it to the moment', async (t) => {
  const { ben, policy, prepare, open, clock } = await breakGlassHouse(t)
  const { use } = await open(ben, await prepare())
  const actor = { kind: 'person', id: ben.id, name: 'ben' } as const
  const authentication = { by: 'session', id: '', factors: {}, breakGlass: use.id } as const
  const may = async () =>
    (await policy.rightsOf({ actor, authentication })).scopeOf('commands.submit')
  await clock.advance(Date.parse(use.endsAt) - clock.now() - 1)
  assert.equal(await may(), 'everywhere')
  await clock.advance(1)
  assert.deepEqual(await may(), { groups: [] })
})

test('a command of a use waits for its charger until the use ends, and no longer, whatever else its person may do', async (t) => {
  const { ben, must, prepare, open, give } = await breakGlassHouse(t)
  await give(ben, 'operator')
  const { use, secret } = await open(ben, await prepare())
  const answer = await must(202, 'POST', '/commands', secret, {
    ...{ operation: 'settings.read', params: {} },
    ...{ target: { chargers: ['CP-1'] }, reason: 'the depot is dark' },
    ...{ notAfter: new Date(Date.parse(use.endsAt) + 3_600_000).toISOString() },
  })
  assert.equal((answer as { notAfter: string }).notAfter, use.endsAt)
})
