import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandBench } from '../../test/kit/command-bench.ts'
import { silentLog } from '../kernel/log.ts'
import { renewWeeklyLimits } from './renewals.ts'

test('a weekly limit is sent again once when the clocks have changed, and not after it was taken away', async (t) => {
  const bench = await commandBench(t)
  const { database, clock, engine } = bench
  await database.sql(
    `insert into charger (identity, tags, credential_scheme, credential_salt, credential_hash, registered_at)
     values ('CP-1', '{}', 'sha256', '', '', now())`,
  )
  await database.sql(`insert into charger_state (identity) values ('CP-1')`)
  const held = async (): Promise<{ place: number; after: number }[]> => {
    const { rows } = await database.sql('select weekly_limits from charger_state')
    return (rows[0] as { weekly_limits: { place: number; after: number }[] }).weekly_limits
  }
  const renew = async (): Promise<number> => {
    await renewWeeklyLimits({
      database: database.database,
      commands: engine,
      clock,
      log: silentLog,
    })
    return (await engine.list({ limit: 10 }, {})).items.length
  }
  /** The charger takes both profiles and tells no plan. */
  const takes = async (from: number): Promise<void> => {
    for (const [index, status] of ['Accepted', 'Accepted', 'Rejected'].entries())
      await bench.answer(await bench.order(from + index), { status })
    await bench.settle()
  }
  const weekly = {
    timeZone: 'Europe/Berlin',
    times: [{ days: ['mon'], from: '17:00', to: '20:00', amperes: 6 }],
  }
  const params = { evse: 1, amperes: 16, weekly }
  await bench.submit({ operation: 'power.limit', params })
  await takes(1)
  const change = Date.parse('2026-03-29T01:00:00Z')
  assert.deepEqual(
    (await held()).map(({ place, after }) => [place, after]),
    [[1, change]],
  )
  assert.equal(await renew(), 1)

  const passed = clock.now() - 3_600_000
  await database.sql(
    `update charger_state set weekly_limits = jsonb_set(weekly_limits, '{0,after}', $1)`,
    [String(passed)],
  )
  assert.equal(await renew(), 2)
  assert.equal(await renew(), 2)
  const [again] = (await engine.list({ limit: 10 }, {})).items
  assert.deepEqual(again?.params, params)
  assert.equal(again?.actor.kind, 'system')
  assert.match(again?.reason ?? '', /the clocks changed on 2025-12-31/)
  await takes(4)
  assert.deepEqual(
    (await held()).map(({ after }) => after),
    [change],
  )
  assert.equal(await renew(), 2)

  await bench.submit({ operation: 'power.unlimit', params: { evse: 1 } })
  await bench.answer(await bench.order(7), { status: 'Accepted' })
  await bench.settle()
  assert.deepEqual(await held(), [])
})
