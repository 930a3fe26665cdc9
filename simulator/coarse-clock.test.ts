import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../src/kernel/clock.ts'
import { ManualClock } from '../src/kernel/clock.ts'
import { coarseClock } from './coarse-clock.ts'

test('tasks due within one tick share a timer, in the order they were set', async () => {
  const manual = new ManualClock()
  let timers = 0
  const counting: Clock = {
    now: () => manual.now(),
    monotonic: () => manual.monotonic(),
    after(delayMs, task) {
      timers += 1
      return manual.after(delayMs, task)
    },
  }
  const clock = coarseClock(counting, 100)
  const done: string[] = []
  clock.after(10, () => done.push('a'))
  clock.after(90, () => done.push('b'))
  clock.after(101, () => done.push('c'))
  assert.equal(timers, 2)
  await manual.advance(99)
  assert.deepEqual(done, [])
  await manual.advance(1)
  assert.deepEqual(done, ['a', 'b'])
  await manual.advance(100)
  assert.deepEqual(done, ['a', 'b', 'c'])
})

test('a cancelled task does not run, and one function may wait twice', async () => {
  const manual = new ManualClock()
  const clock = coarseClock(manual, 100)
  let runs = 0
  const task = (): void => void (runs += 1)
  clock.after(10, task)
  const second = clock.after(10, task)
  clock.after(10, task)
  second.cancel()
  await manual.advance(100)
  assert.equal(runs, 2)
})

test('a task set from within a task waits for its own time', async () => {
  const manual = new ManualClock()
  const clock = coarseClock(manual, 100)
  const at: number[] = []
  const again = (): void => {
    at.push(manual.monotonic())
    if (at.length < 3) clock.after(150, again)
  }
  clock.after(0, again)
  await manual.advance(1_000)
  assert.deepEqual(at, [0, 200, 400])
})

test('a task may cancel another of its own tick', async () => {
  const manual = new ManualClock()
  const clock = coarseClock(manual, 100)
  const done: string[] = []
  clock.after(10, () => {
    done.push('a')
    second.cancel()
  })
  const second = clock.after(20, () => done.push('b'))
  await manual.advance(200)
  assert.deepEqual(done, ['a'])
})
