import { timingSafeEqual } from 'node:crypto'
import { checkNotReserved } from '../reserved-names.ts'
import type { Audit } from '../../audit/audit.ts'
import { recorded } from '../../audit/record.ts'
import type { Actor, Context } from '../../kernel/actor.ts'
import { every, type Clock } from '../../kernel/clock.ts'
import type { NewId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import { isUuid } from '../../kernel/page.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { change, type Database } from '../../storage/database.ts'
import type { Approved } from '../approved.ts'
import { Believed } from '../believed.ts'
import type { Caller } from '../caller.ts'
import type { IdentityFigures } from '../figures.ts'
import { needFreshPerson } from '../fresh.ts'
import type { ShuttingOut } from '../parts.ts'
import { event } from '../recorded-event.ts'
import { hashOf, newSecret } from '../secret.ts'
import {
  liveTokens,
  makersOfToken,
  noteUse,
  revokeToken,
  tokenById,
  tokensByHash,
  tokenWrites,
  type TokenRow,
} from './store.ts'
import {
  actorOf,
  described,
  newRow,
  shown,
  type Grant,
  type Token,
  type TokenBudgets,
  type WantedRow,
} from './token.ts'

export interface NewToken {
  readonly name: string
  /** ISO 8601; without it as long as the policy has it for tokens. */
  readonly expiresAt?: string
  readonly grants?: readonly Grant[]
  readonly budgets?: TokenBudgets
}

/** The tokens of robots. */
export interface Tokens {
  /** Tokens not revoked, oldest first; where it is said who made them, only theirs, and only those not expired. */
  list(filter?: { readonly madeBy?: string }): Promise<Token[]>
  /** One that is not revoked. */
  find(id: string): Promise<Token | undefined>
  /**
   * Who made a robot by its token, whether that works still or not, and who made the robot that did; nobody, where
   * that is not known or nobody made it.
   */
  makersOf(id: string): Promise<readonly Actor[]>
  /** `secret` is never available again. Others have to have agreed to a token that gives much. */
  create(
    context: Context,
    token: NewToken,
    approved?: Approved,
  ): Promise<{ token: Token; secret: string }>
  /**
   * The token stops working at once on this node, and on the others when they hear of it. What its robot has waiting is
   * cancelled, unless it is the robot `local`, which other tokens may be of.
   */
  revoke(context: Context, id: string): Promise<void>
}

/** Tokens as the door asks for them. */
export interface OpenTokens extends Tokens {
  authenticate(secret: string): Promise<Caller | undefined>
  recognise(secret: string): Caller | undefined
  /** Everything is looked up again. */
  forget(): void
  close(): Promise<void>
}

export const maxTokens = 1000
const noteUseEveryMs = 60_000
const dayMs = 86_400_000

export interface TokenParts {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  readonly figures: () => IdentityFigures
  /** Tells the other nodes that something they believe has changed. */
  readonly changed: () => void
  /** Why others have to agree to a token that gives this, made by somebody, in a sentence; without it nobody has to. */
  readonly wideToken?: WideToken
  readonly shuttingOut?: ShuttingOut
}

export type WideToken = (
  token: Pick<WantedRow, 'grants' | 'budgets'>,
  maker: Actor,
) => Promise<string | undefined>

export function openTokens(parts: TokenParts): OpenTokens {
  const { database, clock } = parts
  const believed = new Believed<TokenRow>(clock, (hashes) => tokensByHash(database, hashes))
  const uses = notedUses(parts)

  function callerIfValid(row: TokenRow, hash: Buffer): Caller | undefined {
    const now = clock.now()
    if (!timingSafeEqual(row.hash, hash) || row.revokedAt !== null) return undefined
    if (row.expiresAt !== null && row.expiresAt <= now) return undefined
    uses.note(row.id)
    return { actor: actorOf(row), authentication: { by: 'token', id: row.id, factors: {} } }
  }

  return {
    forget: () => believed.forget(),

    recognise(secret) {
      const hash = hashOf(secret)
      const row = believed.find(hash)
      return row === undefined ? undefined : callerIfValid(row, hash)
    },

    async authenticate(secret) {
      const hash = hashOf(secret)
      const row = await believed.findOrRead(hash)
      return row === undefined ? undefined : callerIfValid(row, hash)
    },

    async list({ madeBy } = {}) {
      const rows = await liveTokens(database, maxTokens)
      if (madeBy === undefined) return rows.map(shown)
      const works = ({ expiresAt }: TokenRow) => expiresAt === null || expiresAt > clock.now()
      return rows.filter((row) => row.madeBy?.id === madeBy && works(row)).map(shown)
    },

    async find(id) {
      const row = isUuid(id) ? await tokenById(database, id) : undefined
      return row === undefined ? undefined : shown(row)
    },

    makersOf: async (id) => (isUuid(id) ? makersOfToken(database, id) : []),

    create: (context, wanted, approved) => createToken(parts, context, wanted, approved),

    async revoke(context, id) {
      await database.transaction(async (tx) => {
        const at = clock.now()
        const revoked = isUuid(id) ? await revokeToken(tx, id, at) : undefined
        if (revoked === undefined)
          throw new ProblemError('not-found', `there is no token ${id}`, 'id')
        const because = 'the token it was asked for with was revoked'
        if (!revoked.local) await parts.shuttingOut?.shutOut(tx, { actor: id, because, at })
        const detail = { id, name: revoked.name }
        await recorded(tx, parts, [{ context, event: 'token.revoked', detail }])
      })
      parts.changed()
    },

    close: () => uses.close(),
  }
}

async function createToken(
  parts: TokenParts,
  context: Context,
  { name, expiresAt: wantedEnd, grants = [], budgets: wantedBudgets }: NewToken,
  approved: Approved | undefined,
): Promise<{ token: Token; secret: string }> {
  const { database, audit, clock, newId, figures, wideToken } = parts
  // What others agreed to is carried out with a factor of its own.
  if (approved === undefined) needFreshPerson(context, parts, 'making a token')
  checkNotReserved(name, 'name')
  const now = clock.now()
  const budgets = wantedBudgets ?? null
  const { defaultDays, mostDays } = figures().tokens
  const expiresAt = wantedEnd === undefined ? now + defaultDays * dayMs : Date.parse(wantedEnd)
  if (!(expiresAt > now))
    throw new ProblemError('invalid-input', 'must be in the future', 'expiresAt')
  if (expiresAt > now + mostDays * dayMs)
    throw new ProblemError('invalid-input', `must be within ${mostDays} days`, 'expiresAt')
  const why =
    approved === undefined ? await wideToken?.({ grants, budgets }, context.actor) : undefined
  if (why !== undefined)
    throw new ProblemError('approval-needed', `others have to agree to this token: ${why}`)
  const live = await liveTokens(database, maxTokens)
  if (live.length >= maxTokens)
    throw new ProblemError(
      'invalid-input',
      `there are ${maxTokens} tokens already; revoke some first`,
    )
  const secret = newSecret()
  const row = newRow(newId(), secret, {
    ...{ name, grants, budgets, madeBy: context.actor },
    ...{ expiresAt, now },
  })
  await database.commit(
    change(tokenWrites(audit).insert, row),
    change(
      audit.append,
      event(context, 'token.created', now, {
        ...described(row),
        ...(approved === undefined ? {} : { approval: approved.id }),
      }),
    ),
    ...(approved === undefined ? [] : [approved.use.change]),
  )
  return { token: shown(row), secret }
}

/** Gathers when tokens were used, and writes it down once a minute. */
function notedUses({ database, clock, log }: TokenParts): {
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
