import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandBench } from '../../test/kit/command-bench.ts'
import { silentLog } from '../kernel/log.ts'
import { renewWeeklyLimits } from './renewals.ts'

const change = Date.parse('2026-03-29T01:00:00Z')
const day = 24 * 3_600_000

test('a weekly limit is sent again once when the clocks have changed, and not after it was taken away', async (t) => {
  const bench = await commandBench(t)
  const { database, clock, engine } = bench
  await database.sql(
    `insert into charger (identity, tags, credential_scheme, credential_salt, credential_hash, registered_at)
     values ('CP-1', '{}', 'sha256', '', '', now())`,
  )
  await database.sql(`insert into charger_state (identity) values ('CP-1')`)
  const renew = () =>
    renewWeeklyLimits({
      database: database.database,
      commands: engine,
      clock,
      log: silentLog,
    })
  const weekly = {
    timeZone: 'Europe/Berlin',
    times: [{ days: ['mon'], from: '17:00', to: '20:00', amperes: 6 }],
  }
  const params = { evse: 1, amperes: 16, weekly }
  await bench.submit({ operation: 'power.limit', params })
  await bench.answer(await bench.order(1), { status: 'Accepted' })
  await bench.answer(await bench.order(2), { status: 'Accepted' })
  await bench.answer(await bench.order(3), { status: 'Rejected' })
  await bench.settle()
  await renew()
  assert.equal((await engine.list({ limit: 10 }, {})).items.length, 1)

  await clock.advance(change + day - clock.now())
  await renew()
  await renew()
  const { items } = await engine.list({ limit: 10 }, {})
  assert.equal(items.length, 2)
  assert.deepEqual(items[0]?.params, params)
  assert.equal(items[0]?.actor.kind, 'system')
  assert.match(items[0]?.reason ?? '', /clocks changed on 2026-03-29/)
  const again = await bench.order(4)
  const { csChargingProfiles } = again.payload as { csChargingProfiles: { validTo: string } }
  assert.equal(csChargingProfiles.validTo, '2026-10-25T01:00:00.000Z')
  await bench.answer(again, { status: 'Accepted' })
  await bench.settle()
  await renew()
  assert.equal((await engine.list({ limit: 10 }, {})).items.length, 2)

  await bench.answer(await bench.order(5), { status: 'Accepted' })
  await bench.answer(await bench.order(6), { status: 'Rejected' })
  await bench.submit({ operation: 'power.unlimit', params: { evse: 1 } })
  const cleared = await bench.order(7)
  assert.equal(cleared.action, 'ClearChargingProfile')
  await bench.answer(cleared, { status: 'Accepted' })
  await bench.settle()
  await clock.advance(250 * day)
  await renew()
  assert.equal((await engine.list({ limit: 10 }, {})).items.length, 3)
})
