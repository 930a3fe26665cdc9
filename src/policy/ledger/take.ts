import { ProblemError } from '../../kernel/problem.ts'
import type { Query, Tx, Write } from '../../storage/database.ts'
import type { Reservation, Spoken } from '../decision.ts'
import { roomFrom, withMore } from './counter.ts'
import type { Taken } from './counter.ts'
import {
  addMembers,
  countMembers,
  forgetTaken,
  holdTaken,
  keepTaken,
  membersAmong,
  takenOf,
} from './store.ts'
import type { NewMember } from './store.ts'

/** What is taken together, for one decision. */
export interface Take {
  readonly reservations: readonly Reservation[]
  /** ms since the epoch. */
  readonly at: number
}

/** Kept for longer than it counts, because a rule's window may be made longer. */
const keptForMs = 24 * 3_600_000

/**
 * Takes for good what a decision reserved, or fails and the transaction with it. The rows are held until it
 * ends, so that however many nodes take at once, never more than the limit is taken.
 */
export const takeReservations: Write<Take> = {
  name: 'budget.take',
  stage: 'state',
  async apply(tx, items) {
    const taking = items.flatMap(({ reservations, at }) =>
      reservations.map((reservation) => ({ reservation, at })),
    )
    if (taking.length === 0) return items.map(() => undefined)
    const kept = new Map<string, number>()
    for (const { reservation, at } of taking) {
      const until = at + Math.max(reservation.windowMs, keptForMs)
      kept.set(reservation.key, Math.max(until, kept.get(reservation.key) ?? 0))
    }
    const held = await holdTaken(
      tx,
      [...kept].map(([key, keptUntil]) => ({ key, keptUntil })),
    )
    const books = await openBooks(tx, taking, held)
    for (const { reservation, at } of taking) {
      const from = books.room(reservation, at)
      if (from !== at) throw noRoom(reservation, from)
      books.enter(reservation, at, kept.get(reservation.key) ?? at)
    }
    keepTaken(tx, books.changed)
    addMembers(tx, [...books.members.values()])
    return items.map(() => undefined)
  },
}

/** What there would be no room for, looked at without taking anything. */
export async function withoutRoom(
  query: Query,
  reservations: readonly Reservation[],
  at: number,
): Promise<Spoken[]> {
  if (reservations.length === 0) return []
  const taking = reservations.map((reservation) => ({ reservation, at }))
  const held = await takenOf(
    query,
    reservations.flatMap(({ key, amount }) => (typeof amount === 'number' ? [key] : [])),
  )
  const books = await openBooks(query, taking, held)
  return reservations.flatMap((reservation): Spoken[] => {
    const from = books.room(reservation, at)
    if (from === at) return []
    return [
      {
        rule: reservation.rule,
        says: 'denies',
        sentence: said(reservation, from),
        ...(from === undefined || comesTooLate(reservation, from) ? {} : { until: from }),
      },
    ]
  })
}

/** Forgets takings that count no more. */
export function forgetReservations(tx: Tx, now: number): Promise<number> {
  return forgetTaken(tx, new Date(now).toISOString())
}

interface Books {
  /** When there is room: `at` itself, later, or never. */
  room(reservation: Reservation, at: number): number | undefined
  enter(reservation: Reservation, at: number, keptUntil: number): void
  readonly changed: Map<string, readonly Taken[]>
  readonly members: Map<string, NewMember>
}

type Each = readonly string[]

async function openBooks(
  query: Query,
  taking: readonly { readonly reservation: Reservation; readonly at: number }[],
  held: ReadonlyMap<string, readonly Taken[]>,
): Promise<Books> {
  const counted = [
    ...Map.groupBy(
      taking.flatMap(({ reservation: { key, amount, windowMs }, at }) =>
        typeof amount === 'number' ? [] : [{ key, since: at - windowMs, members: amount.each }],
      ),
      ({ key }) => key,
    ),
  ].map(([key, same]) => ({
    key,
    since: Math.min(...same.map(({ since }) => since)),
    members: [...new Set(same.flatMap(({ members }) => members))],
  }))
  const counts = await countMembers(query, counted)
  const among = await membersAmong(query, counted)
  const known = new Map(counted.map(({ key }) => [key, new Set(among.get(key))]))
  const size = new Map(counted.map(({ key }) => [key, counts.get(key)?.members ?? 0]))
  const changed = new Map<string, readonly Taken[]>()
  const members = new Map<string, NewMember>()
  const fresh = (key: string, each: Each) => each.filter((one) => known.get(key)?.has(one) !== true)

  return {
    changed,
    members,
    room({ key, amount, limit, windowMs }, at) {
      if (typeof amount === 'number')
        return roomFrom(changed.get(key) ?? held.get(key) ?? [], amount, { limit, windowMs }, at)
      const more = fresh(key, amount.each).length
      if ((size.get(key) ?? 0) + more <= limit) return at
      if (amount.each.length > limit) return undefined
      return (counts.get(key)?.oldest ?? at) + windowMs
    },
    enter({ key, amount, windowMs }, at, keptUntil) {
      if (typeof amount === 'number') {
        changed.set(key, withMore(changed.get(key) ?? held.get(key) ?? [], amount, windowMs, at))
        return
      }
      const added = fresh(key, amount.each)
      size.set(key, (size.get(key) ?? 0) + added.length)
      for (const member of added) known.get(key)?.add(member)
      for (const member of amount.each)
        members.set(`${key}\n${member}`, { key, member, at, keptUntil })
    },
  }
}

function noRoom(reservation: Reservation, from: number | undefined): ProblemError {
  return new ProblemError('denied', said(reservation, from))
}

function said(reservation: Reservation, from: number | undefined): string {
  const { rule, sentence } = reservation
  return `${sentence} ${roomWords(reservation, from)} (${rule}).`
}

function roomWords(reservation: Reservation, from: number | undefined): string {
  if (from === undefined) return 'There is never room for so much at once'
  if (comesTooLate(reservation, from)) return 'There is no more room before it ends'
  return `There is room again at ${new Date(from).toISOString()} at the earliest`
}

function comesTooLate({ endsAt = Infinity }: Reservation, from: number): boolean {
  return from >= endsAt
}
