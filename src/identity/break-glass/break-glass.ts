import { timingSafeEqual } from 'node:crypto'
import { recorded, type Change, type Recorded } from '../../audit/record.ts'
import type { Bus } from '../../bus/bus.ts'
import { publishEvent } from '../../bus/events.ts'
import { systemContext, type Context } from '../../kernel/actor.ts'
import { every } from '../../kernel/clock.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Log } from '../../kernel/log.ts'
import {
  checkLimit,
  isUuid,
  keyOfCursor,
  pageOf,
  type Page,
  type PageRequest,
} from '../../kernel/page.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Tx } from '../../storage/database.ts'
import type { Approved } from '../approved.ts'
import type { Client } from '../caller.ts'
import { newRecoveryCode, recoveryHash } from '../factors/recovery-codes.ts'
import { needFreshFactor } from '../fresh.ts'
import type { IdentityFigures } from '../figures.ts'
import type { OpenedSession, Sessions } from '../sessions/open-sessions.ts'
import type { Carried } from '../sessions/session.ts'
import type { Grant } from '../tokens/token.ts'
import {
  endOf,
  shownAccount,
  shownUse,
  type AccountRow,
  type BreakGlassAccount,
  type BreakGlassUse,
  type UseRow,
  type Verdict,
} from './account.ts'
import {
  accounts,
  breakSeal,
  endOutlivedUses,
  endUse,
  insertAccount,
  insertUse,
  lockAccount,
  lockUse,
  noteReview,
  retire,
  setSeal,
  unreviewedUses,
  updateAccount,
  useById,
  usesBefore,
} from './store.ts'

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

/** What the policy needs to know of a use. It never changes. */
export interface BreakGlassStanding {
  readonly grants: readonly Grant[]
  /** How many chargers it may touch in all. */
  readonly deviceCap: number
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
  standingOf(use: string): Promise<BreakGlassStanding | undefined>
  close(): void
}

export interface BreakGlassParts extends Recorded {
  readonly bus: Bus
  readonly log: Log
  readonly sessions: Pick<Sessions, 'openIn' | 'end'>
  readonly figures: () => IdentityFigures
}

const mostAccounts = 100
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
    prepare: (context, wanted, why) => prepare(parts, context, wanted, why),
    seal: (context, id) => seal(parts, context, id),
    async retire(context, id) {
      needFreshFactor(context, parts)
      await database.transaction(async (tx) => {
        const account = await found(tx, id)
        await needReviewed(tx, account)
        await retire(tx, account.id, clock.now())
        const detail = { account: account.id, name: account.name }
        await recorded(tx, parts, [{ context, event: 'break-glass.retired', detail }])
      })
    },
    open: (context, client, shown) => open(parts, context, client, shown),
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
    end: (context, use) => end(parts, context, use),
    review: (context, use, wanted) => review(parts, context, use, wanted),
    async standingOf(use) {
      const row = isUuid(use) ? await useById(database, use) : undefined
      return row === undefined ? undefined : { grants: row.grants, deviceCap: row.chargers }
    },
    close: () => sweeping.cancel(),
  }
}

async function prepare(
  parts: BreakGlassParts,
  context: Context,
  wanted: NewBreakGlassAccount,
  { reason, approved }: { readonly reason: string; readonly approved: Approved },
): Promise<Sealed> {
  const { database, clock } = parts
  return database.transaction(async (tx) => {
    const before = await lockAccount(tx, { name: wanted.name })
    const by = { preparedAt: clock.now(), preparedBy: context.actor }
    const row =
      before === undefined
        ? await inserted(parts, tx, { ...wanted, ...by })
        : await changed(tx, before, { ...wanted, ...by })
    await approved.use.within(tx)
    const event = before === undefined ? 'break-glass.prepared' : 'break-glass.changed'
    const detail = {
      ...{ account: row.id, name: row.name, ...powersOf(row), approval: approved.id },
      ...(before === undefined ? {} : { before: powersOf(before) }),
    }
    return sealed(parts, tx, context, row, [{ context, event, reason, detail }])
  })
}

async function inserted(
  { newId }: BreakGlassParts,
  tx: Tx,
  wanted: NewBreakGlassAccount & Pick<AccountRow, 'preparedAt' | 'preparedBy'>,
): Promise<AccountRow> {
  if ((await accounts(tx)).length >= mostAccounts)
    throw new ProblemError('invalid-input', `there are ${mostAccounts} already; retire some first`)
  const row: AccountRow = { ...wanted, id: newId(), codeHash: null, sealedAt: null }
  if (await insertAccount(tx, row)) return row
  throw new ProblemError('already-exists', `there is an account ${row.name}`, 'name')
}

async function changed(
  tx: Tx,
  before: AccountRow,
  wanted: NewBreakGlassAccount & Pick<AccountRow, 'preparedAt' | 'preparedBy'>,
): Promise<AccountRow> {
  await needReviewed(tx, before)
  const row = { ...before, ...wanted }
  await updateAccount(tx, row)
  return row
}

/** What an account allows, where, for how long and on how many chargers. */
export function powersOf({
  grants,
  minutes,
  chargers,
}: Pick<AccountRow, 'grants' | 'minutes' | 'chargers'>) {
  return { grants: grants.map(({ role, group }) => ({ role, group })), minutes, chargers }
}

async function seal(parts: BreakGlassParts, context: Context, id: string): Promise<Sealed> {
  needFreshFactor(context, parts)
  return parts.database.transaction(async (tx) => {
    const account = await found(tx, id)
    await needReviewed(tx, account)
    return sealed(parts, tx, context, account, [])
  })
}

/** Eighty bits twice: what lies in a safe for years has to last. */
function newCode(): string {
  return `${newRecoveryCode()}-${newRecoveryCode()}`
}

async function sealed(
  parts: BreakGlassParts,
  tx: Tx,
  context: Context,
  row: AccountRow,
  before: readonly Change[],
): Promise<Sealed> {
  const at = parts.clock.now()
  const code = newCode()
  const codeHash = recoveryHash(row.id, code)
  await setSeal(tx, row.id, { codeHash, at, by: context.actor })
  const detail = { account: row.id, name: row.name }
  await recorded(tx, parts, [...before, { context, event: 'break-glass.sealed', detail }])
  return { account: shownAccount({ ...row, codeHash, sealedAt: at }, undefined, at), code }
}

async function found(tx: Tx, id: string): Promise<AccountRow> {
  const account = isUuid(id) ? await lockAccount(tx, { id }) : undefined
  if (account === undefined)
    throw new ProblemError('not-found', `there is no break-glass account ${id}`, 'id')
  return account
}

async function needReviewed(tx: Tx, account: AccountRow): Promise<void> {
  const use = (await unreviewedUses(tx)).find((one) => one.account === account.id)
  if (use !== undefined)
    throw new ProblemError(
      'break-glass-blocked',
      `${account.name} was opened by ${use.personName}, and somebody else has to review that first`,
    )
}

async function open(
  parts: BreakGlassParts,
  context: Context,
  client: Client,
  shown: Parameters<BreakGlass['open']>[2],
): Promise<Opened> {
  const { database, clock, newId, log, bus } = parts
  const { actor, authentication } = context
  if (actor.kind !== 'person' || authentication?.by !== 'session')
    throw new ProblemError('invalid-input', 'only a person who is signed in can open the account')
  if (authentication.breakGlass !== undefined)
    throw new ProblemError('invalid-input', 'you use a break-glass account already; end that first')
  const opened = await database.transaction(async (tx) => {
    const account = await lockAccount(tx, { name: shown.account })
    const fits = account !== undefined && codeFits(account, shown.code)
    if (!fits) {
      const detail = { name: account?.name ?? null, account: account?.id ?? null }
      const { reason } = shown
      await recorded(tx, parts, [{ context, event: 'break-glass.refused', reason, detail }])
      return undefined
    }
    await needReviewed(tx, account)
    await breakSeal(tx, account.id)
    const openedAt = clock.now()
    const endsAt = openedAt + account.minutes * 60_000
    const id = newId()
    const detail = told({ id, account, actor, endsAt })
    const event = { context, event: 'break-glass.opened', reason: shown.reason, detail }
    const session = await parts.sessions.openIn(
      tx,
      {
        person: { id: actor.id, displayName: actor.name },
        ...{ factors: authentication.factors, client, carried: shown.carried },
        ...{ breakGlass: id, expiresAt: endsAt },
      },
      [event],
    )
    const row: UseRow = {
      ...{ id, account: account.id, accountName: account.name, session: session.id },
      ...{ person: actor.id, personName: actor.name, reason: shown.reason },
      ...{ grants: account.grants, chargers: account.chargers },
      ...{ openedAt, endsAt, endedAt: null, review: null },
    }
    await insertUse(tx, row)
    return { use: shownUse(row, openedAt), session, detail }
  })
  if (opened === undefined)
    throw new ProblemError(
      'break-glass-refused',
      'the account or its code is wrong, or its seal was broken before',
    )
  const { use, session, detail } = opened
  log.warn({ ...detail, reason: shown.reason }, 'a break-glass account was opened')
  const data = { ...detail, reason: shown.reason }
  publishEvent(bus, { type: 'break-glass.opened', at: clock.now(), data })
  return { use, session }
}

function codeFits({ id, codeHash }: AccountRow, code: string): boolean {
  return codeHash !== null && timingSafeEqual(codeHash, recoveryHash(id, code))
}

function told({
  id,
  account,
  actor,
  endsAt,
}: {
  readonly id: string
  readonly account: { readonly id: string; readonly name: string }
  readonly actor: Context['actor']
  readonly endsAt: number
}): JsonObject {
  return {
    ...{ use: id, account: account.id, accountName: account.name },
    ...{ person: actor.id, personName: actor.name, endsAt: new Date(endsAt).toISOString() },
  }
}

async function end(parts: BreakGlassParts, context: Context, id: string): Promise<BreakGlassUse> {
  const { database, clock, bus } = parts
  const row = await database.transaction(async (tx) => {
    const use = await foundUse(tx, id)
    const now = clock.now()
    if (endOf(use, now) !== null)
      throw new ProblemError('too-late', 'this use has ended already', 'id')
    await endUse(tx, use.id, now)
    await recorded(tx, parts, [{ context, event: 'break-glass.ended', detail: aboutUse(use) }])
    return { ...use, endedAt: now }
  })
  await parts.sessions.end(context, row.person, row.session).catch((error: unknown) => {
    // Its person may have signed out before.
    if (!(error instanceof ProblemError && error.problem.code === 'not-found')) throw error
  })
  publishEvent(bus, { type: 'break-glass.ended', at: clock.now(), data: aboutUse(row) })
  return shownUse(row, clock.now())
}

/** Uses end by themselves, to the moment; that they did is recorded and told within a minute. */
async function endOutlived(parts: BreakGlassParts): Promise<void> {
  const { database, clock, bus } = parts
  const because = 'its time is over'
  const ended = await database.transaction(async (tx) => {
    const uses = await endOutlivedUses(tx, clock.now())
    const changes = uses.map((use) => ({
      context: systemContext,
      event: 'break-glass.ended',
      detail: { ...aboutUse(use), because },
    }))
    await recorded(tx, parts, changes)
    return uses
  })
  for (const use of ended) {
    const data = { ...aboutUse(use), because }
    publishEvent(bus, { type: 'break-glass.ended', at: clock.now(), data })
  }
}

async function review(
  parts: BreakGlassParts,
  context: Context,
  id: string,
  { verdict, comment }: { readonly verdict: Verdict; readonly comment: string },
): Promise<BreakGlassUse> {
  const { database, clock, bus } = parts
  if (context.actor.kind !== 'person')
    throw new ProblemError('invalid-input', 'only a person can review what a person did')
  needFreshFactor(context, parts)
  const row = await database.transaction(async (tx) => {
    const use = await foundUse(tx, id)
    const now = clock.now()
    if (use.person === context.actor.id)
      throw new ProblemError('not-permitted', 'somebody else has to review what you did')
    if (context.authentication?.breakGlass !== undefined)
      throw new ProblemError('not-permitted', 'a break-glass account reviews nothing')
    if (use.review !== null)
      throw new ProblemError('too-late', `${use.review.by.name} has reviewed it already`, 'id')
    if (endOf(use, now) === null)
      throw new ProblemError('invalid-input', 'it goes on; end it first', 'id')
    const reviewed = { at: now, by: context.actor, verdict, comment }
    await noteReview(tx, use.id, reviewed)
    const detail = { ...aboutUse(use), verdict, comment }
    await recorded(tx, parts, [{ context, event: 'break-glass.reviewed', detail }])
    return { ...use, review: reviewed }
  })
  const data = { ...aboutUse(row), verdict }
  publishEvent(bus, { type: 'break-glass.reviewed', at: clock.now(), data })
  return shownUse(row, clock.now())
}

async function foundUse(tx: Tx, id: string): Promise<UseRow> {
  const use = isUuid(id) ? await lockUse(tx, id) : undefined
  if (use === undefined)
    throw new ProblemError('not-found', `there is no use ${id} of a break-glass account`, 'id')
  return use
}

function aboutUse({ id, account, accountName, person, personName }: UseRow): JsonObject {
  return { use: id, account, accountName, person, personName }
}
