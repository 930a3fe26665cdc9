import { publishFactsChanged } from '../../bus/events.ts'
import type { Context } from '../../kernel/actor.ts'
import { checkLimit, keyOfCursor, pageOf } from '../../kernel/page.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Scope } from '../../fleet/groups/scope.ts'
import { checkReason } from '../../fleet/rules.ts'
import { change, type Change } from '../../storage/database.ts'
import { commandsOf } from '../ask.ts'
import type { House } from '../house.ts'
import type {
  Maintenance,
  MaintenanceDoor,
  MaintenanceReport,
  MaintenanceWish,
  Target,
} from '../upkeep.ts'
import type { Granted, Wish } from './change.ts'
import { wishWrite } from './change.ts'
import { listStays, staysOf } from './store.ts'
import type { Stay } from './stay.ts'
import { weighed } from './weighed.ts'

/** Chargers one wish may be for. */
const mostChargers = 20_000
/** Wishes committed together. */
const atOnce = 500
const namedHolders = 100
/** The longest a stay may be told to end by itself. */
const longestMs = 366 * 24 * 3_600_000

/** Grants wishes, and lets everybody know whom they concern. */
export type Grant = (
  wishes: readonly Wish[],
  /** What stands or falls with them: a budget that is taken, an approval that is used up. */
  also?: readonly Change[],
) => Promise<readonly Granted[]>

export function granter({ database, audit, bus }: House): Grant {
  const write = wishWrite(audit)
  return async (wishes, also = []) => {
    const granted: Granted[] = []
    for (let first = 0; first < wishes.length; first += atOnce) {
      const some = wishes.slice(first, first + atOnce)
      const before = first === 0 ? also : []
      const done = await database.commit(...before, ...some.map((wish) => change(write, wish)))
      granted.push(...(done.slice(before.length) as Granted[]))
      publishFactsChanged(
        bus,
        some.map(({ charger }) => charger),
      )
    }
    return granted
  }
}

/** Where people put chargers under maintenance. `tell`: looks at them at once. */
export function openDoor(
  house: House,
  grant: Grant,
  tell: (chargers: readonly string[]) => void,
): MaintenanceDoor {
  const { database, fleet, clock, newId, policy } = house

  /** Of chargers that stay under maintenance as they are, nothing is taken from anybody. */
  async function admitted(
    context: Context,
    chargers: readonly string[],
    wish: MaintenanceWish,
    approval?: string,
  ): Promise<readonly Change[]> {
    const held = await staysOf(database, chargers)
    const out = new Set(held.flatMap(({ state, charger }) => (state === 'held' ? [charger] : [])))
    const taken =
      approval === undefined && wish.sessions !== 'stop'
        ? chargers.filter((charger) => !out.has(charger))
        : chargers
    if (taken.length === 0) return []
    const { changes } = await weighed(policy, context, taken, wish, { at: clock.now(), approval })
    return changes
  }

  function checkWish({ reason, until }: MaintenanceWish): void {
    checkReason(reason)
    checkUntil(until, clock.now())
  }

  function entering(context: Context, wish: Parameters<MaintenanceDoor['enter']>[2]) {
    const at = clock.now()
    const reason = checkReason(wish.reason)
    const until = checkUntil(wish.until, at)
    const { sessions = 'wait', takeOver = false } = wish
    return (charger: string): Wish => ({
      ...{ wish: 'enter', charger, context, at, reason, takeOver, until, sessions },
      id: newId(),
    })
  }

  function leaving(context: Context, wish: Parameters<MaintenanceDoor['leave']>[2]) {
    const at = clock.now()
    const reason = checkReason(wish.reason)
    const { takeOver = false } = wish
    return (charger: string): Wish => ({
      ...{ wish: 'leave', charger, context, at, reason, takeOver, overdue: false },
    })
  }

  async function one(wish: Wish, also: readonly Change[] = []): Promise<Maintenance> {
    const [granted] = await grant([wish], also)
    if (granted === undefined || !('stay' in granted)) throw notHere(wish.charger, granted?.came)
    if (granted.came === 'held') throw heldBy(granted.stay)
    tell([wish.charger])
    return shown(granted.stay)
  }

  async function many(
    chargers: readonly string[],
    wishFor: (charger: string) => Wish,
    also: readonly Change[] = [],
  ) {
    const granted = await grant(chargers.map(wishFor), also)
    tell(chargers)
    return reportOf(granted)
  }

  async function targeted(target: Target, scope: Scope | undefined): Promise<readonly string[]> {
    const selector = 'chargers' in target ? { ids: target.chargers } : target.select
    const chargers = await fleet.select(selector, mostChargers + 1, scope)
    if (chargers.length === 0)
      throw new ProblemError('no-target', 'no charger matches the selection', 'target.select')
    if (chargers.length > mostChargers)
      throw new ProblemError(
        'too-many-targets',
        `the selection covers more than ${mostChargers} chargers`,
        'target.select',
      )
    return 'chargers' in target ? target.chargers : chargers
  }

  return {
    async enter(context, charger, wish) {
      const wishFor = entering(context, wish)
      return one(wishFor(charger), await admitted(context, [charger], wish))
    },
    async leave(context, charger, wish) {
      return one(leaving(context, wish)(charger))
    },
    async enterMany(context, target, wish, scope, approval) {
      const wishFor = entering(context, wish)
      const chargers = await targeted(target, scope)
      return many(chargers, wishFor, await admitted(context, chargers, wish, approval))
    },
    async leaveMany(context, target, wish, scope) {
      return many(await targeted(target, scope), leaving(context, wish))
    },
    checkWish,
    async show(charger) {
      const [stay] = await staysOf(database, [charger])
      if (stay === undefined) throw notHere(charger, 'none')
      return shown(stay)
    },
    async list(page, filter, scope = 'everywhere') {
      const limit = checkLimit(page)
      const after = keyOfCursor('maintenance', page)
      const within = await fleet.within(scope)
      const stays = await listStays(database, filter, after, limit + 1, within)
      return pageOf('maintenance', limit, stays, ({ charger }) => charger, shown)
    },
  }
}

function checkUntil(until: string | undefined, now: number): number | null {
  if (until === undefined) return null
  const at = Date.parse(until)
  if (Number.isNaN(at)) throw invalid('must be a date and time such as 2026-05-01T12:00:00Z')
  if (at <= now) throw invalid('lies in the past')
  if (at > now + longestMs) throw invalid('lies more than a year ahead')
  return at
}

function invalid(detail: string): ProblemError {
  return new ProblemError('invalid-input', detail, 'until')
}

function notHere(charger: string, came: Granted['came'] | undefined): ProblemError {
  const detail =
    came === 'none' ? `${charger} is not under maintenance` : `there is no charger ${charger}`
  return new ProblemError('not-found', detail)
}

function heldBy({ charger, actor, since, reason }: Stay): ProblemError {
  return new ProblemError(
    'held-by-another',
    `${charger} is under maintenance by ${actor.name} since ${iso(since)}: ${reason}; take it over to change or end it`,
    'takeOver',
  )
}

function reportOf(granted: readonly Granted[]): MaintenanceReport {
  const held = granted.flatMap((one) => (one.came === 'held' ? [one.stay] : []))
  const none = granted.filter(({ came }) => came === 'none' || came === 'unknown').length
  return {
    total: granted.length,
    done: granted.length - held.length - none,
    held: held.length,
    heldByOthers: held.slice(0, namedHolders).map((stay) => {
      const { charger, by, since, reason } = shown(stay)
      return { charger, by, since, reason }
    }),
    notUnderMaintenance: none,
  }
}

export function shown(stay: Stay): Maintenance {
  const { charger, state, actor, reason, sessions, standing, detail, progress } = stay
  return {
    charger,
    state,
    since: iso(stay.since),
    until: isoOrNull(stay.until),
    by: actor,
    reason,
    sessions,
    standing,
    standingSince: iso(stay.standingSince),
    detail,
    nextTryAt: waitsToTry(stay) ? isoOrNull(stay.lookAt) : null,
    rounds: progress.rounds,
    before: (progress.before ?? []).map((one) => ({ ...one, by: one.by ?? null })),
    commands: commandsOf(progress.round?.asks ?? []),
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at)
}

function waitsToTry({ standing, progress }: Stay): boolean {
  return standing === 'not-following' && progress.round?.judged === true
}
