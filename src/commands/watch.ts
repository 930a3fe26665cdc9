import type { Fleet } from '../fleet/fleet.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Advancer } from './advance.ts'
import type { Attention } from './aftermath.ts'
import { unchanged } from './dispatch.ts'
import { onFacts, onSettleDeadline } from './life/effect.ts'
import type { CommandQueries } from './queries.ts'

export interface WatchOptions {
  readonly advance: Advancer
  readonly queries: CommandQueries
  readonly fleet: Pick<Fleet, 'facts'>
  readonly clock: Clock
  readonly log: Log
  readonly attention: Attention
}

export interface Watch {
  /** Looks whether a charger's commands have worked, from what is known of it now. */
  look(charger: string): void
  /** Settles commands whose time to be seen is over. */
  settleOverdue(): Promise<void>
  idle(): Promise<void>
  stop(): void
}

const batchSize = 500

/** Watches for the effects of accepted and unknown commands. */
export function effectWatch(options: WatchOptions): Watch {
  const { queries, clock, attention, log } = options
  const due = new Set<string>()
  let looping: Promise<void> | undefined
  let stopped = false

  function look(charger: string): void {
    if (stopped) return
    due.add(charger)
    goOn()
  }

  function goOn(): void {
    looping ??= loop().finally(() => {
      looping = undefined
      // Whoever became due between the end of the loop and now, while it still seemed to go on.
      if (due.size > 0) goOn()
    })
  }

  async function loop(): Promise<void> {
    await new Promise((settled) => setImmediate(settled))
    while (due.size > 0 && !stopped) {
      const chargers = [...due].slice(0, batchSize)
      for (const charger of chargers) due.delete(charger)
      await lookAt(chargers).catch((error: unknown) => {
        // What is not in mind is found, and looked at, when attention is next refreshed.
        for (const charger of chargers) attention.watched.delete(charger)
        log.error({ err: error }, 'effects could not be looked at; they are tried again in seconds')
      })
    }
  }

  async function lookAt(chargers: readonly string[]): Promise<void> {
    const watched = await queries.watched(chargers)
    const still = new Set(watched.map((one) => one.charger))
    for (const charger of chargers) if (!still.has(charger)) attention.watched.delete(charger)
    if (still.size > 0) await settle(options, watched)
  }

  return {
    look,
    async settleOverdue() {
      const overdue = await queries.overdueEffects(clock.now(), batchSize)
      if (overdue.length > 0) await settle(options, overdue)
    },
    async idle() {
      while (looping !== undefined) await looping
    },
    stop() {
      stopped = true
      due.clear()
    },
  }
}

/** Looks at the facts first and at the deadline second: an effect seen late is still an effect. */
async function settle(
  { fleet, advance }: WatchOptions,
  targets: readonly { id: string; charger: string }[],
): Promise<void> {
  const facts = await fleet.facts([...new Set(targets.map((one) => one.charger))])
  await advance.all(
    targets.map((one) => one.id),
    (dispatch, operation, at) => {
      const known = facts.get(dispatch.charger)
      const seen =
        known === undefined ? unchanged(dispatch) : onFacts(dispatch, operation, known, at)
      return seen.dispatch === dispatch ? onSettleDeadline(dispatch, operation, at) : seen
    },
  )
}
