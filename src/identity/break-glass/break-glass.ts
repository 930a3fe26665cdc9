import type { Recorded } from '../../audit/record.ts'
import type { Bus } from '../../bus/bus.ts'
import type { Context } from '../../kernel/actor.ts'
import { every } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import {
  checkLimit,
  isUuid,
  keyOfCursor,
  pageOf,
  type Page,
  type PageRequest,
} from '../../kernel/page.ts'
import type { Approved } from '../approved.ts'
import type { Client } from '../caller.ts'
import type { IdentityFigures } from '../figures.ts'
import type { OpenedSession, Sessions } from '../sessions/open-sessions.ts'
import type { Carried } from '../sessions/session.ts'
import type { Grant } from '../tokens/token.ts'
import {
  endOf,
  shownAccount,
  shownUse,
  type BreakGlassAccount,
  type BreakGlassUse,
  type Verdict,
} from './account.ts'
import { prepareAccount, retireAccount, sealAccount } from './accounts.ts'
import { accounts, unreviewedUses, useById, usesBefore } from './store.ts'
import { endNow, endOutlived, openUse, reviewUse } from './uses.ts'

export interface NewBreakGlassAccount {
  readonly name: string
  readonly grants: readonly Grant[]
  readonly minutes: number
  readonly chargers: number
}

/** The code belongs into an envelope: it is known to nobody else and not available again. */
export interface Sealed {
  readonly account: BreakGlassAccount
  readonly code: string
}

export interface Opened {
  readonly use: BreakGlassUse
  readonly session: OpenedSession
}

/** What the policy needs to know of a use that goes on. */
export interface BreakGlassStanding {
  readonly grants: readonly Grant[]
  /** How many chargers it may touch in all. */
  readonly deviceCap: number
  /** ms since the epoch: by then it has ended. */
  readonly until: number
}

/** Accounts for emergencies. A person opens one with its sealed code; what they do stays theirs. */
export interface BreakGlass {
  /** By name. */
  accounts(): Promise<BreakGlassAccount[]>
  /**
   * Makes the account of this name, or changes what it allows, as others agreed to, and seals it with a new code.
   * Not while a use waits for its review.
   */
  prepare(
    context: Context,
    wanted: NewBreakGlassAccount,
    why: { readonly reason: string; readonly approved: Approved },
  ): Promise<Sealed>
  /** A new code; the one before works no more. Not while a use waits for its review. */
  seal(context: Context, account: string): Promise<Sealed>
  retire(context: Context, account: string): Promise<void>
  /** Breaks the seal: a session of its own, for as long as the account says. Everybody is told. */
  open(
    context: Context,
    client: Client,
    shown: {
      readonly account: string
      readonly code: string
      readonly reason: string
      readonly carried: Carried
    },
  ): Promise<Opened>
  /** Newest first. */
  uses(page: PageRequest): Promise<Page<BreakGlassUse>>
  /** Uses that go on or wait for their review, oldest first: for banners. */
  unreviewed(): Promise<BreakGlassUse[]>
  /** Ends the use, and its session, before its time. */
  end(context: Context, use: string): Promise<BreakGlassUse>
  /** By somebody else than who used it, once it has ended. */
  review(
    context: Context,
    use: string,
    review: { readonly verdict: Verdict; readonly comment: string },
  ): Promise<BreakGlassUse>
  /** What a use gives; nothing once it has ended. */
  standingOf(use: string): Promise<BreakGlassStanding | undefined>
  close(): void
}

export interface BreakGlassParts extends Recorded {
  readonly bus: Bus
  readonly log: Log
  readonly sessions: Pick<Sessions, 'openIn' | 'end'>
  readonly figures: () => IdentityFigures
}

const sweepEveryMs = 60_000

export function openBreakGlass(parts: BreakGlassParts): BreakGlass {
  const { database, clock, log } = parts
  const sweeping = every(
    clock,
    sweepEveryMs,
    () => endOutlived(parts),
    (error) => log.warn({ err: error }, 'could not note the break-glass uses whose time is over'),
  )
  return {
    async accounts() {
      const unreviewed = await unreviewedUses(database)
      return (await accounts(database)).map((row) =>
        shownAccount(
          row,
          unreviewed.find(({ account }) => account === row.id),
          clock.now(),
        ),
      )
    },
    prepare: (context, wanted, why) => prepareAccount(parts, context, wanted, why),
    seal: (context, id) => sealAccount(parts, context, id),
    retire: (context, id) => retireAccount(parts, context, id),
    open: (context, client, shown) => openUse(parts, context, client, shown),
    async uses(page) {
      const limit = checkLimit(page)
      const before = keyOfCursor('break-glass-uses', page, isUuid)
      const rows = await usesBefore(database, before, limit + 1)
      const now = clock.now()
      return pageOf(
        'break-glass-uses',
        limit,
        rows,
        ({ id }) => id,
        (row) => shownUse(row, now),
      )
    },
    unreviewed: async () =>
      (await unreviewedUses(database)).map((row) => shownUse(row, clock.now())),
    end: (context, use) => endNow(parts, context, use),
    review: (context, use, wanted) => reviewUse(parts, context, use, wanted),
    async standingOf(use) {
      const row = isUuid(use) ? await useById(database, use) : undefined
      if (row === undefined || endOf(row, clock.now()) !== null) return undefined
      return { grants: row.grants, deviceCap: row.chargers, until: row.endsAt }
    },
    close: () => sweeping.cancel(),
  }
}
