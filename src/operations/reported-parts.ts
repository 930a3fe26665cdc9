import Type from 'typebox'
import { isRefusal } from './operation.ts'
import type { Refusal } from './operation.ts'
import { parseComponentKey } from './settings-key.ts'
import type { ComponentKey } from './settings-key.ts'

/** Which components and variables a report is about. */
export const componentParams = {
  of: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      minItems: 1,
      maxItems: 50,
      uniqueItems: true,
      description:
        'Components or variables, e.g. EVSE@1 or AuthCtrlr/Enabled. A component without EVSE means all of that name.',
    }),
  ),
}

type ComponentVariables = [ComponentKey, ...ComponentKey[]]

/** They as OCPP writes them, undefined where none are named. */
export function componentsOf(of: readonly string[] = []): ComponentVariables | undefined | Refusal {
  const parsed = of.map((key, index) => parseComponentKey(key, `of[${index}]`))
  const wrong = parsed.find(isRefusal)
  if (wrong !== undefined) return wrong
  const [first, ...rest] = parsed.filter((one): one is ComponentKey => !isRefusal(one))
  return first === undefined ? undefined : [first, ...rest]
}
