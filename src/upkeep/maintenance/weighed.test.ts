import assert from 'node:assert/strict'
import { test } from 'node:test'
import { breakGlassHouse } from '../../../test/kit/break-glass-house.ts'
import { dutiesWorld } from '../../../test/kit/duties-world.ts'
import { systemContext, type Context } from '../../kernel/actor.ts'

const site = Array.from({ length: 30 }, (_, index) => `CP-${index + 1}`)
const elsewhere = Array.from({ length: 40 }, (_, index) => `EL-${index + 1}`)

/** Olga operates, Anna approves; thirty chargers of a group, and forty others. */
async function depot(t: Parameters<typeof dutiesWorld>[0]) {
  const world = await dutiesWorld(t, { chargers: elsewhere })
  await world.fleet.addGroup(systemContext, { path: 'Depot' })
  for (const identity of site)
    await world.fleet.register(systemContext, { identity, group: 'Depot' })
  await world.enrol('owner')
  const [olga, anna] = [await world.enrol('olga'), await world.enrol('anna')] as const
  await world.give(olga, 'operator')
  await world.give(anna, 'approver')
  const held = async () => {
    const listed = await world.must<{ items: { charger: string }[] }>(
      200,
      'GET',
      '/maintenance?limit=100',
      olga.session,
    )
    return listed.items.length
  }
  return { ...world, olga, anna, held }
}

const works = { reason: 'grid work', sessions: 'stop' } as const

test('taking a site out of service by maintenance needs what the command would need, and is approved as what it is', async (t) => {
  const world = await depot(t)
  const { olga, anna, held, refusal, request, approve, must } = world
  const target = { select: { group: ['Depot'] } }
  const alone = await world.ask('POST', '/maintenance', olga.session, { target, ...works })
  assert.equal(alone.json<{ code: string }>().code, 'approval-needed', alone.body)
  assert.equal(await held(), 0)
  const { reason, ...wish } = works
  const strange = { kind: 'maintenance', content: { target, until: 'soon' }, reason }
  assert.equal(await refusal('POST', '/approval-requests', olga.session, strange), 'invalid-input')
  const made = await request(olga, { kind: 'maintenance', content: { target, ...wish }, reason })
  assert.match(JSON.stringify(made), /Put under maintenance: 30 chargers/)
  await approve(anna, made)
  assert.equal((await world.now(made)).state, 'executed')
  assert.equal(await held(), 30)
  const [stay] = (
    await must<{ items: { by: { id: string }; sessions: string }[] }>(
      200,
      'GET',
      '/maintenance',
      olga.session,
    )
  ).items
  assert.deepEqual([stay?.by.id, stay?.sessions], [olga.id, 'stop'])
})

test('whoever is refused the command is refused the maintenance, on the record', async (t) => {
  const world = await depot(t)
  const few = { target: { chargers: site.slice(0, 3) }, ...works }
  const olga: Context = {
    ...{ actor: { kind: 'person', id: world.olga.id, name: 'olga' }, origin: { face: 'api' } },
    authentication: { by: 'session', id: 's1', factors: { totp: world.clock.now() } },
  }
  const { secret } = await world.identity.tokens.create(olga, {
    ...{ name: 'planner', grants: [{ role: 'operator', group: 'Depot' }] },
  })
  const refused = await world.ask('POST', '/maintenance', secret, few)
  assert.equal(refused.status, 403, refused.body)
  assert.match(refused.body, /guard\.robot-budget/)
  const limit = await world.ask('PUT', '/site-limits/Depot', secret, {
    ...{ amperes: 6, reason: 'tight' },
  })
  assert.equal(limit.status, 403, limit.body)
  assert.match(limit.body, /guard\.robot-budget/)
  // Refusals are written behind the answer.
  let denied = await world.events('command.denied')
  for (let tries = 0; denied.length < 2 && tries < 100; tries += 1)
    denied = await world.events('command.denied')
  assert.deepEqual(
    denied.map(({ detail }) => [detail['operation'], detail['targets']]),
    [
      ['charger.availability', 3],
      ['power.limit', 30],
    ],
  )
  assert.equal(await world.held(), 0)
})

test('a break-glass use reaches no more chargers by maintenance or a site limit than by commands', async (t) => {
  const world = await breakGlassHouse(t)
  const { ben, prepare, open } = world
  await world.fleet.addGroup(systemContext, { path: 'Depot' })
  for (const identity of ['CP-1', 'CP-2', 'CP-3'])
    await world.fleet.update(systemContext, identity, { group: 'Depot' })
  const { secret } = await open(ben, await prepare())
  const enter = (chargers: readonly string[]) =>
    world.ask('POST', '/maintenance', secret, { target: { chargers }, ...works })
  const all = await enter(['CP-1', 'CP-2', 'CP-3'])
  assert.equal(all.status, 403, all.body)
  assert.match(all.body, /may touch 2 chargers in all/)
  const limit = { amperes: 6, reason: 'the depot is dark' }
  const throttled = await world.ask('PUT', '/site-limits/Depot', secret, limit)
  assert.equal(throttled.status, 403, throttled.body)
  assert.match(throttled.body, /may touch 2 chargers in all/)
  assert.equal((await enter(['CP-1', 'CP-2'])).status, 200)
  assert.equal((await enter(['CP-3'])).status, 403, 'they are counted over the whole use')
})
