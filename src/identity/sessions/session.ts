import { strongFactors, type Factor } from '../../kernel/actor.ts'
import type { Factors } from '../caller.ts'

export type Carried = 'cookie' | 'secret'

/** A session as it is stored, with what is needed of its person. */
export interface SessionRow {
  readonly id: string
  readonly hash: Buffer
  readonly person: string
  readonly displayName: string
  readonly locked: boolean
  readonly carried: Carried
  readonly factors: Factors
  readonly breakGlass: string | null
  readonly address: string | null
  readonly userAgent: string | null
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly expiresAt: number
  readonly endedAt: number | null
}

/** A session as its owner sees it. */
export interface Session {
  readonly id: string
  /** It is the one that asks. */
  readonly current: boolean
  readonly carried: Carried
  readonly createdAt: string
  /** To about ten seconds. */
  readonly lastUsedAt: string
  /** If it is not used until then. */
  readonly idleAt: string
  readonly expiresAt: string
  /** When each factor was last shown. */
  readonly factors: Readonly<Partial<Record<Factor, string>>>
  /** When a second factor was last shown. */
  readonly strongSince: string | null
  readonly userAgent: string | null
  /** From where it was used, newest first. */
  readonly places: readonly Place[]
}
export interface Place {
  readonly address: string
  readonly firstSeenAt: string
  readonly lastSeenAt: string
}

const minuteMs = 60_000
const hourMs = 3_600_000

export interface Spans {
  readonly idleMinutes: number
  readonly absoluteHours: number
}

/** Whether it may still be used. `usedAt`: the last use that is known of. */
export function holds(
  row: Pick<SessionRow, 'endedAt' | 'expiresAt' | 'createdAt' | 'locked'>,
  usedAt: number,
  now: number,
  { idleMinutes, absoluteHours }: Spans,
): boolean {
  if (row.endedAt !== null || row.locked) return false
  return (
    now < Math.min(row.expiresAt, row.createdAt + absoluteHours * hourMs) &&
    now - usedAt < idleMinutes * minuteMs
  )
}

export function shownFactors(factors: Factors): Session['factors'] {
  return Object.fromEntries(
    Object.entries(factors)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([factor, at]) => [factor, new Date(at).toISOString()]),
  )
}

export function strongestSince(factors: Factors): number | null {
  const times = strongFactors.flatMap((factor) => factors[factor] ?? [])
  return times.length === 0 ? null : Math.max(...times)
}
