import type { Token, TokenRow } from './token.ts'
import { checkRow, checkToken, tokenKey } from './token.ts'
import type { TokenChanges } from './access.ts'
import { mostTokens, refuse } from './rules.ts'
import { ProblemError } from '../kernel/problem.ts'

/** What is asked, every row checked. */
export interface CheckedChanges {
  readonly rows: ReadonlyMap<string, TokenRow>
  readonly remove: ReadonlySet<string>
  readonly replace: boolean
}

export function checkChanges(changes: TokenChanges): CheckedChanges {
  const { put = [], remove = [], replace = false, imported = false } = changes
  const rowsField = imported ? 'rows' : 'put'
  if (put.length > mostTokens)
    throw new ProblemError('too-large', `a list holds at most ${mostTokens} tokens`, rowsField)
  const rows = new Map<string, TokenRow>()
  const places = new Map<string, number>()
  put.forEach((value, index) => {
    const row = checkRow(value, `${rowsField}[${index}]`)
    const key = tokenKey(row.token)
    const before = places.get(key)
    if (before !== undefined)
      refuse(`is the same as in row ${before}`, `${rowsField}[${index}].token`)
    places.set(key, index)
    rows.set(key, row)
  })
  const gone = new Set<string>()
  remove.forEach((value, index) => {
    const key = tokenKey(checkToken(value, `remove[${index}]`))
    if (rows.has(key)) refuse('is put on the list as well', `remove[${index}]`)
    gone.add(key)
  })
  return { rows, remove: gone, replace }
}

/** What becomes of one token. */
export interface TokenChange {
  readonly key: string
  readonly before: Token | null
  readonly after: Token | null
}

export interface PlannedChanges {
  readonly changes: readonly TokenChange[]
  readonly added: number
  readonly changed: number
  readonly removed: number
  readonly unchanged: number
  /** Chargers are told something else than before. */
  readonly told: boolean
}

/** What the changes do to what is there, under the next revision. Pure. */
export function planChanges(
  before: ReadonlyMap<string, Token>,
  { rows, remove, replace }: CheckedChanges,
  revision: number,
): PlannedChanges {
  const changes: TokenChange[] = []
  let unchanged = 0
  for (const [key, row] of rows) {
    const old = before.get(key) ?? null
    const after = merged(old, replace ? null : old, row, revision)
    if (old !== null && same(old, after)) unchanged += 1
    else changes.push({ key, before: old, after })
  }
  const off = replace ? [...before.keys()].filter((key) => !rows.has(key)) : [...remove]
  for (const key of off) {
    const old = before.get(key)
    if (old === undefined) unchanged += 1
    else changes.push({ key, before: old, after: null })
  }
  const count = (fits: (change: TokenChange) => boolean): number => changes.filter(fits).length
  return {
    changes,
    added: count((one) => one.before === null),
    changed: count((one) => one.before !== null && one.after !== null),
    removed: count((one) => one.after === null),
    unchanged,
    told: changes.some(({ after }) => after === null || after.revision === revision),
  }
}

/** The row over what it leaves as it is. */
function merged(old: Token | null, kept: Token | null, row: TokenRow, revision: number): Token {
  const after = {
    token: row.token,
    type: row.type === undefined ? (kept?.type ?? null) : row.type,
    parent: row.parent === undefined ? (kept?.parent ?? null) : row.parent,
    status: row.status ?? kept?.status ?? 'accepted',
    from: row.from === undefined ? (kept?.from ?? null) : row.from,
    until: row.until === undefined ? (kept?.until ?? null) : row.until,
    label: row.label === undefined ? (kept?.label ?? null) : row.label,
    revision: old?.revision ?? revision,
  }
  if (after.from !== null && after.until !== null && after.until <= after.from)
    refuse('must be after validFrom', `${row.place}.validUntil`)
  return old !== null && toldAlike(old, after) ? after : { ...after, revision }
}

const toldFields = ['token', 'type', 'parent', 'status', 'from', 'until'] as const

/** Chargers are told the same of both. */
function toldAlike(one: Token, other: Token): boolean {
  return toldFields.every((field) => one[field] === other[field])
}

function same(one: Token, other: Token): boolean {
  return one.label === other.label && toldAlike(one, other)
}
