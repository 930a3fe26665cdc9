import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../test/kit/until.ts'
import { MessageTooLargeError } from '../bus/bus.ts'
import { memoryBus } from '../bus/memory.ts'
import { ManualClock } from '../kernel/clock.ts'
import { silentLog } from '../kernel/log.ts'
import { defaultLimits } from './limits.ts'
import { Outbox } from './outbox.ts'

function openOutbox(limits: Partial<typeof defaultLimits> = {}) {
  const clock = new ManualClock()
  const bus = memoryBus({ clock })
  const outbox = new Outbox<number>('things', {
    bus,
    clock,
    log: silentLog,
    limits: { ...defaultLimits, ...limits },
  })
  return { clock, bus, outbox }
}

test('what is put in one turn of the event loop travels in one message', async () => {
  const { bus, outbox } = openOutbox()
  const batches: unknown[] = []
  bus.serve('things', {}, (batch) => Promise.resolve(void batches.push(batch) as unknown as null))
  for (let item = 0; item < 5; item++) outbox.put(item, 10)
  await outbox.empty()
  assert.deepEqual(batches, [[0, 1, 2, 3, 4]])
})

test('a batch keeps its bounds in number and in length', async () => {
  const { bus, outbox } = openOutbox({ maxBatch: 3, maxBatchChars: 100 })
  const batches: unknown[] = []
  bus.serve('things', {}, (batch) => Promise.resolve(void batches.push(batch) as unknown as null))
  for (const [item, chars] of [1, 1, 1, 1, 60, 60, 500, 1].entries()) outbox.put(item, chars)
  await outbox.empty()
  assert.deepEqual(batches, [[0, 1, 2], [3, 4], [5], [6], [7]])
})

test('order is kept across failures, and nothing is told twice without need', async () => {
  const { bus, clock, outbox } = openOutbox({ maxBatch: 2 })
  const taken: unknown[] = []
  let failures = 0
  bus.serve('things', {}, (batch) => {
    if (failures < 3) {
      failures += 1
      return Promise.reject(new Error('not now'))
    }
    taken.push(batch)
    return Promise.resolve(null)
  })
  for (let item = 0; item < 4; item++) outbox.put(item, 1)
  for (let step = 0; step < 20; step++) await clock.advance(500)
  await until(() => outbox.size === 0, 'all are taken')
  assert.equal(failures, 3)
  assert.deepEqual(taken, [
    [0, 1],
    [2, 3],
  ])
})

test('what the bus cannot carry is tried in smaller batches, and alone is dropped', async () => {
  const clock = new ManualClock()
  const bus = memoryBus({ clock })
  const taken: number[] = []
  const outbox = new Outbox<number>('things', {
    bus: {
      ...bus,
      request: (subject, message) => {
        const batch = message as number[]
        if (batch.length > 2 || batch.includes(13))
          return Promise.reject(new MessageTooLargeError(subject, 9_999_999))
        taken.push(...batch)
        return Promise.resolve(null)
      },
    },
    clock,
    log: silentLog,
    limits: defaultLimits,
  })
  for (const item of [1, 2, 3, 13, 5, 6, 7]) outbox.put(item, 1)
  for (let step = 0; step < 40; step++) await clock.advance(1_000)
  assert.equal(outbox.size, 0)
  assert.deepEqual(taken, [1, 2, 3, 5, 6, 7])
})
