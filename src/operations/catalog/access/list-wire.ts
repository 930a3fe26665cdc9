import { formatTimestamp } from '../../../ocpp/time.ts'
import type { OutboundRequest, Version } from '../../../ocpp/versions.ts'
import type { ListEntry } from './list-entries.ts'
import type { TokenType } from './token-list-supply.ts'

type Request16 = OutboundRequest<'1.6', 'SendLocalList'>
type Request201 = OutboundRequest<'2.0.1', 'SendLocalList'>
type Entry16 = NonNullable<Request16['localAuthorizationList']>[number]
type Entry201 = NonNullable<Request201['localAuthorizationList']>[number]
type Type201 = Entry201['idToken']['type']

/** How entries are told in a version of OCPP. */
export interface WireForm {
  readonly write: (entry: ListEntry) => object
  /** Whether the version has words for it. What has none was never told, so it need not be taken off. */
  readonly takes: (entry: ListEntry) => boolean
}

/** OCPP 1.6 IdToken is CiString20Type. */
export const longest16 = 20
const only21: ReadonlySet<string | undefined> = new Set<TokenType>(['EVCCID', 'VIN'])

/** Whether the version knows this type of token. */
export function knowsType(version: Version, type: TokenType | undefined): boolean {
  return version !== '2.0.1' || !only21.has(type)
}

export const form16: WireForm = {
  write: (entry) => entry16(entry),
  takes: ({ token }) => token.length <= longest16,
}

export function form2x(version: Version): WireForm {
  return { write: (entry) => entry2x(entry), takes: ({ type }) => knowsType(version, type) }
}

/** Types that only 2.1 knows do not get to 2.0.1: `unfit` refuses them. */
function type201(type: TokenType): Type201 {
  return type as Type201
}

/** OCPP 1.6 AuthorizationData. */
function entry16({ token, info }: ListEntry): Entry16 {
  if (info === undefined) return { idTag: token }
  const { status, until, parent } = info
  return {
    idTag: token,
    idTagInfo: {
      status,
      ...(until === undefined ? {} : { expiryDate: formatTimestamp(until) }),
      ...(parent === undefined ? {} : { parentIdTag: parent }),
    },
  }
}

/** OCPP 2.x AuthorizationData. A group is ours to name, so its token is of the type Central. */
function entry2x({ token, type, info }: ListEntry): Entry201 {
  const idToken = { idToken: token, type: type201(type) }
  if (info === undefined) return { idToken }
  const { status, until, parent } = info
  return {
    idToken,
    idTokenInfo: {
      status,
      ...(until === undefined ? {} : { cacheExpiryDateTime: formatTimestamp(until) }),
      ...(parent === undefined ? {} : { groupIdToken: { idToken: parent, type: 'Central' } }),
    },
  }
}

export interface Part {
  readonly updateType: 'Full' | 'Differential'
  readonly version: number
  readonly entries: readonly ListEntry[]
}

/** A list that is left out is empty (1.6 6.41, 2.0.1 D01.FR.04). */
export function part16({ updateType, version, entries }: Part): Request16 {
  return {
    listVersion: version,
    updateType,
    ...(entries.length === 0 ? {} : { localAuthorizationList: entries.map(entry16) }),
  }
}

export function part2x({ updateType, version, entries }: Part): Request201 {
  const [first, ...rest] = entries.map(entry2x)
  return {
    versionNumber: version,
    updateType,
    ...(first === undefined ? {} : { localAuthorizationList: [first, ...rest] }),
  }
}
