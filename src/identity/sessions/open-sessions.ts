import { createHmac, timingSafeEqual } from 'node:crypto'
import { recorded, type Change } from '../../audit/record.ts'
import type { Audit } from '../../audit/audit.ts'
import type { Bus } from '../../bus/bus.ts'
import type { Context, Factor } from '../../kernel/actor.ts'
import { systemContext } from '../../kernel/actor.ts'
import { every, type Clock } from '../../kernel/clock.ts'
import type { NewId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import { networkOf } from '../../kernel/network.ts'
import { isUuid } from '../../kernel/page.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Database, Tx } from '../../storage/database.ts'
import { Believed } from '../believed.ts'
import type { Caller, Client, Factors } from '../caller.ts'
import { needFreshPerson } from '../fresh.ts'
import type { IdentityFigures } from '../figures.ts'
import { actorOf, type PersonRow } from '../people/person.ts'
import { hashOf, looksLikeSecret, newSecret } from '../secret.ts'
import { dropTrips } from '../single-sign-on/store.ts'
import { tellConcurrentUse } from './concurrent-use.ts'
import { holds, shownFactors, strongestSince } from './session.ts'
import type { Carried, Session, SessionRow } from './session.ts'
import {
  endOutlived,
  endSessions,
  forgetEnded,
  holdSession,
  insertSession,
  sessionsByHash,
  sessionsOf,
  showFactor,
} from './store.ts'
import { notedUses } from './uses.ts'

export interface Opening {
  readonly person: Pick<PersonRow, 'id' | 'displayName'>
  /** What was shown, and when. It must be enough: nobody asks again. */
  readonly factors: Factors
  readonly client: Client
  readonly carried: Carried
  /** The use of a break-glass account this is. */
  readonly breakGlass?: string
  /** An earlier end than sessions have, ms since the epoch. */
  readonly expiresAt?: number
}

export interface OpenedSession {
  readonly id: string
  /** Known to its holder only, and not available again. */
  readonly secret: string
  readonly person: { readonly id: string; readonly displayName: string }
  readonly expiresAt: string
}

/** The sessions of people. */
export interface Sessions {
  /** Opens a session for somebody who has shown enough. */
  open(opening: Opening): Promise<OpenedSession>
  /** The same in the transaction of what proved it; last in it, as it writes to the record, `further` first. */
  openIn(tx: Tx, opening: Opening, further?: readonly Change[]): Promise<OpenedSession>
  /** Sessions of a person that go on, newest first. `context` marks the one that asks. */
  of(context: Context, person: string): Promise<Session[]>
  /** Ends one of a person's sessions, here and on every node. */
  end(context: Context, person: string, session: string): Promise<void>
  /** Ends all of a person's sessions, except the one that asks; answers how many. Somebody else's need a fresh factor. */
  endAll(context: Context, person: string): Promise<number>
  /** A factor was shown again: its time moves, and nothing else. In the transaction of what proved it. */
  showIn(tx: Tx, context: Context, factor: Factor, at: number): Promise<void>
  /** Whether a session of somebody goes on; if so, until the transaction is over. */
  holdsIn(tx: Tx, session: string): Promise<boolean>
  /** To be called after the commit of something that changes what sessions may do. */
  changed(): void
  /** What a cookie holds: the secret and our signature. */
  cookieOf(secret: string): string
  /** Undefined for a cookie that is not ours. */
  secretOf(cookie: string): string | undefined
  /** What a page has to send back with a cookie's request that changes something. Bound to the session. */
  csrfToken(secret: string): string
}

/** Sessions as the door asks for them. */
export interface OpenSessions extends Sessions {
  authenticate(secret: string, client?: Client): Promise<Caller | undefined>
  recognise(secret: string, client?: Client): Caller | undefined
  /** Whether it goes on; asking is no use of it. */
  holds(secret: string): Promise<boolean>
  /** Ends sessions in a transaction, and answers what belongs on the record of it. */
  endIn(
    tx: Tx,
    context: Context,
    which: Parameters<typeof endSessions>[1],
    reason: string,
  ): Promise<Change[]>
  forget(): void
  close(): Promise<void>
}

export interface SessionParts {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly bus: Bus
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  readonly figures: () => IdentityFigures
  /** Tells the other nodes that something they believe has changed. */
  readonly changed: () => void
  /** Shared by all nodes. */
  readonly key: Buffer
}

const minuteMs = 60_000
const hourMs = 3_600_000
const sweepEveryMs = 60_000
const keepEndedMs = 90 * 24 * hourMs

export function openSessions(parts: SessionParts): OpenSessions {
  const { database, clock, log, figures } = parts
  const believed = new Believed<SessionRow>(clock, (hashes) => sessionsByHash(database, hashes))
  const uses = notedUses(parts)
  const sweeping = every(
    clock,
    sweepEveryMs,
    () => sweep(parts),
    (error) => log.warn({ err: error }, 'could not end the sessions whose time is over'),
  )

  function goesOn(row: SessionRow): boolean {
    return holds(row, lastUseOf(row), clock.now(), figures().sessions)
  }
  /** As far as this node knows; what others saw is written down within seconds. */
  function lastUseOf(row: SessionRow): number {
    return Math.max(row.lastUsedAt, uses.lastOf(row.id) ?? 0)
  }

  function callerIfHolds(
    row: SessionRow,
    hash: Buffer,
    client: Client | undefined,
  ): Caller | undefined {
    if (!timingSafeEqual(row.hash, hash) || !goesOn(row)) return undefined
    uses.note(row.id, client?.origin.address)
    return {
      actor: actorOf({ id: row.person, displayName: row.displayName }),
      authentication: {
        by: 'session',
        id: row.id,
        factors: row.factors,
        ...(row.breakGlass === null ? {} : { breakGlass: row.breakGlass }),
      },
    }
  }

  async function endIn(
    tx: Tx,
    context: Context,
    which: Parameters<typeof endSessions>[1],
    reason: string,
  ): Promise<Change[]> {
    const ended = await endSessions(tx, which, clock.now(), reason)
    await dropTrips(
      tx,
      ended.map(({ id }) => id),
    )
    return ended.map(({ id, person, displayName }) => ({
      context,
      event: 'session.ended',
      detail: { session: id, person, name: displayName, because: reason },
    }))
  }
  async function end(
    context: Context,
    which: Parameters<typeof endSessions>[1],
    reason: string,
  ): Promise<number> {
    const changes = await database.transaction(async (tx) => {
      const ended = await endIn(tx, context, which, reason)
      await recorded(tx, parts, ended)
      return ended
    })
    parts.changed()
    return changes.length
  }

  return {
    recognise(secret, client) {
      const hash = hashOf(secret)
      const row = believed.find(hash)
      return row === undefined ? undefined : callerIfHolds(row, hash, client)
    },

    async authenticate(secret, client) {
      const hash = hashOf(secret)
      const row = await believed.findOrRead(hash)
      return row === undefined ? undefined : callerIfHolds(row, hash, client)
    },

    async holds(secret) {
      const row = await believed.findOrRead(hashOf(secret))
      return row !== undefined && goesOn(row)
    },

    open: (opening) => database.transaction((tx) => openIn(parts, tx, opening)),
    openIn: (tx, opening, further) => openIn(parts, tx, opening, further),

    async of(context, person) {
      const { sessions } = figures()
      const rows = await sessionsOf(database, person)
      const living = rows.map((row) => ({ ...row, lastUsedAt: lastUseOf(row) })).filter(goesOn)
      return living.map((row) => shown(row, context, sessions))
    },

    async end(context, person, session) {
      const own = context.authentication?.id === session
      const count = isUuid(session)
        ? await end(context, { person, only: session }, own ? 'signed out' : 'revoked')
        : 0
      if (count === 0) throw new ProblemError('not-found', `there is no session ${session}`, 'id')
    },

    async endAll(context, person) {
      if (person !== context.actor.id) needFreshPerson(context, parts, 'ending somebody’s sign-ins')
      const own = context.authentication?.by === 'session' ? context.authentication.id : undefined
      return end(context, { person, ...(own === undefined ? {} : { except: own }) }, 'revoked')
    },

    endIn,

    async showIn(tx, { authentication }, factor, at) {
      const living =
        authentication?.by === 'session' && (await showFactor(tx, authentication.id, factor, at))
      if (!living) throw new ProblemError('not-authenticated', 'the session has ended')
    },

    async holdsIn(tx, session) {
      const row = isUuid(session) ? await holdSession(tx, session) : undefined
      return row !== undefined && goesOn(row)
    },

    changed: () => parts.changed(),
    cookieOf: (secret) => `${secret}.${signature(parts.key, 'cookie', secret)}`,
    secretOf(cookie) {
      const [secret = '', signed = ''] = cookie.split('.')
      if (!looksLikeSecret(secret, 'session')) return undefined
      const ours = Buffer.from(signature(parts.key, 'cookie', secret))
      const theirs = Buffer.from(signed)
      const fits = ours.length === theirs.length && timingSafeEqual(ours, theirs)
      return fits ? secret : undefined
    },
    csrfToken: (secret) => signature(parts.key, 'csrf', secret),

    forget: () => believed.forget(),
    async close() {
      sweeping.cancel()
      await uses.close()
    },
  }
}

function signature(key: Buffer, purpose: string, secret: string): string {
  return createHmac('sha256', key).update(`${purpose}:${secret}`).digest('base64url')
}

async function openIn(
  parts: SessionParts,
  tx: Tx,
  { person, factors, client, carried, breakGlass, expiresAt }: Opening,
  further: readonly Change[] = [],
): Promise<OpenedSession> {
  const { clock, newId, figures } = parts
  const now = clock.now()
  const { address } = client.origin
  const end = Math.min(expiresAt ?? Infinity, now + figures().sessions.absoluteHours * hourMs)
  const secret = newSecret('session')
  const id = newId()
  const row: SessionRow = {
    ...{ id, hash: hashOf(secret), person: person.id, displayName: person.displayName },
    ...{ locked: false, carried, factors, breakGlass: breakGlass ?? null },
    ...{ address: address ?? null, userAgent: client.userAgent?.slice(0, 300) ?? null },
    ...{ createdAt: now, lastUsedAt: now, expiresAt: end, endedAt: null },
  }
  await insertSession(tx, row, address === undefined ? null : networkOf(address))
  const context: Context = { actor: actorOf(person), origin: client.origin }
  const elsewhere = await tellConcurrentUse(tx, parts, person, { session: id, address })
  await recorded(tx, parts, [
    ...further,
    {
      context,
      event: 'session.opened',
      detail: {
        ...{ session: id, person: person.id, factors: Object.keys(factors), carried },
        userAgent: row.userAgent,
        ...(breakGlass === undefined ? {} : { breakGlass }),
      },
    },
    ...elsewhere(context),
  ])
  const { displayName } = person
  return { id, secret, person: { id: person.id, displayName }, expiresAt: iso(end) }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function shown(
  row: Awaited<ReturnType<typeof sessionsOf>>[number],
  context: Context,
  { idleMinutes, absoluteHours }: IdentityFigures['sessions'],
): Session {
  const strong = strongestSince(row.factors)
  return {
    id: row.id,
    current: context.authentication?.id === row.id,
    carried: row.carried,
    createdAt: iso(row.createdAt),
    lastUsedAt: iso(row.lastUsedAt),
    idleAt: iso(row.lastUsedAt + idleMinutes * minuteMs),
    expiresAt: iso(Math.min(row.expiresAt, row.createdAt + absoluteHours * hourMs)),
    factors: shownFactors(row.factors),
    strongSince: strong === null ? null : iso(strong),
    userAgent: row.userAgent,
    places: row.places,
  }
}

/** Sessions end by themselves; that they did is on the record. */
async function sweep(parts: SessionParts): Promise<void> {
  const { database, clock, figures } = parts
  const { idleMinutes, absoluteHours } = figures().sessions
  // Another node may have seen a use that it has not written down yet.
  const idleMs = idleMinutes * minuteMs + sweepEveryMs
  const spans = { idleMs, absoluteMs: absoluteHours * hourMs }
  await database.transaction(async (tx) => {
    const now = clock.now()
    await forgetEnded(tx, now - keepEndedMs)
    const ended = await endOutlived(tx, now, spans)
    await dropTrips(
      tx,
      ended.map(({ id }) => id),
    )
    const changes = ended.map(({ id, person, displayName, reason }) => ({
      context: systemContext,
      event: 'session.ended',
      detail: { session: id, person, name: displayName, because: reason },
    }))
    await recorded(tx, parts, changes)
  })
}
