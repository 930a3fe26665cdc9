import type { Audit } from '../audit/audit.ts'
import type { Bus, Subscription } from '../bus/bus.ts'
import { subscribeFactsChanged } from '../bus/events.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { controlGroup, subjects } from '../gateway/protocol.ts'
import type { CallOutcome } from '../gateway/protocol.ts'
import { every } from '../kernel/clock.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Lesson } from '../fleet/learned/learn.ts'
import { modelWindowMs } from '../fleet/models/models.ts'
import type { Gate } from '../policy/gate.ts'
import type { FileLinks } from '../operations/file-links.ts'
import type { Supplied, Supplies } from '../operations/supply.ts'
import type { Database, Write } from '../storage/database.ts'
import { advancer } from './advance.ts'
import { aftermath, endedByOther, newAttention } from './aftermath.ts'
import type { CountTransition } from './aftermath.ts'
import { canceller } from './cancel.ts'
import type { Commands } from './commands.ts'
import { dispatcher } from './dispatcher.ts'
import { endsByCharger } from './ends-by-charger.ts'
import { onNoOutcome } from './life/outcome.ts'
import { paceGate } from './pace-gate.ts'
import { commandQueries } from './queries.ts'
import { refreshAttention } from './refresh.ts'
import { commandWrites } from './store.ts'
import { tellShutOut } from './shut-out.ts'
import { outlooker } from './preview.ts'
import { submitter } from './submit.ts'
import { sweepDeadlines } from './sweep.ts'
import { supplyCache } from './supply-cache.ts'
import { effectWatch } from './watch.ts'

export interface CommandsOptions {
  readonly database: Database
  readonly audit: Audit
  readonly fleet: Pick<Fleet, 'facts' | 'select' | 'within'>
  /** Remembers what answers teach of chargers. */
  readonly learn: Write<Lesson>
  /** What other rooms give to commands when they are submitted. */
  readonly supplies: Supplies
  /** Notes what a new command was supplied with, in the transaction that records the command. */
  readonly supplied?: Write<Supplied>
  /** Gives a charger a new credential beside its old one, for operations that send one. */
  readonly offerCredential?: (charger: string) => Promise<string>
  /** Addresses of our file plane. */
  readonly links: FileLinks
  /** What every submission passes, whoever makes it. */
  readonly policy: Gate
  readonly bus: Bus
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  /** How long a charger may take to answer a CALL (ms); 60 s when absent. */
  readonly callTimeoutMs?: number
  /**
   * Every CALL that was on the wire is lost for certain, because the gateway ended with the process
   * before this one. Where gateways live on, their reports and the deadlines tell instead.
   */
  readonly gatewayRestarted: boolean
  readonly count?: CountTransition
}

export interface CommandEngine extends Commands {
  /** How many targets waited to be sent when last counted, some seconds ago at most. */
  queueDepth(): number
  /** Looks at every deadline once; also runs by itself. */
  sweep(): Promise<void>
  /** Resolves when nothing is being sent or settled at this moment. */
  idle(): Promise<void>
  close(): Promise<void>
}

const sweepEveryMs = 1_000
const refreshEveryMs = 5_000

/** Opens the life of commands: takes submissions, sends them in order, follows them to their end. */
export async function openCommands(options: CommandsOptions): Promise<CommandEngine> {
  const {
    database,
    audit,
    bus,
    clock,
    log,
    count = () => undefined,
    callTimeoutMs = 60_000,
  } = options
  const writes = commandWrites(audit, options.learn)
  const queries = commandQueries(options)
  const attention = newAttention()
  const gate = paceGate(clock, (charger) => sender.wake(charger))
  const after = aftermath({
    bus,
    attention,
    gate,
    count,
    wake: (charger) => sender.wake(charger),
    look: (charger) => watch.look(charger),
  })
  const supplyOf = supplyCache(queries)
  const sender = dispatcher({
    ...{ ...options, writes, attention, gate, callTimeoutMs, after, supplyOf, queries },
  })
  const retry = (charger: string) => sender.retry(charger)
  const advance = advancer({ database, writes, clock, log, after, retry })
  const watch = effectWatch({ ...options, advance, queries, attention })

  const outlook = outlooker(options)
  let depth = 0
  async function refresh(): Promise<void> {
    await refreshAttention({ queries, attention, gate, sender, watch })
    depth = await queries.queueDepth()
  }
  const tell = () => tellShutOut(database, advance)
  const sweep = () => sweepDeadlines({ queries, advance, watch, clock, tellShutOut: tell })

  if (options.gatewayRestarted) await advance.all(await queries.calling(), onNoOutcome)
  await refresh()

  const subscriptions: Subscription[] = [
    bus.serve(subjects.outcomes, { group: controlGroup }, async (message) => {
      await advance.outcomes(message as unknown as readonly CallOutcome[])
      return {}
    }),
    subscribeFactsChanged(bus, (identities) => {
      for (const charger of identities) {
        sender.changed(charger)
        if (attention.watched.has(charger)) watch.look(charger)
      }
    }),
  ]
  const failed = (error: unknown) =>
    log.error({ err: error }, 'a sweep over the commands failed; the next one tries again')
  const looking = new Set<Promise<void>>()
  const noted = (look: () => Promise<void>) => () => {
    const done = look().finally(() => looking.delete(done))
    looking.add(done)
    return done
  }
  const sweeps = [
    every(clock, sweepEveryMs, noted(sweep), failed),
    every(clock, refreshEveryMs, noted(refresh), failed),
  ]

  return {
    submit: submitter({
      ...options,
      queries,
      wake: (charger) => sender.wake(charger),
      ended: endedByOther({ bus, gate, count }),
    }),
    outlook,
    underApprovals: (approvals) => queries.underApprovals(approvals),
    cancel: canceller({ ...options, queries, advance }),
    show: (id, scope) => queries.show(id, scope),
    list: (page, filter, scope) => queries.list(page, filter, scope),
    targets: (id, page, filter, scope) => queries.targets(id, page, filter, scope),
    ends: endsByCharger({ ...options, windowMs: modelWindowMs }),
    queueDepth: () => depth,
    sweep,
    async idle() {
      await Promise.allSettled(looking)
      await sender.idle()
      await watch.idle()
    },
    async close() {
      for (const timer of sweeps) timer.cancel()
      for (const subscription of subscriptions) subscription.close()
      gate.stop()
      sender.stop()
      watch.stop()
      await sender.idle()
      await watch.idle()
    },
  }
}
