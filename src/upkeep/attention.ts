import type { Bus, Subscription } from '../bus/bus.ts'
import { subscribeEvents, subscribeFactsChanged } from '../bus/events.ts'
import { every } from '../kernel/clock.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'

export interface AttentionOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  /** What is looked after, for the log. */
  readonly what: string
  readonly everyMs: number
  /** The chargers of which news matters. */
  members(): Promise<readonly string[]>
  /** Chargers whose time to be looked at has come. */
  due(): Promise<readonly string[]>
  /** Looks at them, and does what there is to do. Those that changed and are to be looked at once more come back. */
  look(chargers: readonly string[]): Promise<readonly string[]>
}

export interface Attention {
  /** Looks at these chargers soon, and from now on whenever there is news of them. */
  look(chargers: readonly string[]): void
  /** Looks at what is due; also runs by itself. */
  sweep(): Promise<void>
  /** Resolves when nothing is being looked at. */
  idle(): Promise<void>
  close(): Promise<void>
}

const batchSize = 200
/** How often the members are read anew: others enter on other nodes. */
const membersEveryMs = 15_000

/**
 * Keeps chargers in mind and looks at them when facts about them, or a command of theirs, have changed, and
 * when their time has come. What is kept in mind is attention, not truth: a message that was missed costs
 * the time until the next sweep.
 */
export async function openAttention(options: AttentionOptions): Promise<Attention> {
  const { bus, clock, log, what, everyMs } = options
  let members = new Set<string>(await options.members())
  let readAt = clock.now()
  const due = new Set<string>()
  let looping: Promise<void> | undefined
  let stopped = false

  function mark(chargers: readonly string[]): void {
    for (const charger of chargers) due.add(charger)
    if (due.size === 0 || stopped) return
    looping ??= loop().finally(() => {
      looping = undefined
      mark([])
    })
  }

  async function loop(): Promise<void> {
    await new Promise((settled) => setImmediate(settled))
    while (due.size > 0 && !stopped) {
      const chargers = [...due].slice(0, batchSize)
      for (const charger of chargers) due.delete(charger)
      const again = await options.look(chargers).catch((error: unknown): readonly string[] => {
        log.error(
          { err: error, what },
          'chargers could not be looked at; the next sweep tries again',
        )
        return []
      })
      for (const charger of again) due.add(charger)
    }
  }

  function news(chargers: readonly string[]): void {
    mark(chargers.filter((charger) => members.has(charger)))
  }

  let sweeping: Promise<void> | undefined
  function sweep(): Promise<void> {
    sweeping ??= sweepOnce().finally(() => {
      sweeping = undefined
    })
    return sweeping
  }

  async function sweepOnce(): Promise<void> {
    if (clock.now() - readAt >= membersEveryMs) {
      members = new Set(await options.members())
      readAt = clock.now()
    }
    const chargers = await options.due()
    for (const charger of chargers) members.add(charger)
    mark(chargers)
  }

  const subscriptions: Subscription[] = [
    subscribeFactsChanged(bus, news),
    subscribeEvents(bus, ({ type, charger }) => {
      if (type === 'command.updated' && charger !== undefined) news([charger])
    }),
  ]
  const sweeps = every(clock, everyMs, sweep, (error) =>
    log.error({ err: error, what }, 'a sweep failed; the next one tries again'),
  )

  return {
    look(chargers) {
      for (const charger of chargers) members.add(charger)
      mark(chargers)
    },
    sweep,
    async idle() {
      while (sweeping !== undefined || looping !== undefined) {
        await sweeping?.catch(() => undefined)
        await looping
      }
    },
    async close() {
      stopped = true
      sweeps.cancel()
      for (const subscription of subscriptions) subscription.close()
      await sweeping?.catch(() => undefined)
      due.clear()
      await looping
    },
  }
}
