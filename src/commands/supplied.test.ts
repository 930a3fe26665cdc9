import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { commandBench, operator } from '../../test/kit/command-bench.ts'
import type { CommandBench } from '../../test/kit/command-bench.ts'
import { openFirmware } from '../firmware/open-firmware.ts'
import { uuid7 } from '../kernel/ids.ts'
import type { Json } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { SupplyRequest } from '../operations/supply.ts'

const supplyQuery = 'FROM command_supply'

/** How often what a command was supplied with is read from the database from now on. */
function loads(t: TestContext, { database }: CommandBench): () => number {
  const { mock } = t.mock.method(database.database, 'query')
  return () => mock.calls.filter(({ arguments: [sql] }) => sql.includes(supplyQuery)).length
}

const urls = (n: number) => ({
  operation: 'settings.write',
  params: { key: 'K', value: `https://files.test/${n}` },
})

test('what each of many commands was supplied with is read once', async (t) => {
  const chargers = Array.from({ length: 60 }, (_, n) => `CP-${n}`)
  const bench = await commandBench(t, chargers)
  const read = loads(t, bench)
  await Promise.all(
    chargers.map((charger, n) => bench.submit({ ...urls(n), target: { chargers: [charger] } })),
  )
  await bench.order(chargers.length)
  await bench.settle()
  assert.equal(bench.orders.length, chargers.length)
  assert.equal(read(), chargers.length)
})

test('chargers that wait for the same supply wait for one reading of it', async (t) => {
  const chargers = Array.from({ length: 60 }, (_, n) => `CP-${n}`)
  const bench = await commandBench(t, chargers)
  const read = loads(t, bench)
  await bench.submit({ ...urls(1), target: { chargers } })
  await bench.order(chargers.length)
  assert.equal(read(), 1)
})

/** A released image that real commands take; its content is nowhere. */
async function withImage(t: TestContext) {
  const bench = await commandBench(t)
  const { database, sql } = bench.database
  const nowhere = () => {
    throw new Error('no content is kept here')
  }
  const firmware = openFirmware({
    ...{ database, audit: bench.audit, clock: bench.clock, newId: uuid7(bench.clock) },
    keeping: { take: nowhere, content: nowhere, discard: () => Promise.resolve(), store: 'none' },
    maxBytes: 1,
  })
  const [id, file, store] = [1, 2, 3].map((n) => `01890000-0000-7000-8000-00000000000${n}`)
  await sql(
    `insert into file (id, kind, name, size, sha256, store, received_at)
     values ($1, 'firmware', 'one.bin', 1, 'ab', $2, now())`,
    [file, store],
  )
  await sql(
    `insert into firmware (id, file, name, vendor, models, installs_over, version, size, sha256, md5,
                           signature, certificate, signed_by, state, uploaded_at, uploaded_by)
     values ($1, $2, 'one.bin', 'Acme', '{*}', '{}', '2.0', 1, 'ab', 'cd', 'e', 'f', 'operator', 'released', now(), 'Pat')`,
    [id, file],
  )
  bench.supplies = async (request: SupplyRequest) => {
    assert.equal(request.kind, 'firmware')
    return (await firmware.firmwareOf(request.image, request)) as unknown as Json
  }
  bench.know('CP-1', { version: '2.0.1' })
  const asked = {
    operation: 'firmware.unpublish',
    params: { image: id! },
    reason: 'a test',
    target: { chargers: ['CP-1'] },
  }
  const firstUsed = async () => (await firmware.show(id!)).firstUsedAt
  return { bench, firmware, id: id!, asked, firstUsed, sql }
}

test('a preview leaves an image as it was, and so does a submission that fails', async (t) => {
  const { bench, firmware, id, asked, firstUsed } = await withImage(t)
  await bench.engine.outlook(asked)
  const used = { ...asked, idempotencyKey: 'k' }
  await bench.submit({ idempotencyKey: 'k' })
  await assert.rejects(bench.submit(used), ProblemError)
  assert.equal(await firstUsed(), null)
  await firmware.remove(operator, id, 'nobody needs it')
})

test('a command that took an image keeps it from being deleted', async (t) => {
  const { bench, firmware, id, asked, firstUsed } = await withImage(t)
  await bench.submit(asked)
  assert.notEqual(await firstUsed(), null)
  await assert.rejects(firmware.remove(operator, id, 'x'), /withdraw it instead/)
})

test('an image that is deleted while a command is submitted takes the command with it', async (t) => {
  const { bench, firmware, id, asked } = await withImage(t)
  const { supplies } = bench
  bench.supplies = async (request) => {
    const supply = await supplies(request)
    await firmware.remove(operator, id, 'wrong file')
    return supply
  }
  await assert.rejects(
    bench.submit(asked),
    (error) => error instanceof ProblemError && error.problem.field === 'params.image',
  )
  assert.deepEqual((await bench.engine.list({ limit: 10 }, {})).items, [])
})

test('an image that was withdrawn can be unpublished, and not published', async (t) => {
  const { bench, firmware, id, asked } = await withImage(t)
  await firmware.withdraw(operator, id, 'bricks chargers')
  await assert.rejects(bench.submit({ ...asked, operation: 'firmware.publish' }), /withdrawn/)
  const command = await bench.submit(asked)
  const order = await bench.order(1)
  assert.deepEqual([order.action, order.payload], ['UnpublishFirmware', { checksum: 'cd' }])
  await bench.answer(order, { status: 'Unpublished' })
  assert.equal(await bench.state(command.id), 'succeeded')
})
