import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { publishEvent, type ProductEvent } from '../bus/events.ts'
import { memoryBus } from '../bus/memory.ts'
import { ManualClock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import { openEventStream, streamLimits, type StreamLimits } from './event-stream.ts'
import type { EventSink } from './stream-clients.ts'

function world(t: TestContext, limits: Partial<StreamLimits> = {}) {
  const clock = new ManualClock()
  const bus = memoryBus({ clock })
  const stream = openEventStream({ bus, clock }, { ...streamLimits, ...limits })
  t.after(async () => {
    stream.close()
    await bus.close()
  })
  const say = async (event: Partial<ProductEvent>) => {
    publishEvent(bus, { type: 'charger.booted', at: clock.now(), data: {}, ...event })
    await bus.flush()
    await clock.advance(0)
  }
  return { clock, bus, stream, say }
}

function client() {
  const state = { text: '', ended: false, waiting: 0 }
  const sink: EventSink = {
    write: (text) => void (state.text += text),
    waiting: () => state.waiting,
    end: () => void (state.ended = true),
  }
  const ids = () => [...state.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
  const names = () => [...state.text.matchAll(/^event: (.+)$/gm)].map(([, name]) => name)
  return { state, sink, ids, names }
}

const admitted = () => Promise.resolve(true)

void test('a client hears what it asked for, with rising ids', async (t) => {
  const { stream, say } = world(t)
  const [all, some] = [client(), client()]
  stream.listen(all.sink, {}, { admitted })
  stream.listen(some.sink, { type: ['fault.raised'], charger: ['A', 'B'] }, { admitted })
  await say({ type: 'fault.raised', charger: 'A', data: { code: 'x\ny' } })
  await say({ type: 'fault.raised', charger: 'C' })
  await say({ type: 'charger.booted', charger: 'B' })
  await say({ type: 'command.updated', command: 'c1' })
  assert.deepEqual(all.names(), [
    'fault.raised',
    'fault.raised',
    'charger.booted',
    'command.updated',
  ])
  assert.deepEqual(some.names(), ['fault.raised'])
  assert.deepEqual(
    all.ids(),
    all.ids().toSorted((a, b) => a - b),
  )
  assert.match(
    some.state.text,
    /^data: \{"type":"fault.raised","at":"2026-01-01T00:00:00.000Z","data":\{"code":"x\\ny"\},"charger":"A"\}$/m,
  )
})

void test('a client that comes back gets what it missed, and is told when some is forgotten', async (t) => {
  const { stream, say } = world(t, { remembered: 3 })
  const first = client()
  const { leave } = stream.listen(first.sink, {}, { admitted })
  for (const charger of ['A', 'B', 'C', 'D']) await say({ charger })
  leave()
  const [, second, third, fourth] = first.ids()

  const soon = client()
  stream.listen(soon.sink, {}, { admitted, lastId: second! })
  assert.deepEqual(soon.ids(), [third, fourth])
  assert.deepEqual(soon.names(), ['charger.booted', 'charger.booted'])

  await say({ charger: 'E' })
  const late = client()
  stream.listen(late.sink, {}, { admitted, lastId: first.ids()[0]! })
  assert.equal(late.names()[0], 'gap')
  assert.equal(late.ids().length, 3)

  const fromBefore = client()
  stream.listen(fromBefore.sink, {}, { admitted, lastId: 5 })
  assert.equal(fromBefore.names()[0], 'gap')
})

void test('a client that does not read is sent away instead of filling memory', async (t) => {
  const { stream, say } = world(t, { waitingBytes: 1000 })
  const slow = client()
  stream.listen(slow.sink, {}, { admitted })
  slow.state.waiting = 1001
  await say({})
  await say({})
  assert.deepEqual(slow.names(), ['overflow'])
  assert.equal(slow.state.ended, true)
  assert.equal(stream.listeners(), 0)
})

void test('a heartbeat comes every 15 s, and a client whose token ended is sent away with it', async (t) => {
  const { stream, clock } = world(t)
  const [staying, revoked, unsure] = [client(), client(), client()]
  stream.listen(staying.sink, {}, { admitted })
  stream.listen(revoked.sink, {}, { admitted: () => Promise.resolve(false) })
  stream.listen(unsure.sink, {}, { admitted: () => Promise.reject(new Error('no database')) })
  await clock.advance(30_000)
  assert.equal(staying.state.text.match(/^: heartbeat$/gm)?.length, 2)
  assert.deepEqual(revoked.names(), ['not-authenticated'])
  assert.equal(revoked.state.ended, true)
  assert.equal(unsure.state.ended, false)
})

void test('there is room for so many clients and no more', (t) => {
  const { stream } = world(t, { clients: 2 })
  const { leave } = stream.listen(client().sink, {}, { admitted })
  stream.listen(client().sink, {}, { admitted })
  const refused = client()
  assert.throws(
    () => stream.listen(refused.sink, {}, { admitted }),
    (error) => error instanceof ProblemError && error.problem.code === 'overloaded',
  )
  assert.equal(refused.state.text, '')
  leave()
  stream.listen(refused.sink, {}, { admitted })
})

void test('closing tells every client and ends it', (t) => {
  const { stream } = world(t)
  const one = client()
  stream.listen(one.sink, {}, { admitted })
  stream.close()
  assert.deepEqual(one.names(), ['closing'])
  assert.equal(one.state.ended, true)
})
