import type { Bus, Subscription } from '../bus/bus.ts'
import { subscribeEvents, subscribeFactsChanged } from '../bus/events.ts'
import { every } from '../kernel/clock.ts'
import type { Timer } from '../kernel/clock.ts'
import { liftStrays } from './lift.ts'
import { renewWeeklyLimits } from './renewals.ts'
import { splitSite } from './split.ts'
import type { SplitParts } from './split.ts'
import { allLimits, leaveLease, takeLease } from './store.ts'
import type { LimitRow } from './store.ts'

export interface ControllerParts extends SplitParts {
  readonly bus: Bus
}

export interface Controller {
  /** The limits have changed: looks at all sites now, on whatever node shares them out. */
  changed(): void
  /** Takes the lease if it is free, and looks at every site that is due. Also runs by itself. */
  sweep(): Promise<void>
  /** Resolves when nothing is being shared out. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** A node that died is replaced after this. */
const leaseMs = 10_000
const sweepEveryMs = 2_000
const limitsEveryMs = 10_000
const renewEveryMs = 60_000
const liftEveryMs = 15_000
/** What belongs together, e.g. the messages of one session's beginning, is looked at once. */
const gatherMs = 250
const againMs = 5_000

const changedSubject = 'energy.limits-changed'

/**
 * Shares out site limits, on one node at a time: the one that holds the lease in the database. It looks at a
 * site when facts of its chargers change, when a command to one has gone on, and when its time has come.
 */
export function openController(parts: ControllerParts): Controller {
  const { database, bus, clock, newId, log } = parts
  const holder = newId()
  let leading = false
  let limits: readonly LimitRow[] = []
  let readAt = -Infinity
  let renewedAt = -Infinity
  let liftedAt = -Infinity
  let leasedAt = -Infinity
  /** Sites by charger, and when each site is to be looked at next. */
  const siteOf = new Map<string, string>()
  const due = new Map<string, number>()
  let timer: Timer | undefined
  let working: Promise<void> | undefined
  let closed = false

  function news(chargers: readonly string[]): void {
    if (!leading) return
    const soon = clock.now() + gatherMs
    for (const charger of chargers) {
      const site = siteOf.get(charger)
      if (site !== undefined && (due.get(site) ?? Infinity) > soon) due.set(site, soon)
    }
    arm()
  }

  /** Wakes up for the site that is due first. */
  function arm(): void {
    timer?.cancel()
    if (closed || !leading || limits.length === 0) return
    const next = Math.min(...limits.map(({ group }) => due.get(group) ?? 0))
    if (!Number.isFinite(next)) return
    timer = clock.after(Math.max(0, next - clock.now()), () => void work())
  }

  function work(): Promise<void> {
    working ??= round()
      .catch((error: unknown) =>
        log.error(
          { err: error },
          'site limits could not be shared out; the next round tries again',
        ),
      )
      .finally(() => {
        working = undefined
        arm()
      })
    return working
  }

  async function round(): Promise<void> {
    const now = clock.now()
    for (const row of limits) {
      if (closed || !leading) return
      if ((due.get(row.group) ?? 0) <= now) await share(row)
    }
  }

  async function share(row: LimitRow): Promise<void> {
    const { group } = row
    // What is heard meanwhile makes it due again.
    due.set(group, Infinity)
    const look = await splitSite(parts, holder, row).catch((error: unknown) => {
      log.error({ err: error, group }, 'a site limit could not be shared out; it is tried again')
      return { chargers: [], nextAt: clock.now() + againMs }
    })
    if (look === undefined) {
      leading = false
      return void due.delete(group)
    }
    // Cleared meanwhile.
    if (!limits.some((one) => one.group === group)) return void due.delete(group)
    for (const charger of look.chargers) siteOf.set(charger, group)
    const nextAt = Math.max(look.nextAt, clock.now() + gatherMs)
    due.set(group, Math.min(due.get(group) ?? Infinity, nextAt))
  }

  async function lead(): Promise<void> {
    const now = clock.now()
    if (leading && now - leasedAt < leaseMs / 3 && now - readAt < limitsEveryMs) return
    const had = leading
    leasedAt = now
    leading = await database.transaction((tx) => takeLease(tx, holder, now, now + leaseMs))
    if (!leading) return
    if (!had || now - readAt >= limitsEveryMs) await readLimits()
  }

  async function readLimits(): Promise<void> {
    const before = new Map(limits.map((row) => [row.group, row.revision]))
    limits = await allLimits(database)
    readAt = clock.now()
    const groups = new Set(limits.map(({ group }) => group))
    for (const group of due.keys()) if (!groups.has(group)) due.delete(group)
    for (const [charger, group] of siteOf) if (!groups.has(group)) siteOf.delete(charger)
    for (const { group, revision } of limits)
      if (before.get(group) !== revision) due.set(group, readAt)
  }

  let sweeping: Promise<void> | undefined
  function sweep(): Promise<void> {
    sweeping ??= sweepOnce().finally(() => {
      sweeping = undefined
    })
    return sweeping
  }

  async function sweepOnce(): Promise<void> {
    await lead()
    if (!leading || closed) return
    await work()
    const now = clock.now()
    if (now - liftedAt >= liftEveryMs) {
      liftedAt = now
      await liftStrays(parts, holder, await covered())
    }
    if (now - renewedAt >= renewEveryMs) {
      renewedAt = now
      await renewWeeklyLimits(parts)
    }
  }

  async function covered(): Promise<string[]> {
    const { fleet } = parts
    const groups = limits.map(({ group }) => group)
    return groups.length === 0 ? [] : fleet.select({ group: groups }, 1_000_000)
  }

  const subscriptions: Subscription[] = [
    subscribeFactsChanged(bus, news),
    subscribeEvents(bus, ({ type, charger }) => {
      if (type === 'command.updated' && charger !== undefined) news([charger])
    }),
    bus.subscribe(changedSubject, () => {
      readAt = -Infinity
      liftedAt = -Infinity
      void sweep().catch(failed)
    }),
  ]
  const failed = (error: unknown): void =>
    log.error({ err: error }, 'site limits could not be looked at; the next round tries again')
  const sweeps = every(clock, sweepEveryMs, sweep, failed)

  return {
    changed: () => bus.publish(changedSubject, {}),
    sweep,
    async idle() {
      while (working !== undefined || sweeping !== undefined) {
        await sweeping
        await working
      }
    },
    async close() {
      closed = true
      sweeps.cancel()
      timer?.cancel()
      for (const subscription of subscriptions) subscription.close()
      await sweeping?.catch(() => undefined)
      await working
      await database.transaction((tx) => leaveLease(tx, holder)).catch(() => undefined)
    },
  }
}
