import { timingSafeEqual } from 'node:crypto'
import type { Audit } from '../audit/audit.ts'
import type { Bus } from '../bus/bus.ts'
import type { Actor, Context } from '../kernel/actor.ts'
import { every, type Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { ProblemError } from '../kernel/problem.ts'
import { change, type Database } from '../storage/database.ts'
import { ensureOwnerToken } from './owner.ts'
import { hashOf, looksLikeSecret, newSecret } from './secret.ts'
import { liveTokens, noteUse, tokenByHash, tokenWrites, type TokenRow } from './store.ts'
import { TokenCache } from './token-cache.ts'
import { actorOf, described, event, newRow, shown, type Token } from './token.ts'

export interface NewToken {
  readonly name: string
  readonly kind: 'person' | 'robot'
  /** ISO 8601; without it the token lasts until revoked. */
  readonly expiresAt?: string
}

/** Who is asking. Every face turns what it was shown into an Actor here and nowhere else. */
export interface Identity {
  /** The token's holder; undefined for a token that is unknown, expired or revoked. */
  authenticate(secret: string): Promise<Actor | undefined>
  /** As `authenticate`, of tokens seen in the last seconds only, without asking the database. */
  recognise(secret: string): Actor | undefined
  /** Tokens not revoked, oldest first. */
  tokens(): Promise<Token[]>
  /** `secret` is never available again. */
  createToken(context: Context, token: NewToken): Promise<{ token: Token; secret: string }>
  /** The token stops working at once on this node, and on the others when they hear of it. */
  revokeToken(context: Context, id: string): Promise<void>
  close(): Promise<void>
}

export const maxTokens = 1000

const noteUseEveryMs = 60_000
const changedSubject = 'identity.changed'

export interface IdentityParts {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly bus: Bus
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  /** Holds the `owner-token` file. */
  readonly dataDir: string
}

/** Opens the room and sees to it that the data folder's owner token is there and works. */
export async function openIdentity(parts: IdentityParts): Promise<Identity> {
  const { database, audit, bus, clock } = parts
  const writes = tokenWrites(audit)
  await ensureOwnerToken(parts)

  const cache = new TokenCache(clock)
  const uses = notedUses(parts)
  const hearing = bus.subscribe(changedSubject, () => cache.forget())

  function actorIfValid(row: TokenRow, hash: Buffer): Actor | undefined {
    const now = clock.now()
    if (!timingSafeEqual(row.hash, hash) || row.revokedAt !== null) return undefined
    if (row.expiresAt !== null && row.expiresAt <= now) return undefined
    uses.note(row.id)
    return actorOf(row)
  }

  return {
    recognise(secret) {
      if (!looksLikeSecret(secret)) return undefined
      const hash = hashOf(secret)
      const row = cache.find(hash)
      return row === undefined ? undefined : actorIfValid(row, hash)
    },

    async authenticate(secret) {
      if (!looksLikeSecret(secret)) return undefined
      const hash = hashOf(secret)
      const row = cache.find(hash) ?? (await cache.fill(() => tokenByHash(database, hash)))
      return row === undefined ? undefined : actorIfValid(row, hash)
    },

    async tokens() {
      const rows = await liveTokens(database, maxTokens)
      return rows.map(shown)
    },

    createToken: (context, wanted) => createToken(parts, context, wanted),

    async revokeToken(context, id) {
      const now = clock.now()
      const [revoked] = await database.commit(
        change(writes.revoke, {
          id: uuidShape.test(id) ? id : nobody,
          at: now,
          event: ({ name }) => event(context, 'token.revoked', now, { id, name }),
        }),
      )
      if (!revoked) throw new ProblemError('not-found', `there is no token ${id}`, 'id')
      cache.forget()
      bus.publish(changedSubject, {})
    },

    async close() {
      hearing.close()
      await uses.close()
    },
  }
}

async function createToken(
  { database, audit, clock, newId }: IdentityParts,
  context: Context,
  wanted: NewToken,
): Promise<{ token: Token; secret: string }> {
  const now = clock.now()
  const expiresAt = wanted.expiresAt === undefined ? null : Date.parse(wanted.expiresAt)
  if (expiresAt !== null && !(expiresAt > now))
    throw new ProblemError('invalid-input', 'expiresAt must be in the future', 'expiresAt')
  const live = await liveTokens(database, maxTokens)
  if (live.length >= maxTokens)
    throw new ProblemError(
      'invalid-input',
      `there are ${maxTokens} tokens already; revoke some first`,
    )
  const secret = newSecret()
  const row = newRow(newId(), secret, { ...wanted, expiresAt, now })
  await database.commit(
    change(tokenWrites(audit).insert, row),
    change(audit.append, event(context, 'token.created', now, described(row))),
  )
  return { token: shown(row), secret }
}

/** Gathers when tokens were used, and writes it down once a minute. */
function notedUses({ database, clock, log }: IdentityParts): {
  note(id: string): void
  close(): Promise<void>
} {
  let uses = new Map<string, number>()
  async function flush(): Promise<void> {
    if (uses.size === 0) return
    const batch = uses
    uses = new Map()
    await database.transaction((tx) => noteUse(tx, batch))
  }
  function failed(error: unknown): void {
    log.warn({ err: error }, 'could not note when tokens were last used')
  }
  const timer = every(clock, noteUseEveryMs, flush, failed)
  return {
    note: (id) => void uses.set(id, clock.now()),
    async close() {
      timer.cancel()
      await flush().catch(failed)
    },
  }
}

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const nobody = '00000000-0000-0000-0000-000000000000'
