import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { publishEvent, type ProductEvent } from '../bus/events.ts'
import { memoryBus } from '../bus/memory.ts'
import type { Scope } from '../fleet/groups/scope.ts'
import { ManualClock } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import { openEventStream, streamLimits, type StreamLimits } from './event-stream.ts'
import type { EventSink } from './stream-clients.ts'

function world(t: TestContext, limits: Partial<StreamLimits> = {}) {
  const clock = new ManualClock()
  const bus = memoryBus({ clock })
  const places = new Map<string, string | null>()
  /** Look-ups wait for it; rejected, they fail. */
  const lookUps = { wait: Promise.resolve(), count: 0 }
  const placesOf = async (chargers: readonly string[]) => {
    lookUps.count += 1
    await lookUps.wait
    return new Map([...places].filter(([charger]) => chargers.includes(charger)))
  }
  const stream = openEventStream({ bus, clock, placesOf }, { ...streamLimits, ...limits })
  t.after(async () => {
    stream.close()
    await bus.close()
  })
  const say = async (event: Partial<ProductEvent>) => {
    publishEvent(bus, { type: 'charger.booted', at: clock.now(), data: {}, ...event })
    await bus.flush()
    await clock.advance(0)
  }
  return { clock, bus, stream, say, places, lookUps }
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

const ada = { actor: 'ada', admitted: () => Promise.resolve(true) }
const scope = () => 'everywhere' as const
const at = (...groups: string[]) => ({ ...ada, scope: () => ({ groups }) })

void test('a client hears what it asked for, with rising ids', async (t) => {
  const { stream, say } = world(t)
  const [all, some] = [client(), client()]
  stream.listen(all.sink, {}, { ...ada, scope })
  stream.listen(some.sink, { type: ['fault.raised'], charger: ['A', 'B'] }, { ...ada, scope })
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
  const { leave } = stream.listen(first.sink, {}, { ...ada, scope })
  for (const charger of ['A', 'B', 'C', 'D']) await say({ charger })
  leave()
  const [, second, third, fourth] = first.ids()

  const soon = client()
  stream.listen(soon.sink, {}, { ...ada, scope, lastId: second! })
  assert.deepEqual(soon.ids(), [third, fourth])
  assert.deepEqual(soon.names(), ['charger.booted', 'charger.booted'])

  await say({ charger: 'E' })
  const late = client()
  stream.listen(late.sink, {}, { ...ada, scope, lastId: first.ids()[0]! })
  assert.equal(late.names()[0], 'gap')
  assert.equal(late.ids().length, 3)

  const fromBefore = client()
  stream.listen(fromBefore.sink, {}, { ...ada, scope, lastId: 5 })
  assert.equal(fromBefore.names()[0], 'gap')
})

void test('a client that does not read is sent away instead of filling memory', async (t) => {
  const { stream, say } = world(t, { waitingBytes: 1000 })
  const slow = client()
  stream.listen(slow.sink, {}, { ...ada, scope })
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
  stream.listen(staying.sink, {}, { ...ada, scope })
  stream.listen(revoked.sink, {}, { actor: 'ada', scope, admitted: () => Promise.resolve(false) })
  stream.listen(
    unsure.sink,
    {},
    { actor: 'ada', scope, admitted: () => Promise.reject(new Error('no database')) },
  )
  await clock.advance(30_000)
  assert.equal(staying.state.text.match(/^: heartbeat$/gm)?.length, 2)
  assert.deepEqual(revoked.names(), ['not-authenticated'])
  assert.equal(revoked.state.ended, true)
  assert.equal(unsure.state.ended, false)
})

void test('there is room for so many clients and no more', (t) => {
  const { stream } = world(t, { clients: 2 })
  const { leave } = stream.listen(client().sink, {}, { ...ada, scope })
  stream.listen(client().sink, {}, { ...ada, scope })
  const refused = client()
  assert.throws(
    () => stream.listen(refused.sink, {}, { ...ada, scope }),
    (error) => error instanceof ProblemError && error.problem.code === 'overloaded',
  )
  assert.equal(refused.state.text, '')
  leave()
  stream.listen(refused.sink, {}, { ...ada, scope })
})

void test('nobody takes the places of everybody else', (t) => {
  const { stream } = world(t)
  const listen = (actor: string) => stream.listen(client().sink, {}, { ...ada, actor, scope })
  const [first] = Array.from({ length: 5 }, () => listen('ada'))
  assert.throws(
    () => listen('ada'),
    (error) =>
      error instanceof ProblemError &&
      error.problem.code === 'overloaded' &&
      /you listen 5 times already/.test(error.message),
  )
  listen('ben')
  first!.leave()
  listen('ada')
  assert.equal(stream.listeners(), 6)
})

void test('closing tells every client and ends it', (t) => {
  const { stream } = world(t)
  const one = client()
  stream.listen(one.sink, {}, { ...ada, scope })
  stream.close()
  assert.deepEqual(one.names(), ['closing'])
  assert.equal(one.state.ended, true)
})

void test('a client bound to a group hears of its chargers only, also of what it missed, in order', async (t) => {
  const { stream, say, places } = world(t)
  places.set('N-1', 'Org/North/Depot').set('S-1', 'Org/South').set('X', null)
  const [north, all] = [client(), client()]
  stream.listen(all.sink, {}, { ...ada, scope })
  stream.listen(north.sink, {}, at('Org/North'))
  for (const charger of ['N-1', 'S-1', 'X', 'unknown', 'N-1']) await say({ charger })
  await say({ type: 'waiting-room.updated', data: { left: ['S-2'] } })
  await say({ type: 'charger.removed', charger: 'gone', data: { group: 'Org/North' } })
  await say({ type: 'charger.removed', charger: 'S-9', data: { group: 'Org/South' } })
  assert.equal(all.ids().length, 8)
  assert.deepEqual(north.names(), ['charger.booted', 'charger.booted', 'charger.removed'])
  assert.doesNotMatch(north.state.text, /S-|"X"|unknown/)

  const back = client()
  stream.listen(back.sink, {}, { ...at('Org/North'), lastId: all.ids()[0]! })
  await say({ charger: 'N-1' })
  assert.deepEqual(back.ids(), north.ids().slice(1))
  const narrowed = client()
  stream.listen(narrowed.sink, {}, { ...at(), lastId: all.ids()[0]! })
  await say({ charger: 'N-1' })
  assert.deepEqual(narrowed.ids(), [])
})

void test('everybody hears that a break-glass account is used, whatever they see of the fleet', async (t) => {
  const { stream, say } = world(t)
  const north = client()
  stream.listen(north.sink, {}, at('Org/North'))
  for (const type of ['break-glass.opened', 'approval.requested', 'break-glass.ended'] as const)
    await say({ type, data: { personName: 'Ben' } })
  assert.deepEqual(north.names(), ['break-glass.opened', 'break-glass.ended'])
})

void test('what happens while places are looked up is told by the next look-up, all together', async (t) => {
  const { stream, say, places, lookUps } = world(t)
  places.set('N-1', 'North').set('S-1', 'South')
  const { promise, resolve } = Promise.withResolvers<undefined>()
  lookUps.wait = promise.then(() => undefined)
  const [north, all] = [client(), client()]
  stream.listen(all.sink, {}, { ...ada, scope })
  stream.listen(north.sink, {}, at('North'))
  for (let turn = 0; turn < 20; turn += 1) await say({ charger: turn % 2 === 0 ? 'N-1' : 'S-1' })
  assert.equal(all.ids().length, 20)
  assert.equal(north.ids().length, 0)
  resolve(undefined)
  await say({ charger: 'N-1' })
  assert.deepEqual(
    north.ids(),
    all.ids().filter((_, index) => index % 2 === 0),
  )
  assert.ok(lookUps.count <= 3, `${lookUps.count} look-ups`)
})

void test('a client whose events cannot be placed is told of the gap, and hears nothing of them', async (t) => {
  const { stream, say, places, lookUps } = world(t)
  places.set('N-1', 'North')
  const [north, all] = [client(), client()]
  stream.listen(all.sink, {}, { ...ada, scope })
  stream.listen(north.sink, {}, at('North'))
  lookUps.wait = Promise.reject(new Error('no database'))
  await say({ charger: 'N-1' })
  lookUps.wait = Promise.resolve()
  await say({ charger: 'N-1' })
  assert.deepEqual(all.names(), ['charger.booted', 'charger.booted'])
  assert.deepEqual(north.names(), ['gap', 'charger.booted'])
})

void test('a scope that changes holds from the next event on, and nothing is told twice', async (t) => {
  const { stream, say, places } = world(t)
  places.set('N-1', 'North').set('S-1', 'South')
  let where: Scope = 'everywhere'
  const [one, all] = [client(), client()]
  stream.listen(all.sink, {}, { ...ada, scope })
  stream.listen(one.sink, {}, { ...ada, scope: () => where })
  await say({ charger: 'S-1' })
  where = { groups: ['North'] }
  for (const charger of ['S-1', 'N-1']) await say({ charger })
  where = 'everywhere'
  await say({ charger: 'S-1' })
  assert.deepEqual(
    one.ids(),
    [0, 2, 3].map((index) => all.ids()[index]),
  )
})
