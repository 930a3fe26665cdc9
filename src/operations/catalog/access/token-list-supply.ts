import { isJsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/json.ts'

/**
 * What a token can be (2.x IdTokenEnumType). OCPP 1.6 has no types; `EVCCID` and `VIN` are of 2.1 only.
 * `NoAuthorization` is none: it says that there is no token.
 */
export const tokenTypes = [
  'Central',
  'eMAID',
  'EVCCID',
  'ISO14443',
  'ISO15693',
  'KeyCode',
  'Local',
  'MacAddress',
  'VIN',
] as const
export type TokenType = (typeof tokenTypes)[number]

/** A list of tokens as it was when `tokens.push` was submitted. */
export interface TokenListSupply {
  readonly list: string
  readonly revision: number
  readonly tokens: readonly SuppliedToken[]
  /** Tokens that were taken off since the revision `since`. */
  readonly removed: readonly RemovedToken[]
  /** The oldest revision from which all that has changed is known. */
  readonly since: number
}

export interface SuppliedToken {
  readonly token: string
  readonly type?: TokenType
  /** The token of its group: 1.6 parentIdTag, 2.x groupIdToken. */
  readonly parent?: string
  readonly status: 'accepted' | 'blocked'
  /** Valid from and until, ms since the epoch. */
  readonly from?: number
  readonly until?: number
  /** The revision in which it changed last. */
  readonly revision: number
}

export interface RemovedToken {
  readonly token: string
  readonly type?: TokenType
  readonly revision: number
}

/** Reads the supply of a command; anything else is a mistake of ours. */
export function tokenListOf(supply: Json): TokenListSupply {
  if (!isJsonObject(supply) || !Array.isArray(supply['tokens']))
    throw new Error('tokens.push was submitted without its list')
  return supply as unknown as TokenListSupply
}
