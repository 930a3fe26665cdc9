import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../kernel/json.ts'
import { isRefusal, operation, planner, refuse } from '../operation.ts'
import type { Verdict } from '../operation.ts'
import { holdsSecret, parseVariableKey, variableKeyText } from '../settings-key.ts'
import type { VariableKey } from '../settings-key.ts'

const params = Type.Object(
  {
    keys: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        minItems: 1,
        maxItems: 20,
        uniqueItems: true,
        description:
          '1.6 configuration keys, or Component/Variable on 2.x. Absent on 1.6: all keys.',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call, call2x } = planner<Params>()
const minute = 60_000

export const settingsRead = operation({
  name: 'settings.read',
  title: 'Read settings',
  description:
    'Reads configuration keys (OCPP 1.6) or variables (2.x). Credentials are never shown, even where a charger would tell them.',
  risk: 'read',
  params,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'never' },
  effect: { seenIn: 'answer' },
  versions: {
    '1.6': call('1.6', 'GetConfiguration', {
      request: ({ keys }) => (keys === undefined ? {} : { key: keys }),
      judge({ configurationKey, unknownKey }) {
        const values: Record<string, Json> = {}
        const problems: Record<string, Json> = {}
        for (const { key, value, readonly } of configurationKey ?? []) {
          values[key] = { value: holdsSecret(key) ? null : (value ?? null), readOnly: readonly }
        }
        for (const key of unknownKey ?? []) problems[key] = 'unknown key'
        return readVerdict(values, problems)
      },
    }),
    ...call2x('GetVariables', {
      request({ keys }) {
        if (keys === undefined) return refuse('on OCPP 2.x name the variables to read', 'keys')
        const wanted = keys.map((key, index) => parseVariableKey(key, `keys[${index}]`))
        const wrong = wanted.find(isRefusal)
        if (wrong !== undefined) return wrong
        const [first, ...rest] = wanted.filter((key): key is VariableKey => !isRefusal(key))
        return first === undefined
          ? refuse('name the variables to read', 'keys')
          : { getVariableData: [first, ...rest] }
      },
      judge({ getVariableResult }) {
        const values: Record<string, Json> = {}
        const problems: Record<string, Json> = {}
        for (const one of getVariableResult) {
          const key = variableKeyText(one)
          if (one.attributeStatus === 'Accepted')
            values[key] = { value: holdsSecret(key) ? null : (one.attributeValue ?? null) }
          else problems[key] = whyNot[one.attributeStatus]
        }
        return readVerdict(values, problems)
      },
    }),
  },
})

const whyNot = {
  Rejected: 'the charger refuses to tell it (perhaps write-only)',
  UnknownComponent: 'unknown component',
  UnknownVariable: 'unknown variable',
  NotSupportedAttributeType: 'attribute not supported',
} as const

function readVerdict(values: Record<string, Json>, problems: Record<string, Json>): Verdict {
  const nothing = Object.keys(values).length === 0 && Object.keys(problems).length > 0
  const result = { values, problems }
  return nothing
    ? { meaning: 'refused', detail: 'the charger told none of the settings asked for', result }
    : { meaning: 'done', result }
}
