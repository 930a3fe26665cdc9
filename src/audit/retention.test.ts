import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordWorld } from '../../test/kit/record.ts'
import type { Actor } from '../kernel/actor.ts'
import { silentLog } from '../kernel/log.ts'
import { openAudit } from './open-audit.ts'
import { openRetention } from './retention.ts'

const dayMs = 86_400_000
const ann: Actor = { kind: 'person', id: 'p-ann', name: 'Ann' }

test('personal values are erased when they were kept for as long as the rules say, each kind by its own', async (t) => {
  const world = await recordWorld(t)
  const { database, clock } = world
  const audit = openAudit({ database })
  const personal = { namesDays: 10, addressesDays: 2, textDays: 30 }
  const parts = { database, audit, clock, log: silentLog, rules: () => ({ personal }) }
  const nodes = [openRetention(parts), openRetention(parts)]
  for (const node of nodes) t.after(() => node.close())
  const origin = { face: 'cli', address: '192.0.2.1' } as const
  const said = { event: 'x.happened', actor: ann, origin, reason: 'because', detail: {} }
  const expired = () => audit.list({ event: 'audit.personal-expired', limit: 10 })
  const first = async () => {
    const [entry] = await audit.list({ limit: 1, event: 'x.happened' })
    return [entry!.actor.name, entry!.origin.address, entry!.reason]
  }
  const look = () => Promise.all(nodes.map((node) => node.look()))
  const days = (count: number) => clock.advance(count * dayMs)

  await world.append(1, said)
  const at = clock.now()
  await days(2)
  await look()
  assert.deepEqual(await first(), ['Ann', '192.0.2.1', 'because'])
  await clock.advance(1)
  await look()
  assert.deepEqual(await first(), ['Ann', '(erased)', 'because'])
  const [told, ...more] = await expired()
  assert.deepEqual(more, [])
  assert.equal(told!.actor.kind, 'system')
  assert.deepEqual(told!.detail, {
    ...{ rule: 'record.personal.addressesDays', days: 2, values: 1, entries: 1 },
    olderThan: new Date(at + 1).toISOString(),
  })

  await world.append(1, said)
  await days(8)
  await look()
  assert.deepEqual(await first(), ['(erased)', '(erased)', 'because'])
  await days(20)
  await look()
  assert.deepEqual(await first(), ['(erased)', '(erased)', '(erased)'])
  // Two addresses, two names and one reason, the second of which is not old enough; and all the entries.
  const check = await audit.verify()
  assert.deepEqual([check.brokenAt, check.erased], [undefined, 5])
  assert.equal((await audit.list({ event: 'x.happened', limit: 10 })).length, 2)
})

test('a clock that was wrong for a while makes nothing else old', async (t) => {
  const world = await recordWorld(t)
  const { database, clock } = world
  const audit = openAudit({ database })
  const personal = { namesDays: 10, addressesDays: 10, textDays: 10 }
  const rules = () => ({ personal })
  const node = openRetention({ database, audit, clock, log: silentLog, rules })
  t.after(() => node.close())
  const said = { event: 'x.happened', actor: ann, origin: { face: 'cli' }, detail: {} } as const
  await world.append(1, said)
  await world.append(1, { ...said, at: clock.now() - 1_000 * dayMs })
  await node.look()
  const entries = await audit.list({ event: 'x.happened', limit: 10 })
  assert.deepEqual(
    entries.map(({ actor }) => actor.name),
    ['Ann', '(erased)'],
  )
})

test('all that is due goes at once, however many places a value stands in', async (t) => {
  const { database, sql, clock } = await recordWorld(t)
  const audit = openAudit({ database })
  const rules = () => ({ personal: { namesDays: 10, addressesDays: 10, textDays: 10 } })
  const node = openRetention({ database, audit, clock, log: silentLog, rules })
  t.after(() => node.close())
  const old = new Date(clock.now() - 11 * dayMs).toISOString()
  await sql(
    `insert into audit_opening (commitment, kind, at, sequences, subject, salt, value)
     select 'c' || n, 'text', $1, '{1,2}', 'person:p-1', sha256(n::text::bytea), '"x"'
     from generate_series(1, 50001) as n`,
    [old],
  )
  await node.look()
  assert.equal((await sql('select from audit_opening where at < now()')).rowCount, 0)
})
