import Type from 'typebox'
import { limitsOf } from '../models/limits.ts'
import type { ChargerFacts } from './facts.ts'
import { refuse } from './operation.ts'
import type { Refusal } from './operation.ts'

/** OCPP 2.0.1 IdTokenEnumType; 2.1 knows the same words. */
export const tokenTypes = [
  'Central',
  'eMAID',
  'ISO14443',
  'ISO15693',
  'KeyCode',
  'Local',
  'MacAddress',
  'NoAuthorization',
] as const
export type TokenType = (typeof tokenTypes)[number]

/** For whom: a token, its type, and the group it belongs to. */
export const tokenParams = {
  token: Type.String({
    minLength: 1,
    maxLength: 36,
    description: 'The idTag (1.6, at most 20 characters) or idToken (2.x, at most 36)',
  }),
  tokenType: Type.Optional(
    Type.Enum([...tokenTypes], {
      description: 'OCPP 2.x IdTokenEnumType; Central when absent. OCPP 1.6 has no types.',
    }),
  ),
  groupToken: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 36,
      description:
        'The group (2.x groupIdToken, 1.6 parentIdTag) whose tokens may act for this one',
    }),
  ),
}

export interface TokenParams {
  readonly token: string
  readonly tokenType?: TokenType
  readonly groupToken?: string
}

const mostOn16 = 20

/** Why OCPP 1.6 cannot carry this token to this charger; undefined where it can. */
export function tokenProblem16(asked: TokenParams, charger: ChargerFacts): Refusal | undefined {
  if (asked.tokenType !== undefined) return refuse('OCPP 1.6 knows no token types', 'tokenType')
  const most = Math.min(mostOn16, limitsOf(charger).tokenLength ?? mostOn16)
  for (const field of ['token', 'groupToken'] as const) {
    const text = asked[field]
    if (text === undefined || text.length <= most) continue
    return most === mostOn16
      ? refuse(`an OCPP 1.6 idTag holds at most ${mostOn16} characters`, field)
      : refuse(`this model garbles tokens of more than ${most} characters`, field)
  }
  return undefined
}

/** The token and its group as OCPP 2.x writes them. */
export function idTokens2x({ token, tokenType = 'Central', groupToken }: TokenParams) {
  const idToken = { idToken: token, type: tokenType }
  return groupToken === undefined
    ? { idToken }
    : { idToken, groupIdToken: { idToken: groupToken, type: 'Central' as const } }
}
