import type { CallOutcome } from '../gateway/protocol.ts'
import type { Json } from '../kernel/json.ts'
import { maskFileLinks } from '../operations/mask-file-links.ts'
import { holdsSecret } from '../operations/settings-key.ts'

const hidden = '[hidden]'
/** Members that say of which setting the value beside them is. */
const naming = ['key', 'variable'] as const
const values = ['value', 'attributeValue'] as const

/**
 * A gateway's word as it may be kept for ever: values of secret settings hidden, and the secrets of our
 * file links, which chargers quote, since the record is append-only; and integers beyond 2^53 as text,
 * since neither the record nor the database takes them.
 */
export function recordable(outcome: CallOutcome): CallOutcome {
  switch (outcome.kind) {
    case 'answered':
      return { ...outcome, payload: kept(outcome.payload) }
    case 'error':
      return {
        ...outcome,
        code: maskFileLinks(outcome.code),
        description: maskFileLinks(outcome.description),
        details: kept(outcome.details),
      }
    case 'late-answer':
      return { ...outcome, answer: keptAnswer(outcome.answer) }
    case 'sent':
    case 'not-sent':
    case 'timeout':
    case 'connection-lost':
      return outcome
  }
}

type LateAnswer = Extract<CallOutcome, { kind: 'late-answer' }>['answer']

function keptAnswer(answer: LateAnswer): LateAnswer {
  if ('payload' in answer) return { ...answer, payload: kept(answer.payload) }
  const { errorCode, description } = answer
  return { errorCode: maskFileLinks(errorCode), description: maskFileLinks(description) }
}

function kept(value: unknown): Json {
  if (typeof value === 'string') return maskFileLinks(value)
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(kept)
  if (typeof value !== 'object' || value === null) return value as Json
  const secret = namesSecret(value)
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const hide = holdsSecret(name) || (secret && values.some((one) => one === name))
      return [name, hide ? hidden : kept(member)]
    }),
  )
}

function namesSecret(members: object): boolean {
  return naming.some((name) => {
    const said: unknown = (members as Record<string, unknown>)[name]
    if (typeof said === 'string') return holdsSecret(said)
    if (typeof said !== 'object' || said === null || !('name' in said)) return false
    return typeof said.name === 'string' && holdsSecret(said.name)
  })
}
