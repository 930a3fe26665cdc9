import { EventEmitter, once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import { openAudit } from '../../src/audit/open-audit.ts'
import type { Audit } from '../../src/audit/audit.ts'
import { noteFirmwareUse } from '../../src/firmware/note-use.ts'
import { learn } from '../../src/fleet/learned/learn.ts'
import { noFileLinks } from '../../src/operations/file-links.ts'
import { publishFactsChanged, subscribeEvents } from '../../src/bus/events.ts'
import type { ProductEvent } from '../../src/bus/events.ts'
import { memoryBus } from '../../src/bus/memory.ts'
import type { Bus } from '../../src/bus/bus.ts'
import type { Submission } from '../../src/commands/commands.ts'
import { openCommands } from '../../src/commands/open-commands.ts'
import type { CommandEngine } from '../../src/commands/open-commands.ts'
import { subjects } from '../../src/gateway/protocol.ts'
import type { CallOrder, CallOutcome, CallReceipt } from '../../src/gateway/protocol.ts'
import type { Context } from '../../src/kernel/actor.ts'
import { ManualClock, systemClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import type { Json } from '../../src/kernel/json.ts'
import type { Gate } from '../../src/policy/gate.ts'
import type { ChargerFacts } from '../../src/operations/facts.ts'
import type { Supplies } from '../../src/operations/supply.ts'
import type { Database } from '../../src/storage/database.ts'
import { openPostgres } from '../../src/storage/postgres.ts'
import { testDatabase } from './database.ts'
import { openDoor } from './policy.ts'
import type { TestDatabase, TestDatabaseOptions } from './database.ts'
import { chargerFacts } from './facts.ts'

export const operator: Context = {
  actor: { kind: 'person', id: 'p-1', name: 'Pat' },
  origin: { face: 'api', address: '127.0.0.1' },
}

/** The command engine over a real database, with scripted gateways and facts in place of chargers. */
export interface CommandBench {
  readonly engine: CommandEngine
  readonly audit: Audit
  readonly database: TestDatabase
  readonly clock: ManualClock
  readonly bus: Bus
  /** Every order that a gateway took. */
  readonly orders: readonly CallOrder[]
  /** Every order that reached a gateway, taken or not. */
  readonly offered: readonly CallOrder[]
  /** Chargers whose facts were looked up, each time they were. */
  readonly lookedUp: readonly string[]
  /** What was published, oldest first. */
  readonly events: readonly ProductEvent[]
  /** How often a target came into a state, as the metrics count it. */
  readonly counted: ReadonlyMap<string, number>
  /** What gateways say when an order arrives; `taken` unless changed. */
  receipt: (order: CallOrder) => CallReceipt | Promise<CallReceipt>
  /** Lets everything pass unless changed. */
  policy: Pick<Gate, 'admit' | 'looksAgain' | 'against'>
  /** What other rooms give to commands when they are submitted or previewed; nothing in it unless changed. */
  supplies: Supplies
  /** Changes what is known of a charger and lets everybody hear of it. */
  know(identity: string, facts: Partial<ChargerFacts>): void
  report(...outcomes: CallOutcome[]): Promise<void>
  sent(order: CallOrder): Promise<void>
  answer(order: CallOrder, payload: Json): Promise<void>
  submit(submission: Partial<Submission>): ReturnType<CommandEngine['submit']>
  /** The n-th order (from 1), as soon as it is there. */
  order(n: number): Promise<CallOrder>
  /** State of a one-target command, once the engine is idle. */
  state(id: string): Promise<string>
  /**
   * Another control node on the same database: on the bus of the first, or on one of its own, so that the
   * nodes miss what the other hears.
   */
  beside(bus: 'same bus' | 'own bus'): Promise<CommandEngine>
  /** Ends the engine without a goodbye and opens another on the same database, as after a crash. */
  restart(options?: { gatewayRestarted?: boolean }): Promise<void>
  settle(): Promise<void>
}

export async function commandBench(
  t: TestContext,
  chargers: readonly string[] = ['CP-1'],
  databaseOptions: TestDatabaseOptions = {},
): Promise<CommandBench> {
  const database = await testDatabase(t, databaseOptions)
  const clock = new ManualClock()
  const audit = openAudit({ database: database.database })
  const facts = new Map<string, ChargerFacts>(
    chargers.map((identity) => [identity, chargerFacts({ identity })]),
  )
  const orders: CallOrder[] = []
  const offered: CallOrder[] = []
  const lookedUp: string[] = []
  const events: ProductEvent[] = []
  const counted = new Map<string, number>()
  const arrivals = new EventEmitter()
  const others: CommandEngine[] = []
  let bus = connected()
  let engine = await open(false)
  t.after(() => engine.close())

  /** A bus with the gateways of all chargers on it. */
  function connected(): Bus {
    const made = memoryBus()
    subscribeEvents(made, (event) => events.push(event))
    for (const identity of chargers) {
      made.serve(subjects.call(identity), {}, async (message) => {
        const order = message as unknown as CallOrder
        offered.push(order)
        const receipt = await bench.receipt(order)
        if (receipt.taken) {
          orders.push(order)
          arrivals.emit('order')
        }
        return receipt
      })
    }
    return made
  }

  function open(
    gatewayRestarted: boolean,
    node: { readonly database: Database; readonly bus: Bus } = {
      database: database.database,
      bus,
    },
  ): Promise<CommandEngine> {
    const fleet = {
      facts(identities: readonly string[]) {
        lookedUp.push(...identities)
        return Promise.resolve(
          new Map(
            identities.flatMap((one) => (facts.has(one) ? [[one, facts.get(one)!] as const] : [])),
          ),
        )
      },
      select: (selector: { ids?: readonly string[] }) =>
        Promise.resolve([...(selector.ids ?? chargers)].sort()),
      within: () => Promise.resolve(undefined),
    }
    return openCommands({
      ...node,
      audit,
      fleet,
      clock,
      newId: uuid7(clock),
      log: silentLog,
      learn,
      supplies: (request) => bench.supplies(request),
      supplied: noteFirmwareUse,
      policy: {
        ...openDoor,
        admit: (...asked) => bench.policy.admit(...asked),
        looksAgain: (operation) => bench.policy.looksAgain(operation),
        against: (...waited) => bench.policy.against(...waited),
      },
      links: noFileLinks,
      gatewayRestarted,
      count: (state) => counted.set(state, (counted.get(state) ?? 0) + 1),
    })
  }

  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      await setImmediate()
      for (const one of [engine, ...others]) await one.idle()
    }
  }

  const bench: CommandBench = {
    get engine() {
      return engine
    },
    audit,
    database,
    clock,
    get bus() {
      return bus
    },
    orders,
    offered,
    lookedUp,
    events,
    counted,
    receipt: () => ({ taken: true }),
    policy: openDoor,
    supplies: () => Promise.resolve({}),
    know(identity, over) {
      facts.set(identity, { ...(facts.get(identity) ?? chargerFacts({ identity })), ...over })
      publishFactsChanged(bus, [identity])
    },
    async report(...outcomes) {
      await bus.request(subjects.outcomes, outcomes as unknown as Json, { timeoutMs: 5_000 })
    },
    async sent(order) {
      await this.report({
        kind: 'sent',
        callId: order.callId,
        identity: order.identity,
        at: clock.now(),
        epoch: 1,
      })
    },
    async answer(order, payload) {
      const at = clock.now()
      await this.report(
        { kind: 'sent', callId: order.callId, identity: order.identity, at, epoch: 1 },
        {
          kind: 'answered',
          callId: order.callId,
          identity: order.identity,
          at,
          payload,
          valid: true,
          violations: [],
        },
      )
    },
    submit: (submission) =>
      engine.submit(operator, {
        operation: 'charger.reset',
        params: { mode: 'now' },
        target: { chargers: ['CP-1'] },
        reason: 'a test',
        ...submission,
      }),
    async order(n) {
      const deadline = AbortSignal.timeout(10_000)
      while (orders.length < n) await once(arrivals, 'order', { signal: deadline })
      return orders[n - 1]!
    },
    async state(id) {
      await settle()
      return (await engine.show(id)).targets[0]?.state ?? 'none'
    },
    async beside(which) {
      const { connection } = database
      const own = await openPostgres({ connection, clock: systemClock, log: silentLog })
      t.after(() => t.after(() => own.close()))
      const other = await open(false, {
        database: own,
        bus: which === 'same bus' ? bus : connected(),
      })
      others.push(other)
      t.after(() => other.close())
      return other
    },
    async restart(options = {}) {
      await engine.close()
      await bus.close()
      bus = connected()
      engine = await open(options.gatewayRestarted ?? true)
    },
    settle,
  }
  return bench
}
