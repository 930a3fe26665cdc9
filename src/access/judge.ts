import type { TokenAnswer } from '../signals/answers/answer.ts'
import type { ConcurrentSessions, UnknownTokens } from './access.ts'
import type { Token } from './token.ts'
import { tokenKey } from './token.ts'

/** What a charger shows of whoever wants to charge. */
export interface Presented {
  /** Absent where nothing readable came. */
  readonly token?: string | undefined
  /** OCPP 2.x IdTokenEnumType. */
  readonly type?: string | undefined
}

/** What is answered of a token, and by which list. */
export interface Judged {
  readonly answer: TokenAnswer
  readonly list?: string
  /** A session of it elsewhere makes it refused. */
  readonly alone: boolean
}

/** A list as answers need it. */
export interface Rules {
  readonly name: string
  readonly unknownTokens: UnknownTokens
  readonly concurrentSessions: ConcurrentSessions
  /** By key. */
  readonly tokens: ReadonlyMap<string, Token>
}

const accepted: TokenAnswer = { status: 'Accepted' }
/** Without a list every token is accepted. */
const everybody: Judged = { answer: accepted, alone: false }

/**
 * Whether a token may charge by this list. Pure; looks at nothing but the list and the time. The type a charger tells
 * is not compared: readers say different types of the same card. Whoever presses a start button has no token
 * (2.x C02, NoAuthorization), so no list says anything about it.
 */
export function judge(rules: Rules | undefined, presented: Presented, now: number): Judged {
  if (rules === undefined || presented.type === 'NoAuthorization') return everybody
  const { token } = presented
  const known = token === undefined ? undefined : rules.tokens.get(tokenKey(token))
  const answer = known === undefined ? ofUnknown(rules) : ofKnown(known, now)
  const alone =
    rules.concurrentSessions === 'refuse' && answer.status === 'Accepted' && token !== undefined
  return { answer, list: rules.name, alone }
}

function ofUnknown({ unknownTokens }: Rules): TokenAnswer {
  return unknownTokens === 'accept' ? accepted : { status: 'Unknown' }
}

function ofKnown({ status, from, until, parent }: Token, now: number): TokenAnswer {
  const group = parent === null ? {} : { parent }
  if (status === 'blocked') return { status: 'Blocked', ...group }
  if (until !== null && until <= now) return { status: 'Expired', ...group }
  // What a charger remembers of it has to be forgotten when it becomes valid.
  if (from !== null && from > now) return { status: 'NotYetValid', until: from, ...group }
  return { status: 'Accepted', ...(until === null ? {} : { until }), ...group }
}
