import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CommandBench } from '../../test/kit/command-bench.ts'
import { commandBench, operator } from '../../test/kit/command-bench.ts'
import { eventually } from '../../test/kit/files-world.ts'
import type { Context } from '../kernel/actor.ts'
import type { Tx } from '../storage/database.ts'
import { letIn, shutOut } from './shut-out.ts'

const sam: Context = { ...operator, actor: { kind: 'person', id: 'p-2', name: 'Sam' } }
const read = { operation: 'settings.read', params: {} }
const because = 'whoever asked for it was locked out'

/** As the room of identities does when it locks Pat’s account. */
async function lockPat(bench: CommandBench, more?: (tx: Tx) => Promise<unknown>): Promise<void> {
  const { database } = bench.database
  await database.transaction(async (tx) => {
    await shutOut(tx, { actor: operator.actor.id, because, at: bench.clock.now() })
    await more?.(tx)
  })
}

async function targetsOf(bench: CommandBench, id: string) {
  const { targets } = await bench.engine.show(id)
  return targets.map(({ charger, state, detail }) => [charger, state, detail])
}

test('what somebody who is shut out has waiting is cancelled, and nobody else’s', async (t) => {
  const bench = await commandBench(t, ['CP-1', 'CP-2', 'CP-3'])
  for (const away of ['CP-2', 'CP-3']) bench.know(away, { connected: false })
  const both = await bench.submit({ ...read, target: { chargers: ['CP-1', 'CP-2'] } })
  const sent = await bench.order(1)
  const others = await bench.engine.submit(sam, {
    ...read,
    ...{ target: { chargers: ['CP-3'] }, reason: 'a look' },
  })
  await lockPat(bench)
  await bench.engine.sweep()
  await bench.answer(sent, { configurationKey: [] })
  await bench.settle()
  assert.deepEqual(await targetsOf(bench, both.id), [
    ['CP-1', 'succeeded', null],
    ['CP-2', 'cancelled', because],
  ])
  assert.equal(await bench.state(others.id), 'queued')
})

test('a charger that comes before the sweep is sent nothing of it', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { connected: false })
  const command = await bench.submit(read)
  await lockPat(bench)
  bench.know('CP-1', { connected: true })
  await bench.settle()
  assert.deepEqual(await targetsOf(bench, command.id), [['CP-1', 'cancelled', because]])
  assert.equal(bench.orders.length, 0)
})

test('what comes back from the gateway after it is not sent', async (t) => {
  const bench = await commandBench(t)
  bench.receipt = async () => {
    await lockPat(bench)
    return { taken: false, reason: 'busy' }
  }
  const command = await bench.submit(read)
  await bench.settle()
  bench.receipt = () => ({ taken: true })
  await bench.clock.advance(60_000)
  await bench.settle()
  assert.deepEqual(await targetsOf(bench, command.id), [['CP-1', 'cancelled', because]])
  assert.equal(bench.orders.length, 0)
})

test('what was sent and not answered is not sent a second time after it', async (t) => {
  const bench = await commandBench(t)
  const command = await bench.submit(read)
  await bench.order(1)
  await lockPat(bench)
  await bench.clock.advance(11 * 60_000)
  await bench.engine.sweep()
  await bench.settle()
  assert.equal(await bench.state(command.id), 'unknown')
  assert.equal(bench.orders.length, 1)
})

test('a submission that was let in before is not taken after, and uses up nothing', async (t) => {
  const bench = await commandBench(t)
  await lockPat(bench)
  await assert.rejects(bench.submit(read), (error: Error) => error.message.includes(because))
  assert.deepEqual((await bench.engine.list({ limit: 10 }, {})).items, [])
  await bench.database.database.transaction((tx) => letIn(tx, operator.actor.id))
  assert.ok(await bench.submit(read))
})

/** Shuts Pat out, and lets something go on beside that until it waits for the end of it, or is done. */
async function lockPatBeside(bench: CommandBench, begin: () => Promise<unknown>): Promise<unknown> {
  let done = false
  let beside: Promise<unknown> | undefined
  await lockPat(bench, async () => {
    beside = begin()
      .catch((error: unknown) => error)
      .finally(() => (done = true))
    await eventually(async () => {
      const { rows } = await bench.database.sql(
        `select from pg_locks where not granted and locktype = 'advisory'
         and database = (select oid from pg_database where datname = current_database())`,
      )
      return done || rows.length > 0
    }, 'it waits')
  })
  return beside
}

test('a turn that is taken beside it waits for it, and takes nothing', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { connected: false })
  const command = await bench.submit(read)
  await lockPatBeside(bench, () => {
    bench.know('CP-1', { connected: true })
    return bench.settle()
  })
  assert.deepEqual(await targetsOf(bench, command.id), [['CP-1', 'cancelled', because]])
  assert.equal(bench.orders.length, 0)
})

test('a submission beside it waits for it, and is not taken', async (t) => {
  const bench = await commandBench(t)
  const answer = await lockPatBeside(bench, () => bench.submit(read))
  assert.match(String(answer), /was locked out/)
  assert.deepEqual((await bench.engine.list({ limit: 10 }, {})).items, [])
})

test('who is shut out just before a crash has nothing waiting after it', async (t) => {
  const bench = await commandBench(t)
  bench.know('CP-1', { connected: false })
  const command = await bench.submit(read)
  await lockPat(bench)
  await bench.restart()
  await bench.engine.sweep()
  assert.deepEqual(await targetsOf(bench, command.id), [['CP-1', 'cancelled', because]])
})
