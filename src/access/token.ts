import { isJsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import { isRfc3339 } from '../ocpp/time.ts'
import { tokenTypes } from '../operations/catalog/access/token-list-supply.ts'
import type { TokenType } from '../operations/catalog/access/token-list-supply.ts'
import { tokenMarks } from './access.ts'
import type { TokenMark } from './access.ts'
import { checkLine, refuse } from './rules.ts'

/** A token as it is kept. Times are ms since the epoch. */
export interface Token {
  readonly token: string
  readonly type: TokenType | null
  readonly parent: string | null
  readonly status: TokenMark
  readonly from: number | null
  readonly until: number | null
  readonly label: string | null
  /** The last revision that changed what chargers are told of it. */
  readonly revision: number
}

/** What a row says of a token; what it does not say is absent. */
export interface TokenRow {
  /** What the row is called, e.g. `put[3]`. */
  readonly place: string
  readonly token: string
  readonly type?: TokenType | null
  readonly parent?: string | null
  readonly status?: TokenMark
  readonly from?: number | null
  readonly until?: number | null
  readonly label?: string | null
}

export const tokenFields = [
  'token',
  'type',
  'parent',
  'validFrom',
  'validUntil',
  'status',
  'label',
] as const

/** OCPP compares tokens without case (1.6 IdToken is CiString20Type, 2.0.1 part 2 2.11), and they are ASCII. */
export function tokenKey(token: string): string {
  return token.replaceAll(/[A-Z]+/g, (upper) => upper.toLowerCase())
}

/** OCPP 2.0.1 IdTokenType; 1.6 takes 20. */
const longestToken = 36
const longestLabel = 100

export function checkToken(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '') return refuse('is needed', field)
  if (value.length > longestToken) return refuse(`is longer than ${longestToken} characters`, field)
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value))
    return refuse('must be printable ASCII without spaces around it', field)
  return value
}

/** Reads one row; `place` is what it is called, e.g. `put[3]`. */
export function checkRow(value: unknown, place: string): TokenRow {
  if (!isJsonObject(value)) throw new ProblemError('invalid-input', 'must be an object', place)
  const stray = Object.keys(value).find((key) => !tokenFields.some((field) => field === key))
  if (stray !== undefined) return refuse('is not a field of a token', `${place}.${stray}`)
  const { type, parent, validFrom, validUntil, status, label } = value
  return {
    place,
    token: checkToken(value['token'], `${place}.token`),
    ...said('type', type, (text) => checkType(text, `${place}.type`)),
    ...said('parent', parent, (text) => checkToken(text, `${place}.parent`)),
    ...said('from', validFrom, (text) => checkMoment(text, `${place}.validFrom`)),
    ...said('until', validUntil, (text) => checkMoment(text, `${place}.validUntil`)),
    ...said('label', label, (text) => checkLine(text, `${place}.label`, longestLabel)),
    ...(status === undefined || status === null
      ? {}
      : { status: checkMark(status, `${place}.status`) }),
  }
}

/** A field that was given; null takes away what is known. */
function said<Name extends string, Value>(
  name: Name,
  given: unknown,
  check: (given: unknown) => Value,
): { readonly [N in Name]?: Value | null } {
  if (given === undefined) return {}
  return { [name]: given === null ? null : check(given) } as { [N in Name]: Value | null }
}

function checkType(value: unknown, field: string): TokenType {
  const type = tokenTypes.find((known) => known === value)
  return type ?? refuse(`must be one of ${tokenTypes.join(', ')}`, field)
}

function checkMark(value: unknown, field: string): TokenMark {
  const mark = tokenMarks.find((known) => known === value)
  return mark ?? refuse(`must be one of ${tokenMarks.join(', ')}`, field)
}

function checkMoment(value: unknown, field: string): number {
  if (typeof value !== 'string' || !isRfc3339(value))
    return refuse('must be a moment with a time zone, e.g. 2026-05-01T00:00:00Z', field)
  return Date.parse(value.toUpperCase())
}
