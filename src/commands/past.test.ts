import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandBench } from '../../test/kit/command-bench.ts'
import { endedCommands } from './past.ts'

test('how commands ended stands in the past of their charger, and what is under way does not', async (t) => {
  const bench = await commandBench(t, ['CP-1', 'CP-2'])
  const submission = { operation: 'charger.reset', params: { mode: 'now' }, reason: 'stuck' }
  const ask = (charger: string) => bench.submit({ ...submission, target: { chargers: [charger] } })
  const past = endedCommands(bench.database.database)
  const stretch = { since: undefined, before: undefined, limit: 10 }

  await ask('CP-2')
  const command = await ask('CP-1')
  const order = await bench.order(2)
  await bench.sent(order)
  assert.deepEqual(await past.read('CP-1', stretch), [])
  await bench.clock.advance(1000)
  await bench.answer(order, { status: 'Rejected' })
  await bench.settle()

  const [entry, ...more] = await past.read('CP-1', stretch)
  assert.equal(more.length, 0)
  assert.equal(entry?.at, bench.clock.now())
  assert.match(entry.sentence, /^charger\.reset was refused.*\. Asked for by Pat: stuck$/)
  assert.deepEqual(
    [entry.detail['command'], entry.detail['state'], entry.detail['reason']],
    [command.id, 'refused', 'stuck'],
  )
  const { at, id } = entry
  const others = [
    { ...stretch, before: { at, id } },
    { ...stretch, before: { at, id: 'none' } },
    { ...stretch, since: at + 1 },
  ]
  for (const other of others) assert.deepEqual(await past.read('CP-1', other), [])
  for (const other of [
    { ...stretch, before: { at, id: 'all' } },
    { ...stretch, since: at },
  ])
    assert.equal((await past.read('CP-1', other)).length, 1)
})
