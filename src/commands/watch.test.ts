import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../kernel/clock.ts'
import { silentLog } from '../kernel/log.ts'
import { newAttention } from './aftermath.ts'
import { effectWatch, type WatchOptions } from './watch.ts'

test('a charger that becomes due at whatever moment is looked at', async () => {
  const looked: string[] = []
  // From the answer of the database on, so many turns of the microtask queue later.
  for (let turns = 0; turns < 20; turns += 1) {
    looked.length = 0
    const watch = effectWatch({
      clock: new ManualClock(),
      log: silentLog,
      attention: newAttention(),
      fleet: { facts: () => Promise.resolve(new Map()) },
      advance: { all: () => Promise.resolve(), outcomes: () => Promise.resolve() },
      queries: {
        watched: (chargers: readonly string[]) => {
          looked.push(...chargers)
          if (chargers.includes('first')) void later(turns, () => watch.look('second'))
          return Promise.resolve([])
        },
      } as unknown as WatchOptions['queries'],
    })
    watch.look('first')
    for (let round = 0; round < 4; round += 1) await new Promise((next) => setImmediate(next))
    await watch.idle()
    assert.deepEqual(looked, ['first', 'second'], `${turns} turns later`)
  }
})

async function later(turns: number, task: () => void): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
  task()
}
