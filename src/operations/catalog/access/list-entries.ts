import type { SuppliedToken, TokenListSupply, TokenType } from './token-list-supply.ts'

/** A line of a list as a charger is told it; without `info` the token is taken off (1.6 7.1, 2.x AuthorizationData). */
export interface ListEntry {
  readonly token: string
  readonly type: TokenType
  readonly info?: {
    readonly status: 'Accepted' | 'Blocked' | 'Expired'
    /** ms since the epoch. */
    readonly until?: number
    readonly parent?: string
  }
}

/** What most readers say of a card, for tokens whose type nobody told. */
export const usualType: TokenType = 'ISO14443'

/** A charger cannot be told from when a token is valid, so one that is not valid yet is left out. */
export function isDue({ from }: Pick<SuppliedToken, 'from'>, asOf: number): boolean {
  return from === undefined || from <= asOf
}

/** The whole list as it stands at a moment. */
export function fullEntries({ tokens }: TokenListSupply, asOf: number): ListEntry[] {
  return tokens.filter((one) => isDue(one, asOf)).map((one) => entryOf(one, asOf))
}

/** What a charger holds of the list: of this revision, sent to it at this moment. */
export interface Base {
  readonly revision: number
  readonly at: number
}

/** How long before it was remembered the list of a charger may have been put together. */
const preparationMs = 24 * 3_600_000

/**
 * What turns the list a charger holds into the list as it stands: tokens changed since, tokens that
 * have become valid since, and tokens taken off. Telling one of them twice does no harm.
 */
export function changedEntries(supply: TokenListSupply, base: Base, asOf: number): ListEntry[] {
  const becameDue = ({ from }: SuppliedToken): boolean =>
    from !== undefined && from <= asOf && from > base.at - preparationMs
  const put = supply.tokens
    .filter((one) => one.revision > base.revision || becameDue(one))
    .map((one) => (isDue(one, asOf) ? entryOf(one, asOf) : removal(one)))
  const off = supply.removed.filter(({ revision }) => revision > base.revision).map(removal)
  return [...put, ...off]
}

function entryOf(one: SuppliedToken, asOf: number): ListEntry {
  const { token, type = usualType, parent, status, until } = one
  const expired = until !== undefined && until <= asOf
  return {
    token,
    type,
    info: {
      status: status === 'blocked' ? 'Blocked' : expired ? 'Expired' : 'Accepted',
      ...(until === undefined ? {} : { until }),
      ...(parent === undefined ? {} : { parent }),
    },
  }
}

function removal({ token, type = usualType }: { token: string; type?: TokenType }): ListEntry {
  return { token, type }
}
