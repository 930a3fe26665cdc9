import type { Actor } from '../../kernel/actor.ts'
import type { Grant } from '../tokens/token.ts'

/** An account for emergencies, as it lies ready. */
export interface BreakGlassAccount {
  readonly id: string
  readonly name: string
  /** What it allows beside what whoever opens it may do anyway. */
  readonly grants: readonly Grant[]
  /** How long one use lasts. */
  readonly minutes: number
  /** How many chargers one use may touch. */
  readonly chargers: number
  /**
   * `sealed`: ready. `in-use` and `to-be-reviewed`: nobody else can open it. `unsealed`: reviewed, but its new
   * code is not made yet.
   */
  readonly state: 'sealed' | 'in-use' | 'to-be-reviewed' | 'unsealed'
  readonly preparedAt: string
  readonly preparedBy: Actor
  readonly sealedAt: string | null
}

export const verdicts = ['justified', 'not-justified'] as const
export type Verdict = (typeof verdicts)[number]

/** One use of such an account, by one person. */
export interface BreakGlassUse {
  readonly id: string
  readonly account: { readonly id: string; readonly name: string }
  readonly person: { readonly id: string; readonly name: string }
  readonly reason: string
  readonly grants: readonly Grant[]
  readonly chargers: number
  readonly openedAt: string
  readonly endsAt: string
  /** Null: it goes on. */
  readonly endedAt: string | null
  /** Null: somebody else than the person has to review it yet. */
  readonly review: {
    readonly at: string
    readonly by: Actor
    readonly verdict: Verdict
    readonly comment: string
  } | null
}

export interface AccountRow {
  readonly id: string
  readonly name: string
  readonly grants: readonly Grant[]
  readonly minutes: number
  readonly chargers: number
  readonly codeHash: Buffer | null
  readonly sealedAt: number | null
  readonly preparedAt: number
  readonly preparedBy: Actor
}

export interface UseRow {
  readonly id: string
  readonly account: string
  readonly accountName: string
  readonly person: string
  readonly personName: string
  readonly session: string
  readonly reason: string
  readonly grants: readonly Grant[]
  readonly chargers: number
  readonly openedAt: number
  readonly endsAt: number
  readonly endedAt: number | null
  readonly review: {
    readonly at: number
    readonly by: Actor
    readonly verdict: Verdict
    readonly comment: string
  } | null
}

/** When a use ended, if it has: its time being over ends it too. */
export function endOf({ endsAt, endedAt }: Pick<UseRow, 'endsAt' | 'endedAt'>, now: number) {
  return endedAt ?? (now >= endsAt ? endsAt : null)
}

export function shownUse(row: UseRow, now: number): BreakGlassUse {
  const iso = (at: number): string => new Date(at).toISOString()
  const ended = endOf(row, now)
  return {
    id: row.id,
    account: { id: row.account, name: row.accountName },
    person: { id: row.person, name: row.personName },
    reason: row.reason,
    grants: row.grants,
    chargers: row.chargers,
    openedAt: iso(row.openedAt),
    endsAt: iso(row.endsAt),
    endedAt: ended === null ? null : iso(ended),
    review: row.review === null ? null : { ...row.review, at: iso(row.review.at) },
  }
}

export function shownAccount(
  row: AccountRow,
  unreviewed: Pick<UseRow, 'endsAt' | 'endedAt'> | undefined,
  now: number,
): BreakGlassAccount {
  const iso = (at: number): string => new Date(at).toISOString()
  return {
    ...{ id: row.id, name: row.name, grants: row.grants },
    ...{ minutes: row.minutes, chargers: row.chargers },
    state: stateOf(row, unreviewed, now),
    preparedAt: iso(row.preparedAt),
    preparedBy: row.preparedBy,
    sealedAt: row.sealedAt === null ? null : iso(row.sealedAt),
  }
}

function stateOf(
  row: Pick<AccountRow, 'codeHash'>,
  unreviewed: Pick<UseRow, 'endsAt' | 'endedAt'> | undefined,
  now: number,
): BreakGlassAccount['state'] {
  if (unreviewed !== undefined) return endOf(unreviewed, now) === null ? 'in-use' : 'to-be-reviewed'
  return row.codeHash === null ? 'unsealed' : 'sealed'
}
