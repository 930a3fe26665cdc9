import { EventEmitter, once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import { openAudit } from '../../src/audit/open-audit.ts'
import type { Audit } from '../../src/audit/audit.ts'
import { publishFactsChanged } from '../../src/bus/events.ts'
import { memoryBus } from '../../src/bus/memory.ts'
import type { Bus } from '../../src/bus/bus.ts'
import type { Submission } from '../../src/commands/commands.ts'
import { openCommands } from '../../src/commands/open-commands.ts'
import type { CommandEngine } from '../../src/commands/open-commands.ts'
import { subjects } from '../../src/gateway/protocol.ts'
import type { CallOrder, CallOutcome, CallReceipt } from '../../src/gateway/protocol.ts'
import type { Context } from '../../src/kernel/actor.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import type { Json } from '../../src/kernel/json.ts'
import type { ChargerFacts } from '../../src/operations/facts.ts'
import { testDatabase } from './database.ts'
import type { TestDatabase } from './database.ts'
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
  /** Every order that reached a gateway. */
  readonly orders: readonly CallOrder[]
  /** What gateways say when an order arrives; `taken` unless changed. */
  receipt: (order: CallOrder) => CallReceipt
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
  /** Ends the engine without a goodbye and opens another on the same database, as after a crash. */
  restart(options?: { gatewayRestarted?: boolean }): Promise<void>
  settle(): Promise<void>
}

export async function commandBench(
  t: TestContext,
  chargers: readonly string[] = ['CP-1'],
): Promise<CommandBench> {
  const database = await testDatabase(t)
  const clock = new ManualClock()
  const audit = openAudit({ database: database.database })
  const facts = new Map<string, ChargerFacts>(
    chargers.map((identity) => [identity, chargerFacts({ identity })]),
  )
  const orders: CallOrder[] = []
  const arrivals = new EventEmitter()
  let bus = memoryBus()
  let engine = await open(false)
  t.after(() => engine.close())

  function open(gatewayRestarted: boolean): Promise<CommandEngine> {
    for (const identity of chargers) {
      bus.serve(subjects.call(identity), {}, (message) => {
        const order = message as unknown as CallOrder
        const receipt = bench.receipt(order)
        if (receipt.taken) {
          orders.push(order)
          arrivals.emit('order')
        }
        return Promise.resolve(receipt as unknown as Json)
      })
    }
    const fleet = {
      facts: (identities: readonly string[]) =>
        Promise.resolve(
          new Map(
            identities.flatMap((one) => (facts.has(one) ? [[one, facts.get(one)!] as const] : [])),
          ),
        ),
      select: (selector: { ids?: readonly string[] }) =>
        Promise.resolve([...(selector.ids ?? chargers)].sort()),
    }
    return openCommands({
      database: database.database,
      audit,
      fleet,
      bus,
      clock,
      newId: uuid7(clock),
      log: silentLog,
      gatewayRestarted,
    })
  }

  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      await setImmediate()
      await engine.idle()
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
    receipt: () => ({ taken: true }),
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
    async restart(options = {}) {
      await engine.close()
      await bus.close()
      bus = memoryBus()
      engine = await open(options.gatewayRestarted ?? true)
    },
    settle,
  }
  return bench
}
