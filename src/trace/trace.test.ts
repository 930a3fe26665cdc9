import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import { testDatabase } from '../../test/kit/database.ts'
import { testTrust } from '../../test/kit/trust.ts'
import type { TestDatabase } from '../../test/kit/database.ts'
import { fleetWorld, owner } from '../../test/kit/fleet.ts'
import { natsForTests, natsPrefix } from '../../test/kit/nats-server.ts'
import { until } from '../../test/kit/until.ts'
import { connectCharger } from '../../test/kit/wire-charger.ts'
import { judge } from '../access/judge.ts'
import { openAudit } from '../audit/open-audit.ts'
import type { Bus } from '../bus/bus.ts'
import { memoryBus } from '../bus/memory.ts'
import { natsBus } from '../bus/nats.ts'
import { openFleet } from '../fleet/open-fleet.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { openGateway } from '../gateway/gateway.ts'
import { subjects } from '../gateway/protocol.ts'
import type { TraceFrame, TraceOrder } from '../gateway/trace-protocol.ts'
import { openIntake } from '../intake/open-intake.ts'
import { defaultIntakeSettings } from '../intake/settings.ts'
import { systemClock } from '../kernel/clock.ts'
import { uuid7 } from '../kernel/ids.ts'
import { silentLog } from '../kernel/log.ts'
import { ProblemError } from '../kernel/problem.ts'
import { openTrace } from './open-trace.ts'
import type { ShownFrame, TraceFilter } from './trace.ts'

const clock = systemClock
const hour = 3_600_000

/** Gateways and control nodes on one database, with real sockets, each on a bus of its own where it has to be. */
interface Plant {
  readonly kit: TestDatabase
  control(): Promise<Control>
  gateway(): Promise<Gateway>
}
type Control = Awaited<ReturnType<typeof openControl>>

async function openControl(bus: Bus, kit: TestDatabase) {
  const ends: (() => void | Promise<void>)[] = []
  const { database } = kit
  const newId = uuid7(clock)
  const shared = { database, bus, clock, log: silentLog }
  const audit = openAudit({ database })
  const fleet = openFleet({ ...shared, newId, audit, expel: () => undefined })
  const settings = { all: false, keepHours: 72 }
  const trace = openTrace({ ...shared, fleet, settings })
  const access = { judge: () => judge(undefined, {}, 0) }
  const trust = await testTrust({ after: (end) => void ends.push(end) }, { ...shared, audit })
  const intake = openIntake({ ...shared, fleet, access, trust, settings: defaultIntakeSettings })
  await bus.flush()
  return {
    fleet,
    trace,
    audit,
    close() {
      trace.close()
      intake.close()
      for (const end of ends) void end()
    },
  }
}

async function openPlant(t: TestContext, newBus: (name: string) => Promise<Bus>): Promise<Plant> {
  const kit = await testDatabase(t)
  const closing: (() => Promise<void> | void)[] = []
  t.after(async () => {
    for (const close of closing.reverse()) await close()
  })
  let nodes = 0
  return {
    kit,
    async control() {
      const control = await openControl(await newBus(`control-${++nodes}`), kit)
      closing.push(() => control.close())
      return control
    },
    async gateway() {
      const name = `gateway-${++nodes}`
      const bus = await newBus(name)
      const address = { host: '127.0.0.1', port: 0 }
      const gateway = await openGateway({
        ...{ address, bus, clock, log: silentLog, name, newId: uuid7(clock) },
      })
      closing.push(() => gateway.close())
      return gateway
    },
  }
}

function line({ direction, type, action }: ShownFrame): string {
  return `${direction ?? ''} ${type} ${action ?? ''}`.trim()
}

async function linesOf(
  { trace }: Control,
  count: number,
  filter: TraceFilter = {},
): Promise<string[]> {
  let items: readonly ShownFrame[] = []
  let asking = false
  await until(() => {
    if (!asking && items.length < count) {
      asking = true
      void trace.frames('CP-1', { limit: 100 }, filter).then((page) => {
        items = page.items
        asking = false
      })
    }
    return items.length >= count
  }, `${count} frames`)
  return items.map(line).reverse()
}

const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' }

async function scenario(plant: Plant): Promise<void> {
  const control = await plant.control()
  const gateway = await plant.gateway()
  const { credential } = await control.fleet.register(owner, { identity: 'CP-1' })
  const password = credential!
  const charger = await connectCharger(gateway.address(), 'CP-1', { password })
  await charger.call('Heartbeat', {})
  const state = await control.trace.begin(owner, 'CP-1', { minutes: 60, reason: 'it stutters' })
  assert.equal(state.reason, 'it stutters')
  const live: string[] = []
  const second = await plant.control()
  second.trace.watch('CP-1', (frames) => live.push(...frames.map(line)))

  // The order travels by itself; a heartbeat is told as soon as it has arrived.
  await traced(control, charger)
  const id = (await control.trace.frames('CP-1', { limit: 1 }, {})).items[0]!.messageId
  assert.ok(id !== null)
  await charger.call('StatusNotification', status)
  const told = ['in call StatusNotification', 'out result StatusNotification']
  const kept = await linesOf(control, 2, { action: 'statusnotification' })
  assert.deepEqual(kept, told)
  await until(() => live.includes(told[1]!), 'seen live at another control node')

  // Control and gateway start anew, and the charger comes back: it is traced from its first message.
  await gateway.close()
  second.close()
  control.close()
  const [again, next] = [await plant.control(), await plant.gateway()]
  const back = await connectCharger(next.address(), 'CP-1', { password })
  await back.call('DataTransfer', { vendorId: 'v' })
  const transfer = ['in call DataTransfer', 'out result DataTransfer']
  assert.deepEqual(await linesOf(again, 2, { action: 'DataTransfer' }), transfer)
  const epochs = (await again.trace.frames('CP-1', { limit: 100 }, {})).items.map((f) => f.epoch)
  assert.deepEqual(
    epochs,
    [...epochs].sort((a, b) => b - a),
  )
  assert.equal(new Set(epochs).size, 2)
  back.socket.terminate()
}

/** Sends heartbeats until the first is in the trace. */
async function traced(
  { trace }: Control,
  charger: Awaited<ReturnType<typeof connectCharger>>,
): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    await charger.call('Heartbeat', {})
    const { items } = await trace.frames('CP-1', { limit: 1 }, {})
    if (items.length > 0) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.fail('no heartbeat came into the trace')
}

const nats = await natsForTests()

suite('through gateway and control, a trace is kept, seen live, and survives restarts', () => {
  test('with the bus in memory', async (t) => {
    const bus = memoryBus({ freeze: true })
    await scenario(await openPlant(t, () => Promise.resolve(bus)))
  })

  test('over NATS', 'url' in nats ? {} : { skip: nats.missing }, async (t) => {
    if (!('url' in nats)) return
    const prefix = natsPrefix()
    await scenario(
      await openPlant(t, async (name) => {
        const bus = await natsBus({ url: nats.url, name, prefix, log: silentLog })
        t.after(() => t.after(() => bus.close()))
        return bus
      }),
    )
  })
})

async function traceWorld(t: TestContext, settings = { all: false, keepHours: 72 }) {
  const world = await fleetWorld(t)
  await world.fleet.register(owner, { identity: 'CP-1' })
  const orders: TraceOrder[] = []
  world.bus.subscribe(subjects.traced, (order) => orders.push(order as unknown as TraceOrder))
  const { database, bus, fleet } = world
  const trace = openTrace({
    ...{ database, bus, fleet, clock: world.clock, log: silentLog, settings },
  })
  t.after(() => trace.close())
  return {
    ...world,
    trace,
    orders,
    settle: () => world.settle(),
    give: (...frames: TraceFrame[]) => world.ask(subjects.trace, frames),
  }
}

function frame(sequence: number, at: number, over: Partial<TraceFrame> = {}): TraceFrame {
  return {
    ...{ identity: 'CP-1', epoch: 1, sequence, at, direction: 'in', type: 'call' },
    ...{ action: 'Heartbeat', messageId: `m${sequence}`, text: '[2,"m","Heartbeat",{}]' },
    length: 22,
    ...over,
  }
}

test('frames are paged newest first, and one given again is kept once', async (t) => {
  const { trace, clock: manual, give } = await traceWorld(t)
  const at = manual.now()
  const batch = Array.from({ length: 5 }, (_, index) => frame(index + 1, at + index))
  await give(...batch)
  await give(...batch, frame(1, at, { epoch: 2 }))
  const pages: string[][] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof trace.frames>> = await trace.frames(
      'CP-1',
      { limit: 2, ...(cursor === null ? {} : { cursor }) },
      {},
    )
    pages.push(page.items.map(({ epoch, sequence }) => `${epoch}.${sequence}`))
    cursor = page.nextCursor
  } while (cursor !== null)
  assert.deepEqual(pages, [
    ['2.1', '1.5'],
    ['1.4', '1.3'],
    ['1.2', '1.1'],
  ])
  const after = await trace.following('CP-1', { epoch: 1, sequence: 4 }, {}, 10)
  assert.deepEqual(
    after.map(({ epoch, sequence }) => `${epoch}.${sequence}`),
    ['1.5', '2.1'],
  )
})

test('a trace is filtered by direction, action, message and time, and a gap is never left out', async (t) => {
  const { trace, clock: manual, give } = await traceWorld(t)
  const at = manual.now()
  await give(
    frame(1, at),
    frame(2, at + 1, { direction: 'out', type: 'result' }),
    frame(3, at + 2, { action: 'Authorize' }),
    frame(9, at + 3, { direction: 'out', type: 'result', action: 'Authorize', missed: 5 }),
    frame(10, at + 4, { type: 'gap', missed: 1, text: '', length: 0 }),
  )
  const cases: [TraceFilter, number[]][] = [
    [{ direction: 'in' }, [10, 9, 3, 1]],
    [{ direction: 'out' }, [10, 9, 2]],
    [{ action: 'authorize' }, [10, 9, 3]],
    [{ action: 'heartbeat', direction: 'out' }, [10, 9, 2]],
    [{ messageId: 'm3' }, [10, 9, 3]],
    [{ since: at + 3 }, [10, 9]],
  ]
  for (const [filter, sequences] of cases) {
    const { items } = await trace.frames('CP-1', { limit: 100 }, filter)
    assert.deepEqual(
      items.map(({ sequence }) => sequence),
      sequences,
      JSON.stringify(filter),
    )
  }
  const [, gap] = (await trace.frames('CP-1', { limit: 2 }, { messageId: 'm3' })).items
  assert.deepEqual([gap?.type, gap?.missed, gap?.text, gap?.action], ['gap', 5, '', null])
})

test('frames are forgotten after their time, and a charger keeps the newest 20,000', async (t) => {
  const { clock: manual, give, sql } = await traceWorld(t)
  await give(frame(1, manual.now()), frame(2, manual.now() + hour))
  const kept = async (): Promise<number[]> => {
    await manual.advance(60_000)
    const { rows } = await sql<{ count: number; first: number | null }>(
      'select count(*)::integer as count, min(sequence) as first from trace_frame',
    )
    return [rows[0]!.count, rows[0]!.first ?? 0]
  }
  const settled = async (expected: readonly number[]): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) if (String(await kept()) === String(expected)) return
    assert.deepEqual(await kept(), expected)
  }
  await manual.advance(72 * hour - 60_000)
  assert.deepEqual(await kept(), [2, 1])
  await settled([1, 2])
  for (let start = 3; start < 20_500; start += 2_000)
    await give(...Array.from({ length: 2_000 }, (_, index) => frame(start + index, manual.now())))
  await settled([20_000, 22_002 - 20_000 + 1])
})

test('gateways are told whom to trace at every change and again and again', async (t) => {
  const { trace, clock: manual, orders, settle } = await traceWorld(t)
  const until1 = manual.now() + hour
  await trace.begin(owner, 'CP-1', { until: new Date(until1).toISOString(), reason: 'why' })
  await settle()
  const order = { chargers: [{ identity: 'CP-1', until: until1 }] }
  assert.deepEqual(orders, [order])
  await manual.advance(15_000)
  await until(() => orders.length === 2, 'told again')
  await trace.end(owner, 'CP-1', 'seen enough')
  await settle()
  assert.deepEqual(orders.slice(1), [order, { chargers: [{ identity: 'CP-1', until: 0 }] }])
  await manual.advance(60_000)
  assert.equal(orders.length, 3)
})

test('a gateway that goes on after the end is told once more, and what it gives is kept', async (t) => {
  const { trace, clock: manual, orders, give, settle } = await traceWorld(t)
  await give(frame(1, manual.now()))
  await settle()
  assert.deepEqual(orders, [{ chargers: [{ identity: 'CP-1', until: 0 }] }])
  assert.equal((await trace.frames('CP-1', { limit: 5 }, {})).items.length, 1)
})

test('where every charger is traced gateways are told so, and no trace is ended', async (t) => {
  const {
    trace,
    clock: manual,
    orders,
    give,
    settle,
  } = await traceWorld(t, {
    all: true,
    keepHours: 1,
  })
  await settle()
  assert.deepEqual(orders, [{ all: true, chargers: [] }])
  await give(frame(1, manual.now()))
  await trace.end(owner, 'CP-1')
  await settle()
  assert.equal(orders.length, 1)
})

test('who traces what, how long and why stands in the record and with the charger', async (t) => {
  const { trace, clock: manual, audit, fleet } = await traceWorld(t)
  const state = await trace.begin(owner, 'CP-1', { minutes: 30, reason: 'odd meter values' })
  assert.equal(state.until, new Date(manual.now() + 30 * 60_000).toISOString())
  assert.equal((await fleet.show('CP-1')).tracedUntil, state.until)
  await trace.end(owner, 'CP-1', 'found it')
  await trace.end(owner, 'CP-1', 'twice')
  assert.equal((await fleet.show('CP-1')).tracedUntil, null)
  const entries = await audit.list({ charger: 'CP-1', limit: 10 })
  assert.deepEqual(
    entries.map(({ event, reason }) => [event, reason]),
    [
      ['charger.registered', undefined],
      ['trace.begun', 'odd meter values'],
      ['trace.ended', 'found it'],
    ],
  )
})

test('what cannot be traced is refused with the field at fault', async (t) => {
  const { trace, clock: manual } = await traceWorld(t)
  const at = (ms: number): string => new Date(manual.now() + ms).toISOString()
  const cases: [string, Parameters<typeof trace.begin>[2], string, string | undefined][] = [
    ['CP-9', { minutes: 5, reason: 'x' }, 'not-found', undefined],
    ['CP-1', { reason: 'x' }, 'invalid-input', 'minutes'],
    ['CP-1', { minutes: 5, until: at(hour), reason: 'x' }, 'invalid-input', 'minutes'],
    ['CP-1', { until: at(-1), reason: 'x' }, 'invalid-input', 'until'],
    ['CP-1', { until: at(8 * 24 * hour), reason: 'x' }, 'invalid-input', 'until'],
    ['CP-1', { minutes: 5, reason: ' ' }, 'invalid-input', 'reason'],
  ]
  for (const [identity, order, code, field] of cases)
    await assert.rejects(trace.begin(owner, identity, order), (error: unknown) => {
      assert.ok(error instanceof ProblemError)
      assert.deepEqual([error.problem.code, error.problem.field], [code, field])
      return true
    })
  await assert.rejects(trace.frames('CP-9', { limit: 5 }, {}), ProblemError)
  await assert.rejects(trace.frames('CP-1', { limit: 5, cursor: 'nonsense' }, {}), ProblemError)
})

test('frames of a charger nobody knows are left, and hold up no others', async (t) => {
  const { trace, clock: manual, give } = await traceWorld(t)
  await give(frame(1, manual.now(), { identity: 'gone' }), frame(1, manual.now()))
  assert.equal((await trace.frames('CP-1', { limit: 5 }, {})).items.length, 1)
  await give(frame(2, manual.now(), { text: 'a NUL \u0000 and half a \ud800 pair' }))
  const [newest] = (await trace.frames('CP-1', { limit: 1 }, {})).items
  assert.equal(newest?.sequence, 2)
})
