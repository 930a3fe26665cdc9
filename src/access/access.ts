import type { Actor, Context } from '../kernel/actor.ts'
import type { Json } from '../kernel/json.ts'
import type { Page, PageRequest } from '../kernel/page.ts'
import type { ChargerFacts } from '../operations/facts.ts'
import type { TokenType } from '../operations/catalog/access/token-list-supply.ts'
import type { Judged, Presented } from './judge.ts'
import type { Within } from '../storage/within.ts'

/** A named list of tokens. Times are ISO 8601. */
export interface TokenList {
  readonly name: string
  readonly label: string | null
  /** Grows with every change, from 1. */
  readonly revision: number
  readonly tokens: number
  /** What is answered of tokens that are not on it. */
  readonly unknownTokens: UnknownTokens
  /** Whether a token may charge at several places at once. */
  readonly concurrentSessions: ConcurrentSessions
  readonly createdAt: string
  readonly updatedAt: string
}

export const unknownTokensWords = ['accept', 'refuse'] as const
export type UnknownTokens = (typeof unknownTokensWords)[number]
export const concurrentSessionsWords = ['allow', 'refuse'] as const
export type ConcurrentSessions = (typeof concurrentSessionsWords)[number]

export interface NewTokenList {
  readonly name: string
  readonly label?: string | null
  /** `refuse` when absent. */
  readonly unknownTokens?: UnknownTokens
  /** `allow` when absent. */
  readonly concurrentSessions?: ConcurrentSessions
}

export type TokenListPatch = Omit<NewTokenList, 'name'>

/** A token as it stands on a list. */
export interface ListedToken {
  /** OCPP 1.6 idTag, 2.x idToken. Compared without case. */
  readonly token: string
  /** OCPP 2.x IdTokenEnumType; null where nobody said. */
  readonly type: TokenType | null
  /** The token of its group: 1.6 parentIdTag, 2.x groupIdToken. */
  readonly parent: string | null
  readonly status: TokenMark
  readonly validFrom: string | null
  readonly validUntil: string | null
  readonly label: string | null
  /** The last revision that changed what chargers are told of it. */
  readonly revision: number
}

/** A token as an import takes it. */
export type TokenExport = Omit<ListedToken, 'revision'>

export const tokenMarks = ['accepted', 'blocked'] as const
export type TokenMark = (typeof tokenMarks)[number]

export interface TokenFilter {
  readonly status?: TokenMark
  /** Beginning of the token, whatever its case. */
  readonly begins?: string
}

/**
 * What is to become of a list. Fields that a row leaves out stay as they are, and null takes them away; where the list
 * is replaced, a row says all there is.
 */
export interface TokenChanges {
  readonly put?: readonly unknown[]
  readonly remove?: readonly string[]
  /** Tokens that `put` does not name are taken off. */
  readonly replace?: boolean
  /** It comes from a file: the history says so, and a refusal calls the rows `rows` instead of `put`. */
  readonly imported?: boolean
}

export interface TokenChangeReport {
  /** The list's revision now. */
  readonly revision: number
  readonly added: number
  readonly changed: number
  readonly removed: number
  readonly unchanged: number
}

/** One revision of a list. */
export interface TokenListChange {
  readonly revision: number
  readonly at: string
  readonly kind: TokenListChangeKind
  readonly by: Actor
  readonly reason: string
  readonly added: number
  readonly changed: number
  readonly removed: number
}

export const tokenListChangeKinds = ['created', 'settings', 'changed', 'imported'] as const
export type TokenListChangeKind = (typeof tokenListChangeKinds)[number]

export const assignmentKinds = ['charger', 'tag', 'group', 'everywhere'] as const
/** The narrower one counts: a charger's own list, that of a tag, of the nearest group, of everybody. */
export type AssignmentKind = (typeof assignmentKinds)[number]

/** Whom a list is for. */
export interface AssignmentTarget {
  readonly kind: AssignmentKind
  /** Identity, tag or group path; absent for everywhere. */
  readonly name?: string
}

export interface Assignment {
  readonly list: string
  readonly kind: AssignmentKind
  /** Null for everywhere. */
  readonly name: string | null
  readonly at: string
  readonly by: Actor
  readonly reason: string
}

export const listStates = ['current', 'behind', 'drifted', 'unknown', 'unsupported'] as const
/**
 * What a charger holds, against the list it has here. `current`: the newest. `behind`: an earlier revision, another
 * list of ours, or an empty one. `drifted`: something that we did not send. `unknown`: nobody asked yet.
 * `unsupported`: it keeps no list.
 */
export type ListState = (typeof listStates)[number]

/** A charger and the list it has here; without one it accepts every token. */
export interface ListHolder {
  readonly charger: string
  readonly list: string | null
  /** The list's revision now. */
  readonly revision: number | null
  readonly through: { readonly kind: AssignmentKind; readonly name: string | null } | null
  /** What the charger holds by our knowledge; `list` is null where we did not send it. */
  readonly held: {
    readonly list: string | null
    readonly revision: number | null
    /** OCPP's version number of the list. */
    readonly version: number
  } | null
  /** Null where the charger has no list here. */
  readonly state: ListState | null
  /** Since when it holds what it holds. */
  readonly since: string | null
}

/** Where a charger belongs, which decides whose list is its. */
export interface Belonging {
  readonly identity: string
  readonly group: string | null
  readonly tags: readonly string[]
}

/** What this room asks of the fleet. */
export interface FleetView {
  /** Chargers that any of these cover and that lie within, sorted by identity, after one of them. */
  belonging(
    covered: Covered,
    after: string | undefined,
    limit: number,
    within?: Within,
  ): Promise<Belonging[]>
  facts(identities: readonly string[]): Promise<ReadonlyMap<string, ChargerFacts>>
  /** Paths of all groups. */
  groups(): Promise<readonly { readonly path: string }[]>
}

/** A union: what one of the parts names is covered. */
export interface Covered {
  readonly everywhere: boolean
  readonly identities: readonly string[]
  readonly tags: readonly string[]
  /** Paths; everything below counts. */
  readonly groups: readonly string[]
}

/** What an assignment must reach to concern somebody; those by tag and of everybody always do. */
export interface Concerning {
  readonly chargers: Within
  /** Paths; what is assigned to a group above reaches these too. */
  readonly groups: readonly string[]
}

/**
 * Who may charge where. Where it is said whom it must be `concerning`, lists with no such assignment, and
 * chargers elsewhere, are as if they were not there. Every change names its reason; a caller's mistake is a
 * ProblemError and changes nothing.
 */
export interface Access {
  lists(page: PageRequest, concerning?: Concerning): Promise<Page<TokenList>>
  show(name: string, concerning?: Concerning): Promise<TokenList>
  create(context: Context, list: NewTokenList, reason: string): Promise<TokenList>
  update(context: Context, name: string, patch: TokenListPatch, reason: string): Promise<TokenList>
  /** Refused while it is assigned to anybody. */
  remove(context: Context, name: string, reason: string): Promise<void>

  tokens(
    name: string,
    page: PageRequest,
    filter: TokenFilter,
    concerning?: Concerning,
  ): Promise<Page<ListedToken>>
  /** All or none: the first bad row is named by its place and field. */
  change(
    context: Context,
    name: string,
    changes: TokenChanges,
    reason: string,
  ): Promise<TokenChangeReport>
  /** Resolves once it is known that there is such a list. */
  export(name: string, concerning?: Concerning): Promise<AsyncIterable<TokenExport>>
  /** Newest first. */
  history(name: string, page: PageRequest, concerning?: Concerning): Promise<Page<TokenListChange>>

  /** All of them, or those that concern somebody. */
  assignments(
    page: PageRequest,
    filter: { list?: string },
    concerning?: Concerning,
  ): Promise<Page<Assignment>>
  /** In place of the list the target had before. */
  assign(
    context: Context,
    list: string,
    target: AssignmentTarget,
    reason: string,
  ): Promise<Assignment>
  unassign(context: Context, target: AssignmentTarget, reason: string): Promise<void>

  /** The chargers that have this list, sorted by identity. */
  holders(name: string, page: PageRequest, concerning?: Concerning): Promise<Page<ListHolder>>
  holder(identity: string): Promise<ListHolder>
}

/** The same, for those who answer chargers and send them lists. */
export interface OpenAccess extends Access {
  /** Looks into memory only: this is asked for every message with a token. */
  judge(charger: Belonging, presented: Presented, now: number): Judged
  /** What `tokens.push` is supplied with. */
  tokenListSupply(list: string): Promise<Json>
  /** Looks for changes it was not told of; also runs by itself. */
  refresh(): Promise<void>
  close(): void
}
