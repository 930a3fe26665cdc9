import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerMemory } from './answer-memory.ts'

test('a frame is recalled by id and content, within its time', () => {
  const memory = new AnswerMemory()
  memory.remember('1', 'StatusNotification', 'frame', 'answer', 0)
  assert.equal(memory.recall('1', 'StatusNotification', 'frame', 50, 100), 'answer')
  assert.equal(memory.recall('1', 'StatusNotification', 'other', 50, 100), undefined)
  assert.equal(memory.recall('2', 'StatusNotification', 'frame', 50, 100), undefined)
  assert.equal(memory.recall('1', 'StatusNotification', 'frame', 101, 100), undefined)
})

test('only the newest frame of an id counts', () => {
  const memory = new AnswerMemory()
  memory.remember('1', 'StatusNotification', 'A', 'first', 0)
  memory.remember('1', 'StatusNotification', 'B', 'second', 1)
  assert.equal(memory.recall('1', 'StatusNotification', 'A', 2, 100), undefined)
  memory.remember('1', 'Heartbeat', 'H', 'third', 3)
  assert.equal(memory.recall('1', 'StatusNotification', 'B', 4, 100), undefined)
})

test('few are kept, and long frames as digests', () => {
  const memory = new AnswerMemory()
  const long = 'x'.repeat(300_000)
  memory.remember('long', 'MeterValues', long, 'answer', 0)
  assert.equal(memory.recall('long', 'MeterValues', long, 0, 100), 'answer')
  assert.equal(memory.recall('long', 'MeterValues', `${long}y`, 0, 100), undefined)
  for (let id = 0; id < 4; id++) memory.remember(`${id}`, 'MeterValues', 'f', 'a', 0)
  assert.equal(memory.recall('long', 'MeterValues', long, 0, 100), undefined)
})
