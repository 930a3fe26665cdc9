import type { Tone } from '../terminal/paint.ts'
import type { Cell, Column } from '../terminal/table.ts'
import { relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'

export type TokenList = Schemas['TokenList']
export type ListedToken = Schemas['ListedToken']
export type Holder = Schemas['TokenListHolder']
export type Assignment = Schemas['TokenAssignment']

export function listColumns(now: number): readonly Column<TokenList>[] {
  return [
    { title: 'LIST', cell: ({ name }) => name },
    { title: 'TOKENS', align: 'right', cell: ({ tokens }) => tokens },
    { title: 'REVISION', align: 'right', cell: ({ revision }) => revision },
    { title: 'UNKNOWN', cell: ({ unknownTokens }) => unknownTokens },
    { title: 'CONCURRENT', cell: ({ concurrentSessions }) => concurrentSessions, leaveOut: 2 },
    { title: 'CHANGED', cell: ({ updatedAt }) => relative(updatedAt, now), leaveOut: 1 },
    { title: 'LABEL', cell: ({ label }) => label, least: 10, leaveOut: 3 },
  ]
}

export function tokenColumns(now: number): readonly Column<ListedToken>[] {
  return [
    { title: 'TOKEN', cell: ({ token }) => token },
    { title: 'STATUS', cell: (token) => statusCell(token, now) },
    {
      title: 'VALID UNTIL',
      cell: ({ validUntil }) => (validUntil === null ? null : relative(validUntil, now)),
    },
    { title: 'PARENT', cell: ({ parent }) => parent, least: 8, leaveOut: 1 },
    { title: 'LABEL', cell: ({ label }) => label, least: 10, leaveOut: 2 },
    { title: 'TYPE', cell: ({ type }) => type, leaveOut: 3 },
    { title: 'REVISION', align: 'right', cell: ({ revision }) => revision, leaveOut: 4 },
  ]
}

/** What a charger is answered of it now. */
function statusCell({ status, validFrom, validUntil }: ListedToken, now: number): Cell {
  if (status === 'blocked') return { text: 'blocked', tone: 'bad' }
  if (validUntil !== null && Date.parse(validUntil) <= now) return { text: 'expired', tone: 'warn' }
  if (validFrom !== null && Date.parse(validFrom) > now)
    return { text: `valid ${relative(validFrom, now)}`, tone: 'warn' }
  return { text: 'accepted', tone: 'good' }
}

const tones: Readonly<Record<NonNullable<Holder['state']>, Tone>> = {
  current: 'good',
  behind: 'warn',
  drifted: 'bad',
  unknown: 'dim',
  unsupported: 'dim',
}

export function holderColumns(now: number): readonly Column<Holder>[] {
  return [
    { title: 'CHARGER', cell: ({ charger }) => charger },
    {
      title: 'STATE',
      cell: ({ state }) => (state === null ? null : { text: state, tone: tones[state] }),
    },
    { title: 'HOLDS', cell: heldText, least: 12 },
    { title: 'VERSION', align: 'right', cell: ({ held }) => held?.version ?? null, leaveOut: 2 },
    { title: 'SINCE', cell: ({ since }) => relative(since, now), leaveOut: 1 },
    { title: 'HAS IT BY', cell: ({ through }) => targetText(through), least: 8, leaveOut: 3 },
  ]
}

/** `drivers, revision 4`. */
function heldText({ held }: Holder): string | null {
  if (held === null || held.version < 0) return null
  if (held.list === null) return held.version === 0 ? 'an empty list' : 'a list of others'
  return `${held.list}, revision ${held.revision ?? '?'}`
}

/** Whom an assignment is for: `group North`. */
export function targetText(target: Pick<Assignment, 'kind' | 'name'> | null): string | null {
  if (target === null) return null
  return target.name === null ? target.kind : `${target.kind} ${target.name}`
}

export function assignmentColumns(now: number): readonly Column<Assignment>[] {
  return [
    { title: 'LIST', cell: ({ list }) => list },
    { title: 'FOR', cell: targetText, least: 20 },
    { title: 'SINCE', cell: ({ at }) => relative(at, now) },
    { title: 'BY', cell: ({ by }) => by.name, leaveOut: 2 },
    { title: 'WHY', cell: ({ reason }) => reason, least: 10, leaveOut: 1 },
  ]
}

export function revisionColumns(now: number): readonly Column<Schemas['TokenListRevision']>[] {
  return [
    { title: 'REVISION', align: 'right', cell: ({ revision }) => revision },
    { title: 'WHEN', cell: ({ at }) => relative(at, now) },
    { title: 'WHAT', cell: ({ kind }) => kind },
    { title: 'ADDED', align: 'right', cell: ({ added }) => added || null },
    { title: 'CHANGED', align: 'right', cell: ({ changed }) => changed || null },
    { title: 'REMOVED', align: 'right', cell: ({ removed }) => removed || null },
    { title: 'BY', cell: ({ by }) => by.name, leaveOut: 2 },
    { title: 'WHY', cell: ({ reason }) => reason, least: 10, leaveOut: 1 },
  ]
}
