import { isJsonObject } from '../kernel/json.ts'
import type { Checked } from '../ocpp/validation.ts'
import { checkResponse } from '../ocpp/validation.ts'
import type { Violation } from '../ocpp/violation.ts'
import type { Version } from '../ocpp/versions.ts'
import type { AnswerMeaning, ConnectionPolicy } from './protocol.ts'

/** Checks an answer to a CALL of ours, with the words of this model taken for what they mean. */
export function readAnswer(
  policy: ConnectionPolicy,
  version: Version,
  action: string,
  payload: unknown,
): Checked {
  const found: Violation[] = []
  let meant = payload
  for (const meaning of policy.answerMeanings ?? []) {
    if (meaning.action !== action) continue
    const replaced = withMeaning(meant, meaning.field.split('.'), meaning)
    if (replaced === undefined) continue
    meant = replaced
    const { field, value, means } = meaning
    const detail = `"${value}" taken as ${means}, as this model means it`
    found.push({ kind: 'answer-invalid', action, path: `/${field.replaceAll('.', '/')}`, detail })
  }
  const checked = checkResponse('to-charger', version, action, meant)
  return found.length === 0
    ? checked
    : { ...checked, violations: [...found, ...checked.violations] }
}

/** A copy with the value replaced; undefined where it is not there. */
function withMeaning(
  payload: unknown,
  [name, ...rest]: readonly string[],
  meaning: AnswerMeaning,
): unknown {
  if (name === undefined) return payload === meaning.value ? meaning.means : undefined
  if (!isJsonObject(payload) || !Object.hasOwn(payload, name)) return undefined
  const replaced = withMeaning(payload[name], rest, meaning)
  return replaced === undefined ? undefined : { ...payload, [name]: replaced }
}
