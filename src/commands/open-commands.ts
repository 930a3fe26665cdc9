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
import type { Database } from '../storage/database.ts'
import { advancer } from './advance.ts'
import { aftermath, newAttention } from './aftermath.ts'
import type { CountTransition } from './aftermath.ts'
import { canceller } from './cancel.ts'
import type { Commands } from './commands.ts'
import { dispatcher } from './dispatcher.ts'
import { expire } from './life/ends.ts'
import { onNoOutcome } from './life/outcome.ts'
import { unchanged } from './dispatch.ts'
import { commandQueries } from './queries.ts'
import { commandWrites } from './store.ts'
import { submitter } from './submit.ts'
import { effectWatch } from './watch.ts'

export interface CommandsOptions {
  readonly database: Database
  readonly audit: Audit
  readonly fleet: Pick<Fleet, 'facts' | 'select'>
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
const sweepBatch = 1_000

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
  const writes = commandWrites(audit)
  const queries = commandQueries({ database, audit })
  const attention = newAttention()
  const after = aftermath({
    bus,
    attention,
    count,
    wake: (charger) => sender.wake(charger),
    look: (charger) => watch.look(charger),
  })
  const sender = dispatcher({ ...options, writes, attention, callTimeoutMs, after })
  const watch = effectWatch({ ...options, writes, queries, attention, after })
  const advance = advancer({ database, writes, clock, log, after })

  let depth = 0
  async function refresh(): Promise<void> {
    const { ready, watched } = await queries.attention()
    depth = await queries.queueDepth()
    for (const charger of watched) attention.watched.add(charger)
    for (const charger of ready) sender.wake(charger)
  }

  async function sweep(): Promise<void> {
    const now = clock.now()
    await advance.all(await queries.expired(now, sweepBatch), (dispatch, operation, at) =>
      dispatch.state === 'queued' && dispatch.notAfter <= at
        ? expire(dispatch, operation, at)
        : unchanged(dispatch),
    )
    await advance.all(await queries.overdueAnswers(now, sweepBatch), (dispatch, operation, at) =>
      dispatch.calling && dispatch.answerBy !== null && dispatch.answerBy <= at
        ? onNoOutcome(dispatch, operation, at)
        : unchanged(dispatch),
    )
    await watch.settleOverdue()
  }

  if (options.gatewayRestarted) await advance.all(await queries.calling(), onNoOutcome)
  await refresh()
  for (const charger of attention.watched) watch.look(charger)

  const subscriptions: Subscription[] = [
    bus.serve(subjects.outcomes, { group: controlGroup }, async (message) => {
      await advance.outcomes(message as unknown as readonly CallOutcome[])
      return {}
    }),
    subscribeFactsChanged(bus, (identities) => {
      for (const charger of identities) {
        if (attention.waiting.has(charger)) sender.wake(charger)
        if (attention.watched.has(charger)) watch.look(charger)
      }
    }),
  ]
  const failed = (error: unknown) =>
    log.error({ err: error }, 'a sweep over the commands failed; the next one tries again')
  const sweeps = [
    every(clock, sweepEveryMs, sweep, failed),
    every(clock, refreshEveryMs, refresh, failed),
  ]

  return {
    submit: submitter({ ...options, queries, wake: (charger) => sender.wake(charger) }),
    cancel: canceller({ ...options, queries, advance }),
    show: (id) => queries.show(id),
    list: (page, filter) => queries.list(page, filter),
    targets: (id, page, filter) => queries.targets(id, page, filter),
    queueDepth: () => depth,
    sweep,
    async idle() {
      await sender.idle()
      await watch.idle()
    },
    async close() {
      for (const timer of sweeps) timer.cancel()
      for (const subscription of subscriptions) subscription.close()
      sender.stop()
      watch.stop()
      await sender.idle()
      await watch.idle()
    },
  }
}
