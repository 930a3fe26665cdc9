import { timingSafeEqual } from 'node:crypto'
import { recorded } from '../../audit/record.ts'
import { publishEvent } from '../../bus/events.ts'
import { systemContext, type Context } from '../../kernel/actor.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { isUuid } from '../../kernel/page.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Tx } from '../../storage/database.ts'
import type { Client } from '../caller.ts'
import { recoveryHash } from '../factors/recovery-codes.ts'
import { needFreshFactor } from '../fresh.ts'
import {
  endOf,
  shownUse,
  type AccountRow,
  type BreakGlassUse,
  type UseRow,
  type Verdict,
} from './account.ts'
import { needReviewed } from './accounts.ts'
import type { BreakGlass, BreakGlassParts, Opened } from './break-glass.ts'
import {
  breakSeal,
  endOutlivedUses,
  endUse,
  insertUse,
  lockAccount,
  lockUse,
  noteReview,
} from './store.ts'

/** Breaks the seal. */
export async function openUse(
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

/** Ends a use, and its session, before its time. */
export async function endNow(
  parts: BreakGlassParts,
  context: Context,
  id: string,
): Promise<BreakGlassUse> {
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
export async function endOutlived(parts: BreakGlassParts): Promise<void> {
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

/** Somebody else’s verdict on it. */
export async function reviewUse(
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
